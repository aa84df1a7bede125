#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_support.hpp"

// What reads show, hide and refuse, and what subscriptions deliver.
namespace kurrentlite {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Revisions = std::vector<std::uint64_t>;

class Reads : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 0; i < 6; ++i) ASSERT_TRUE(append(engine, "s", {event(i)}));
  }
  Revisions forwards(const ReadRevision& from, const std::string& stream = "s") {
    return revisions(read(engine, stream, Direction::Forwards, from));
  }
  Revisions backwards(const ReadRevision& from, const std::string& stream = "s") {
    return revisions(read(engine, stream, Direction::Backwards, from));
  }
  ErrorCode refusal(const std::string& stream, Direction direction = Direction::Forwards,
                    const ReadRevision& from = Start{}) {
    const Result<StreamCursor> cursor = engine.open_stream(stream, direction, from);
    return cursor ? ErrorCode::Cancelled : cursor.error().code;
  }
  Revisions delivered(StreamCursor& cursor) {
    Revisions found;
    while (const std::optional<Record> record = engine.next(cursor)) found.push_back(record->revision.value);
    return found;
  }
  ManualClock clock;
  Engine engine{clock};
};

TEST_F(Reads, FromEveryPlaceInBothDirections) {
  EXPECT_THAT(forwards(Start{}), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(forwards(StreamRevision{4}), ElementsAre(4, 5));
  EXPECT_THAT(forwards(StreamRevision{6}), IsEmpty());
  EXPECT_THAT(forwards(StreamRevision{UINT64_MAX - 1}), IsEmpty());
  EXPECT_EQ(refusal("s", Direction::Forwards, End{}), ErrorCode::Unknown);
  EXPECT_EQ(refusal("s", Direction::Forwards, StreamRevision{UINT64_MAX}), ErrorCode::Unknown);
  EXPECT_THAT(backwards(End{}), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(backwards(StreamRevision{UINT64_MAX}), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(backwards(StreamRevision{2}), ElementsAre(2, 1, 0));
  EXPECT_THAT(backwards(StreamRevision{77}), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(backwards(Start{}), ElementsAre(0));
}

TEST_F(Reads, OfStreamsThatAreNotThere) {
  ASSERT_TRUE(set_metadata(engine, 100, "only-metadata", "{}"));
  for (const char* name : {"never", "only-metadata", "$$s", "$all", ""}) {
    EXPECT_EQ(refusal(name), ErrorCode::StreamNotFound) << name;
  }
  EXPECT_EQ(engine.open_stream("never", Direction::Forwards, Start{}).error().text("stream"), "never");
}

TEST_F(Reads, HideTruncatedEvents) {
  ASSERT_TRUE(set_metadata(engine, 100, "s", R"({"$tb":3})"));
  EXPECT_THAT(forwards(Start{}), ElementsAre(3, 4, 5));
  EXPECT_THAT(forwards(StreamRevision{1}), ElementsAre(3, 4, 5));
  EXPECT_THAT(backwards(End{}), ElementsAre(5, 4, 3));
  EXPECT_THAT(backwards(StreamRevision{2}), IsEmpty());
  EXPECT_THAT(backwards(Start{}), IsEmpty());
  ASSERT_TRUE(set_metadata(engine, 101, "s", R"({"$tb":6})"));
  EXPECT_THAT(forwards(Start{}), IsEmpty()) << "an empty stream is still a stream";
  EXPECT_THAT(backwards(End{}), IsEmpty());
  ASSERT_TRUE(set_metadata(engine, 102, "s", R"({"$tb":8})"));
  ASSERT_TRUE(append(engine, "s", {event(6), event(7), event(8)}));
  EXPECT_THAT(forwards(Start{}), ElementsAre(8)) << "truncation reaches into the future";
  ASSERT_TRUE(set_metadata(engine, 103, "s", "{}"));
  EXPECT_THAT(forwards(Start{}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8)) << "nothing was lost";
}

TEST_F(Reads, HideAllButTheLast) {
  ASSERT_TRUE(set_metadata(engine, 100, "s", R"({"$maxCount":2})"));
  EXPECT_THAT(forwards(Start{}), ElementsAre(4, 5));
  ASSERT_TRUE(append(engine, "s", {event(6)}));
  EXPECT_THAT(forwards(Start{}), ElementsAre(5, 6));
  ASSERT_TRUE(set_metadata(engine, 101, "s", R"({"$maxCount":2,"$tb":6})"));
  EXPECT_THAT(forwards(Start{}), ElementsAre(6));
  ASSERT_TRUE(set_metadata(engine, 102, "s", R"({"$maxCount":9223372036854775807})"));
  EXPECT_EQ(forwards(Start{}).size(), 7u);
}

TEST_F(Reads, HideExpiredEventsAsTimeGoesBy) {
  ASSERT_TRUE(set_metadata(engine, 100, "s", R"({"$maxAge":60})"));
  clock.advance_s(30);
  ASSERT_TRUE(append(engine, "s", {event(6)}));
  clock.advance_s(30);
  EXPECT_EQ(forwards(Start{}).size(), 7u) << "as old as allowed";
  clock.ticks += 1;
  EXPECT_THAT(forwards(Start{}), ElementsAre(6));
  EXPECT_THAT(backwards(End{}), ElementsAre(6));
  clock.advance_s(30);
  EXPECT_THAT(forwards(Start{}), IsEmpty());
  ASSERT_TRUE(set_metadata(engine, 101, "s", R"({"$maxAge":9223372036854775807})"));
  EXPECT_EQ(forwards(Start{}).size(), 7u);
  clock.ticks = INT64_MIN / 2;
  EXPECT_EQ(forwards(Start{}).size(), 7u) << "a clock that went back";
}

TEST_F(Reads, AMetastreamShowsItsLastEventOnly) {
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(set_metadata(engine, 100 + i, "s", "{}"));
  EXPECT_THAT(forwards(Start{}, "$$s"), ElementsAre(2));
  EXPECT_THAT(backwards(End{}, "$$s"), ElementsAre(2));
}

TEST_F(Reads, ACursorFindsWhatIsAppendedLater) {
  StreamCursor cursor = engine.open_stream("s", Direction::Forwards, StreamRevision{5}).value();
  EXPECT_THAT(delivered(cursor), ElementsAre(5));
  EXPECT_THAT(delivered(cursor), IsEmpty());
  ASSERT_TRUE(append(engine, "s", {event(6), event(7)}));
  EXPECT_THAT(delivered(cursor), ElementsAre(6, 7));
}

TEST_F(Reads, AllShowsWhatStreamsHide) {
  ASSERT_TRUE(set_metadata(engine, 100, "s", R"({"$maxCount":1})"));
  ASSERT_TRUE(append(engine, "gone", {event(101)}));
  ASSERT_TRUE(engine.tombstone_stream("gone", Any{}));
  ASSERT_TRUE(engine.delete_stream("s", Any{}));
  EXPECT_EQ(everything(engine).size(), 10u);
}

TEST_F(Reads, AllFromEveryPositionInBothDirections) {
  const std::vector<RecordedEvent> all = everything(engine);
  const auto from = [&](Direction direction, const ReadPosition& position) {
    Revisions found;
    AllCursor cursor = engine.open_all(direction, position).value();
    while (const std::optional<Record> record = engine.next(cursor)) found.push_back(record->revision.value);
    return found;
  };
  EXPECT_THAT(from(Direction::Forwards, all[4].position), ElementsAre(4, 5)) << "inclusive";
  EXPECT_THAT(from(Direction::Backwards, all[2].position), ElementsAre(1, 0)) << "exclusive";
  EXPECT_THAT(from(Direction::Forwards, Position{all[4].position.commit + 1, 0}), ElementsAre(5));
  EXPECT_THAT(from(Direction::Forwards, End{}), IsEmpty());
  EXPECT_THAT(from(Direction::Backwards, End{}), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(from(Direction::Backwards, Start{}), IsEmpty());
  EXPECT_THAT(from(Direction::Forwards, Position{UINT64_MAX, UINT64_MAX}), IsEmpty());
  EXPECT_EQ(from(Direction::Forwards, Position{}).size(), 6u);
}

TEST_F(Reads, FiltersJudgeNamesByPrefix) {
  ASSERT_TRUE(append(engine, "other", {event(100, "type-b"), event(101, "b")}));
  const auto kept = [&](const Filter& filter) {
    FilterJudge judge = engine.judge(filter).value();
    std::vector<std::string> found;
    AllCursor cursor = engine.open_all(Direction::Forwards, Start{}).value();
    while (const std::optional<Record> record = engine.next(cursor)) {
      if (*judge.accepts(engine, *record)) found.push_back(engine.type_name(record->type));
    }
    return found;
  };
  EXPECT_THAT(kept({Filter::On::EventType, {"b"}}), ElementsAre("b"));
  EXPECT_THAT(kept({Filter::On::EventType, {"type-", "b"}}), ElementsAre("type-b", "b"));
  EXPECT_THAT(kept({Filter::On::StreamName, {"o"}}), ElementsAre("type-b", "b"));
  EXPECT_EQ(kept({Filter::On::StreamName, {""}}).size(), 8u) << "every name begins with nothing";
  EXPECT_THAT(kept({Filter::On::StreamName, {}}), IsEmpty());
  EXPECT_THAT(kept({Filter::On::StreamName, {"other-and-more"}}), IsEmpty());
}

TEST_F(Reads, LinksLeadToTheirTargets) {
  std::uint64_t next = 200;
  const auto target_of = [&](const std::string& link) -> std::string {
    const std::string stream = "links-" + std::to_string(next);
    EXPECT_TRUE(append(engine, stream, {event(next++, "$>", link, {}, ContentType::Binary)}));
    AllCursor cursor = engine.open_all(Direction::Backwards, End{}).value();
    const Record record = *engine.next(cursor);
    EXPECT_TRUE(engine.is_link(record));
    const std::optional<Record> target = engine.resolve(record);
    if (!target) return "none";
    return target->address == record.address
               ? "itself"
               : engine.materialise(*target).stream + "@" + std::to_string(target->revision.value);
  };
  EXPECT_EQ(target_of("4@s"), "s@4");
  EXPECT_EQ(target_of("-1@s"), "s@5");
  EXPECT_EQ(target_of("6@s"), "none");
  EXPECT_EQ(target_of("-2@s"), "none");
  EXPECT_EQ(target_of("0@never"), "none");
  EXPECT_EQ(target_of("4s"), "none");
  EXPECT_EQ(target_of(""), "none");
  EXPECT_EQ(target_of("x@s"), "itself");
  EXPECT_EQ(target_of("@s"), "itself");
  EXPECT_EQ(target_of("4 @s"), "itself");
  EXPECT_EQ(target_of("99999999999999999999@s"), "itself");
  EXPECT_EQ(target_of("9223372036854775807@s"), "none");
  ASSERT_TRUE(append(engine, "a@b", {event(100)}));
  EXPECT_EQ(target_of("0@a@b"), "a@b@0");
  ASSERT_TRUE(append(engine, "chain", {event(101, "$>", "0@s")}));
  EXPECT_EQ(target_of("0@chain"), "chain@0") << "one level only";
  ASSERT_TRUE(set_metadata(engine, 102, "s", R"({"$tb":3})"));
  EXPECT_EQ(target_of("2@s"), "none") << "truncated";
  EXPECT_EQ(target_of("0@$$s"), "$$s@0");
  ASSERT_TRUE(engine.delete_stream("a@b", Any{}));
  EXPECT_EQ(target_of("0@a@b"), "none") << "deleted";
  ASSERT_TRUE(engine.tombstone_stream("s", Any{}));
  EXPECT_EQ(target_of("5@s"), "none") << "tombstoned";
  EXPECT_EQ(target_of("0@$$s"), "none") << "and its metadata with it";
}

TEST_F(Reads, AnOrdinaryEventResolvesToItself) {
  AllCursor cursor = engine.open_all(Direction::Forwards, Start{}).value();
  const Record record = *engine.next(cursor);
  EXPECT_FALSE(engine.is_link(record));
  EXPECT_EQ(engine.resolve(record)->address, record.address);
}

class Follows : public Reads {
 protected:
  StreamCursor follow(const ReadRevision& from, const std::string& stream = "s") {
    return engine.follow_stream(stream, from).value();
  }
};

TEST_F(Follows, BeginAfterTheirStart) {
  StreamCursor all = follow(Start{});
  StreamCursor after = follow(StreamRevision{3});
  StreamCursor end = follow(End{});
  StreamCursor max = follow(StreamRevision{UINT64_MAX});
  StreamCursor beyond = follow(StreamRevision{7});
  StreamCursor never = follow(Start{}, "not-yet");
  EXPECT_EQ(delivered(all).size(), 6u);
  EXPECT_THAT(delivered(after), ElementsAre(4, 5));
  for (StreamCursor* each : {&end, &max, &beyond, &never}) EXPECT_THAT(delivered(*each), IsEmpty());
  for (std::uint64_t i = 6; i < 10; ++i) ASSERT_TRUE(append(engine, "s", {event(i)}));
  for (StreamCursor* each : {&all, &after, &end, &max}) EXPECT_THAT(delivered(*each), ElementsAre(6, 7, 8, 9));
  EXPECT_THAT(delivered(beyond), ElementsAre(8, 9));
  ASSERT_TRUE(append(engine, "not-yet", {event(100)}));
  EXPECT_THAT(delivered(never), ElementsAre(0));
}

TEST_F(Follows, LiveEventsAreDeliveredAlthoughTruncatedSince) {
  StreamCursor live = follow(End{});
  StreamCursor catching_up = follow(Start{});
  ASSERT_TRUE(append(engine, "s", {event(6), event(7)}));
  ASSERT_TRUE(set_metadata(engine, 100, "s", R"({"$tb":8,"$maxAge":1})"));
  clock.advance_s(10);
  EXPECT_THAT(delivered(live), ElementsAre(6, 7));
  EXPECT_THAT(delivered(catching_up), IsEmpty());
  ASSERT_TRUE(append(engine, "s", {event(8)}));
  clock.advance_s(10);
  EXPECT_THAT(delivered(live), ElementsAre(8));
  EXPECT_THAT(delivered(catching_up), ElementsAre(8)) << "live from the end it had reached";
}

TEST_F(Follows, ASoftDeleteIsSilentAndTheStreamGoesOn) {
  StreamCursor live = follow(End{});
  ASSERT_TRUE(engine.delete_stream("s", Any{}));
  StreamCursor started_deleted = follow(Start{});
  EXPECT_THAT(delivered(live), IsEmpty());
  EXPECT_THAT(delivered(started_deleted), IsEmpty());
  ASSERT_TRUE(append(engine, "s", {event(6)}));
  EXPECT_THAT(delivered(live), ElementsAre(6));
  EXPECT_THAT(delivered(started_deleted), ElementsAre(6));
}

TEST_F(Follows, ATombstoneIsTheLastEventOfALiveSubscription) {
  StreamCursor live = follow(End{});
  StreamCursor behind = follow(StreamRevision{2});
  StreamCursor partly = follow(Start{});
  EXPECT_TRUE(engine.next(partly));
  ASSERT_TRUE(append(engine, "s", {event(6)}));
  ASSERT_TRUE(engine.tombstone_stream("s", Any{}));
  EXPECT_THAT(delivered(live), ElementsAre(6, kDeletedRevision));
  EXPECT_TRUE(live.done);
  EXPECT_THAT(delivered(live), IsEmpty());
  EXPECT_THAT(delivered(behind), ElementsAre(3, 4, 5, 6)) << "catching up: ends without it";
  EXPECT_TRUE(behind.done);
  EXPECT_EQ(delivered(partly).size(), 6u);
  EXPECT_EQ(engine.follow_stream("s", End{}).error().code, ErrorCode::StreamDeleted);
  EXPECT_EQ(engine.follow_stream("$$s", End{}).error().code, ErrorCode::StreamDeleted);
}

TEST_F(Follows, AllAfterAPosition) {
  const std::vector<RecordedEvent> all = everything(engine);
  AllCursor after = engine.follow_all(all[3].position);
  AllCursor end = engine.follow_all(End{});
  AllCursor max = engine.follow_all(Position{UINT64_MAX, UINT64_MAX});
  EXPECT_EQ(engine.next(after)->id, all[4].id);
  EXPECT_FALSE(engine.next(end));
  ASSERT_TRUE(append(engine, "t", {event(100)}));
  EXPECT_EQ(engine.next(end)->id, id_of(100));
  EXPECT_EQ(engine.next(max)->id, id_of(100));
  AllCursor start = engine.follow_all(Start{});
  EXPECT_EQ(engine.next(start)->id, all[0].id);
}

}  // namespace
}  // namespace kurrentlite
