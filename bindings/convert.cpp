#include "convert.hpp"

#include "services/document_json.hpp"

namespace kurrentlite::bindings {
namespace {

using json::Writer;

void write_texts(Writer& out, const char* name, const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const std::string& text : texts) out.string(text);
  out.end_array();
}

void write_optional(Writer& out, const char* name, const std::optional<std::string>& text) {
  if (text) out.key(name).string(*text);
}

void write_time(Writer& out, const char* name, const std::optional<std::int64_t>& ms) {
  out.key(name);
  if (ms) {
    out.integer(*ms);
  } else {
    out.null();
  }
}

void write(Writer& out, const UserStream& stream) {
  out.begin_object().key("userId").string(stream.user_id).key("type").string(stream.type);
  write_optional(out, "category", stream.category);
  out.key("data").raw(stream.data);
  out.key("isPublic").boolean(stream.is_public);
  out.key("createdAt").integer(stream.created_at_ms);
  out.key("updatedAt").integer(stream.updated_at_ms);
  out.key("version").unsigned_integer(stream.version).end_object();
}

}  // namespace

std::string to_json(const Error& error) {
  Writer out;
  out.begin_object().key("code").string(to_string(error.code)).key("message").string(error.message);
  out.key("facts").begin_object();
  for (const Fact& fact : error.facts) {
    out.key(fact.name);
    // 64-bit numbers travel as {"n": "…"}: a JSON number would lose digits.
    if (const std::uint64_t* number = std::get_if<std::uint64_t>(&fact.value)) {
      out.begin_object().key("n").string(std::to_string(*number)).end_object();
    } else {
      out.string(std::get<std::string>(fact.value));
    }
  }
  out.end_object().key("violations").begin_array();
  for (const Violation& violation : error.violations) {
    out.begin_object().key("field").string(violation.field).key("problem").string(violation.problem).end_object();
  }
  out.end_array();
  if (!error.check_violations.empty()) {
    out.key("checks").begin_array();
    for (const CheckViolation& each : error.check_violations) {
      out.begin_object().key("checkIndex").unsigned_integer(each.check_index).key("stream").string(each.stream);
      // As text: revisions may be beyond what a JSON number holds.
      out.key("expected").string(std::to_string(each.expected_state));
      out.key("actual").string(std::to_string(each.actual_state)).end_object();
    }
    out.end_array();
  }
  out.end_object();
  return out.take();
}

std::string to_json(const Stream& stream) { return services::document_json(stream); }

std::string to_json(const std::vector<Stream>& streams) {
  Writer out;
  out.begin_array();
  for (const Stream& stream : streams) services::write_document(out, stream);
  out.end_array();
  return out.take();
}

std::string to_json(const UniqueClaims& claims) {
  Writer out;
  out.begin_object().key("documents").unsigned_integer(claims.documents).key("held").unsigned_integer(claims.held);
  out.key("claimed").unsigned_integer(claims.claimed).key("released").unsigned_integer(claims.released);
  out.key("conflicts").begin_array();
  for (const UniqueConflict& each : claims.conflicts) {
    out.begin_object().key("name").string(each.name).key("path").string(each.path).key("value").raw(each.value);
    out.key("document").string(each.document).key("holder");
    if (each.holder) {
      out.string(*each.holder);
    } else {
      out.raw("null");
    }
    out.key("stream").string(each.stream).end_object();
  }
  return out.end_array().end_object().take();
}

std::string to_json(const StreamPage& page) {
  Writer out;
  out.begin_object().key("items").begin_array();
  for (const Stream& stream : page.items) services::write_document(out, stream);
  out.end_array().key("total").unsigned_integer(page.total);
  out.key("offset").unsigned_integer(page.offset).key("limit").unsigned_integer(page.limit).end_object();
  return out.take();
}

std::string to_json(const HistoryPage& page) {
  Writer out;
  out.begin_object().key("items").begin_array();
  for (const HistoryEntry& entry : page.items) {
    out.begin_object().key("version").unsigned_integer(entry.version);
    out.key("change").string(to_string(entry.change)).key("eventType").string(entry.event_type);
    out.key("eventId").string(entry.event_id.to_string()).key("time").integer(entry.time_ms);
    out.key("fields").begin_array();
    for (const DocumentField field : entry.fields) out.string(to_string(field));
    out.end_array().end_object();
  }
  out.end_array().key("total").unsigned_integer(page.total).key("next");
  if (page.next) {
    out.unsigned_integer(*page.next);
  } else {
    out.null();
  }
  out.end_object();
  return out.take();
}

std::string to_json(const DocumentDiff& diff) {
  Writer out;
  out.begin_object().key("from").unsigned_integer(diff.from).key("to").unsigned_integer(diff.to);
  out.key("changes").begin_array();
  for (const DocumentDifference& change : diff.changes) {
    out.begin_object().key("path").string(change.path).key("kind").string(to_string(change.kind));
    if (!change.before.empty()) out.key("before").raw(change.before);
    if (!change.after.empty()) out.key("after").raw(change.after);
    out.end_object();
  }
  out.end_array().key("truncated").boolean(diff.truncated).end_object();
  return out.take();
}

std::string to_json(const UserStream& stream) {
  Writer out;
  write(out, stream);
  return out.take();
}

std::string to_json(const std::vector<UserStream>& streams) {
  Writer out;
  out.begin_array();
  for (const UserStream& stream : streams) write(out, stream);
  out.end_array();
  return out.take();
}

std::string to_json(const DatabaseConnection& connection) {
  Writer out;
  out.begin_object().key("isConnected").boolean(connection.is_connected);
  out.key("environment").string(connection.environment);
  write_time(out, "lastSync", connection.last_sync_ms);
  out.key("connectionId").string(connection.connection_id);
  out.key("status").string(to_string(connection.status));
  out.key("circuit").begin_object().key("state").string(to_string(connection.circuit.state));
  write_time(out, "retryAt", connection.circuit.retry_at_ms);
  out.end_object().end_object();
  return out.take();
}

namespace {

void write(Writer& out, const DatabaseHealth& health) {
  out.begin_object().key("status").string(to_string(health.status)).key("checks").begin_object();
  out.key("connection").boolean(health.connection).key("authentication").boolean(health.authentication);
  out.key("read").boolean(health.read).key("write").boolean(health.write).key("sync").boolean(health.sync);
  out.end_object().key("durations").begin_object();
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    out.key(to_string(static_cast<Probe>(i)));
    if (health.durations_ms[i]) {
      out.number(*health.durations_ms[i]);
    } else {
      out.null();
    }
  }
  out.end_object().key("slow").begin_array();
  for (const Probe probe : health.slow) out.string(to_string(probe));
  out.end_array().key("lastCheck").integer(health.last_check_ms);
  out.key("responseTime").number(health.response_time_ms);
  write_texts(out, "errors", health.errors);
  out.end_object();
}

void write(Writer& out, const OperationMetrics& operation) {
  out.begin_object().key("count").unsigned_integer(operation.count).key("errors").unsigned_integer(operation.errors);
  out.key("retries").unsigned_integer(operation.retries).key("cancelled").unsigned_integer(operation.cancelled);
  out.key("rate1m").number(operation.rate_1m).key("rate5m").number(operation.rate_5m);
  out.key("p50").number(operation.p50_ms).key("p95").number(operation.p95_ms).key("p99").number(operation.p99_ms);
  out.end_object();
}

void write(Writer& out, const char* name, const StorageShare& share) {
  out.key(name).begin_object().key("events").unsigned_integer(share.events);
  out.key("bytes").unsigned_integer(share.bytes).end_object();
}

void write(Writer& out, const Span& span) {
  out.begin_object().key("name").string(span.name).key("kind").string(to_string(span.kind));
  out.key("traceId").string(span.trace_id).key("spanId").string(span.span_id).key("parentSpanId");
  if (span.parent_span_id.empty()) {
    out.null();
  } else {
    out.string(span.parent_span_id);
  }
  constexpr double kNsPerMs = 1e6;
  out.key("startTime").number(static_cast<double>(span.start_ns) / kNsPerMs);
  out.key("endTime").number(static_cast<double>(span.end_ns) / kNsPerMs).key("attributes").begin_object();
  for (const Span::Attribute& attribute : span.attributes) {
    out.key(attribute.first);
    if (const std::int64_t* number = std::get_if<std::int64_t>(&attribute.second)) {
      out.integer(*number);
    } else {
      out.string(std::get<std::string>(attribute.second));
    }
  }
  out.end_object().key("status").begin_object().key("code").string(to_string(span.status));
  if (!span.status_message.empty()) out.key("message").string(span.status_message);
  out.end_object().end_object();
}

void write(Writer& out, const MetricsSecond& second) {
  out.begin_object().key("time").integer(second.time_ms).key("calls").unsigned_integer(second.calls);
  out.key("errors").unsigned_integer(second.errors).key("retries").unsigned_integer(second.retries);
  out.key("average").number(second.average_ms).key("max").number(second.max_ms).end_object();
}

template <class T>
std::string array_json(const std::vector<T>& all) {
  Writer out;
  out.begin_array();
  for (const T& each : all) write(out, each);
  out.end_array();
  return out.take();
}

}  // namespace

std::string to_json(const DatabaseHealth& health) {
  Writer out;
  write(out, health);
  return out.take();
}

std::string to_json(const std::vector<DatabaseHealth>& history) { return array_json(history); }
std::string to_json(const std::vector<MetricsSecond>& series) { return array_json(series); }
std::string to_json(const std::vector<Span>& spans) { return array_json(spans); }
std::string to_json(const std::string& text) { return Writer().string(text).take(); }

std::string to_json(const DatabaseMetrics& metrics) {
  Writer out;
  out.begin_object().key("totalStreams").unsigned_integer(metrics.total_streams);
  out.key("activeStreams").unsigned_integer(metrics.active_streams);
  out.key("totalUsers").unsigned_integer(metrics.total_users);
  out.key("totalEvents");
  if (metrics.total_events) {
    out.unsigned_integer(*metrics.total_events);
  } else {
    out.null();
  }
  out.key("storageUsed").unsigned_integer(metrics.storage_used_bytes);
  write_time(out, "lastBackup", metrics.last_backup_ms);
  out.key("uptime").number(metrics.uptime_ms);
  out.key("operations").begin_object();
  for (std::size_t i = 0; i < kOperationCount; ++i) {
    out.key(to_string(static_cast<Operation>(i)));
    write(out, metrics.operations[i]);
  }
  out.end_object().key("serviceOperations").begin_object();
  for (const ServiceOperationMetrics& each : metrics.service_operations) {
    out.key(each.name);
    write(out, each.metrics);
  }
  out.end_object().key("storage").begin_object();
  write(out, "documents", metrics.storage.documents);
  write(out, "userData", metrics.storage.user_data);
  write(out, "uniqueValues", metrics.storage.unique_values);
  write(out, "system", metrics.storage.system);
  write(out, "other", metrics.storage.other);
  out.end_object().key("circuit").begin_object().key("state").string(to_string(metrics.circuit.state));
  out.key("failures").unsigned_integer(metrics.circuit.failures);
  out.key("openings").unsigned_integer(metrics.circuit.openings);
  out.key("refused").unsigned_integer(metrics.circuit.refused).end_object().end_object();
  return out.take();
}

std::string to_json(const DatabaseConfig& config) {
  Writer out;
  out.begin_object().key("enabled").boolean(config.enabled).key("environment").string(to_string(config.environment));
  out.key("syncInterval").unsigned_integer(config.sync_interval_ms);
  out.key("maxRetries").unsigned_integer(config.max_retries).key("timeout").unsigned_integer(config.timeout_ms);
  out.key("endpoints").begin_object().key("grpc").string(config.endpoints.grpc);
  out.key("http").string(config.endpoints.http);
  write_optional(out, "ws", config.endpoints.ws);
  out.end_object().key("credentials").begin_object();
  write_optional(out, "apiKey", config.credentials.api_key);
  write_optional(out, "secretKey", config.credentials.secret_key);
  out.end_object().key("options").begin_object();
  out.key("maxConcurrentStreams").unsigned_integer(config.options.max_concurrent_streams);
  out.key("keepAliveTimeout").unsigned_integer(config.options.keep_alive_timeout_ms);
  out.key("retryDelay").unsigned_integer(config.options.retry_delay_ms);
  out.key("jitter").boolean(config.options.jitter).end_object();
  const CircuitBreakerOptions& breaker = config.circuit_breaker;
  out.key("circuitBreaker").begin_object().key("threshold").unsigned_integer(breaker.threshold);
  out.key("cooldown").unsigned_integer(breaker.cooldown_ms);
  out.key("maxCooldown").unsigned_integer(breaker.cooldown_max_ms).end_object();
  const HealthThresholds& slow = config.health_thresholds;
  out.key("healthThresholds").begin_object().key("connection").unsigned_integer(slow.connection_ms);
  out.key("authentication").unsigned_integer(slow.authentication_ms).key("read").unsigned_integer(slow.read_ms);
  out.key("write").unsigned_integer(slow.write_ms).key("sync").unsigned_integer(slow.sync_ms).end_object();
  out.key("timeouts").begin_object();
  for (const auto& each : config.timeouts) out.key(each.first).unsigned_integer(each.second);
  out.end_object().end_object();
  return out.take();
}

std::string to_json(const SimulationProfile& profile) {
  Writer out;
  out.begin_object().key("name").string(profile.name).key("seed").unsigned_integer(profile.seed);
  out.key("latency").begin_object();
  for (std::size_t i = 0; i < kOperationCount; ++i) {
    const Latency& latency = profile.latency[i];
    out.key(to_string(static_cast<Operation>(i))).begin_object().key("medianMs").number(latency.median_ms);
    out.key("spread").number(latency.spread).key("minMs").number(latency.min_ms);
    out.key("maxMs").number(latency.max_ms).end_object();
  }
  out.end_object().key("errorRate").number(profile.error_rate).key("lostReplyRate").number(profile.lost_reply_rate);
  out.key("disconnectRate").number(profile.disconnect_rate).key("offline").boolean(profile.offline).end_object();
  return out.take();
}

std::string to_json(const DatabaseStatistics& statistics, std::uint64_t memory_used_bytes) {
  Writer out;
  out.begin_object().key("totalEvents").unsigned_integer(statistics.total_events);
  out.key("totalStreams").unsigned_integer(statistics.total_streams);
  out.key("storageUsedBytes").unsigned_integer(statistics.storage_used_bytes);
  out.key("memoryUsedBytes").unsigned_integer(memory_used_bytes).end_object();
  return out.take();
}

std::string to_json(const std::vector<std::string>& texts) {
  Writer out;
  out.begin_array();
  for (const std::string& text : texts) out.string(text);
  out.end_array();
  return out.take();
}

std::string to_json(const MultiAppendResult& result) {
  Writer out;
  out.begin_object().key("position");
  if (result.position) {
    out.string(std::to_string(result.position->commit));
  } else {
    out.null();
  }
  out.key("revisions").begin_array();
  for (const auto& [stream, revision] : result.revisions) {
    out.begin_array().string(stream).string(std::to_string(revision.value)).end_array();
  }
  out.end_array().end_object();
  return out.take();
}

}  // namespace kurrentlite::bindings
