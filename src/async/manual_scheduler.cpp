#include "async/manual_scheduler.hpp"

#include <algorithm>

namespace kurrentlite {

Scheduler::TimerId ManualScheduler::call_after(Duration delay, std::function<void()> callback) {
  const TimerId id = ++last_id_;
  const Duration due = now_ + std::max(delay, Duration::zero());
  queue_.emplace(Due{due, id}, std::move(callback));
  due_of_.emplace(id, due);
  return id;
}

void ManualScheduler::cancel(TimerId timer) {
  const auto found = due_of_.find(timer);
  if (found == due_of_.end()) return;
  queue_.erase(Due{found->second, timer});
  due_of_.erase(found);
}

std::optional<Duration> ManualScheduler::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

std::size_t ManualScheduler::run_until(Duration end) {
  std::size_t count = 0;
  while (!queue_.empty() && queue_.begin()->first.first <= end) {
    const auto next = queue_.extract(queue_.begin());
    due_of_.erase(next.key().second);
    now_ = std::max(now_, next.key().first);
    next.mapped()();
    ++count;
  }
  return count;
}

std::size_t ManualScheduler::run_due() { return run_until(now_); }

std::size_t ManualScheduler::advance(Duration duration) {
  const Duration end = now_ + duration;
  const std::size_t count = run_until(end);
  now_ = std::max(now_, end);
  return count;
}

std::size_t ManualScheduler::run_until_idle(std::size_t limit) {
  std::size_t count = 0;
  while (count < limit && !queue_.empty()) count += run_until(queue_.begin()->first.first);
  return count;
}

}  // namespace kurrentlite
