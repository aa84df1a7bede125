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

namespace detail {

/// Awaits `task` for at most `timeout`; then abandons it and answers DeadlineExceeded.
Task<Result<void>> finish_within(Scheduler& scheduler, std::string operation, Duration timeout, Task<void> task);

template <class T>
Task<void> keep(Task<Result<T>> task, std::optional<Result<T>>& outcome) {
  outcome.emplace(co_await std::move(task));
}

}  // namespace detail

/// Hands `task` to `bound(Task<void>)`, which awaits it or answers an error instead, and answers what came of it. The
/// conditions under which tasks run are thus written, and compiled, once for all types of results.
template <class T, class F>
Task<Result<T>> run_bounded(Task<Result<T>> task, F bound) {
  std::optional<Result<T>> outcome;
  Task<Result<void>> running = bound(detail::keep<T>(std::move(task), outcome));
  Result<void> ran = co_await std::move(running);
  if (!ran.ok()) co_return std::move(ran).error();
  co_return std::move(*outcome);
}

/// A time limit for `run_bounded`.
struct Deadline {
  Scheduler& scheduler;
  std::string operation;
  Duration timeout;
  Task<Result<void>> operator()(Task<void> task) {
    return detail::finish_within(scheduler, std::move(operation), timeout, std::move(task));
  }
};

/// Awaits `task` for at most `timeout`; then abandons it and answers DeadlineExceeded with the facts operation and
/// timeoutMs. A task that needs no waiting always wins.
template <class T>
Task<Result<T>> with_deadline(Scheduler& scheduler, std::string operation, Duration timeout, Task<Result<T>> task) {
  return run_bounded<T>(std::move(task), Deadline{scheduler, std::move(operation), timeout});
}

}  // namespace kurrentlite
