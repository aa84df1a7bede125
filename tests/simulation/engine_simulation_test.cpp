#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "catch_up_pairs.hpp"
#include "engine/pages.hpp"
#include "engine_inputs.hpp"
#include "engine_model.hpp"
#include "engine_world.hpp"
#include "storage/journal.hpp"
#include "unit/engine_support.hpp"

// The engine and a plain model of KurrentDB's rules are given the same seeded operations and compared after each.
//   KURRENTLITE_SEED=<number>   where to begin (a failure prints the seed of its own episode)
//   KURRENTLITE_STEPS=<number>  how long to go on
namespace kurrentlite {
namespace {

using namespace testing;

constexpr std::uint64_t kEpisodeSteps = 400;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The same cursor twice.
struct Followed {
  StreamCursor engine;
  ModelCursor model;
};

/// How often each outcome of a multi-stream append was met: a simulation that meets none proves nothing.
using Tally = std::map<std::string, std::uint64_t>;

class Episode {
 public:
  Episode(std::uint64_t seed, Tally& tally) : random_(seed), tally_(tally) {
    if (random_.chance(0.2)) options_.memory_max_bytes = (10 + random_.below(24)) * kPageBytes;
    if (random_.chance(0.2)) options_.event_size_max_bytes = limits_.event_size_max = 40 + random_.below(200);
    if (random_.chance(0.2)) options_.append_size_max_bytes = limits_.append_size_max = 100 + random_.below(400);
    worlds_.push_back({std::make_unique<Engine>(clock_, options_), EngineModel(limits_, objects_), {}});
    mirror_ = std::make_unique<Engine>(clock_);
  }

  void step() {
    const std::uint64_t dice = random_.below(100);
    if (dice < 35) return append();
    if (dice < 40) return append_session();
    if (dice < 46) return append_records();
    if (dice < 53) return set_metadata();
    if (dice < 57) return remove();
    if (dice < 58) return tombstone();
    if (dice < 59) return scavenge();
    if (dice < 68) return clock_.advance_s(random_.below(8) == 0 ? 3'000 : static_cast<std::int64_t>(random_.below(5)));
    if (dice < 73) return open_cursor();
    if (dice < 78) return follow();
    if (dice < 88) return poll();
    if (dice < 89) return read_all();
    if (dice < 90) return subscribe();
    if (dice < 92) return resolve();
    if (dice < 94) return journal_into_mirror();
    if (dice < 95) return journal_afresh();
    if (dice < 97) return fork();
    if (dice < 98) return adopt();
    if (dice < 99) return write_aside();
    compare_everything();
  }

  /// What must hold after every step.
  void compare() {
    World& world = active();
    const DatabaseStatistics statistics = world.engine->statistics();
    ASSERT_EQ(statistics.total_events, world.model.events_written());
    ASSERT_EQ(statistics.total_streams, world.model.streams_written());
    ASSERT_EQ(world.engine->head().commit, world.positions.empty() ? 0 : world.positions.back());
    ASSERT_NO_FATAL_FAILURE(read_stream(inputs_.name()));
    catch_ups_.poll(world, now());
  }

  void compare_everything() {
    for (World& world : worlds_) {
      AllCursor cursor = world.engine->open_all(Direction::Forwards, Start{}).value();
      for (std::size_t i = 0; i < world.model.log.size(); ++i) {
        if (world.model.log[i].scavenged) continue;
        const std::optional<Record> record = world.engine->next(cursor);
        ASSERT_TRUE(record);
        ASSERT_NO_FATAL_FAILURE(compare_event(world, *record, i));
      }
      ASSERT_FALSE(world.engine->next(cursor));
    }
  }

 private:
  World& active() { return worlds_.front(); }
  std::int64_t now() const { return clock_.now_ticks(); }
  /// Bounded memory may refuse any write; nothing may have changed then.
  bool is_refused_for_memory(const Error& error) const {
    return options_.memory_max_bytes != 0 && error.code == ErrorCode::OutOfMemory;
  }

  void append() {
    const std::string stream = inputs_.name();
    std::vector<ModelEvent> events;
    const std::uint64_t count = random_.chance(0.02) ? random_.below(40) : random_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) events.push_back(inputs_.event(active().model.log));
    // Repeat what was written some time, whole or in part.
    const std::vector<ModelEvent>& log = active().model.log;
    if (!log.empty() && random_.chance(0.15)) {
      const std::size_t first = random_.below(log.size());
      for (std::size_t i = first; i < log.size() && i < first + 1 + random_.below(4); ++i) {
        if (log[i].stream == log[first].stream) events.push_back(log[i]);
      }
      const std::string target = random_.chance(0.9) ? log[first].stream : stream;  // a copy: the log moves as it grows
      return append(target, std::move(events));
    }
    append(stream, std::move(events));
  }

  void append(const std::string& stream, std::vector<ModelEvent> events) {
    const ExpectedState state = inputs_.expected(active().model, stream);
    std::vector<EventView> views;
    for (const ModelEvent& each : events) views.push_back(view_of(each));
    const Result<AppendResult> result = active().engine->append(stream, views, state);
    if (!result && is_refused_for_memory(result.error())) return compare_everything();
    const ModelOutcome wanted = active().model.append(stream, events, state, now());
    ASSERT_NO_FATAL_FAILURE(take_new_events()) << stream;
    SCOPED_TRACE("append to " + stream.substr(0, 50) + " expecting " + to_string(state));
    if (wanted.error) return compare_error(wanted, result.ok() ? std::nullopt : std::optional<Error>(result.error()));
    ASSERT_TRUE(result.ok()) << result.error().message;
    ASSERT_EQ(result->revision.has_value(), wanted.revision.has_value());
    if (wanted.revision) {
      ASSERT_EQ(result->revision->value, *wanted.revision);
    }
    if (wanted.at_head) {
      ASSERT_EQ(result->position, active().engine->head());
      return;
    }
    ASSERT_EQ(result->position.has_value(), wanted.event.has_value());
    if (wanted.event) {
      ASSERT_EQ(result->position->commit, active().positions[*wanted.event]);
    }
  }

  static EventView view_of(const ModelEvent& event) {
    return {*event.id, event.type, event.content_type, event.data, event.metadata, event.created_ticks};
  }

  void append_session() {
    const std::vector<ModelRequest> requests = inputs_.requests(active().model);
    std::vector<std::vector<EventView>> views(requests.size());
    std::vector<StreamAppend> appends;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      for (const ModelEvent& event : requests[i].events) views[i].push_back(view_of(event));
      appends.push_back({requests[i].stream, requests[i].expected, views[i]});
    }
    const Result<MultiAppendResult> result = active().engine->append_session(appends);
    if (!result && is_refused_for_memory(result.error())) return compare_everything();
    compare_multi_append(active().model.append_session(requests, now()), result);
  }

  void append_records() {
    const std::vector<ModelRecord> records = inputs_.records(active().model);
    const std::vector<StateCheck> checks = inputs_.checks(active().model, records);
    std::vector<RecordView> views;
    for (const ModelRecord& record : records) views.push_back({record.stream, view_of(record.event)});
    const Result<MultiAppendResult> result = active().engine->append_records(views, checks);
    if (!result && is_refused_for_memory(result.error())) return compare_everything();
    compare_multi_append(active().model.append_records(records, checks, now()), result);
  }

  void compare_multi_append(const ModelMultiOutcome& wanted, const Result<MultiAppendResult>& result) {
    const std::size_t before = active().positions.size();
    ASSERT_NO_FATAL_FAILURE(take_new_events());
    ++tally_[wanted.error ? to_string(*wanted.error) : before == active().positions.size() ? "repeat" : "written"];
    if (wanted.error) {
      ASSERT_FALSE(result.ok()) << "instead of " << to_string(*wanted.error);
      const Error& error = result.error();
      ASSERT_EQ(error.code, *wanted.error) << error.message;
      ASSERT_EQ(error.check_violations, wanted.violations);
      if (wanted.stream.empty()) return;
      ASSERT_EQ(error.text("stream"), wanted.stream);
      if (error.code != ErrorCode::WrongExpectedVersion) return;
      ASSERT_EQ(error.number("actual"), wanted.actual);
      return;
    }
    ASSERT_TRUE(result.ok()) << result.error().message;
    std::vector<std::pair<std::string, std::uint64_t>> revisions;
    for (const auto& [stream, revision] : result->revisions) revisions.push_back({stream, revision.value});
    ASSERT_EQ(revisions, wanted.revisions);
    ASSERT_EQ(result->position.has_value(), wanted.event.has_value());
    if (wanted.event) {
      ASSERT_EQ(result->position->commit, active().positions[*wanted.event]);
    }
  }

  void set_metadata() {
    ModelEvent event;
    event.id = inputs_.event_id(active().model.log);
    event.type = "$metadata";
    event.content_type = random_.chance(0.05) ? ContentType::Binary : ContentType::Json;
    event.data = inputs_.metadata_text();
    append("$$" + inputs_.plain_name(), {event});
  }

  void remove() {
    const std::string stream = inputs_.name();
    const ExpectedState state = inputs_.expected(active().model, stream);
    const Result<DeleteResult> result = active().engine->delete_stream(stream, state);
    if (!result && is_refused_for_memory(result.error())) return compare_everything();
    compare_delete(active().model.remove(stream, state, now()), result);
  }

  void tombstone() {
    const std::string stream = inputs_.name();
    const ExpectedState state = inputs_.expected(active().model, stream);
    const Result<DeleteResult> result = active().engine->tombstone_stream(stream, state);
    if (!result && is_refused_for_memory(result.error())) return compare_everything();
    compare_delete(active().model.tombstone(stream, state, now()), result);
    if (result) inputs_.add_name();
  }

  void scavenge() {
    World& world = active();
    const DatabaseStatistics before = world.engine->statistics();
    const std::uint64_t memory_before = world.engine->memory_used_bytes();
    const Result<Scavenged> result = world.engine->scavenge();
    if (!result && is_refused_for_memory(result.error())) {
      ASSERT_EQ(world.engine->memory_used_bytes(), memory_before);
      return compare_everything();
    }
    ASSERT_TRUE(result.ok()) << result.error().message;
    const std::size_t taken = world.model.scavenge(now());
    ASSERT_EQ(result->events, taken);
    ASSERT_EQ(before.storage_used_bytes - world.engine->statistics().storage_used_bytes, result->event_bytes);
    ++tally_[taken > 0 ? "scavenged" : "nothing to scavenge"];
    mirror_->reset();
    compare_everything();
  }

  void compare_delete(const ModelOutcome& wanted, const Result<DeleteResult>& result) {
    ASSERT_NO_FATAL_FAILURE(take_new_events());
    if (wanted.error) return compare_error(wanted, result.ok() ? std::nullopt : std::optional<Error>(result.error()));
    ASSERT_TRUE(result.ok()) << result.error().message;
    ASSERT_EQ(result->position.commit, active().positions[*wanted.event]);
  }

  void compare_error(const ModelOutcome& wanted, const std::optional<Error>& error) {
    ASSERT_TRUE(error.has_value()) << "instead of " << to_string(*wanted.error);
    ASSERT_EQ(error->code, *wanted.error) << error->message;
    if (*wanted.error != ErrorCode::WrongExpectedVersion) return;
    ASSERT_EQ(error->number("actual"), wanted.actual);
    if (!wanted.actual) {
      ASSERT_EQ(error->text("actual"), "no_stream");
    }
  }

  /// Compares what a write has added to the log, and learns its positions.
  void take_new_events() {
    World& world = active();
    AllCursor cursor =
        world.engine->follow_all(world.positions.empty() ? ReadPosition(Start{}) : Position{world.positions.back(), 0});
    for (std::size_t i = world.positions.size(); i < world.model.log.size(); ++i) {
      const std::optional<Record> record = world.engine->next(cursor);
      ASSERT_TRUE(record) << "the engine wrote less";
      ASSERT_GT(record->position().commit, world.positions.empty() ? 0 : world.positions.back());
      world.positions.push_back(record->position().commit);
      std::optional<Uuid>& id = world.model.log[i].id;
      if (!id) {  // chosen by the database: new, and a version-4 id
        for (std::size_t each = 0; each < i; ++each) ASSERT_NE(world.model.log[each].id, record->id);
        ASSERT_EQ(record->id.bytes[6] >> 4, 4);
        ASSERT_EQ(record->id.bytes[8] >> 6, 2);
        id = record->id;
      }
      ASSERT_NO_FATAL_FAILURE(compare_event(world, *record, i));
    }
    ASSERT_FALSE(world.engine->next(cursor)) << "the engine wrote more";
  }

  void read_stream(const std::string& stream) {
    Followed cursor;
    bool opened = false;
    ASSERT_NO_FATAL_FAILURE(open(stream, cursor, opened));
    while (opened) ASSERT_NO_FATAL_FAILURE(advance(cursor, opened));
  }

  void open(const std::string& stream, Followed& cursor, bool& opened) {
    const Direction towards = inputs_.direction();
    const ReadRevision start = inputs_.from(active().model, stream);
    const Result<StreamCursor> found = active().engine->open_stream(stream, towards, start);
    const std::variant<ErrorCode, ModelCursor> wanted = active().model.open(stream, towards, start);
    if (const ErrorCode* code = std::get_if<ErrorCode>(&wanted)) {
      ASSERT_FALSE(found.ok());
      ASSERT_EQ(found.error().code, *code);
      return;
    }
    ASSERT_TRUE(found.ok()) << found.error().message;
    cursor = {*found, std::get<ModelCursor>(wanted)};
    opened = true;
  }

  /// Takes one event from both cursors.
  void advance(Followed& cursor, bool& more) {
    SCOPED_TRACE("reading " + cursor.model.stream.substr(0, 50));
    const std::optional<Record> found = active().engine->next(cursor.engine);
    const std::optional<std::size_t> wanted = active().model.next(cursor.model, now());
    ASSERT_EQ(found.has_value(), wanted.has_value());
    if (wanted) {
      ASSERT_NO_FATAL_FAILURE(compare_event(active(), *found, *wanted));
    }
    if (cursor.model.follows) {
      ASSERT_EQ(cursor.engine.done, cursor.model.done);
    }
    more = wanted.has_value();
  }

  void open_cursor() {
    Followed cursor;
    bool opened = false;
    ASSERT_NO_FATAL_FAILURE(open(inputs_.name(), cursor, opened));
    if (opened && cursors_.size() < 12) cursors_.push_back(cursor);
  }

  void follow() {
    const std::string stream = inputs_.name();
    const ReadRevision start = inputs_.from(active().model, stream);
    const Result<StreamCursor> found = active().engine->follow_stream(stream, start);
    if (!found && is_refused_for_memory(found.error())) return compare_everything();
    const std::variant<ErrorCode, ModelCursor> wanted = active().model.follow(stream, start);
    if (const ErrorCode* code = std::get_if<ErrorCode>(&wanted)) {
      ASSERT_FALSE(found.ok());
      ASSERT_EQ(found.error().code, *code);
      return;
    }
    ASSERT_TRUE(found.ok()) << found.error().message;
    if (cursors_.size() < 12) cursors_.push_back({*found, std::get<ModelCursor>(wanted)});
  }

  void subscribe() {
    if (random_.chance(0.4)) return catch_ups_.open_stream(active(), options_.memory_max_bytes != 0);
    catch_ups_.open_all(active());
  }

  void poll() {
    if (cursors_.empty()) return;
    const std::size_t chosen = random_.below(cursors_.size());
    bool more = true;
    for (std::uint64_t count = random_.below(5); more && count < 5; ++count) {
      ASSERT_NO_FATAL_FAILURE(advance(cursors_[chosen], more));
    }
    if (random_.chance(0.1) || cursors_[chosen].model.done) {
      cursors_.erase(cursors_.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
  }

  void read_all() {
    const World& world = active();
    const Direction towards = inputs_.direction();
    const std::uint64_t place = world.positions.empty() ? 0 : world.positions[random_.below(world.positions.size())];
    const std::uint64_t position = place + 1 - random_.below(3);
    const bool start = random_.chance(0.2);
    AllCursor cursor =
        world.engine->open_all(towards, start ? ReadPosition(Start{}) : Position{position, position}).value();
    const bool by_stream = random_.chance(0.5);
    const Filter filter{by_stream ? Filter::On::StreamName : Filter::On::EventType, {"a", "$", "na"}};
    FilterJudge judge = world.engine->judge(filter).value();
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < world.positions.size(); ++i) {
      const bool at_or_after = start || world.positions[i] >= position;
      if (world.model.log[i].scavenged) continue;
      if (at_or_after == (towards == Direction::Forwards)) wanted.push_back(i);
    }
    if (towards == Direction::Backwards) std::reverse(wanted.begin(), wanted.end());
    for (const std::size_t each : wanted) {
      const std::optional<Record> record = world.engine->next(cursor);
      ASSERT_TRUE(record);
      ASSERT_NO_FATAL_FAILURE(compare_event(world, *record, each));
      const std::string& judged = by_stream ? world.model.log[each].stream : world.model.log[each].type;
      const bool matches = std::any_of(filter.prefixes.begin(), filter.prefixes.end(),
                                       [&](const std::string& prefix) { return judged.rfind(prefix, 0) == 0; });
      ASSERT_EQ(*judge.accepts(*world.engine, *record), matches);
    }
    ASSERT_FALSE(world.engine->next(cursor));
  }

  void resolve() {
    const World& world = active();
    if (world.positions.empty()) return;
    const std::size_t index = random_.below(world.positions.size());
    if (world.model.log[index].scavenged) return;
    const Record record = world.engine->record_at(static_cast<RecordAddress>(world.positions[index] / 4));
    const std::optional<Record> found = world.engine->resolve(record);
    const std::optional<std::size_t> wanted = world.model.resolve(index, now());
    ASSERT_EQ(found.has_value(), wanted.has_value()) << world.model.log[index].data;
    if (wanted) {
      ASSERT_NO_FATAL_FAILURE(compare_event(world, *found, *wanted));
    }
  }

  /// Brings a second database up to date by pieces of the journal.
  void journal_into_mirror() {
    Position after = mirror_->head();
    if (random_.chance(0.3) && after.commit > 0) after.commit = random_.below(after.commit);  // overlapping
    const Result<void> replayed = replay_journal(*mirror_, clock_, encode_journal(*active().engine, after));
    ASSERT_TRUE(replayed.ok()) << replayed.error().message;
    ASSERT_EQ(mirror_->head(), active().engine->head());
    ASSERT_EQ(encode_journal(*mirror_, {}), encode_journal(*active().engine, {}));
  }

  /// Goes on with a database that was written from the journal of this one.
  void journal_afresh() {
    auto fresh = std::make_unique<Engine>(clock_, options_);
    const Result<void> replayed = replay_journal(*fresh, clock_, encode_journal(*active().engine, {}));
    if (!replayed && is_refused_for_memory(replayed.error())) return;
    ASSERT_TRUE(replayed.ok()) << replayed.error().message;
    active().engine = std::move(fresh);
    cursors_.clear();  // names were numbered anew
    catch_ups_.clear();
    compare_everything();
  }

  void fork() {
    if (worlds_.size() > 1 && random_.chance(0.5)) {
      worlds_.erase(worlds_.begin() + static_cast<std::ptrdiff_t>(random_.below(worlds_.size())));
    } else if (worlds_.size() < 4) {
      worlds_.push_back({active().engine->fork(clock_), active().model, active().positions});
    }
    make_active(random_.below(worlds_.size()));
  }

  void make_active(std::size_t chosen) {
    std::swap(worlds_[0], worlds_[chosen]);
    catch_ups_.clear();
    content_changed();
  }

  void adopt() {
    World& other = worlds_.back();
    if (&other == &active()) return;
    active().engine->adopt(*other.engine);
    std::swap(active().model, other.model);
    std::swap(active().positions, other.positions);
    content_changed();
    if (!::testing::Test::HasFatalFailure()) catch_ups_.follow_new_content(active());
  }

  /// Writes to a fork and takes over what it has come to hold, all at once: those who follow notice no difference.
  void write_aside() {
    std::unique_ptr<Engine> kept = std::exchange(active().engine, active().engine->fork(clock_));
    for (std::uint64_t count = random_.below(5); count > 0 && !::testing::Test::HasFatalFailure(); --count) append();
    std::swap(kept, active().engine);
    active().engine->catch_up_with(*kept);
  }

  void content_changed() {
    cursors_.clear();
    mirror_->reset();
    compare_everything();
  }

  Prng random_;
  Tally& tally_;
  ManualClock clock_;
  EngineOptions options_;
  ModelLimits limits_;
  std::map<std::string, Fields> objects_ = {{R"({"$tb":9223372036854775807})", {{"$tb", "9223372036854775807"}}},
                                            {R"({"text":"größer €😀"})", {{"text", "\"größer €😀\""}}}};
  EngineInputs inputs_{random_, objects_};
  std::vector<World> worlds_;  // the first is the one that is written to
  std::unique_ptr<Engine> mirror_;
  std::vector<Followed> cursors_;
  CatchUpPairs catch_ups_{random_, inputs_};
};

TEST(EngineSimulation, AgreesWithAPlainModelOfTheRules) {
  const std::uint64_t first_seed = number_from_environment("KURRENTLITE_SEED", 20261123);
  const std::uint64_t steps = number_from_environment("KURRENTLITE_STEPS", 40'000);
  Tally tally;
  for (std::uint64_t seed = first_seed; (seed - first_seed) * kEpisodeSteps < steps; ++seed) {
    Episode episode(seed, tally);
    for (std::uint64_t step = 0; step < kEpisodeSteps && !HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      episode.step();
      if (!HasFailure()) episode.compare();
    }
    if (!HasFailure()) episode.compare_everything();
    ASSERT_FALSE(HasFailure()) << "replay: KURRENTLITE_SEED=" << seed;
  }
  for (const auto& [outcome, count] : tally) RecordProperty(outcome, std::to_string(count));
  if (steps < 40'000) return;
  for (const char* outcome : {"scavenged", "nothing to scavenge", "written", "repeat", "WrongExpectedVersion", "StreamTombstoned", "ConsistencyViolation",
                              "StreamAlreadyInAppendSession", "AppendRecordSizeExceeded", "TransactionMaxSizeExceeded",
                              "InvalidArgument", "AccessDenied"}) {
    EXPECT_GT(tally[outcome], 5U) << outcome;
  }
}

}  // namespace
}  // namespace kurrentlite
