#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "async/timer_queue.hpp"
#include "kurrentlite/ports.hpp"
#include "kurrentlite/scheduler.hpp"

namespace kurrentlite::bindings {

/// Time as one database lives it: the host's, moved by hand or standing still. Timestamps, latencies, deadlines and
/// retries all follow it.
class TimeLine final : public Clock, public Scheduler {
 public:
  TimeLine();
  ~TimeLine() override;
  /// The same time, without its timers.
  TimeLine(const TimeLine& other);
  TimeLine& operator=(const TimeLine&) = delete;

  [[nodiscard]] std::int64_t now_ticks() const override;
  [[nodiscard]] Duration now() const override;
  TimerId call_after(Duration delay, std::function<void()> callback) override;
  void cancel(TimerId timer) override;

  /// Time stands still from now on.
  void freeze();
  /// Time runs again, from where it stands.
  void resume();
  /// It is this time of the day now; timers stay as far away as they were.
  void set(std::int64_t ticks);
  /// Moves on by `duration`, but not past the next timer. Answers how far it went; what is due runs when the host's call
  /// ends.
  Duration advance(Duration duration);

  void run_due();
  /// How long until the next timer by the host's clock: empty when there is none or while time stands still.
  [[nodiscard]] std::optional<Duration> wait() const;
  [[nodiscard]] bool has_due() const;

 private:
  [[nodiscard]] std::optional<Duration> until_next() const;
  TimerQueue queue_;
  // What is added to the host's clocks; while time stands still, the time itself.
  std::int64_t ticks_ = 0;
  Duration moment_ = Duration::zero();
  bool frozen_ = false;
};

}  // namespace kurrentlite::bindings
