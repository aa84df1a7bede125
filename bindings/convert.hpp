#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/config.hpp"
#include "kurrentlite/kinds.hpp"
#include "kurrentlite/models.hpp"
#include "kurrentlite/query.hpp"
#include "kurrentlite/simulation.hpp"
#include "kurrentlite/telemetry.hpp"

namespace kurrentlite::bindings {

/// Reads the members of a JSON object that JavaScript made, noting every member of the wrong type. A member that is absent
/// or null counts as not given.
class ArgumentReader {
 public:
  /// `json` must outlive the reader. `prefix` goes before the names in violations, e.g. "permissions.".
  explicit ArgumentReader(std::string_view json, std::string prefix = "");

  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::string required_text(std::string_view name);
  /// The bytes of the value, null included; a violation when the member is absent.
  [[nodiscard]] std::string required_json(std::string_view name);
  [[nodiscard]] std::optional<std::string> json(std::string_view name) const;
  [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view name);
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  [[nodiscard]] std::optional<double> number(std::string_view name, double least, double most);
  [[nodiscard]] std::optional<std::uint64_t> whole(std::string_view name, std::uint64_t least, std::uint64_t most);
  [[nodiscard]] std::uint64_t required_whole(std::string_view name, std::uint64_t least, std::uint64_t most);
  /// The member's bytes when it is an object.
  [[nodiscard]] std::optional<std::string_view> object(std::string_view name);
  /// The bytes of each element, which must be objects, when the member is an array.
  [[nodiscard]] std::vector<std::string_view> objects(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const { return given(name).has_value(); }

  void refuse(std::string_view name, std::string problem);
  /// Takes over what another reader, of a nested object, found wrong.
  void absorb(const ArgumentReader& nested);
  /// Takes over violations whose fields are whole paths.
  void absorb(const Error& error);
  [[nodiscard]] bool ok() const { return violations_.empty(); }
  /// All that is wrong, as one error.
  [[nodiscard]] Error error(ErrorCode code = ErrorCode::ValidationFailed) const;

 private:
  [[nodiscard]] std::optional<json::Value> given(std::string_view name) const;
  /// True, and a violation, when the member is there but null.
  bool refuse_null(std::string_view name, std::string_view what);

  std::vector<json::Member> members_;
  std::string prefix_;
  std::vector<Violation> violations_;
};

[[nodiscard]] Result<CreateStreamRequest> read_create_request(ArgumentReader& arguments);
[[nodiscard]] Result<UpdateStreamRequest> read_update_request(ArgumentReader& arguments);
[[nodiscard]] Result<PatchStreamRequest> read_patch_request(ArgumentReader& arguments);
[[nodiscard]] Result<TagChanges> read_tag_changes(ArgumentReader& arguments);
/// From the member `permissions`.
[[nodiscard]] Result<PermissionsPatch> read_permissions_request(ArgumentReader& arguments);
/// From the member `steps`: an array of objects {create: …} or {update | patch | tag | setPermissions | transferOwner |
/// archive | restore | delete: id, …with the fields of that operation}.
[[nodiscard]] Result<std::vector<TransactionStep>> read_transaction(ArgumentReader& arguments);
/// {kind, unique?: [{name, path, ignoreCase?}], checks?: [{name, where, message?}]}
[[nodiscard]] Result<DocumentKind> read_document_kind(ArgumentReader& arguments);
[[nodiscard]] Result<StreamFilter> read_stream_filter(ArgumentReader& arguments, std::uint32_t limit_max = 1000);
/// {where?, search?, sort?: ['-path' | {path, descending?, ignoreCase?}], select?, limit?, offset?, cursor?, total?, groupBy?}
[[nodiscard]] Result<StreamQuery> read_stream_query(ArgumentReader& arguments, std::uint32_t limit_max = 1000);
/// {stream?, category?, where?, direction?: 'forwards' | 'backwards', systemEvents?, limit?, cursor?, groupBy?, scanMax?}
[[nodiscard]] Result<EventQuery> read_event_query(ArgumentReader& arguments);
[[nodiscard]] Result<HistoryOptions> read_history_options(ArgumentReader& arguments);
[[nodiscard]] Result<UserStreamKey> read_user_key(ArgumentReader& arguments);
[[nodiscard]] Result<DatabaseConfig> read_config(std::string_view json);
/// A preset's name as a JSON string, or an object {preset?, seed?, latency?, errorRate?, …}.
[[nodiscard]] Result<SimulationProfile> read_simulation(std::string_view json);

/// {"on", "regex"} or {"on", "prefixes"}, as JavaScript made it.
[[nodiscard]] Filter read_filter(std::string_view json);
/// {operation, effect: "refuse" | "loseReply" | "disconnect" | "delay", nth?, times?, delayMs?, error?: {code, message,
/// facts}}. Errors: ValidationFailed.
[[nodiscard]] Result<Fault> read_fault(std::string_view json);

[[nodiscard]] std::string to_json(const Error& error);
[[nodiscard]] std::string to_json(const Stream& stream);
[[nodiscard]] std::string to_json(const std::vector<Stream>& streams);
[[nodiscard]] std::string to_json(const StreamPage& page);
[[nodiscard]] std::string to_json(const UniqueClaims& claims);
[[nodiscard]] std::string to_json(const QueryPage& page);
[[nodiscard]] std::string to_json(const QueryExplanation& explanation);
[[nodiscard]] std::string to_json(const LiveUpdate& update);
[[nodiscard]] std::string to_json(const EventPage& page);
[[nodiscard]] std::string to_json(const HistoryPage& page);
[[nodiscard]] std::string to_json(const DocumentDiff& diff);
[[nodiscard]] std::string to_json(const UserStream& stream);
[[nodiscard]] std::string to_json(const std::vector<UserStream>& streams);
[[nodiscard]] std::string to_json(const DatabaseConnection& connection);
[[nodiscard]] std::string to_json(const DatabaseHealth& health);
[[nodiscard]] std::string to_json(const std::vector<DatabaseHealth>& history);
[[nodiscard]] std::string to_json(const DatabaseMetrics& metrics);
[[nodiscard]] std::string to_json(const std::vector<MetricsSecond>& series);
[[nodiscard]] std::string to_json(const std::vector<Span>& spans);
/// The text as a JSON string.
[[nodiscard]] std::string to_json(const std::string& text);
[[nodiscard]] std::string to_json(const DatabaseConfig& config);
[[nodiscard]] std::string to_json(const SimulationProfile& profile);
[[nodiscard]] std::string to_json(const DatabaseStatistics& statistics, std::uint64_t memory_used_bytes);
[[nodiscard]] std::string to_json(const std::vector<std::string>& texts);
[[nodiscard]] std::string to_json(const MultiAppendResult& result);

}  // namespace kurrentlite::bindings
