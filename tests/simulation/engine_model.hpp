#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kurrentlite/client.hpp"
#include "kurrentlite/event.hpp"
#include "kurrentlite/result.hpp"

/// KurrentDB's rules once more, as plainly as they can be said: vectors, maps and linear search. The simulation holds
/// the engine against it. Nothing here is shared with the engine but the vocabulary types.
namespace kurrentlite::testing {

/// A JSON object in the order it was written; what stream metadata are generated from.
using Fields = std::vector<std::pair<std::string, std::string>>;  // key, raw JSON value
[[nodiscard]] std::string render(const Fields& fields);

struct ModelEvent {
  std::string stream;
  std::uint64_t revision = 0;
  std::optional<Uuid> id;  // empty: the database chose it
  std::string type;
  ContentType content_type = ContentType::Json;
  std::string data;
  std::string metadata;
  std::int64_t created_ticks = 0;
  bool scavenged = false;  // it keeps its place in the log, but nobody finds it there
};

struct ModelLimits {
  std::uint64_t event_size_max = 16u << 20;
  std::uint64_t append_size_max = 256u << 20;
};

/// What a write did: the error and, for WrongExpectedVersion, the actual revision; or what the result must hold.
struct ModelOutcome {
  std::optional<ErrorCode> error;
  std::optional<std::uint64_t> actual;
  std::optional<std::uint64_t> revision;
  std::optional<std::size_t> event;  // index in the log of the event whose position is handed back; empty: none
  bool at_head = false;              // an empty append: the position is that of the last event, whichever it is
};

/// One stream's part of a multi-stream append, or one record of it.
struct ModelRequest {
  std::string stream;
  std::vector<ModelEvent> events;
  ExpectedState expected = Any{};
};
struct ModelRecord {
  std::string stream;
  ModelEvent event;
};

/// What a multi-stream append did: the error with its facts, or what the result must hold.
struct ModelMultiOutcome {
  std::optional<ErrorCode> error;
  std::string stream;                   // named by the error
  std::optional<std::uint64_t> actual;  // of WrongExpectedVersion
  std::vector<CheckViolation> violations;
  std::vector<std::pair<std::string, std::uint64_t>> revisions;
  std::optional<std::size_t> event;  // as above
};

/// A read or subscription under way.
struct ModelCursor {
  std::string stream;
  std::uint64_t next = 0;
  Direction direction = Direction::Forwards;
  bool follows = false;
  bool done = false;
  std::optional<std::uint64_t> live_from;
};

class EngineModel {
 public:
  EngineModel(ModelLimits limits_in, std::map<std::string, Fields>& objects) : limits(limits_in), objects_(&objects) {}

  ModelOutcome append(const std::string& stream, const std::vector<ModelEvent>& events, const ExpectedState& expected,
                      std::int64_t now);
  ModelMultiOutcome append_session(const std::vector<ModelRequest>& requests, std::int64_t now);
  ModelMultiOutcome append_records(const std::vector<ModelRecord>& records, const std::vector<StateCheck>& checks,
                                   std::int64_t now);
  ModelOutcome remove(const std::string& stream, const ExpectedState& expected, std::int64_t now);
  ModelOutcome tombstone(const std::string& stream, const ExpectedState& expected, std::int64_t now);
  /// Takes out what is hidden for good; how many events that is.
  std::size_t scavenge(std::int64_t now);

  std::variant<ErrorCode, ModelCursor> open(const std::string& stream, Direction direction,
                                            const ReadRevision& from) const;
  std::variant<ErrorCode, ModelCursor> follow(const std::string& stream, const ReadRevision& from) const;
  /// The index in the log of the next event.
  std::optional<std::size_t> next(ModelCursor& cursor, std::int64_t now) const;

  /// What a link event leads to: the index of its target, itself when it is no link, or nothing.
  std::optional<std::size_t> resolve(std::size_t link, std::int64_t now) const;
  std::size_t streams_written() const;
  std::size_t events_written() const;
  /// The indexes in the log of a stream's events, by revision.
  std::vector<std::size_t> events_of(const std::string& stream) const;

  std::vector<ModelEvent> log;
  ModelLimits limits;

 private:
  struct Bounds {
    std::uint64_t truncate_before = 0;
    std::optional<std::uint64_t> max_count;
    std::optional<std::uint64_t> max_age_s;
  };
  bool tombstoned(const std::string& stream) const;
  Bounds bounds_of(const std::string& stream) const;
  bool soft_deleted(const std::string& stream) const { return bounds_of(stream).truncate_before == kDeletedRevision; }
  bool has_metadata(const std::string& stream) const;
  bool visible(const std::string& stream, std::size_t event, std::int64_t now) const;
  void put(const std::string& stream, ModelEvent event, std::int64_t now);
  void put_metadata_with_truncate_before(const std::string& metastream, Fields fields, std::uint64_t revision,
                                         std::int64_t now);
  ModelOutcome conflict(const std::string& stream) const;
  ModelOutcome repeat_of(const std::string& stream, std::size_t event, std::int64_t now) const;
  std::optional<ModelOutcome> weak_repeat(const std::string& stream, const std::vector<ModelEvent>& events,
                                          std::int64_t now) const;
  ModelOutcome strong_repeat(const std::string& stream, const std::vector<ModelEvent>& events, std::uint64_t first,
                             std::int64_t now) const;
  std::optional<ModelOutcome> judge(const std::string& stream, const std::vector<ModelEvent>& events,
                                    const ExpectedState& expected, std::int64_t now) const;
  std::optional<ErrorCode> prepare_records(std::vector<ModelRecord>& records) const;
  std::optional<std::int64_t> state_against(const StateCheck& check, bool is_written) const;
  void put_records(const std::vector<ModelRecord>& records, std::int64_t now, ModelMultiOutcome& outcome);
  std::optional<ModelOutcome> refuse_delete(const std::string& stream, const ExpectedState& expected,
                                            bool absent_is_fine) const;

  std::map<std::string, Fields>* objects_;  // every JSON object that was written as metadata, by its text
  std::map<std::string, std::vector<std::size_t>> streams_;
  std::map<std::string, std::size_t> tombstones_;
};

}  // namespace kurrentlite::testing
