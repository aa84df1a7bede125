#include "async/manual_scheduler.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite {

Scheduler::TimerId ManualScheduler::call_after(Duration delay, std::function<void()> callback) {
  return queue_.add(now_ + std::max(delay, Duration::zero()), std::move(callback));
}

std::size_t ManualScheduler::run_until(Duration end) {
  std::size_t count = 0;
  while (auto due = queue_.take_due(end)) {
    now_ = std::max(now_, due->first);
    due->second();
    ++count;
  }
  return count;
}

std::size_t ManualScheduler::advance(Duration duration) {
  const Duration end = now_ + duration;
  const std::size_t count = run_until(end);
  now_ = std::max(now_, end);
  return count;
}

std::size_t ManualScheduler::run_until_idle(std::size_t limit) {
  std::size_t count = 0;
  while (count < limit && next_due()) count += run_until(*next_due());
  return count;
}

}  // namespace kurrentlite
