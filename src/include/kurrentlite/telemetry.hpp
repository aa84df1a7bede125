#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kurrentlite/models.hpp"

namespace kurrentlite {

/// A piece of work that has ended, in the terms of OpenTelemetry. Each operation of the services is one, of kind Internal;
/// each attempt of a call that it makes to the database is another, of kind Client, whose parent is the operation.
struct Span {
  enum class Kind : std::uint8_t { Internal, Client };
  enum class Status : std::uint8_t { Unset, Ok, Error };
  using Attribute = std::pair<std::string, std::variant<std::string, std::int64_t>>;

  std::string name;  ///< "createStream", "streams.append" …
  Kind kind = Kind::Internal;
  std::string trace_id;        ///< 32 hexadecimal digits; the same for an operation and its calls
  std::string span_id;         ///< 16 hexadecimal digits
  std::string parent_span_id;  ///< empty for a root
  std::int64_t start_ns = 0;   ///< since 1970-01-01 UTC; in steps of 100 ns
  std::int64_t end_ns = 0;
  /// As KurrentDB's own clients name them: db.system "kurrentdb", db.operation, db.kurrentdb.stream, db.user,
  /// server.address, server.port; exception.type and exception.message of what failed. Ours: kurrentlite.environment,
  /// kurrentlite.retry (the number of an attempt after the first), kurrentlite.stream_count (of an append to several
  /// streams; db.kurrentdb.stream is the first of them).
  std::vector<Attribute> attributes;
  Status status = Status::Unset;
  std::string status_message;  ///< of an error
};
/// "internal" or "client".
[[nodiscard]] const char* to_string(Span::Kind kind);
/// "unset", "ok" or "error".
[[nodiscard]] const char* to_string(Span::Status status);

/// `metrics` in the text format of Prometheus (version 0.0.4), each line about one environment.
[[nodiscard]] std::string prometheus_text(const DatabaseMetrics& metrics, const std::string& environment);

}  // namespace kurrentlite
