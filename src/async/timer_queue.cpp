#include "async/timer_queue.hpp"

namespace kurrentlite {

Scheduler::TimerId TimerQueue::add(Duration due, std::function<void()> callback) {
  const Scheduler::TimerId id = ++last_id_;
  queue_.emplace(Due{due, id}, std::move(callback));
  due_of_.emplace(id, due);
  return id;
}

void TimerQueue::cancel(Scheduler::TimerId timer) {
  const auto found = due_of_.find(timer);
  if (found == due_of_.end()) return;
  queue_.erase(Due{found->second, timer});
  due_of_.erase(found);
}

std::optional<std::pair<Duration, std::function<void()>>> TimerQueue::take_due(Duration now) {
  if (queue_.empty() || queue_.begin()->first.first > now) return std::nullopt;
  auto node = queue_.extract(queue_.begin());
  due_of_.erase(node.key().second);
  return std::pair(node.key().first, std::move(node.mapped()));
}

std::optional<Duration> TimerQueue::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

}  // namespace kurrentlite
