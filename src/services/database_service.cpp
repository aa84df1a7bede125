#include <algorithm>
#include <utility>

#include "services/health.hpp"
#include "services/runtime.hpp"

namespace kurrentlite {

namespace {

Task<Result<DatabaseConnection>> open_connection(ServiceRuntime& runtime, bool anew) {
  if (anew) runtime.connection().drop();
  Task<Result<DatabaseConnection>> connecting = runtime.connection().connect();
  Result<DatabaseConnection> connected = co_await std::move(connecting);
  if (!connected.ok()) co_return std::move(connected).error();
  if (!runtime.connection().is_connected()) co_return std::move(connected);  // disconnected again meanwhile
  runtime.feed().ensure_started();
  co_return runtime.connection().state();
}

/// Counts what system streams have gained since the last time, as far as that is done soon.
Task<void> count_system_events(ServiceRuntime& runtime) {
  constexpr std::uint64_t kPage = 512;
  for (int pages = 8; pages > 0; --pages) {
    const std::optional<Position> seen = runtime.storage().system_seen();
    ReadAllOptions options;
    if (seen) options.from = *seen;
    options.max_count = kPage;
    options.filter.emplace();
    options.filter->prefixes.emplace_back("$");
    options.call = runtime.caller().options();
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime.caller().client().read_all(std::move(options));
    const Result<std::vector<ResolvedEvent>> read = co_await std::move(reading);
    if (!read.ok()) co_return;
    for (const ResolvedEvent& each : *read) {
      if (each.event && (!seen || *seen < each.event->position)) runtime.storage().add_system(*each.event);
    }
    if (read->size() < kPage) co_return;
  }
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
  Task<void> counting_system = count_system_events(runtime);
  co_await std::move(counting_system);

  const services::ReadModel::Counts counts = runtime.model().counts();
  const Duration now = runtime.scheduler().now();
  DatabaseMetrics metrics;
  metrics.total_streams = counts.documents;
  metrics.active_streams = counts.active;
  metrics.total_users = counts.users;
  if (counted->knows_events) metrics.total_events = counted->total_events;
  metrics.storage_used_bytes = counted->storage_used_bytes;
  metrics.uptime_ms = static_cast<double>(runtime.connection().uptime().count()) / 1000.0;
  metrics.operations = runtime.caller().metrics().summary(now);
  metrics.service_operations = runtime.caller().metrics().service_summary(now);
  metrics.storage = runtime.storage().shares(*counted);
  metrics.circuit = runtime.caller().breaker().metrics();
  co_return std::move(metrics);
}

Task<Result<std::string>> measure_as_text(ServiceRuntime& runtime) {
  Task<Result<DatabaseMetrics>> measuring = measure(runtime);
  Result<DatabaseMetrics> metrics = co_await std::move(measuring);
  if (!metrics.ok()) co_return std::move(metrics).error();
  co_return prometheus_text(*metrics, to_string(runtime.config().environment));
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

Task<DatabaseHealth> KurrentDBService::check_health() {
  return services::check_health(runtime_.start("checkHealth"));
}

std::vector<DatabaseHealth> KurrentDBService::health_history(std::size_t limit) const {
  const std::deque<DatabaseHealth>& all = runtime_.health_history();
  const std::size_t count = std::min(limit, all.size());
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

Task<Result<DatabaseMetrics>> KurrentDBService::metrics() { return runtime_.run("metrics", measure(runtime_)); }

Task<Result<std::string>> KurrentDBService::prometheus() {
  return runtime_.run("prometheus", measure_as_text(runtime_));
}

std::vector<MetricsSecond> KurrentDBService::series(std::uint32_t seconds, std::string_view operation) const {
  const std::int64_t now_ms = runtime_.clock().now_ticks() / kTicksPerMillisecond;
  return runtime_.caller().metrics().series(runtime_.scheduler().now(), now_ms, seconds, operation);
}

std::uint32_t KurrentDBService::pending_writes() const { return runtime_.caller().pending_writes(); }

void KurrentDBService::on_pending_change(std::function<void()> listener) {
  runtime_.on_pending_change(std::move(listener));
}

void KurrentDBService::on_spans(std::function<void(std::vector<Span>)> listener) {
  runtime_.caller().tracer().listen(std::move(listener));
}

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
