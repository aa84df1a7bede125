#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "engine_support.hpp"

// KurrentDB's rules for writes, table by table (append, repeat, delete, tombstone, metadata).
namespace kurrentlite {
namespace {

using namespace testing;
using ::testing::ElementsAre;

enum class State { Never, MetadataOnly, Exists, AllTruncated, SoftDeleted, Tombstoned };

class Rules : public ::testing::Test {
 protected:
  /// A stream whose last revision, if any, is 2.
  std::string stream_in(State state) {
    const std::string stream = "stream-" + std::to_string(++streams_);
    const auto number = [&] { return ++last_id_ + 1'000; };
    bool prepared = true;
    if (state == State::MetadataOnly) prepared = set_metadata(engine, number(), stream, R"({"$maxCount":9})").ok();
    EXPECT_TRUE(prepared);
    if (state == State::Never || state == State::MetadataOnly) return stream;
    ids_of[stream] = {number(), number(), number()};
    for (const std::uint64_t each : ids_of[stream]) EXPECT_TRUE(append(engine, stream, {event(each)}));
    if (state == State::AllTruncated) prepared = set_metadata(engine, number(), stream, R"({"$tb":3})").ok();
    if (state == State::SoftDeleted) prepared = engine.delete_stream(stream, Any{}).ok();
    if (state == State::Tombstoned) prepared = engine.tombstone_stream(stream, Any{}).ok();
    EXPECT_TRUE(prepared);
    return stream;
  }

  /// "ok", "deleted", or "none" / the actual revision of WrongExpectedVersion.
  template <class T>
  static std::string verdict(const Result<T>& result) {
    if (result) return "ok";
    if (result.error().code == ErrorCode::StreamDeleted) return "deleted";
    if (result.error().code != ErrorCode::WrongExpectedVersion) return to_string(result.error().code);
    if (const std::optional<std::uint64_t> actual = result.error().number("actual")) return std::to_string(*actual);
    return result.error().text("actual") == "no_stream" ? "none" : "?";
  }

  std::uint64_t fresh() { return ++last_id_ + 1'000'000; }
  std::map<std::string, std::vector<std::uint64_t>> ids_of;
  ManualClock clock;
  Engine engine{clock};

 private:
  int streams_ = 0;
  std::uint64_t last_id_ = 0;
};

const ExpectedState kExpected[] = {
    Any{}, NoStream{}, StreamExists{}, StreamRevision{0}, StreamRevision{2}, StreamRevision{3}};

struct Row {
  State state;
  std::vector<std::string> verdicts;  // by kExpected
};

TEST_F(Rules, AppendInEveryStateOfTheStream) {
  for (const Row& row :
       std::vector<Row>{{State::Never, {"ok", "ok", "none", "none", "none", "none"}},
                        {State::MetadataOnly, {"ok", "ok", "ok", "none", "none", "none"}},
                        {State::Exists, {"ok", "2", "ok", "2", "ok", "2"}},
                        {State::AllTruncated, {"ok", "2", "ok", "2", "ok", "2"}},
                        {State::SoftDeleted, {"ok", "ok", "deleted", "2", "ok", "2"}},
                        {State::Tombstoned, {"deleted", "deleted", "deleted", "deleted", "deleted", "deleted"}}}) {
    for (std::size_t i = 0; i < std::size(kExpected); ++i) {
      const std::string stream = stream_in(row.state);
      const std::size_t before = everything(engine).size();
      const Result<AppendResult> result = append(engine, stream, {event(fresh()), event(fresh())}, kExpected[i]);
      SCOPED_TRACE("state " + std::to_string(static_cast<int>(row.state)) + " expecting " + to_string(kExpected[i]));
      EXPECT_EQ(verdict(result), row.verdicts[i]);
      if (!result) {
        EXPECT_EQ(everything(engine).size(), before) << "a refusal writes nothing";
        continue;
      }
      const bool existed = row.state != State::Never && row.state != State::MetadataOnly;
      EXPECT_EQ(result->revision, StreamRevision{existed ? 4u : 1u});
      EXPECT_EQ(result->position, read(engine, stream, Direction::Backwards, End{})[0].position);
    }
  }
}

TEST_F(Rules, DeleteInEveryStateOfTheStream) {
  for (const Row& row :
       std::vector<Row>{{State::Never, {"none", "none", "none", "none", "none", "none"}},
                        {State::MetadataOnly, {"ok", "ok", "ok", "none", "none", "none"}},
                        {State::Exists, {"ok", "2", "ok", "2", "ok", "2"}},
                        {State::SoftDeleted, {"ok", "ok", "deleted", "2", "ok", "2"}},
                        {State::Tombstoned, {"deleted", "deleted", "deleted", "deleted", "deleted", "deleted"}}}) {
    for (std::size_t i = 0; i < std::size(kExpected); ++i) {
      const std::string stream = stream_in(row.state);
      SCOPED_TRACE("state " + std::to_string(static_cast<int>(row.state)) + " expecting " + to_string(kExpected[i]));
      const Result<DeleteResult> result = engine.delete_stream(stream, kExpected[i]);
      EXPECT_EQ(verdict(result), row.verdicts[i]);
      if (!result) continue;
      EXPECT_EQ(engine.open_stream(stream, Direction::Forwards, Start{}).error().code, ErrorCode::StreamNotFound);
      const RecordedEvent marker = everything(engine).back();
      EXPECT_EQ(marker.position, result->position);
      EXPECT_EQ(marker.stream, "$$" + stream);
      EXPECT_EQ(marker.type, "$metadata");
      EXPECT_EQ(marker.data, R"({"$tb":9223372036854775807})");
      EXPECT_EQ(marker.content_type, ContentType::Json);
    }
  }
}

TEST_F(Rules, TombstoneInEveryStateOfTheStream) {
  for (const Row& row :
       std::vector<Row>{{State::Never, {"ok", "ok", "none", "none", "none", "none"}},
                        {State::MetadataOnly, {"ok", "ok", "ok", "none", "none", "none"}},
                        {State::Exists, {"ok", "2", "ok", "2", "ok", "2"}},
                        {State::SoftDeleted, {"ok", "ok", "deleted", "2", "ok", "2"}},
                        {State::Tombstoned, {"deleted", "deleted", "deleted", "deleted", "deleted", "deleted"}}}) {
    for (std::size_t i = 0; i < std::size(kExpected); ++i) {
      const std::string stream = stream_in(row.state);
      SCOPED_TRACE("state " + std::to_string(static_cast<int>(row.state)) + " expecting " + to_string(kExpected[i]));
      const Result<DeleteResult> result = engine.tombstone_stream(stream, kExpected[i]);
      EXPECT_EQ(verdict(result), row.verdicts[i]);
      if (!result) continue;
      EXPECT_EQ(engine.open_stream(stream, Direction::Forwards, Start{}).error().code, ErrorCode::StreamDeleted);
      EXPECT_EQ(engine.open_stream("$$" + stream, Direction::Forwards, Start{}).error().code, ErrorCode::StreamDeleted);
      EXPECT_EQ(verdict(set_metadata(engine, fresh(), stream, "{}")), "deleted");
      const RecordedEvent marker = everything(engine).back();
      EXPECT_EQ(marker.position, result->position);
      EXPECT_EQ(marker.stream, stream);
      EXPECT_EQ(marker.type, "$streamDeleted");
      EXPECT_EQ(marker.revision.value, kDeletedRevision);
      EXPECT_EQ(marker.data, "");
    }
  }
}

TEST_F(Rules, RevisionsAtTheEdgeOf64Bits) {
  const std::string stream = stream_in(State::Exists);
  for (const std::uint64_t revision : {kDeletedRevision, kDeletedRevision + 1, UINT64_MAX - 1, UINT64_MAX}) {
    EXPECT_EQ(verdict(append(engine, stream, {event(fresh())}, StreamRevision{revision})), "2");
    EXPECT_EQ(verdict(engine.delete_stream(stream, StreamRevision{revision})), "2");
    EXPECT_EQ(verdict(append(engine, "never", {event(fresh())}, StreamRevision{revision})), "none");
  }
}

TEST_F(Rules, AWeakRepeatWritesNothing) {
  const std::string stream = stream_in(State::Exists);
  const std::vector<std::uint64_t> ids = ids_of[stream];
  const std::size_t before = everything(engine).size();
  for (const ExpectedState& weak : {ExpectedState(Any{}), ExpectedState(StreamExists{})}) {
    const Result<AppendResult> whole = append(engine, stream, {event(ids[0]), event(ids[1])}, weak);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->revision, StreamRevision{1}) << "of the last id of the repeat, not of the head";
    EXPECT_EQ(whole->position, read(engine, stream)[1].position);
    EXPECT_EQ(verdict(append(engine, stream, {event(ids[1]), event(ids[0])}, weak)), "ok") << "in any order";
    EXPECT_EQ(verdict(append(engine, stream, {event(ids[2]), event(fresh())}, weak)), "2") << "known, then new";
  }
  EXPECT_EQ(everything(engine).size(), before);
  ASSERT_TRUE(append(engine, stream, {event(fresh()), event(ids[0])}));
  EXPECT_EQ(everything(engine).size(), before + 2) << "new first: all is written, duplicates too";
}

TEST_F(Rules, AStrongRepeatMustStandWhereItIsExpected) {
  const std::string stream = stream_in(State::Exists);
  const std::vector<std::uint64_t> ids = ids_of[stream];
  const std::size_t before = everything(engine).size();
  EXPECT_EQ(append(engine, stream, {event(ids[0])}, NoStream{})->revision, StreamRevision{0});
  EXPECT_EQ(append(engine, stream, {event(ids[0]), event(ids[1]), event(ids[2])}, NoStream{})->revision,
            StreamRevision{2});
  EXPECT_EQ(append(engine, stream, {event(ids[1])}, StreamRevision{0})->revision, StreamRevision{1});
  EXPECT_EQ(verdict(append(engine, stream, {event(ids[2])}, StreamRevision{0})), "2")
      << "the right id at another place";
  EXPECT_EQ(verdict(append(engine, stream, {event(ids[0]), event(ids[2])}, NoStream{})), "2") << "differs later";
  EXPECT_EQ(verdict(append(engine, stream, {event(ids[2]), event(fresh())}, StreamRevision{1})), "2") << "past the end";
  EXPECT_EQ(verdict(append(engine, stream, {}, NoStream{})), "2");
  EXPECT_EQ(everything(engine).size(), before);
  EXPECT_EQ(append(engine, stream, {event(ids[2])}, StreamRevision{2})->revision, StreamRevision{3})
      << "at the head: no check";
}

TEST_F(Rules, ARepeatOnAnotherStreamIsNone) {
  ASSERT_TRUE(append(engine, "first", {event(1)}));
  EXPECT_EQ(append(engine, "second", {event(1)})->revision, StreamRevision{0});
  EXPECT_EQ(append(engine, "first", {event(1)})->revision, StreamRevision{1})
      << "the stream that used the id last wins";
}

TEST_F(Rules, ARepeatOfWhatIsHiddenHasNoPosition) {
  const std::string deleted = stream_in(State::SoftDeleted);
  const Result<AppendResult> repeat = append(engine, deleted, {event(ids_of[deleted][0])}, NoStream{});
  ASSERT_TRUE(repeat);
  EXPECT_EQ(repeat->revision, StreamRevision{0});
  EXPECT_FALSE(repeat->position);
  EXPECT_FALSE(engine.open_stream(deleted, Direction::Forwards, Start{})) << "and the stream stays deleted";
  const std::string truncated = stream_in(State::AllTruncated);
  EXPECT_FALSE(append(engine, truncated, {event(ids_of[truncated][2])})->position);
}

TEST_F(Rules, AnEmptyAppendTellsTheState) {
  EXPECT_EQ(append(engine, "never", {})->revision, std::nullopt);
  EXPECT_EQ(verdict(append(engine, "never", {}, StreamExists{})), "none");
  const std::string stream = stream_in(State::Exists);
  const Result<AppendResult> result = append(engine, stream, {});
  EXPECT_EQ(result->revision, StreamRevision{2});
  EXPECT_EQ(result->position, engine.head());
  EXPECT_EQ(verdict(append(engine, stream, {}, StreamRevision{1})), "2");
  EXPECT_EQ(engine.statistics().total_streams, 1u) << "\"never\" is still no stream";
}

TEST_F(Rules, AppendingToASoftDeletedStreamBringsItBack) {
  const std::string stream = stream_in(State::SoftDeleted);
  const std::size_t before = everything(engine).size();
  const Result<AppendResult> result = append(engine, stream, {event(fresh()), event(fresh())});
  const std::vector<RecordedEvent> all = everything(engine);
  ASSERT_EQ(all.size(), before + 3);
  EXPECT_EQ(result->revision, StreamRevision{4});
  EXPECT_EQ(result->position, all[before + 1].position) << "of the user's last event";
  EXPECT_EQ(all.back().stream, "$$" + stream);
  EXPECT_EQ(all.back().type, "$metadata");
  EXPECT_EQ(all.back().data, R"({"$tb":3})");
  EXPECT_EQ(all.back().id.bytes[6] >> 4, 4) << "a version-4 id";
  EXPECT_EQ(revisions(read(engine, stream)), (std::vector<std::uint64_t>{3, 4}));
}

TEST_F(Rules, AnEmptyAppendBringsASoftDeletedStreamBackToo) {
  const std::string stream = stream_in(State::SoftDeleted);
  const Result<AppendResult> result = append(engine, stream, {});
  EXPECT_EQ(result->revision, StreamRevision{2});
  EXPECT_EQ(result->position, engine.head());
  EXPECT_EQ(everything(engine).back().data, R"({"$tb":3})");
  EXPECT_TRUE(engine.open_stream(stream, Direction::Forwards, Start{}));
  EXPECT_TRUE(read(engine, stream).empty());
}

TEST_F(Rules, WritingTheMetadataOfASoftDeletedStreamBringsItBack) {
  for (const std::string_view written : {R"({"mine":"ü","$tb":9223372036854775807})", R"({"mine":"ü"})"}) {
    const std::string stream = stream_in(State::SoftDeleted);
    const Result<AppendResult> result = set_metadata(engine, fresh(), stream, written);
    EXPECT_EQ(result->revision, StreamRevision{1}) << "of the user's event; the copy follows it";
    const std::vector<RecordedEvent> all = everything(engine);
    EXPECT_EQ(all.rbegin()[1].data, written);
    EXPECT_EQ(all.rbegin()[1].position, result->position);
    EXPECT_EQ(all.back().data, R"({"mine":"ü","$tb":3})");
    EXPECT_EQ(all.back().revision, StreamRevision{2});
    EXPECT_EQ(verdict(append(engine, stream, {event(fresh())}, StreamRevision{2})), "ok");
  }
}

TEST_F(Rules, MetadataThatAreNoObjectChangeADeletedStreamOnlyOnce) {
  const std::string stream = stream_in(State::SoftDeleted);
  const std::size_t before = everything(engine).size();
  ASSERT_TRUE(set_metadata(engine, fresh(), stream, "[1]"));
  EXPECT_EQ(everything(engine).size(), before + 1);
  EXPECT_EQ(revisions(read(engine, stream)), (std::vector<std::uint64_t>{0, 1, 2})) << "void metadata hide nothing";
}

TEST_F(Rules, DeletingForgetsOtherMetadata) {
  const std::string stream = stream_in(State::Exists);
  ASSERT_TRUE(set_metadata(engine, fresh(), stream, R"({"$maxCount":1,"mine":1})"));
  ASSERT_TRUE(engine.delete_stream(stream, Any{}));
  ASSERT_TRUE(append(engine, stream, {event(fresh()), event(fresh())}));
  EXPECT_EQ(read(engine, stream).size(), 2u);
}

TEST_F(Rules, MetadataOfMetadataAreWrittenInVain) {
  ASSERT_TRUE(append(engine, "s", {event(1), event(2), event(3)}));
  ASSERT_TRUE(set_metadata(engine, 4, "s", R"({"$maxCount":2})"));
  ASSERT_TRUE(
      append(engine, "$$$$s", {event(5, "$metadata", R"({"$maxCount":9})"), event(6, "$metadata", R"({"$tb":5})")}));
  EXPECT_EQ(revisions(read(engine, "s")), (std::vector<std::uint64_t>{1, 2}));
  ASSERT_TRUE(set_metadata(engine, 7, "s", R"({"$maxCount":1})"));
  EXPECT_EQ(revisions(read(engine, "s")), std::vector<std::uint64_t>{2});
  EXPECT_EQ(revisions(read(engine, "$$s")), std::vector<std::uint64_t>{1}) << "a metastream shows its last event";
  EXPECT_EQ(revisions(read(engine, "$$$$s")), std::vector<std::uint64_t>{1});
}

TEST_F(Rules, NamesThatCannotBeWritten) {
  for (const std::string name : {"", "$$", "bad\xff", "\xed\xa0\x80"}) {
    EXPECT_EQ(verdict(append(engine, name, {event(1)})), "InvalidArgument");
    EXPECT_EQ(verdict(engine.delete_stream(name, Any{})), "InvalidArgument");
    EXPECT_EQ(verdict(engine.tombstone_stream(name, Any{})), "InvalidArgument");
  }
  EXPECT_EQ(append(engine, "", {event(1)}).error().text("field"), "stream");
  EXPECT_EQ(verdict(append(engine, "$all", {event(1)})), "AccessDenied");
  EXPECT_EQ(verdict(engine.tombstone_stream("$all", Any{})), "AccessDenied");
  EXPECT_EQ(verdict(engine.delete_stream("$$s", Any{})), "AccessDenied");
  EXPECT_EQ(verdict(engine.tombstone_stream("$$s", Any{})), "AccessDenied");
  for (const std::string_view type : {"", "\xc3"}) {
    const Result<AppendResult> result = append(engine, "s", {event(1), event(2, type)});
    EXPECT_EQ(verdict(result), "InvalidArgument");
    EXPECT_EQ(result.error().text("field"), "type");
  }
  EXPECT_TRUE(everything(engine).empty());
  for (const std::string& name : std::vector<std::string>{"$", "$$$", "$$$all", "ALL", std::string("nul\0l", 5), "日本",
                                                          std::string(100'000, 'x')}) {
    ASSERT_TRUE(append(engine, name, {event(fresh())})) << name;
    EXPECT_EQ(read(engine, name).at(0).stream, name);
  }
  ASSERT_TRUE(append(engine, "Case", {event(fresh())}));
  ASSERT_TRUE(append(engine, "case", {event(fresh())}, NoStream{})) << "names are case-sensitive";
}

TEST_F(Rules, SizesAreLimitedPerEventAndPerAppend) {
  Engine small(clock, {.append_size_max_bytes = 250, .event_size_max_bytes = 100});
  // Size is data + metadata + twice the UTF-16 length of the type.
  const std::string ninety(90, 'x');
  EXPECT_TRUE(append(small, "s", {event(1, "type", ninety, "12")}));
  EXPECT_TRUE(append(small, "s", {event(2, "😀ä…", ninety, "12")})) << "4 units of UTF-16, 9 bytes";
  const Result<AppendResult> too_large = append(small, "s", {event(3), event(4, "type", ninety, "123")});
  EXPECT_EQ(verdict(too_large), "MaxAppendEventSizeExceeded");
  EXPECT_EQ(too_large.error().text("eventId"), id_of(4).to_string());
  EXPECT_EQ(too_large.error().number("proposedEventSize"), 101u);
  EXPECT_EQ(too_large.error().number("maxAppendEventSize"), 100u);
  EXPECT_TRUE(
      append(small, "s", {event(5, "type", ninety), event(6, "type", ninety), event(7, "t", std::string(52, 'x'))}));
  const Result<AppendResult> too_much =
      append(small, "s", {event(8, "type", ninety), event(9, "type", ninety), event(10, "t", std::string(53, 'x'))});
  EXPECT_EQ(verdict(too_much), "MaxAppendSizeExceeded");
  EXPECT_EQ(too_much.error().number("maxAppendSize"), 250u);
  EXPECT_EQ(read(small, "s").size(), 5u);
}

TEST_F(Rules, EveryEventOfAnAppendStandsTogetherInAll) {
  ASSERT_TRUE(append(engine, "a", {event(1), event(2), event(3)}));
  ASSERT_TRUE(append(engine, "b", {event(4)}));
  const std::vector<RecordedEvent> all = everything(engine);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_GT(all[0].position.commit, 0u);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].position, all[i].position);
  EXPECT_EQ(all[2].id, id_of(3));
  EXPECT_EQ(all[0].created_ticks, clock.ticks);
}

TEST_F(Rules, AnEventFromElsewhereKeepsItsTime) {
  EventView old = event(1);
  old.created_ticks = clock.ticks - 50;
  ASSERT_TRUE(append(engine, "s", {old, event(2)}));
  EXPECT_EQ(read(engine, "s")[0].created_ticks, clock.ticks - 50);
  EXPECT_EQ(read(engine, "s")[1].created_ticks, clock.ticks);
}

TEST_F(Rules, ListenersHearEachWriteOnce) {
  int heard = 0;
  const std::uint64_t key = engine.on_append([&] { ++heard; });
  ASSERT_TRUE(append(engine, "a", {event(1), event(2)}));
  EXPECT_EQ(heard, 1);
  ASSERT_TRUE(append(engine, "a", {event(1)})) << "a repeat writes nothing";
  EXPECT_FALSE(append(engine, "a", {event(3)}, NoStream{}));
  EXPECT_EQ(heard, 1);
  ASSERT_TRUE(engine.delete_stream("a", Any{}));
  ASSERT_TRUE(append(engine, "a", {event(4)})) << "two events: the user's and the metadata that revive the stream";
  ASSERT_TRUE(engine.tombstone_stream("a", Any{}));
  EXPECT_EQ(heard, 4);
  engine.unlisten(key);
  engine.unlisten(key);
  engine.unlisten(99);
  ASSERT_TRUE(append(engine, "b", {event(5)}));
  EXPECT_EQ(heard, 4);
}

TEST_F(Rules, ListenersMayComeAndGoWhileTheyRun) {
  std::string order;
  std::uint64_t first = 0;
  std::uint64_t third = 0;
  std::vector<std::uint64_t> added;
  first = engine.on_append([&, padding = std::string(100, 'p')] {  // larger than what std::function keeps in place
    order += "1";
    engine.unlisten(first);
    for (int i = 0; i < 50; ++i) added.push_back(engine.on_append([&] { order += "+"; }));
    engine.unlisten(third);
    order += padding.substr(0, 1);  // still there although it no longer listens
  });
  engine.on_append([&] { order += "2"; });
  third = engine.on_append([&] { order += "3"; });
  ASSERT_TRUE(append(engine, "a", {event(1)}));
  EXPECT_EQ(order, "1p2" + std::string(50, '+'));
  for (const std::uint64_t each : added) engine.unlisten(each);
  order.clear();
  ASSERT_TRUE(append(engine, "a", {event(2)}));
  EXPECT_EQ(order, "2");
}

/// Small enough for std::function to keep it in place: it would move if the list of listeners did.
struct AddsOthers {
  Engine* engine;
  void operator()() const {
    for (int i = 0; i < 200; ++i) engine->on_append([] {});
    engine->on_append([] {});  // reads `engine` once more
  }
};

TEST_F(Rules, AListenerStaysInPlaceWhileItRuns) {
  engine.on_append(AddsOthers{&engine});
  ASSERT_TRUE(append(engine, "a", {event(1)}));
  ASSERT_TRUE(append(engine, "a", {event(2)}));
}

TEST_F(Rules, AListenerMayWrite) {
  int heard = 0;
  engine.on_append([&] {
    if (++heard == 5) return;
    EXPECT_TRUE(append(engine, "echo", {event(100 + static_cast<std::uint64_t>(heard))}));
  });
  ASSERT_TRUE(append(engine, "a", {event(1)}));
  EXPECT_EQ(heard, 5);
  EXPECT_EQ(read(engine, "echo").size(), 4u);
}

}  // namespace
}  // namespace kurrentlite
