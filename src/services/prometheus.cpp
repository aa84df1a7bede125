#include <string_view>

#include "base/json.hpp"
#include "kurrentlite/telemetry.hpp"

namespace kurrentlite {

namespace services {

/// Writes the text format, family by family.
class PrometheusWriter {
 public:
  explicit PrometheusWriter(const std::string& environment) : environment_(environment) {}

  /// A family begins. `name` without the prefix.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = "kurrentdb_" + std::string(name);
    text_.append("# HELP ").append(name_).append(" ").append(help).append("\n# TYPE ").append(name_).append(" ");
    text_.append(type).append("\n");
  }
  void sample(double value, std::string_view suffix = {}, std::string_view label = {}, std::string_view label_value = {},
              std::string_view bound = {}) {
    text_.append(name_).append(suffix).append("{environment=\"");
    escape(environment_);
    if (!label.empty()) {
      text_.append("\",").append(label).append("=\"");
      escape(label_value);
    }
    if (!bound.empty()) text_.append("\",le=\"").append(bound);
    text_.append("\"} ").append(number(value)).append("\n");
  }
  void gauge(std::string_view name, std::string_view help, double value) {
    family(name, "gauge", help);
    sample(value);
  }
  static std::string number(double value) { return json::Writer().number(value).take(); }
  std::string take() { return std::move(text_); }

 private:
  void escape(std::string_view value) {
    for (const char each : value) {
      if (each == '\\' || each == '"') text_.push_back('\\');
      if (each == '\n') {
        text_.append("\\n");
      } else {
        text_.push_back(each);
      }
    }
  }
  const std::string& environment_;
  std::string name_;
  std::string text_;
};

namespace {

struct Labelled {
  std::string_view name;
  const OperationMetrics* metrics;
};

/// Four families about calls or about operations.
void write_operations(PrometheusWriter& out, const std::string& what, const std::string& help,
                      const std::vector<Labelled>& all) {
  const auto counter = [&](const char* name, const std::string& about, std::uint64_t OperationMetrics::*member) {
    out.family(what + name, "counter", about);
    for (const Labelled& each : all) out.sample(static_cast<double>(each.metrics->*member), {}, "operation", each.name);
  };
  counter("_errors_total", help + " that failed for good.", &OperationMetrics::errors);
  counter("_retries_total", "Retries of " + help + ".", &OperationMetrics::retries);
  counter("_cancelled_total", help + " that were given up.", &OperationMetrics::cancelled);
  out.family(what + "_duration_seconds", "histogram", "Duration of " + help + ", retries included.");
  for (const Labelled& each : all) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kLatencyBoundsMs.size(); ++i) {
      sum += each.metrics->latencies[i];
      const std::string bound = PrometheusWriter::number(kLatencyBoundsMs[i] / 1000);
      out.sample(static_cast<double>(sum), "_bucket", "operation", each.name, bound);
    }
    const auto count = static_cast<double>(each.metrics->count);
    out.sample(count, "_bucket", "operation", each.name, "+Inf");
    out.sample(each.metrics->total_ms / 1000, "_sum", "operation", each.name);
    out.sample(count, "_count", "operation", each.name);
  }
}

}  // namespace
}  // namespace services

std::string prometheus_text(const DatabaseMetrics& metrics, const std::string& environment) {
  using services::Labelled;
  services::PrometheusWriter out(environment);
  out.gauge("documents", "Documents that are not deleted.", static_cast<double>(metrics.total_streams));
  out.gauge("documents_active", "Documents with status active.", static_cast<double>(metrics.active_streams));
  out.gauge("users", "Users with data.", static_cast<double>(metrics.total_users));
  if (metrics.total_events) out.gauge("events", "Events in the database.", static_cast<double>(*metrics.total_events));
  out.gauge("storage_bytes", "Bytes that events take.", static_cast<double>(metrics.storage_used_bytes));
  const std::pair<const char*, const StorageShare*> shares[] = {{"documents", &metrics.storage.documents},
                                                                {"user_data", &metrics.storage.user_data},
                                                                {"unique_values", &metrics.storage.unique_values},
                                                                {"system", &metrics.storage.system},
                                                                {"other", &metrics.storage.other}};
  out.family("category_storage_bytes", "gauge", "Bytes that events take, by what they are about.");
  for (const auto& [name, share] : shares) out.sample(static_cast<double>(share->bytes), {}, "category", name);
  out.family("category_events", "gauge", "Events by what they are about.");
  for (const auto& [name, share] : shares) out.sample(static_cast<double>(share->events), {}, "category", name);
  out.gauge("uptime_seconds", "Time since the first connection.", metrics.uptime_ms / 1000);
  out.family("circuit_state", "gauge", "1 for the state that the circuit breaker is in.");
  for (const CircuitState state : {CircuitState::Closed, CircuitState::Open, CircuitState::HalfOpen}) {
    out.sample(metrics.circuit.state == state ? 1 : 0, {}, "state", to_string(state));
  }
  out.family("circuit_openings_total", "counter", "How often the circuit breaker opened.");
  out.sample(static_cast<double>(metrics.circuit.openings));
  out.family("circuit_refused_total", "counter", "Calls that the circuit breaker did not send.");
  out.sample(static_cast<double>(metrics.circuit.refused));

  std::vector<Labelled> calls;
  for (std::size_t i = 0; i < kOperationCount; ++i) {
    calls.push_back({to_string(static_cast<Operation>(i)), &metrics.operations[i]});
  }
  services::write_operations(out, "client_call", "Calls to the database", calls);
  std::vector<Labelled> operations;
  for (const ServiceOperationMetrics& each : metrics.service_operations) {
    operations.push_back({each.name, &each.metrics});
  }
  services::write_operations(out, "operation", "Operations of the services", operations);
  return out.take();
}

}  // namespace kurrentlite
