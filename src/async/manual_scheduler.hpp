#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "async/timer_queue.hpp"

namespace kurrentlite {

/// Virtual time: nothing runs until the owner says so, and waiting costs nothing.
class ManualScheduler final : public Scheduler {
 public:
  [[nodiscard]] Duration now() const override { return now_; }
  TimerId call_after(Duration delay, std::function<void()> callback) override;
  void cancel(TimerId timer) override { queue_.cancel(timer); }

  /// Runs what is due now, and what that makes due now. Answers how many callbacks ran.
  std::size_t run_due() { return run_until(now_); }
  /// Moves time forward by `duration`, running everything due on the way at its own time.
  std::size_t advance(Duration duration);
  /// Jumps from timer to timer until none is left; stops after `limit` callbacks (periodic timers never run dry).
  std::size_t run_until_idle(std::size_t limit = 1'000'000);
  /// When the next callback is due; empty when none waits.
  [[nodiscard]] std::optional<Duration> next_due() const { return queue_.next_due(); }

 private:
  std::size_t run_until(Duration end);
  Duration now_ = Duration::zero();
  TimerQueue queue_;
};

}  // namespace kurrentlite
