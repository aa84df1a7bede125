#include <algorithm>
#include <utility>

#include "services/runtime.hpp"

namespace kurrentlite {

namespace {

constexpr const char* kHealthStream = "kurrentlite-health";

Task<Result<DatabaseConnection>> open_connection(ServiceRuntime& runtime, bool anew) {
  if (anew) runtime.connection().drop();
  Task<Result<DatabaseConnection>> connecting = runtime.connection().connect();
  Result<DatabaseConnection> connected = co_await std::move(connecting);
  if (!connected.ok()) co_return std::move(connected).error();
  if (!runtime.connection().is_connected()) co_return std::move(connected);  // disconnected again meanwhile
  runtime.feed().ensure_started();
  co_return runtime.connection().state();
}

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
        probe("Connection", runtime_.caller().call<void>(Operation::Connect, [this] { return client().connect(); }));
    health_.connection = co_await std::move(connecting);
    if (!health_.connection) {
      for (const char* what : {"Authentication", "Read", "Write", "Sync"}) {
        health_.errors.push_back(std::string(what) + ": not checked, because there is no connection.");
      }
      co_return finish();
    }
    Task<bool> authenticating = probe("Authentication", check_authentication());
    health_.authentication = co_await std::move(authenticating);
    Task<bool> reading = probe("Read", check_read());
    health_.read = co_await std::move(reading);
    Task<bool> writing = probe("Write", check_write());
    health_.write = co_await std::move(writing);
    Task<bool> syncing = probe("Sync", check_sync());
    health_.sync = co_await std::move(syncing);
    co_return finish();
  }

 private:
  [[nodiscard]] Client& client() const { return runtime_.caller().client(); }

  /// Whether `check` succeeds in the time that is left; if not, why.
  Task<bool> probe(const char* what, Task<Result<void>> check) {
    const Duration spent = runtime_.scheduler().now() - begin_;
    const Duration left = std::max(timeout_ - spent, Duration::zero());
    Task<Result<void>> bounded = with_deadline(runtime_.scheduler(), "checkHealth", left, std::move(check));
    const Result<void> outcome = co_await std::move(bounded);
    if (!outcome.ok()) health_.errors.push_back(std::string(what) + ": " + outcome.error().message);
    co_return outcome.ok();
  }

  /// Any answer but a refusal shows that the credentials are accepted.
  Task<Result<void>> check_authentication() {
    ReadStreamOptions options;
    options.direction = Direction::Backwards;
    options.from = End{};
    options.max_count = 1;
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime_.read_stream(kHealthStream, std::move(options));
    Result<std::vector<ResolvedEvent>> read = co_await std::move(reading);
    if (!read.ok() && services::is_failure(read.error().code)) co_return std::move(read).error();
    co_return Result<void>();
  }

  /// Reads what the lists are made of; remembers the last such event.
  Task<Result<void>> check_read() {
    ReadAllOptions options;
    options.direction = Direction::Backwards;
    options.from = End{};
    options.max_count = 1;
    options.filter = services::ReadModel::filter();
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
    const bool perfect = usable && health_.authentication && health_.sync;
    health_.status = perfect ? HealthStatus::Healthy : (usable ? HealthStatus::Degraded : HealthStatus::Unhealthy);
    health_.last_check_ms = runtime_.clock().now_ticks() / kTicksPerMillisecond;
    health_.response_time_ms = static_cast<double>((runtime_.scheduler().now() - begin_).count()) / 1000.0;
    return std::move(health_);
  }

  ServiceRuntime& runtime_;
  Duration timeout_;
  Duration begin_;
  DatabaseHealth health_;
  std::optional<Position> last_event_;
};

Task<DatabaseHealth> check_database(std::shared_ptr<ServiceRuntime> runtime, Duration timeout) {
  HealthCheck check(*runtime, timeout);
  Task<DatabaseHealth> running = check.run();
  co_return co_await std::move(running);
}

Task<Result<DatabaseMetrics>> measure(ServiceRuntime& runtime) {
  runtime.begin_operation();
  const CallOptions options = runtime.caller().options();
  Task<Result<DatabaseStatistics>> counting = runtime.caller().call<DatabaseStatistics>(
      Operation::Statistics, [&] { return runtime.caller().client().statistics(options); });
  Result<DatabaseStatistics> counted = co_await std::move(counting);
  if (!counted.ok()) co_return std::move(counted).error();
  Task<Result<void>> waiting = runtime.feed().ready();
  Result<void> ready = co_await std::move(waiting);
  if (!ready.ok()) co_return std::move(ready).error();

  const services::ReadModel::Counts counts = runtime.model().counts();
  DatabaseMetrics metrics;
  metrics.total_streams = counts.documents;
  metrics.active_streams = counts.active;
  metrics.total_users = counts.users;
  metrics.total_events = counted->total_events;
  metrics.storage_used_bytes = counted->storage_used_bytes;
  metrics.uptime_ms = static_cast<double>(runtime.connection().uptime().count()) / 1000.0;
  metrics.operations = runtime.caller().metrics().summary();
  co_return std::move(metrics);
}

}  // namespace

Task<Result<DatabaseConnection>> KurrentDBService::connect() {
  return runtime_.run("connect", open_connection(runtime_, false));
}

void KurrentDBService::disconnect() { runtime_.disconnect(); }

Task<Result<DatabaseConnection>> KurrentDBService::reconnect() {
  return runtime_.run("reconnect", open_connection(runtime_, true));
}

DatabaseConnection KurrentDBService::connection() const { return runtime_.connection().state(); }

void KurrentDBService::on_connection_change(std::function<void(const DatabaseConnection&)> listener) {
  runtime_.connection().on_change(std::move(listener));
}

Task<DatabaseHealth> KurrentDBService::check_health() { return check_database(runtime_.shared_from_this(), runtime_.timeout()); }

Task<Result<DatabaseMetrics>> KurrentDBService::metrics() { return runtime_.run("metrics", measure(runtime_)); }

Services::Services(ServiceContext context)
    : runtime_(std::make_shared<ServiceRuntime>(std::move(context))),
      database_(*runtime_),
      streams_(*runtime_),
      users_(*runtime_),
      events_(*runtime_) {}

OperationScope::OperationScope(Services& services, OperationOptions options)
    : runtime_(*services.runtime_), previous_(runtime_.exchange_options(options)) {}

OperationScope::~OperationScope() { runtime_.exchange_options(previous_); }

Services::~Services() { runtime_->close(); }

void Services::act_as(Actor actor) { runtime_->act_as(std::move(actor)); }

const Actor& Services::actor() const { return runtime_->actor(); }

void Services::resync() { runtime_->resync(); }

}  // namespace kurrentlite
