#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kurrentlite/client.hpp"
#include "kurrentlite/simulation.hpp"

namespace kurrentlite {

/// JSON text, exactly as the user gave it.
using Json = std::string;

enum class StreamStatus : std::uint8_t { Active, Archived, Deleted };
/// "active", "archived" or "deleted".
[[nodiscard]] const char* to_string(StreamStatus status);
[[nodiscard]] std::optional<StreamStatus> parse_stream_status(std::string_view text);

/// Who uses the services: a user's name, "anonymous" for nobody in particular. Empty: the program itself, which may do
/// everything.
using Actor = std::optional<std::string>;

/// What one may do with a document. Each includes those before it.
enum class Access : std::uint8_t { Read, Write, Admin };
/// "read", "write" or "admin".
[[nodiscard]] const char* to_string(Access access);

/// Who may do what with a document; user names, or "*" for everybody. Its owner may do everything.
/// Read: see the document and its past. Write: change its content, archive and restore it. Admin: delete it, change its
/// permissions, give it to another owner.
struct Permissions {
  std::vector<std::string> read;
  std::vector<std::string> write;
  std::vector<std::string> admin;
  bool operator==(const Permissions&) const = default;
};

/// Parts of `Permissions` to change; an absent part stays.
struct PermissionsPatch {
  std::optional<std::vector<std::string>> read;
  std::optional<std::vector<std::string>> write;
  std::optional<std::vector<std::string>> admin;
};

struct StreamMetadata {
  std::int64_t created_at_ms = 0;  ///< since 1970-01-01 UTC
  std::int64_t updated_at_ms = 0;
  std::uint64_t version = 0;  ///< 1 for a new document, +1 with every change
  std::vector<std::string> tags;
  std::string owner;
  bool operator==(const StreamMetadata&) const = default;
};

/// A document: the fold of the events on KurrentDB stream `document-{id}`. version = revision of the last event + 1.
struct Stream {
  std::string id;
  /// What sort of document it is, such as "customer"; given at its creation. Schemas, constraints and indexes go by it.
  std::optional<std::string> kind;
  std::string name;
  std::optional<std::string> description;
  Json data;
  StreamMetadata metadata;
  StreamStatus status = StreamStatus::Active;
  Permissions permissions;
  bool operator==(const Stream&) const = default;
};

/// `id` is generated when absent, `owner` is the acting user (without one "anonymous"), permissions default to
/// {read: ["*"], write: [owner], admin: [owner]}.
struct CreateStreamRequest {
  std::optional<std::string> id;
  std::optional<std::string> kind;
  std::string name;
  std::optional<std::string> description;
  Json data;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> owner;
  std::optional<PermissionsPatch> permissions;
};

/// `data` replaces the document's data, permissions are merged part by part, absent fields stay.
struct UpdateStreamRequest {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<Json> data;
  std::optional<std::vector<std::string>> tags;
  std::optional<PermissionsPatch> permissions;
  /// When set, the document must still have this version: otherwise Conflict.
  std::optional<std::uint64_t> expected_version;
};

/// A JSON merge patch (RFC 7396) of a document's data: the members of objects replace or follow each other at every depth,
/// null removes a member, anything else replaces.
struct PatchStreamRequest {
  Json patch;  ///< an object
  std::optional<std::uint64_t> expected_version;  ///< as in UpdateStreamRequest
};

/// Tags to put on a document and to take off it; the others stay. One that is named twice over is put on.
struct TagChanges {
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

/// A document's next owner, who takes the place of the former one in its permissions, too.
struct NewOwner {
  std::string owner;
};

/// One step of a transaction: what to do to which document.
struct TransactionStep {
  /// A status means: Active restores, Archived archives, Deleted deletes.
  using Action = std::variant<CreateStreamRequest, UpdateStreamRequest, PatchStreamRequest, TagChanges, PermissionsPatch,
                              NewOwner, StreamStatus>;
  std::string id;  ///< not used by a creation, which has its own
  Action action;
};

/// Two changes to a document that met.
struct StreamConflict {
  std::uint64_t expected_version = 0;
  std::optional<Stream> base;  ///< the document at the expected version, when it had that
  Stream theirs;               ///< the document now
};

enum class StreamSort : std::uint8_t { CreatedAt, UpdatedAt, Name, Id };

/// Which documents to list. Every given condition must hold.
struct StreamFilter {
  /// Without a status, active and archived documents are listed; deleted ones only when asked for.
  std::optional<StreamStatus> status;
  std::optional<std::string> kind;
  std::optional<std::string> owner;
  std::vector<std::string> tags;     ///< all of them
  std::string search;                ///< in id, name, description or tags; ASCII letters ignore case
  StreamSort sort = StreamSort::CreatedAt;
  bool descending = false;
  std::uint32_t offset = 0;
  std::uint32_t limit = 50;          ///< 1 to 1000
};

struct StreamPage {
  std::vector<Stream> items;
  std::uint64_t total = 0;  ///< matching documents on all pages
  std::uint32_t offset = 0;
  std::uint32_t limit = 0;
};

/// What an event did to its document. `Other`: nothing; it is foreign, malformed or came after the deletion, and only
/// counts as a version.
enum class DocumentChange : std::uint8_t {
  Created,
  Updated,
  Patched,
  Tagged,
  PermissionsChanged,
  OwnerChanged,
  Archived,
  Restored,
  Deleted,
  Other
};
/// "created", "updated", "patched", "tagged", "permissions-changed", "owner-changed", "archived", "restored", "deleted" or
/// "other".
[[nodiscard]] const char* to_string(DocumentChange change);

/// The parts of a document that events change.
enum class DocumentField : std::uint8_t { Kind, Name, Description, Data, Tags, Owner, Permissions, Status };
/// "kind", "name", "description", "data", "tags", "owner", "permissions" or "status".
[[nodiscard]] const char* to_string(DocumentField field);

/// One event of a document's stream.
struct HistoryEntry {
  std::uint64_t version = 0;  ///< of the document from this event on
  DocumentChange change = DocumentChange::Other;
  std::string event_type;
  Uuid event_id;
  std::int64_t time_ms = 0;  ///< when the database recorded the event
  /// What was different afterwards, in the order of the enumeration; of a new document whatever it was given. An update
  /// that brings nothing new changes no field.
  std::vector<DocumentField> fields;
};

/// Which part of a document's history to answer, always newest first.
struct HistoryOptions {
  std::optional<std::uint64_t> from;  ///< the version to begin with; the latest when absent or not reached yet
  std::uint32_t limit = 50;           ///< 1 to 1000
};

struct HistoryPage {
  std::vector<HistoryEntry> items;
  std::uint64_t total = 0;            ///< events on all pages
  std::optional<std::uint64_t> next;  ///< `from` of the page with older entries; empty when there is none
};

/// How a value of a document differs between two of its versions.
struct DocumentDifference {
  enum class Kind : std::uint8_t { Added, Removed, Replaced };
  Kind kind = Kind::Replaced;
  /// JSON pointer (RFC 6901) into the document as it is answered in TypeScript: `/kind`, `/name`, `/description`, `/status`,
  /// `/metadata/owner`, `/metadata/tags/0`, `/permissions/read/0`, `/data/…`; to `/data` itself when all of it changed.
  std::string path;
  Json before;  ///< the value's own bytes; empty when added
  Json after;   ///< the same; empty when removed
};
/// "added", "removed" or "replaced".
[[nodiscard]] const char* to_string(DocumentDifference::Kind kind);

struct DocumentDiff {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<DocumentDifference> changes;
  /// There are more changes than the 10,000 (or 4 MiB of paths) that are answered at most.
  bool truncated = false;
};

/// A user's data of one type, on KurrentDB stream `user-{user_id}-{type}[-{category}]`.
struct UserStream {
  std::string user_id;
  std::string type;
  std::optional<std::string> category;
  Json data;
  bool is_public = false;
  std::int64_t created_at_ms = 0;
  std::int64_t updated_at_ms = 0;
  std::uint64_t version = 0;
  bool operator==(const UserStream&) const = default;
};

/// Names one user stream.
struct UserStreamKey {
  std::string user_id;
  std::string type = "data";
  std::optional<std::string> category = std::nullopt;
  bool operator==(const UserStreamKey&) const = default;
};

/// `user-{user_id}-{type}[-{category}]` with `-` and `%` in each part percent-encoded, so that no two keys share a stream.
[[nodiscard]] std::string user_stream_name(const UserStreamKey& key);
/// `document-{id}`.
[[nodiscard]] std::string document_stream_name(std::string_view id);

/// Whether calls are sent: Closed they are, Open they fail at once, HalfOpen one is under way as a trial.
enum class CircuitState : std::uint8_t { Closed, Open, HalfOpen };
/// "closed", "open" or "half-open".
[[nodiscard]] const char* to_string(CircuitState state);

/// What the circuit breaker lets through, see CircuitBreakerOptions.
struct Circuit {
  CircuitState state = CircuitState::Closed;
  std::optional<std::int64_t> retry_at_ms;  ///< when a call may be sent as a trial; while open
  bool operator==(const Circuit&) const = default;
};

struct DatabaseConnection {
  bool is_connected = false;
  std::string environment;
  std::optional<std::int64_t> last_sync_ms;
  std::string connection_id;  ///< a UUID; new with every connection, empty before the first
  ConnectionState status = ConnectionState::Disconnected;
  Circuit circuit = {};
  bool operator==(const DatabaseConnection&) const = default;
};

enum class HealthStatus : std::uint8_t { Healthy, Degraded, Unhealthy };
/// "healthy", "degraded" or "unhealthy".
[[nodiscard]] const char* to_string(HealthStatus status);

/// The probes of a health check, in their order.
enum class Probe : std::uint8_t { Connection, Authentication, Read, Write, Sync };
inline constexpr std::size_t kProbeCount = 5;
/// "connection", "authentication", "read", "write" or "sync".
[[nodiscard]] const char* to_string(Probe probe);

/// Outcome of five real probes. Healthy: all passed, none was slow; unhealthy: connection, read or write failed; otherwise
/// degraded.
struct DatabaseHealth {
  HealthStatus status = HealthStatus::Unhealthy;
  bool connection = false;
  bool authentication = false;
  bool read = false;
  bool write = false;
  bool sync = false;
  std::int64_t last_check_ms = 0;
  double response_time_ms = 0;  ///< of all probes together
  /// Of each probe, indexed by Probe; empty for one that was not made.
  std::array<std::optional<double>, kProbeCount> durations_ms{};
  /// The probes that passed and took longer than their threshold.
  std::vector<Probe> slow;
  /// One sentence for each failed or slow probe, which it begins with: "Write: …".
  std::vector<std::string> errors;
};

/// Upper bounds, in milliseconds, of the classes that latencies are counted in; a last class has no bound.
inline constexpr std::array<double, 14> kLatencyBoundsMs = {1,   2.5, 5,   10,   25,   50,    100,
                                                            250, 500, 1000, 2500, 5000, 10'000, 30'000};

struct OperationMetrics {
  std::uint64_t count = 0;   ///< finished calls, failed ones included
  /// Those that failed for good. "No such stream" or "wrong expected version" are answers, not errors.
  std::uint64_t errors = 0;
  std::uint64_t retries = 0;
  std::uint64_t cancelled = 0;  ///< given up by whoever began them; neither counted above nor measured
  /// Calls in a second, over the last minute and the last five; over the time since the services were made when that is
  /// shorter. Whole seconds count, the current one as far as it has come.
  double rate_1m = 0;
  double rate_5m = 0;
  /// Exact, by nearest rank, over the last 512 calls, retries included.
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double total_ms = 0;  ///< of all calls together
  /// Calls by latency: how many took at most that bound and more than the one before.
  std::array<std::uint64_t, kLatencyBoundsMs.size() + 1> latencies{};
};

/// What calls did in one second.
struct MetricsSecond {
  std::int64_t time_ms = 0;  ///< its begin, since 1970-01-01 UTC
  std::uint32_t calls = 0;   ///< that finished in it
  std::uint32_t errors = 0;
  std::uint32_t retries = 0;
  double average_ms = 0;
  double max_ms = 0;
};

/// Events of one kind and the bytes that they take: data and metadata, and 52 bytes for each.
struct StorageShare {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

/// What `storage_used_bytes` consists of. Documents, user data and unique values are counted by the events from which the lists are
/// made, so metadata and deleted streams are in them until the database gives their place back. System streams are read
/// for it, at most 4096 events more with each call of `metrics`. Everything else is what remains.
struct StorageShares {
  StorageShare documents;
  StorageShare user_data;
  StorageShare unique_values;  ///< who holds them
  StorageShare system;
  StorageShare other;
};

/// What the circuit breaker has done so far.
struct CircuitMetrics {
  CircuitState state = CircuitState::Closed;
  std::uint32_t failures = 0;  ///< operations in a row that could not reach the database
  std::uint64_t openings = 0;  ///< failed trials included
  std::uint64_t refused = 0;   ///< calls that were not sent
};

/// An operation of the services and what became of it so far.
struct ServiceOperationMetrics {
  std::string name;  ///< "createStream" …
  OperationMetrics metrics;
};

struct DatabaseMetrics {
  std::uint64_t total_streams = 0;   ///< documents that are not deleted
  std::uint64_t active_streams = 0;  ///< documents with status active
  std::uint64_t total_users = 0;     ///< users with at least one user stream
  std::optional<std::uint64_t> total_events;  ///< of all streams; empty when the database does not count them
  std::uint64_t storage_used_bytes = 0;
  std::optional<std::int64_t> last_backup_ms;
  double uptime_ms = 0;  ///< since the service first connected
  std::array<OperationMetrics, kOperationCount> operations{};  ///< calls to the database, indexed by Operation
  std::vector<ServiceOperationMetrics> service_operations;     ///< ordered by name; those that were ever called
  StorageShares storage;
  CircuitMetrics circuit;
};

}  // namespace kurrentlite
