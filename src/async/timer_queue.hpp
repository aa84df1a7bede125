#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "kurrentlite/scheduler.hpp"

namespace kurrentlite {

/// Callbacks by the time they are due; equal times in the order they were added. What every scheduler here is made of.
class TimerQueue {
 public:
  Scheduler::TimerId add(Duration due, std::function<void()> callback);
  void cancel(Scheduler::TimerId timer);
  /// Takes out the first callback due by `now`, with its time; empty when there is none.
  [[nodiscard]] std::optional<std::pair<Duration, std::function<void()>>> take_due(Duration now);
  /// When the next callback is due; empty when none waits.
  [[nodiscard]] std::optional<Duration> next_due() const;

 private:
  using Due = std::pair<Duration, Scheduler::TimerId>;
  Scheduler::TimerId last_id_ = 0;
  std::map<Due, std::function<void()>> queue_;
  std::map<Scheduler::TimerId, Duration> due_of_;
};

}  // namespace kurrentlite
