#pragma once

#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "kurrentlite/result.hpp"
#include "kurrentlite/scheduler.hpp"
#include "kurrentlite/task.hpp"

namespace kurrentlite {

/// `co_await sleep_for(scheduler, 20ms)`; abandoning the waiting task cancels the timer. Zero or less does not wait.
class [[nodiscard]] SleepAwaiter {
 public:
  SleepAwaiter(Scheduler& scheduler, Duration delay) : scheduler_(scheduler), delay_(delay) {}
  SleepAwaiter(const SleepAwaiter&) = delete;
  SleepAwaiter& operator=(const SleepAwaiter&) = delete;
  ~SleepAwaiter() {
    if (timer_) scheduler_.cancel(*timer_);
  }
  [[nodiscard]] bool await_ready() const noexcept { return delay_ <= Duration::zero(); }
  void await_suspend(coro::coroutine_handle<> awaiting) {
    timer_ = scheduler_.call_after(delay_, [this, awaiting] {
      timer_.reset();
      detail::resume(awaiting);
    });
  }
  void await_resume() const noexcept {}

 private:
  Scheduler& scheduler_;
  Duration delay_;
  std::optional<Scheduler::TimerId> timer_;
};

inline SleepAwaiter sleep_for(Scheduler& scheduler, Duration delay) { return {scheduler, delay}; }

/// Wakes the coroutines that wait for something to happen. Waiters resume through the scheduler, never inside `notify`, so
/// the notifier's state is settled first. A waiter re-checks its condition in a loop.
class Signal {
 public:
  explicit Signal(Scheduler& scheduler) : scheduler_(scheduler) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  class [[nodiscard]] Awaiter {
   public:
    explicit Awaiter(Signal& signal) : signal_(signal) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() {
      if (timer_) scheduler_.cancel(*timer_);
      if (waiting_) signal_.waiters_.remove(this);
    }
    static bool await_ready() noexcept { return false; }
    void await_suspend(coro::coroutine_handle<> awaiting) {
      awaiting_ = awaiting;
      waiting_ = true;
      signal_.waiters_.push_back(this);
    }
    void await_resume() const noexcept {}

   private:
    friend class Signal;
    void wake() {
      waiting_ = false;
      timer_ = scheduler_.call_after(Duration::zero(), [this] {
        timer_.reset();
        detail::resume(awaiting_);
      });
    }
    Signal& signal_;
    Scheduler& scheduler_ = signal_.scheduler_;
    coro::coroutine_handle<> awaiting_ = nullptr;
    std::optional<Scheduler::TimerId> timer_;
    bool waiting_ = false;
  };

  Awaiter wait() { return Awaiter(*this); }
  void notify_all() {
    for (Awaiter* waiter : std::exchange(waiters_, {})) waiter->wake();
  }
  /// No coroutine is waiting: `notify_all` would do nothing.
  [[nodiscard]] bool idle() const { return waiters_.empty(); }

 private:
  Scheduler& scheduler_;
  std::list<Awaiter*> waiters_;
};

/// Owns tasks that nobody awaits. Destroying the scope abandons those that have not finished.
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() = default;

  /// Starts `task` now and keeps it until it is done.
  void spawn(Task<void> task) {
    tasks_.remove_if([](const Task<void>& each) { return each.done(); });
    tasks_.push_back(std::move(task));
    tasks_.back().start();
  }
  /// Starts `task` and hands its result to `done`, possibly before this call returns.
  template <class T, class F>
  void spawn(Task<T> task, F done) {
    spawn(deliver(std::move(task), std::move(done)));
  }
  void clear() { tasks_.clear(); }

 private:
  template <class T, class F>
  static Task<void> deliver(Task<T> task, F done) {
    T result = co_await std::move(task);
    done(std::move(result));
  }
  std::list<Task<void>> tasks_;
};

/// Awaits `task` for at most `timeout`; then abandons it and answers DeadlineExceeded with the facts operation and
/// timeoutMs. A task that needs no waiting always wins.
template <class T>
Task<Result<T>> with_deadline(Scheduler& scheduler, std::string operation, Duration timeout, Task<Result<T>> task) {
  std::optional<Result<T>> outcome;
  Signal finished(scheduler);
  TaskScope scope;
  scope.spawn(std::move(task), [&](Result<T> result) {
    outcome.emplace(std::move(result));
    finished.notify_all();
  });
  if (!outcome) {
    const auto timer = scheduler.call_after(timeout, [&] { finished.notify_all(); });
    struct CancelTimer {
      Scheduler& scheduler;
      Scheduler::TimerId timer;
      ~CancelTimer() { scheduler.cancel(timer); }
    } cancel_timer{scheduler, timer};
    co_await finished.wait();
  }
  if (outcome) co_return std::move(*outcome);
  const auto timeout_ms = static_cast<std::uint64_t>(timeout.count() / 1000);
  co_return Error{ErrorCode::DeadlineExceeded,
                  operation + " did not finish within " + std::to_string(timeout_ms) + " ms.",
                  {{"operation", operation}, {"timeoutMs", timeout_ms}}};
}

}  // namespace kurrentlite
