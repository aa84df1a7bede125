#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/await.hpp"
#include "base/prng.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/config.hpp"
#include "kurrentlite/ports.hpp"
#include "services/circuit_breaker.hpp"
#include "services/metrics.hpp"
#include "services/tracer.hpp"

namespace kurrentlite::services {

/// Makes calls to the database the way every service does: with retries, a deadline, a circuit breaker, measurements and
/// spans.
class Caller {
 public:
  Caller(Client& client, Scheduler& scheduler, Clock& clock, IdSource& ids, const DatabaseConfig& config);
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  [[nodiscard]] Client& client() const { return client_; }
  /// What every call sends along.
  [[nodiscard]] const CallOptions& options() const { return options_; }
  [[nodiscard]] CallMetrics& metrics() { return metrics_; }
  [[nodiscard]] CircuitBreaker& breaker() { return breaker_; }
  [[nodiscard]] Tracer& tracer() { return tracer_; }

  /// The pause before retry number `retry` (from 0): at most `retry_delay_ms` doubled each time, at most 30 s. With jitter
  /// drawn evenly from all times up to that.
  [[nodiscard]] Duration backoff(std::uint32_t retry);

  /// Runs after a call failed for want of a connection (or was abandoned) and will not be tried again.
  void on_unreachable(std::function<void()> listener) { unreachable_ = std::move(listener); }
  /// Calls under way that write.
  [[nodiscard]] std::uint32_t pending_writes() const { return pending_writes_; }
  /// `listener` runs within each change of that.
  void on_pending_change(std::function<void()> listener) { pending_changed_ = std::move(listener); }
  /// Calls under way are not tried again: the user ended the connection.
  void give_up_retries() { ++round_; }
  /// From now on no call is made: the client may be gone.
  void close();
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] static Error closed_error() { return {ErrorCode::Cancelled, "The services were closed meanwhile."}; }

  /// Awaits `attempt()`, a `Task<Result<T>>`, and again after a pause while it fails with Unavailable and retries are
  /// left. Does not touch the scheduler when the first attempt succeeds at once. `streams`: which it is about.
  template <class T, class F>
  Task<Result<T>> call(Operation operation, F attempt, std::vector<std::string> streams = {}) {
    if (closed_) co_return closed_error();
    TaskContext* const context = co_await current_context();
    Call call(*this, operation, static_cast<OperationContext*>(context), std::move(streams));
    if (call.refused()) co_return breaker_.refusal();
    while (true) {
      call.begin_attempt();
      Task<Result<T>> task = attempt();
      Result<T> result = co_await std::move(task);
      const Error* const error = result.ok() ? nullptr : &result.error();
      if (!call.may_try_again(error)) {
        if (error != nullptr && closed_ && error->code == ErrorCode::Unavailable) co_return closed_error();
        co_return std::move(result);
      }
      co_await sleep_for(scheduler_, call.pause());
      if (!call.try_again()) {
        if (closed_) co_return closed_error();
        co_return std::move(result);
      }
    }
  }

  /// The configured deadline of work in the background, which `operation` names in its error.
  [[nodiscard]] Deadline deadline(std::string operation) const {
    return {scheduler_, std::move(operation), std::chrono::milliseconds(config_.timeout_ms)};
  }
  /// `task` under that deadline.
  template <class T>
  Task<Result<T>> within_deadline(std::string operation, Task<Result<T>> task) {
    return run_bounded<T>(std::move(task), deadline(std::move(operation)));
  }

  /// Random numbers: the same in every run when the ids are.
  Prng& dice();

 private:
  /// One call, its measurement and the spans of its attempts; also when it is abandoned.
  class Call {
   public:
    Call(Caller& caller, Operation operation, OperationContext* context, std::vector<std::string> streams);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();
    [[nodiscard]] bool writes() const { return operation_ == Operation::Append || operation_ == Operation::Delete; }
    [[nodiscard]] bool refused() const { return pass_ == CircuitBreaker::Pass::Refused; }
    void begin_attempt();
    /// An attempt ended, `error` saying why it failed. False when the call has ended with it.
    bool may_try_again(const Error* error);
    [[nodiscard]] Duration pause();
    /// False when retries were given up during the pause.
    bool try_again();

   private:
    void count_pending(std::int32_t change);
    void finish(bool failed);
    void end_attempt(const Error* error);
    Caller& caller_;
    Operation operation_;
    OperationContext* context_;
    std::vector<std::string> streams_;
    CircuitBreaker::Pass pass_;
    Duration begin_;
    std::uint64_t round_;
    std::uint32_t retry_ = 0;
    std::optional<Span> span_;
    bool finished_ = false;
  };

  Client& client_;
  Scheduler& scheduler_;
  IdSource& ids_;
  const DatabaseConfig& config_;
  CallOptions options_;
  CallMetrics metrics_;
  CircuitBreaker breaker_;
  Tracer tracer_;
  std::optional<Prng> dice_;  // made when it is first needed
  std::function<void()> unreachable_;
  std::function<void()> pending_changed_;
  std::uint32_t pending_writes_ = 0;
  std::uint64_t round_ = 0;
  bool closed_ = false;
};

}  // namespace kurrentlite::services
