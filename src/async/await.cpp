#include "async/await.hpp"

namespace kurrentlite::detail {

// Not in the unnamed namespace: clang 14 makes the destructor of a local type that a coroutine calls last a tail call,
// which WebAssembly does not have.

/// Cancels a timer that may have run already.
struct CancelTimer {
  Scheduler& scheduler;
  Scheduler::TimerId timer;
  ~CancelTimer() { scheduler.cancel(timer); }
};

Task<void> tell_when_done(Task<void> task, bool& done, Signal& finished) {
  co_await std::move(task);
  done = true;
  finished.notify_all();
}

Task<Result<void>> finish_within(Scheduler& scheduler, std::string operation, Duration timeout, Task<void> task) {
  TaskContext* const context = co_await current_context();
  bool done = false;
  Signal finished(scheduler);
  TaskScope scope;
  scope.spawn(tell_when_done(std::move(task), done, finished).within(context));
  if (!done) {
    const CancelTimer timer{scheduler, scheduler.call_after(timeout, [&finished] { finished.notify_all(); })};
    co_await finished.wait();
  }
  if (done) co_return Result<void>();
  if (context != nullptr) context->deadline_passed = true;
  const auto timeout_ms = static_cast<std::uint64_t>(timeout.count() / 1000);
  co_return Error{ErrorCode::DeadlineExceeded,
                  operation + " did not finish within " + std::to_string(timeout_ms) + " ms.",
                  {{"operation", operation}, {"timeoutMs", timeout_ms}}};
}

}  // namespace kurrentlite::detail
