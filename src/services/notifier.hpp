#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "kurrentlite/scheduler.hpp"

namespace kurrentlite::services {

/// Tells one listener that something changed: soon after, once for all changes of one turn, never inside the change. So
/// a listener finds the new state settled and may do what it likes, closing the services included.
class Notifier {
 public:
  explicit Notifier(Scheduler& scheduler) : scheduler_(scheduler) {}
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  ~Notifier() { cancel(); }

  /// Replaces the listener; an empty one ends the notifications.
  void listen(std::function<void()> listener) {
    listener_ = std::move(listener);
    if (!listener_) cancel();
  }

  void changed() {
    if (!listener_ || timer_) return;
    timer_ = scheduler_.call_after(Duration::zero(), [this] {
      timer_.reset();
      const std::function<void()> listener = listener_;
      listener();  // may destroy this notifier
    });
  }

 private:
  void cancel() {
    if (timer_) scheduler_.cancel(*std::exchange(timer_, std::nullopt));
  }
  Scheduler& scheduler_;
  std::function<void()> listener_;
  std::optional<Scheduler::TimerId> timer_;
};

}  // namespace kurrentlite::services
