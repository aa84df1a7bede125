#pragma once

#include <cstdint>
#include <functional>

#include "kurrentlite/config.hpp"
#include "kurrentlite/models.hpp"
#include "kurrentlite/ports.hpp"
#include "kurrentlite/scheduler.hpp"

namespace kurrentlite::services {

/// Stops calls from being sent while the database cannot be reached.
///
///     closed --threshold failures in a row--> open --cool-down over, next call--> half-open
///        ^------- any success ---------------- \ <------- trial failed, twice the cool-down -/
///
/// It sets no timer: whether the cool-down is over is looked at when a call comes.
class CircuitBreaker {
 public:
  CircuitBreaker(Scheduler& scheduler, Clock& clock, const CircuitBreakerOptions& options)
      : scheduler_(scheduler), clock_(clock), options_(options) {}
  CircuitBreaker(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;

  enum class Pass : std::uint8_t {
    Free,     ///< as if there were no breaker
    Trial,    ///< everything depends on this call: it should not be tried again
    Refused,  ///< not to be sent
  };
  /// A call wants to be sent. `regardless`: it is itself a way to find out whether the database can be reached.
  Pass enter(bool regardless);
  /// What came of a call that entered; of one that was given up, nothing did. A failure that is not `counted` (of
  /// background work, or by a deadline) is none for the threshold.
  void succeeded();
  void failed(Pass pass, bool counted);
  void abandoned(Pass pass);

  /// What a refused call fails with: Unavailable, the fact retryInMs says when the next trial may be.
  [[nodiscard]] Error refusal() const;
  [[nodiscard]] Circuit circuit() const;
  [[nodiscard]] CircuitMetrics metrics() const { return {state_, failures_, openings_, refused_}; }
  /// `listener` runs after each change of state. It must not call back.
  void on_change(std::function<void()> listener) { listener_ = std::move(listener); }

 private:
  void become(CircuitState state);
  void open(Duration cooldown);
  [[nodiscard]] Duration left() const;

  Scheduler& scheduler_;
  Clock& clock_;
  const CircuitBreakerOptions& options_;
  CircuitState state_ = CircuitState::Closed;
  std::uint32_t failures_ = 0;
  std::uint64_t openings_ = 0;
  std::uint64_t refused_ = 0;
  Duration cooldown_ = Duration::zero();
  Duration open_until_ = Duration::zero();
  std::function<void()> listener_;
};

}  // namespace kurrentlite::services
