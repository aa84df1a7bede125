#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <utility>

#include "kurrentlite/coroutine.hpp"

namespace kurrentlite {

template <class T>
class Task;

/// What a task is part of, e.g. an operation of a service. Given to a task by `within`, it reaches every task awaited
/// below it, however often these wait; they find it by `co_await current_context()`. It must outlive them.
struct TaskContext {
  bool deadline_passed = false;  ///< a deadline abandons a task of it
};

namespace detail {

/// Resumes out of line, so that no compiler turns a chain of awaits into calls of ever-growing frames or unsupported
/// tail calls.
[[gnu::noinline]] inline void resume(coro::coroutine_handle<> handle) { handle.resume(); }

struct TaskPromiseBase {
  coro::coroutine_handle<> continuation = nullptr;
  TaskContext* context = nullptr;
  /// True while the awaiting coroutine is still on the stack below: it goes on by itself when this one finishes at once.
  bool awaiter_is_running = false;

  static coro::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    static bool await_ready() noexcept { return false; }
    template <class Promise>
    static void await_suspend(coro::coroutine_handle<Promise> self) noexcept {
      TaskPromiseBase& promise = self.promise();
      // The continuation may destroy this frame: nothing of it is touched afterwards.
      if (!promise.awaiter_is_running && promise.continuation) resume(promise.continuation);
    }
    static void await_resume() noexcept {}
  };
  static FinalAwaiter final_suspend() noexcept { return {}; }
  static void unhandled_exception() noexcept { assert(false && "the core throws nothing"); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() { return std::move(*value); }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  static void return_void() {}
  static void take() {}
};

}  // namespace detail

/// The one asynchronous return type: a lazy coroutine with a single awaiter, on a single thread.
///
/// It starts when awaited (or by `start()`), and runs on the caller's stack until it really has to wait. Destroying a task
/// that has not finished abandons it: its locals, and with them every task it awaits and every timer it waits for, go too.
/// Costs one allocation and about 40 ns an await.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = coro::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// Runs until the first real wait. For the root of a chain; awaiting does this by itself.
  void start() { detail::resume(handle_); }
  [[nodiscard]] bool done() const { return handle_.done(); }
  /// Makes the task part of `context`, before it is started.
  Task&& within(TaskContext* context) && {
    handle_.promise().context = context;
    return std::move(*this);
  }
  /// The result of a finished task, once.
  T take() { return assert(done()), handle_.promise().take(); }

  struct Awaiter {
    Handle handle;
    [[nodiscard]] bool await_ready() const noexcept { return handle.done(); }
    /// False, that is "go on at once", when the task finished without waiting: loops over ready tasks use no stack.
    template <class Awaiting>
    bool await_suspend(coro::coroutine_handle<Awaiting> awaiting) noexcept {
      auto& promise = handle.promise();
      if (promise.context == nullptr) promise.context = awaiting.promise().context;
      promise.continuation = awaiting;
      promise.awaiter_is_running = true;
      detail::resume(handle);
      promise.awaiter_is_running = false;
      return !handle.done();
    }
    T await_resume() { return handle.promise().take(); }
  };
  Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

 private:
  Handle handle_;
};

namespace detail {
struct ContextAwaiter {
  TaskContext* context = nullptr;
  static bool await_ready() noexcept { return false; }
  template <class Awaiting>
  bool await_suspend(coro::coroutine_handle<Awaiting> awaiting) noexcept {
    context = awaiting.promise().context;
    return false;
  }
  [[nodiscard]] TaskContext* await_resume() const noexcept { return context; }
};
}  // namespace detail

/// What the coroutine that awaits this is part of; null when it is by itself. Does not wait.
inline detail::ContextAwaiter current_context() { return {}; }

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() { return Task<void>(Task<void>::Handle::from_promise(*this)); }
}  // namespace detail

}  // namespace kurrentlite
