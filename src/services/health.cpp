#include "services/health.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite::services {

namespace {

constexpr const char* kHealthStream = "kurrentlite-health";
constexpr const char* kTitles[kProbeCount] = {"Connection", "Authentication", "Read", "Write", "Sync"};

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }

}  // namespace

/// Five probes, one after the other, all within the deadline of one operation.
class HealthCheck {
 public:
  HealthCheck(ServiceRuntime& runtime, Duration timeout)
      : runtime_(runtime), timeout_(timeout), begin_(runtime.scheduler().now()) {}

  Task<DatabaseHealth> run() {
    if (runtime_.connection().ended_by_user()) {
      health_.errors.emplace_back("Connection: it was ended by disconnect(); connect() or any operation restores it.");
      co_return finish();
    }
    runtime_.begin_operation();
    Task<bool> connecting =
        probe(Probe::Connection, runtime_.caller().call<void>(Operation::Connect, [this] { return client().connect(); }));
    health_.connection = co_await std::move(connecting);
    if (!health_.connection) {
      for (std::size_t i = 1; i < kProbeCount; ++i) {
        health_.errors.push_back(std::string(kTitles[i]) + ": not checked, because there is no connection.");
      }
      co_return finish();
    }
    Task<bool> authenticating = probe(Probe::Authentication, check_authentication());
    health_.authentication = co_await std::move(authenticating);
    Task<bool> reading = probe(Probe::Read, check_read());
    health_.read = co_await std::move(reading);
    Task<bool> writing = probe(Probe::Write, check_write());
    health_.write = co_await std::move(writing);
    Task<bool> syncing = probe(Probe::Sync, check_sync());
    health_.sync = co_await std::move(syncing);
    co_return finish();
  }

 private:
  [[nodiscard]] Client& client() const { return runtime_.caller().client(); }

  /// Whether `check` succeeds in the time that is left; if not, why. Slow is not failed, but told.
  Task<bool> probe(Probe probe, Task<Result<void>> check) {
    const Duration begin = runtime_.scheduler().now();
    const Duration left = std::max(timeout_ - (begin - begin_), Duration::zero());
    Task<Result<void>> bounded = with_deadline(runtime_.scheduler(), "checkHealth", left, std::move(check));
    const Result<void> outcome = co_await std::move(bounded);
    const auto index = static_cast<std::size_t>(probe);
    const double took_ms = milliseconds(runtime_.scheduler().now() - begin);
    health_.durations_ms[index] = took_ms;
    const std::uint32_t threshold_ms = threshold(probe);
    if (!outcome.ok()) {
      health_.errors.push_back(std::string(kTitles[index]) + ": " + outcome.error().message);
    } else if (threshold_ms > 0 && took_ms > threshold_ms) {
      health_.slow.push_back(probe);
      health_.errors.push_back(std::string(kTitles[index]) + ": passed, but took " +
                               std::to_string(static_cast<std::int64_t>(took_ms)) + " ms; more than " +
                               std::to_string(threshold_ms) + " ms is slow.");
    }
    co_return outcome.ok();
  }

  [[nodiscard]] std::uint32_t threshold(Probe probe) const {
    const HealthThresholds& thresholds = runtime_.config().health_thresholds;
    switch (probe) {
      case Probe::Connection: return thresholds.connection_ms;
      case Probe::Authentication: return thresholds.authentication_ms;
      case Probe::Read: return thresholds.read_ms;
      case Probe::Write: return thresholds.write_ms;
      case Probe::Sync: return thresholds.sync_ms;
    }
    return 0;
  }

  /// Any answer but a refusal shows that the credentials are accepted.
  Task<Result<void>> check_authentication() {
    ReadStreamOptions options;
    options.direction = Direction::Backwards;
    options.from = End{};
    options.max_count = 1;
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime_.read_stream(kHealthStream, std::move(options));
    Result<std::vector<ResolvedEvent>> read = co_await std::move(reading);
    if (!read.ok() && is_failure(read.error().code)) co_return std::move(read).error();
    co_return Result<void>();
  }

  /// Reads what the lists are made of; remembers the last such event.
  Task<Result<void>> check_read() {
    ReadAllOptions options;
    options.direction = Direction::Backwards;
    options.from = End{};
    options.max_count = 1;
    options.filter = ReadModel::filter();
    options.call = runtime_.caller().options();
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime_.caller().call<std::vector<ResolvedEvent>>(
        Operation::Read, [this, &options] { return client().read_all(options); });
    Result<std::vector<ResolvedEvent>> read = co_await std::move(reading);
    if (!read.ok()) co_return std::move(read).error();
    if (!read->empty() && read->front().event) last_event_ = read->front().event->position;
    co_return Result<void>();
  }

  /// An append of no events is checked like any other and stores nothing.
  Task<Result<void>> check_write() {
    AppendOptions options;
    options.call = runtime_.caller().options();
    Task<Result<AppendResult>> appending = runtime_.caller().call<AppendResult>(Operation::Append, [this, &options] {
      return client().append_to_stream(kHealthStream, std::vector<EventData>(), options);
    });
    Result<AppendResult> appended = co_await std::move(appending);
    if (!appended.ok()) co_return std::move(appended).error();
    co_return Result<void>();
  }

  Task<Result<void>> check_sync() {
    Task<Result<void>> waiting = last_event_ ? runtime_.feed().has_seen(*last_event_) : runtime_.feed().ready();
    Result<void> synced = co_await std::move(waiting);
    if (synced.ok()) runtime_.connection().note_sync();
    co_return std::move(synced);
  }

  DatabaseHealth finish() {
    const bool usable = health_.connection && health_.read && health_.write;
    const bool perfect = usable && health_.authentication && health_.sync && health_.slow.empty();
    health_.status = perfect ? HealthStatus::Healthy : (usable ? HealthStatus::Degraded : HealthStatus::Unhealthy);
    health_.last_check_ms = runtime_.clock().now_ticks() / kTicksPerMillisecond;
    health_.response_time_ms = milliseconds(runtime_.scheduler().now() - begin_);
    return std::move(health_);
  }

  ServiceRuntime& runtime_;
  Duration timeout_;
  Duration begin_;
  DatabaseHealth health_;
  std::optional<Position> last_event_;
};

Task<DatabaseHealth> check_health(OperationStart start) {
  // Kept by itself: the run below gives it up when it ends.
  const std::shared_ptr<ServiceRuntime> runtime = start.runtime;
  HealthCheck check(*runtime, start.timeout);
  TaskContext* const outer = co_await current_context();
  OperationRun run(std::move(start), outer);
  Task<DatabaseHealth> checking = check.run().within(&run);
  DatabaseHealth health = co_await std::move(checking);
  run.finish(nullptr);
  runtime->remember_health(health);
  co_return std::move(health);
}

}  // namespace kurrentlite::services
