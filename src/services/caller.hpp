#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "async/await.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/config.hpp"
#include "services/metrics.hpp"

namespace kurrentlite::services {

/// Makes calls to the database the way every service does: with retries, a deadline and measurements.
class Caller {
 public:
  Caller(Client& client, Scheduler& scheduler, const DatabaseConfig& config)
      : client_(client), scheduler_(scheduler), config_(config) {
    options_.credentials = config.call_credentials();
  }

  [[nodiscard]] Client& client() const { return client_; }
  /// What every call sends along.
  [[nodiscard]] const CallOptions& options() const { return options_; }
  [[nodiscard]] CallMetrics& metrics() { return metrics_; }

  /// The pause before retry number `retry` (from 0): doubled each time, at most 30 s.
  [[nodiscard]] Duration backoff(std::uint32_t retry) const {
    constexpr std::uint64_t kPauseMaxMs = 30'000;
    const std::uint64_t first = std::max(config_.options.retry_delay_ms, 1u);  // never a loop without a pause
    const std::uint64_t doubled = first << std::min(retry, 20u);
    return std::chrono::milliseconds(std::min(doubled, kPauseMaxMs));
  }

  /// Runs after a call failed for want of a connection (or was abandoned) and will not be tried again.
  void on_unreachable(std::function<void()> listener) { unreachable_ = std::move(listener); }
  /// Calls under way are not tried again: the user ended the connection.
  void give_up_retries() { ++round_; }
  /// From now on no call is made: the client may be gone.
  void close() {
    closed_ = true;
    unreachable_ = nullptr;
    give_up_retries();
  }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] static Error closed_error() { return {ErrorCode::Cancelled, "The services were closed meanwhile."}; }

  /// Awaits `attempt()`, a `Task<Result<T>>`, and again after a pause while it fails with Unavailable and retries are
  /// left. Does not touch the scheduler when the first attempt succeeds at once.
  template <class T, class F>
  Task<Result<T>> call(Operation operation, F attempt) {
    if (closed_) co_return closed_error();
    Measurement measurement(*this, operation);
    const std::uint64_t round = round_;
    std::uint32_t retry = 0;
    while (true) {
      Task<Result<T>> task = attempt();
      Result<T> result = co_await std::move(task);
      const bool unreachable = !result.ok() && result.error().code == ErrorCode::Unavailable;
      if (!unreachable || retry == config_.max_retries || round != round_) {
        measurement.finish(!result.ok() && is_failure(result.error().code));
        if (unreachable && unreachable_) unreachable_();
        if (unreachable && closed_) co_return closed_error();
        co_return std::move(result);
      }
      co_await sleep_for(scheduler_, backoff(retry));
      if (round != round_) {
        measurement.finish(true);
        if (closed_) co_return closed_error();
        co_return std::move(result);
      }
      metrics_.of(operation).add_retry();
      ++retry;
    }
  }

  /// The configured deadline of an operation, which `operation` names in its error.
  [[nodiscard]] Deadline deadline(std::string operation) const {
    return {scheduler_, std::move(operation), std::chrono::milliseconds(config_.timeout_ms)};
  }
  /// `task` under that deadline.
  template <class T>
  Task<Result<T>> within_deadline(std::string operation, Task<Result<T>> task) {
    return run_bounded<T>(std::move(task), deadline(std::move(operation)));
  }

 private:
  /// Measures one call, also when its deadline abandons it.
  class Measurement {
   public:
    Measurement(Caller& caller, Operation operation)
        : caller_(caller), operation_(operation), begin_(caller.scheduler_.now()) {}
    Measurement(const Measurement&) = delete;
    Measurement& operator=(const Measurement&) = delete;
    ~Measurement() {
      if (finished_) return;
      finish(true);
      if (caller_.unreachable_) caller_.unreachable_();
    }
    void finish(bool failed) {
      finished_ = true;
      caller_.metrics_.of(operation_).add(caller_.scheduler_.now() - begin_, failed);
    }

   private:
    Caller& caller_;
    Operation operation_;
    Duration begin_;
    bool finished_ = false;
  };

  Client& client_;
  Scheduler& scheduler_;
  const DatabaseConfig& config_;
  CallOptions options_;
  CallMetrics metrics_;
  std::function<void()> unreachable_;
  std::uint64_t round_ = 0;
  bool closed_ = false;
};

}  // namespace kurrentlite::services
