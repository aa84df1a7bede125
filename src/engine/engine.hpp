#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/event.hpp"
#include "kurrentlite/ports.hpp"
#include "kurrentlite/result.hpp"

namespace kurrentlite {

class Shapes;

class FilterJudge;
class PasswordMemo;

struct EngineOptions {
  std::uint64_t append_size_max_bytes = 256ull << 20;
  std::uint64_t event_size_max_bytes = 16ull << 20;
  /// Pages the database may take, in bytes; 0 = as many as the machine gives. Past it writes answer OutOfMemory.
  std::uint64_t memory_max_bytes = 0;
  /// A new or reset database holds the events of a fresh KurrentDB: its users and their access lists. Statistics leave
  /// them out.
  bool fresh_events = false;
  /// Compiles the regular expressions of filters; null: such filters are refused. Must outlive the engine.
  RegexEngine* regex = nullptr;
};

/// A read under way. Values only: it stays good whatever is appended meanwhile, and copying it forks the read.
struct StreamCursor {
  std::uint32_t stream = 0;
  std::uint64_t next = 0;  ///< revision to look at next
  Direction direction = Direction::Forwards;
  bool done = false;
  bool follows = false;  ///< a subscription's: also delivers the tombstone, and goes live at the end
  /// Revision at which a following cursor first reached the end: what came after it is delivered although truncated since.
  std::uint64_t live_from = kNoLimit;
};
struct AllCursor {
  std::uint64_t next = 0;  ///< index in the log to look at next (backwards: one past it)
  Direction direction = Direction::Forwards;
};

/// One stream's part of a multi-stream append whose bytes belong to the caller.
struct StreamAppend {
  std::string_view stream;
  ExpectedState expected;
  std::span<const EventView> events;
};

/// An event of a multi-stream append, and the stream it goes to.
struct RecordView {
  std::string_view stream;
  EventView event;
};

/// What a scavenge took out.
struct Scavenged {
  std::uint64_t events = 0;
  std::uint64_t event_bytes = 0;   ///< of these events in the log
  std::uint64_t memory_bytes = 0;  ///< of the pages given back, less those that knowing of gaps took
};

/// The database: one log, its indexes, and KurrentDB's rules for appends, reads, deletes and metadata.
///
/// Synchronous, single-threaded and deterministic: time comes from the clock it is given, ids from the caller. Every write
/// happens wholly or not at all, also when memory runs out. Rules follow KurrentDB 26.1 (reference: streams, section 3).
///
/// Everything it holds sits in fixed-size reference-counted pages, so that `fork` copies page tables only.
class Engine {
 public:
  explicit Engine(Clock& clock, EngineOptions options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Checks `expected`, detects idempotent repeats by event id, then appends all of `events` or none. O(events).
  /// Errors: WrongExpectedVersion, StreamDeleted, InvalidArgument, MaxAppendSizeExceeded, MaxAppendEventSizeExceeded,
  ///         OutOfMemory, AccessDenied ($all)
  Result<AppendResult> append(std::string_view stream, std::span<const EventView> events, const ExpectedState& expected);
  /// Appends to several streams, all or nothing, one request for each stream (KurrentDB 25.1, reference: streams 3.11).
  /// Metadata must be JSON objects of texts, or empty; they are stored with `$schema.name` and `$schema.format` added.
  /// Errors: WrongExpectedVersion, StreamTombstoned, StreamAlreadyInAppendSession, AppendRecordSizeExceeded,
  ///         TransactionMaxSizeExceeded, InvalidArgument, OutOfMemory, AccessDenied ($all)
  Result<MultiAppendResult> append_session(std::span<const StreamAppend> requests);
  /// Appends to any streams in the order given, all or nothing, when all checks hold (KurrentDB 26.1, as above). A stream
  /// that is written without a check may be in any state. Errors: as above, but ConsistencyViolation for what streams are.
  Result<MultiAppendResult> append_records(std::span<const RecordView> records, std::span<const StateCheck> checks);
  /// Soft delete: writes `{"$tb":9223372036854775807}` to the metastream. Errors: WrongExpectedVersion, StreamDeleted.
  Result<DeleteResult> delete_stream(std::string_view stream, const ExpectedState& expected);
  /// Hard delete: writes `$streamDeleted`. Errors: WrongExpectedVersion, StreamDeleted.
  Result<DeleteResult> tombstone_stream(std::string_view stream, const ExpectedState& expected);

  /// Where a read of a stream begins. Errors: StreamNotFound, StreamDeleted.
  [[nodiscard]] Result<StreamCursor> open_stream(std::string_view stream, Direction direction,
                                                 const ReadRevision& from) const;
  /// The next visible event; empty at the end (a forwards cursor may find more later). Amortised O(1).
  [[nodiscard]] std::optional<Record> next(StreamCursor& cursor) const;

  /// The newest event of the stream that can be read; empty when there is none.
  [[nodiscard]] std::optional<Record> last_event(std::string_view stream) const;
  /// Of the last event ever written to the stream, hidden or not; empty when there is none.
  [[nodiscard]] std::optional<StreamRevision> last_revision(std::string_view stream) const;

  /// Where a read of `$all` begins: forwards at a position inclusive, backwards before it. O(log events).
  /// Errors: Unknown (backwards from beyond the end, which KurrentDB refuses).
  [[nodiscard]] Result<AllCursor> open_all(Direction direction, const ReadPosition& from) const;
  /// The next event in log order; empty at the end (a forwards cursor may find more later). O(1).
  [[nodiscard]] std::optional<Record> next(AllCursor& cursor) const;

  /// The position from which `open_all` in the same direction goes on where the cursor is.
  [[nodiscard]] Position place_of(const AllCursor& cursor) const;
  /// The position of the last event before the cursor, which goes forwards; 0 when there is none.
  [[nodiscard]] Position place_before(const AllCursor& cursor) const;

  /// A catch-up subscription's cursor: just after `from`. A stream that does not exist yet gets one too.
  /// Errors: StreamDeleted (tombstoned), OutOfMemory.
  [[nodiscard]] Result<StreamCursor> follow_stream(std::string_view stream, const ReadRevision& from);
  [[nodiscard]] AllCursor follow_all(const ReadPosition& from) const;

  /// Moves `cursor` past events that `judge` refuses, `most` at most, and answers how many: it then stands before one that is
  /// accepted, unless there is none or `most` were skipped. Reads of each event no more than its stream or type.
  /// Errors: as FilterJudge::accepts.
  [[nodiscard]] Result<std::uint64_t> skip_refused(AllCursor& cursor, FilterJudge& judge, std::uint64_t most) const;
  /// What applies `filter` to this database. Errors: Unknown (its regular expression).
  [[nodiscard]] Result<FilterJudge> judge(Filter filter) const;

  /// The target of a link event (`$>`): the event itself when it is no link, empty when the target cannot be read.
  [[nodiscard]] std::optional<Record> resolve(const Record& record) const;
  [[nodiscard]] bool is_link(const Record& record) const;

  [[nodiscard]] std::string stream_name(std::uint32_t id) const;
  [[nodiscard]] std::string type_name(std::uint32_t id) const;
  /// Copies `record.data_size` (`metadata_size`) bytes to `out`, as they are stored: shape code, perhaps.
  void copy_data(const Record& record, char* out) const;
  void copy_metadata(const Record& record, char* out) const;
  /// A part of them.
  void copy_data(const Record& record, std::uint32_t from, std::uint32_t size, char* out) const;
  void copy_metadata(const Record& record, std::uint32_t from, std::uint32_t size, char* out) const;
  /// As they were appended: shape code is written as JSON.
  [[nodiscard]] std::string data_of(const Record& record) const;
  [[nodiscard]] std::string metadata_of(const Record& record) const;
  [[nodiscard]] const Shapes& shapes() const;
  /// See Shapes::number_of.
  [[nodiscard]] std::optional<std::uint16_t> shape_number(std::string_view keys);
  [[nodiscard]] RecordedEvent materialise(const Record& record) const;

  /// The record that begins at `address`, which must be one.
  [[nodiscard]] Record record_at(RecordAddress address) const;

  /// Takes out, for good, the events that nobody reads in their streams any more, as KurrentDB's scavenge does: those that
  /// `$tb`, `$maxCount` or `$maxAge` hide now, replaced metadata, all of a soft-deleted or tombstoned stream, and the
  /// metadata of a tombstoned one. The last event of a stream stays, so that revisions go on, and so does a tombstone; of
  /// expired events, those stay that were written after one that has not expired. What is left keeps revisions and positions,
  /// cursors and judges stay good, and no listener runs: nothing can be read that could not be before.
  ///
  /// Gone events are gone from `$all`, their ids are new again, links to them lead nowhere, and metadata that hide less
  /// later do not bring them back. Memory is given back by pages of 64 KiB that hold nothing else. O(events).
  /// Errors: OutOfMemory; nothing was changed then.
  Result<Scavenged> scavenge();

  /// Of the events that are there.
  [[nodiscard]] DatabaseStatistics statistics() const;
  /// Bytes of the pages that hold everything, indexes included; pages shared with a fork count for both.
  [[nodiscard]] std::uint64_t memory_used_bytes() const;
  /// Position of the last event; 0 when empty.
  [[nodiscard]] Position head() const;

  /// `listener` runs after each successful write, once per append; several may listen. Answers a key for `unlisten`.
  std::uint64_t on_append(std::function<void()> listener);
  void unlisten(std::uint64_t key);
  /// Runs the listeners, after a replay.
  void announce();

  /// An independent database with the same content; shares pages until either side writes. O(pages).
  [[nodiscard]] std::unique_ptr<Engine> fork(Clock& clock) const;
  /// Exchanges the content with `other`; clocks, limits and listeners stay. Cursors and judges of either are void.
  void adopt(Engine& other);
  /// Takes over what `fork`, made of this database and alone written to since, has added. Cursors and judges stay good:
  /// it is as if everything had been appended here. `fork` must not be used again.
  void catch_up_with(Engine& fork);
  /// Forgets everything; listeners stay. Cursors and judges are void.
  void reset();
  /// Changes with every adopt and reset: tells the keeper of a cursor or judge that it is void.
  [[nodiscard]] std::uint64_t generation() const;

  /// Changes with every write that may change who may do what: metadata, and `$settings`.
  [[nodiscard]] std::uint64_t access_epoch() const;

  /// An id for the next event that the database writes by itself; another one after each append.
  [[nodiscard]] Uuid system_event_id() const;

  /// Passwords that were right before; for `authenticate`.
  [[nodiscard]] PasswordMemo& passwords() const;

  /// Appends an event exactly as it was recorded elsewhere (journal replay): no checks but the order of revisions, and
  /// no listener runs: see `announce`. An event that the database holds already (revision and id) is left as it is.
  /// `gap` says what a scavenge left out before it. Errors: CorruptData (revision or position does not follow), OutOfMemory.
  Result<void> replay(std::string_view stream, const EventView& event, StreamRevision revision,
                      std::int64_t created_ticks, const Gap& gap = {});
  /// True for the first event left of a stream whose earlier events were scavenged.
  [[nodiscard]] bool begins_stream(const Record& record) const;

  /// What an engine holds; of use to src/engine alone.
  struct State;

 private:
  explicit Engine(std::unique_ptr<State> state);
  void write_fresh_events();

  std::unique_ptr<State> state_;
};

}  // namespace kurrentlite
