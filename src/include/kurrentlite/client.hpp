#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kurrentlite/event.hpp"
#include "kurrentlite/result.hpp"
#include "kurrentlite/scheduler.hpp"
#include "kurrentlite/task.hpp"

namespace kurrentlite {

struct Credentials {
  std::string login;
  std::string password;
  bool operator==(const Credentials&) const = default;
};

/// Options every call takes. Without credentials a call acts as the system account: everything is allowed.
struct CallOptions {
  std::optional<Credentials> credentials = std::nullopt;
};

struct AppendOptions {
  ExpectedState expected = Any{};
  CallOptions call = {};
};

/// `revision` is that of the last event written (of the stream's head for an empty append; empty when there is none).
/// `position` is empty only for an idempotent repeat whose event can no longer be read.
struct AppendResult {
  std::optional<StreamRevision> revision;
  std::optional<Position> position;
};

/// One stream's part of a multi-stream append.
struct AppendStreamRequest {
  StreamName stream;
  std::vector<EventData> events;
  ExpectedState expected = Any{};
};

/// An event of a multi-stream append whose streams may alternate.
struct AppendRecord {
  StreamName stream;
  EventData event;
};

/// What a stream must be for a multi-stream append to happen, whether it is written to or not.
struct StateCheck {
  StreamName stream;
  CheckedState expected;
};

/// `revisions`: of the last event of each stream written, in the order of the request. `position`: of the last event
/// written, empty only for an idempotent repeat whose event can no longer be read.
struct MultiAppendResult {
  struct Written {
    StreamName stream;
    StreamRevision revision;
  };
  std::vector<Written> revisions;
  std::optional<Position> position;
};

struct DeleteResult {
  Position position;
};

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

struct ReadStreamOptions {
  Direction direction = Direction::Forwards;
  ReadRevision from = Start{};
  std::uint64_t max_count = kNoLimit;
  bool resolve_links = false;
  CallOptions call = {};
};

/// Keeps events whose stream name (or type) matches `regex` anywhere or, when that is empty, begins with one of `prefixes`;
/// no prefix at all keeps nothing.
struct Filter {
  enum class On : std::uint8_t { StreamName, EventType };
  On on = On::StreamName;
  std::vector<std::string> prefixes = {};
  std::string regex = {};
};

struct ReadAllOptions {
  Direction direction = Direction::Forwards;
  ReadPosition from = Start{};
  std::uint64_t max_count = kNoLimit;
  bool resolve_links = false;
  std::optional<Filter> filter = std::nullopt;
  CallOptions call = {};
};

/// The start is exclusive: events after it are delivered. `End` delivers only what is appended from now on.
struct SubscribeToStreamOptions {
  ReadRevision from = Start{};
  bool resolve_links = false;
  CallOptions call = {};
};
struct SubscribeToAllOptions {
  ReadPosition from = Start{};
  bool resolve_links = false;
  std::optional<Filter> filter = std::nullopt;
  CallOptions call = {};
};

/// What a subscription hands over at once. `caught_up`: after `events` there is nothing older left to deliver.
/// `checkpoint`: everything up to and including it has been considered; a valid place to resume from.
struct SubscriptionBatch {
  std::vector<ResolvedEvent> events;
  bool caught_up = false;
  std::optional<Position> checkpoint;
};

/// A catch-up subscription: every event once, in order. Pull-based, so a slow consumer costs no memory.
/// Destroying it ends it.
class Subscription {
 public:
  virtual ~Subscription() = default;
  /// Waits for the next batch; it holds at least one event or a first `caught_up`. At most one call at a time.
  /// Errors: Unavailable   the connection was lost; subscribe again from the last checkpoint
  ///         StreamDeleted the stream was tombstoned
  virtual Task<Result<SubscriptionBatch>> next() = 0;
};

/// What a database holds at one moment.
struct DatabaseStatistics {
  std::uint64_t total_events = 0;   ///< user and system events in `$all`
  std::uint64_t total_streams = 0;  ///< streams that hold an event
  std::uint64_t storage_used_bytes = 0;
  bool knows_events = true;  ///< false when the database does not count its events: `total_events` is 0 then
};

enum class ConnectionState : std::uint8_t { Disconnected, Connecting, Connected, Reconnecting, Error };
/// "disconnected", "connecting", "connected", "reconnecting" or "error".
[[nodiscard]] const char* to_string(ConnectionState state);

/// KurrentDB as a program sees it. The in-memory mock, the gRPC client and the JavaScript-hosted client implement it, and
/// one behaviour suite (tests/contract) holds for all of them. Verbs and semantics follow the official NodeJS client.
///
/// Calls connect by themselves. A returned task is lazy: it starts when awaited, and destroying it abandons the call.
/// Errors of every call: Unavailable   no connection, or the reply was lost (a write may or may not have happened:
///                                     repeat it with the same event ids)
///                       AccessDenied  the credentials are unknown or insufficient
class Client {
 public:
  virtual ~Client() = default;

  /// Appends `events` to the end of `stream`: all of them or none.
  /// Errors: WrongExpectedVersion, StreamDeleted, InvalidArgument (stream name, event type),
  ///         MaxAppendSizeExceeded, MaxAppendEventSizeExceeded, OutOfMemory
  virtual Task<Result<AppendResult>> append_to_stream(StreamName stream, std::vector<EventData> events,
                                                      AppendOptions options) = 0;
  /// Appends to several streams, all or nothing; each stream may be named once (case ignored).
  /// Metadata must be JSON objects of texts, or empty; `$schema.name` and `$schema.format` are added to them.
  /// Errors: WrongExpectedVersion (the first stream that is not as expected), StreamTombstoned, AppendRecordSizeExceeded,
  ///         TransactionMaxSizeExceeded, StreamAlreadyInAppendSession, InvalidArgument, OutOfMemory
  virtual Task<Result<MultiAppendResult>> multi_stream_append(std::vector<AppendStreamRequest> requests,
                                                              CallOptions options) = 0;
  /// Appends `records` in their order, all or nothing, when every check holds; metadata as above.
  /// Errors: ConsistencyViolation (all checks that failed), AppendRecordSizeExceeded, TransactionMaxSizeExceeded,
  ///         InvalidArgument, OutOfMemory
  virtual Task<Result<MultiAppendResult>> append_records(std::vector<AppendRecord> records,
                                                         std::vector<StateCheck> checks, CallOptions options) = 0;
  /// At most `max_count` visible events. Errors: StreamNotFound (also soft-deleted), StreamDeleted.
  virtual Task<Result<std::vector<ResolvedEvent>>> read_stream(StreamName stream, ReadStreamOptions options) = 0;
  /// Reads `$all`: forwards from a position inclusive, backwards from a position exclusive.
  virtual Task<Result<std::vector<ResolvedEvent>>> read_all(ReadAllOptions options) = 0;
  /// Soft delete: the stream reads as not found; a later append re-creates it at the next revision.
  virtual Task<Result<DeleteResult>> delete_stream(StreamName stream, AppendOptions options) = 0;
  /// Hard delete: the name can never be used again.
  virtual Task<Result<DeleteResult>> tombstone_stream(StreamName stream, AppendOptions options) = 0;

  virtual Task<Result<std::unique_ptr<Subscription>>> subscribe_to_stream(StreamName stream,
                                                                          SubscribeToStreamOptions options) = 0;
  virtual Task<Result<std::unique_ptr<Subscription>>> subscribe_to_all(SubscribeToAllOptions options) = 0;

  virtual Task<Result<DatabaseStatistics>> statistics(CallOptions options) = 0;

  /// One round trip that proves the server answers; connects when needed.
  virtual Task<Result<void>> connect() = 0;
  /// Ends the connection; calls under way fail with Unavailable, subscriptions end. The next call connects again.
  virtual void disconnect() = 0;
  [[nodiscard]] virtual ConnectionState state() const = 0;
  /// `listener` runs after every change of state, until replaced by another (or by an empty one).
  virtual void on_state_change(std::function<void(ConnectionState)> listener) = 0;
};

}  // namespace kurrentlite
