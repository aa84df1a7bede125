#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/client.hpp"
#include "kurrentlite/config.hpp"
#include "kurrentlite/kinds.hpp"
#include "kurrentlite/models.hpp"
#include "kurrentlite/ports.hpp"
#include "kurrentlite/query.hpp"
#include "kurrentlite/telemetry.hpp"

namespace kurrentlite {

/// What every service is given. The referenced objects must outlive the services; the scheduler and the clock also the
/// tasks that they returned.
struct ServiceContext {
  Client& client;
  Scheduler& scheduler;
  Clock& clock;
  IdSource& ids;
  DatabaseConfig config;
  /// For `regex` in conditions; without, such conditions are refused.
  RegexEngine* regexes = nullptr;
};

/// Options that every operation takes.
struct OperationOptions {
  /// Its deadline, retries included. Without it `config.timeouts` and `config.timeout_ms` decide.
  std::optional<Duration> timeout = std::nullopt;
};

class ServiceRuntime;  // retries, deadlines, metrics and the read model, shared by the services
namespace services {
class LiveQuery;
}

/// A query whose result is followed, see `StreamService::watch`. Destroying it ends that, also within its own listener. It
/// may outlive the services, and is silent then.
class StreamWatch {
 public:
  /// More cannot be shown at once.
  static constexpr std::uint32_t kLimitMax = 100'000;

  StreamWatch(std::shared_ptr<ServiceRuntime> runtime, std::unique_ptr<services::LiveQuery> query, LiveUpdate first);
  StreamWatch(StreamWatch&&) noexcept;
  StreamWatch& operator=(StreamWatch&&) noexcept;
  ~StreamWatch();

  /// The result to begin with: all of it added.
  [[nodiscard]] const LiveUpdate& first() const { return first_; }
  /// Shows up to `limit` documents from now on, 1 to `kLimitMax`, without a new search. Answers what that changes; the
  /// listener is told instead where the documents are being read anew.
  [[nodiscard]] std::optional<LiveUpdate> resize(std::uint32_t limit);

 private:
  std::shared_ptr<ServiceRuntime> runtime_;  // last to go
  std::unique_ptr<services::LiveQuery> query_;
  LiveUpdate first_;
};

/// The three services of one database connection. They talk to `Client` only, so they behave the same on the in-memory
/// mock and on a real KurrentDB.
///
/// Every operation runs under its deadline, retries included, and repeats what failed with Unavailable up to
/// `config.max_retries` times, pausing `options.retry_delay_ms`, doubled each time up to 30 s, with jitter. A repeated write
/// carries the same event ids, so nothing is written twice. Errors of every operation: Unavailable (retries used up; with
/// the fact retryInMs when the circuit breaker refused to send the call, see CircuitBreakerOptions), DeadlineExceeded, AccessDenied, OutOfMemory, and those named at each.
/// Destroying the task of an operation cancels it; what it has written by then stays written.
/// Listeners run soon after a change, once for all changes of one turn, never inside a call.
/// Destroying the services ends what they do in the background and lets operations under way fail with Cancelled.

/// Connection, health and metrics.
class KurrentDBService {
 public:
  explicit KurrentDBService(ServiceRuntime& runtime) : runtime_(runtime) {}

  /// Connects and starts following documents and user data for the lists. Status: connecting, then connected or error.
  Task<Result<DatabaseConnection>> connect();
  /// Ends the connection and cancels a reconnection under way. Status: disconnected, until `connect` or the next operation.
  /// What is under way fails with Unavailable and is not tried again.
  void disconnect();
  /// Drops the connection and connects anew. A connection lost by itself is restored the same way in the background: status
  /// reconnecting, up to `max_retries` attempts with growing pauses, then error.
  Task<Result<DatabaseConnection>> reconnect();
  [[nodiscard]] DatabaseConnection connection() const;
  /// `listener` runs after `connection()` changed; a later `last_sync_ms` alone does not count.
  void on_connection_change(std::function<void(const DatabaseConnection&)> listener);

  /// Runs five probes against the database: connection (round trip), authentication (the configured credentials are
  /// accepted), read, write (an empty append to `kurrentlite-health`, which stores nothing) and sync (the lists have seen
  /// everything). Always answers, within `timeout_ms`; failures are in the result. After `disconnect` it does not connect
  /// again but says so. A probe that passed but took longer than `config.health_thresholds` says degrades the health.
  Task<DatabaseHealth> check_health();
  /// The last checks that were finished, newest first: `limit` of the 100 that are kept.
  [[nodiscard]] std::vector<DatabaseHealth> health_history(std::size_t limit = 100) const;
  /// Counts come from the database and the lists, latencies and rates from this service's own calls.
  Task<Result<DatabaseMetrics>> metrics();
  /// The same as Prometheus reads it, see `prometheus_text`.
  Task<Result<std::string>> prometheus();
  /// The last `seconds` (300 are kept), oldest first, the current one as far as it has come. `operation`: of one kind of call
  /// ("append" …) or operation of the services ("createStream" …) instead of all calls to the database.
  [[nodiscard]] std::vector<MetricsSecond> series(std::uint32_t seconds = 60, std::string_view operation = {}) const;
  /// Calls under way that write, their retries included: what they do is not known to have happened yet.
  [[nodiscard]] std::uint32_t pending_writes() const;
  /// `listener` runs after `pending_writes()` changed.
  void on_pending_change(std::function<void()> listener);
  /// `listener` gets each operation and each attempt of a call after it ended, several at a time; an empty one ends that.
  void on_spans(std::function<void(std::vector<Span>)> listener);

 private:
  ServiceRuntime& runtime_;
};

/// Documents: create, read, change, archive, delete, list, and their past.
/// ValidationFailed names each bad field: `name` (1 to 256 characters), `id` (1 to 256 characters, valid text), `data`
/// (JSON, at most 16 MiB, depth 512, no prototype keys, no lone surrogates), `tags[i]`, `owner`, `permissions.read[i]` …
class StreamService {
 public:
  explicit StreamService(ServiceRuntime& runtime) : runtime_(runtime) {}

  /// Errors: Conflict (the id is taken, also by a deleted document), ValidationFailed.
  Task<Result<Stream>> create(CreateStreamRequest request);
  /// Empty when there is no such document or it is deleted.
  Task<Result<std::optional<Stream>>> get(std::string id);
  /// Errors: NotFound (unknown or deleted), Conflict (`expected_version` given and stale), ValidationFailed.
  /// A Conflict has the facts `expectedVersion`, `actualVersion` and, as JSON text, `theirs` (the document as it is now) and
  /// `base` (as it was at the expected version, when it had that).
  /// Without `expected_version` a concurrent change is not an error: the update is made on top of it.
  Task<Result<Stream>> update(std::string id, UpdateStreamRequest request);
  /// Decides what to do about a Conflict: the changes to make to `theirs` instead, or nothing to leave it at the error.
  using Merge = std::function<std::optional<UpdateStreamRequest>(const StreamConflict&)>;
  /// The same, asking `merge` at every conflict. What it answers is made at the version of `theirs`.
  Task<Result<Stream>> update(std::string id, UpdateStreamRequest request, Merge merge);
  /// Errors as for `update`.
  Task<Result<Stream>> patch(std::string id, PatchStreamRequest request);
  /// Nothing is written when the document has just those tags. Errors: NotFound, ValidationFailed.
  Task<Result<Stream>> tag(std::string id, TagChanges changes);
  /// Merged part by part. Errors: NotFound, ValidationFailed.
  Task<Result<Stream>> set_permissions(std::string id, PermissionsPatch permissions);
  /// Errors: NotFound, ValidationFailed.
  Task<Result<Stream>> transfer_owner(std::string id, std::string owner);
  /// All steps or none, in one multi-stream append; several may be about the same document, and `expected_version` is
  /// what it must have at the beginning. Answers each step's document as it is after all of them, deleted ones included.
  /// Errors: those of each step, where ValidationFailed names `steps[2].name` …; ValidationFailed (no step, more than
  /// 1000), InvalidArgument (more than 16 MiB altogether).
  Task<Result<std::vector<Stream>>> transaction(std::vector<TransactionStep> steps);
  /// Appends a `document-deleted` event; the document leaves all lists. Errors: NotFound.
  Task<Result<void>> remove(std::string id);
  /// Archived documents stay readable and changeable. Already archived: nothing is written. Errors: NotFound.
  Task<Result<Stream>> archive(std::string id);
  /// Back to active. Already active: nothing is written. Errors: NotFound (also for deleted documents).
  Task<Result<Stream>> restore(std::string id);
  /// Errors: ValidationFailed (limit).
  Task<Result<StreamPage>> list(StreamFilter filter);

  /// What happened to a document, newest first; deleted documents keep their history. A page costs one read of the stream.
  /// Pages stay as they are while the document changes: `next` is a version, which always means the same event.
  /// Errors: NotFound (there never was such a document, or its stream is deleted), ValidationFailed (limit, from).
  Task<Result<HistoryPage>> history(std::string id, HistoryOptions options = {});
  /// The document as it was when it had `version`. Once it is deleted, that is its last content with status deleted.
  /// Empty when it was not there yet: a foreign event made the version, or older events are truncated.
  /// Errors: NotFound (as above, or there is no such version yet), ValidationFailed (version 0).
  Task<Result<std::optional<Stream>>> at_version(std::string id, std::uint64_t version);
  /// The document at `time_ms` since 1970-01-01 UTC: all of that millisecond has happened. A time to come is now.
  /// Empty before it was created; once it is deleted, its last content with status deleted. Errors: NotFound (as above).
  Task<Result<std::optional<Stream>>> at_time(std::string id, std::int64_t time_ms);
  /// What makes the document at version `to` differ from that at version `from`; of the metadata owner and tags only, since
  /// versions and times always differ. Arrays are compared index by index, objects whatever the order of their members,
  /// numbers and texts by what they mean. Version 0 is what was there before the document: nothing. `from` may be the later.
  /// Errors: NotFound (as for `at_version`).
  Task<Result<DocumentDiff>> diff(std::string id, std::uint64_t from, std::uint64_t to);

  /// From now on holds for what is written of that kind, in the place of what was declared for it before. A document that
  /// violates a check or whose unique value is taken is refused with ValidationFailed, which names the check or the path;
  /// nothing is written then. Errors: ValidationFailed (`kind`, `unique[0].path`, `checks[0].where.…`).
  [[nodiscard]] Result<void> declare_kind(DocumentKind kind);
  /// Claims the unique values of documents of `kind` that were written before the constraint was declared, and gives back
  /// claims whose document no longer has the value (it was changed or deleted by a program that does not know of them). Of
  /// several documents that have a value, the one that holds it keeps it, else the oldest gets it; the others are told as
  /// conflicts and stay as they are. Needs the declaration of now. May be run again at any time, also while others write,
  /// and after it failed half-way: it goes on where it stopped. Lists and objects are no unique values.
  /// Errors: ValidationFailed (`kind`: no unique values are declared for it), AccessDenied (somebody acts: it goes over
  /// documents of all users).
  Task<Result<UniqueClaims>> claim_unique(std::string kind);

  /// The documents that `query` describes, as far as the acting user may read them. Works on what the lists know, in pieces
  /// of some milliseconds; the answer is the state at one moment all the same.
  /// Errors: ValidationFailed names every bad place: `where.data.total.gte`, `sort[0]`, `select[0]`, `groupBy`, `limit`,
  /// `search`, or `cursor` (not of this query); or a regular expression takes too long.
  Task<Result<QueryPage>> query(StreamQuery query);
  /// Carries the query out and tells how. Errors: as for `query`.
  Task<Result<QueryExplanation>> explain(StreamQuery query);
  /// Answers the result of `query` and calls `listener` whenever it changed since: once a turn, soon after the change, never
  /// inside a call; the order, the limit and the cursor hold throughout. Goes on after a lost connection and after
  /// `resync`; acts for the acting user of now. `total` is always told; `group_by` is not allowed, the limit may be up to `StreamWatch::kLimitMax`. Errors: as for
  /// `query`.
  Task<Result<StreamWatch>> watch(StreamQuery query, std::function<void(LiveUpdate)> listener);
  /// The same for what `list` answers. Errors: as for `list`.
  Task<Result<StreamWatch>> watch_list(StreamFilter filter, std::function<void(LiveUpdate)> listener);
  /// Keeps an index of the values at `path`, of documents of `kind` only when that is not empty: for queries that ask for
  /// eq, in, ranges, prefixes, elements or existence there, or sort by it first. Returns when it is complete; changes
  /// nothing when there is one. Errors: ValidationFailed (`path`; more than 64 indexes).
  Task<Result<void>> declare_index(std::string path, std::string kind = {});

  /// `listener` runs after documents in the lists changed, from whatever source.
  void on_change(std::function<void()> listener);

 private:
  ServiceRuntime& runtime_;
};

/// Data of users, each on a KurrentDB stream of its own. An acting user changes nobody's data but its own, and reads its own
/// and public ones; lists leave out the others.
/// ValidationFailed names each bad field: `userId`, `type`, `category` (1 to 256 characters), `data` (see StreamService).
class UserStreamService {
 public:
  explicit UserStreamService(ServiceRuntime& runtime) : runtime_(runtime) {}

  /// Replaces what was stored under `key`. Without `is_public` the earlier setting stays (private at first). With
  /// `expected_version` the present data must have that version (0: nothing is stored), else the error is Conflict.
  Task<Result<UserStream>> store(UserStreamKey key, Json data, std::optional<bool> is_public = std::nullopt,
                                 std::optional<std::uint64_t> expected_version = std::nullopt);
  /// Empty when there is none.
  Task<Result<std::optional<UserStream>>> get(UserStreamKey key);
  /// Merges the top-level keys of object `patch`. Errors: NotFound (nothing stored), ValidationFailed (`data` is no object),
  /// Conflict (not `expected_version`).
  Task<Result<UserStream>> update(UserStreamKey key, Json patch,
                                  std::optional<std::uint64_t> expected_version = std::nullopt);
  /// Errors: NotFound.
  Task<Result<void>> remove(UserStreamKey key);
  /// Everything stored for `user_id`, or for all users when empty; ordered by stream name.
  Task<Result<std::vector<UserStream>>> list(std::optional<std::string> user_id = std::nullopt);
  /// `listener` runs after user data in the lists changed, from whatever source.
  void on_change(std::function<void()> listener);

 private:
  ServiceRuntime& runtime_;
};

/// The events themselves, whatever they are about. The acting user's permissions are those of documents and do not apply
/// here; the database's access lists do.
class EventService {
 public:
  explicit EventService(ServiceRuntime& runtime) : runtime_(runtime) {}

  /// The events that `query` describes. Reads page after page from the database, which is asked to leave out by stream name
  /// or type what it can. A stream that does not exist holds no events.
  /// Errors: ValidationFailed names every bad place: `where.…`, `stream`, `category`, `limit`, `scanMax`, `groupBy`, `cursor`; or a
  /// regular expression takes too long.
  Task<Result<EventPage>> query(EventQuery query);

 private:
  ServiceRuntime& runtime_;
};

class Services;

/// Gives its options to all operations that are begun while it lives, by whichever method: those whose task is made, be it
/// awaited later.
///
///     const OperationScope scope(services, {.timeout = std::chrono::milliseconds(50)});
///     Task<Result<Stream>> creating = services.streams().create(std::move(request));
class OperationScope {
 public:
  OperationScope(Services& services, OperationOptions options);
  ~OperationScope();
  OperationScope(const OperationScope&) = delete;
  OperationScope& operator=(const OperationScope&) = delete;

 private:
  ServiceRuntime& runtime_;
  OperationOptions previous_;
};

/// Owns the runtime and the three services over it.
class Services {
 public:
  explicit Services(ServiceContext context);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  [[nodiscard]] KurrentDBService& database() { return database_; }
  [[nodiscard]] StreamService& streams() { return streams_; }
  [[nodiscard]] UserStreamService& users() { return users_; }
  [[nodiscard]] EventService& events() { return events_; }

  /// From now on operations are made for `actor`: they see what it may read and change what it may change; a refusal is
  /// AccessDenied with the facts `id`, `user` and `needed` ("read", "write" or "admin"). Operations that have begun go on
  /// as they were. At first there is none: the program itself, which may do everything.
  void act_as(Actor actor);
  [[nodiscard]] const Actor& actor() const;

  /// Forgets the lists and reads them anew: after the owner of the database has reset or replaced its content.
  void resync();

 private:
  friend class OperationScope;
  std::shared_ptr<ServiceRuntime> runtime_;  // operations under way share it
  KurrentDBService database_;
  StreamService streams_;
  UserStreamService users_;
  EventService events_;
};

}  // namespace kurrentlite
