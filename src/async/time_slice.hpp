#pragma once

#include <chrono>

#include "async/await.hpp"
#include "kurrentlite/scheduler.hpp"

namespace kurrentlite {

/// Cuts long work into pieces, so that a thread which also draws a page is never held for long:
///   while (!work.step(slice)) { co_await slice.pause(); slice.restart(); }
class TimeSlice {
 public:
  explicit TimeSlice(Scheduler& scheduler) : scheduler_(scheduler), begin_(scheduler.now()) {}

  /// This piece has taken long enough. Costs a look at the clock.
  [[nodiscard]] bool spent() const { return scheduler_.now() - begin_ >= kLength; }
  /// Lets others run. Not zero: what is due at once runs before the host gets its turn.
  [[nodiscard]] SleepAwaiter pause() const { return sleep_for(scheduler_, kPause); }
  void restart() { begin_ = scheduler_.now(); }

  static constexpr Duration kLength = std::chrono::milliseconds(8);
  static constexpr Duration kPause = std::chrono::milliseconds(1);

 private:
  Scheduler& scheduler_;
  Duration begin_;
};

}  // namespace kurrentlite
