#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "kurrentlite/scheduler.hpp"

namespace kurrentlite {

/// Virtual time: nothing runs until the owner says so, and waiting costs nothing.
class ManualScheduler final : public Scheduler {
 public:
  [[nodiscard]] Duration now() const override { return now_; }
  TimerId call_after(Duration delay, std::function<void()> callback) override;
  void cancel(TimerId timer) override;

  /// Runs what is due now, and what that makes due now. Answers how many callbacks ran.
  std::size_t run_due();
  /// Moves time forward by `duration`, running everything due on the way at its own time.
  std::size_t advance(Duration duration);
  /// Jumps from timer to timer until none is left; stops after `limit` callbacks (periodic timers never run dry).
  std::size_t run_until_idle(std::size_t limit = 1'000'000);
  /// When the next callback is due; empty when none waits.
  [[nodiscard]] std::optional<Duration> next_due() const;

 private:
  std::size_t run_until(Duration end);
  using Due = std::pair<Duration, TimerId>;
  Duration now_ = Duration::zero();
  TimerId last_id_ = 0;
  std::map<Due, std::function<void()>> queue_;
  std::map<TimerId, Duration> due_of_;
};

}  // namespace kurrentlite
