#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "engine/pages.hpp"
#include "engine_support.hpp"

// A scavenge takes out, for good, what nobody can read in its stream; all else stays as and where it is.
namespace kurrentlite {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Scavenge : public ::testing::Test {
 protected:
  /// Appends `count` events, each with a number of its own.
  void write(std::string_view stream, std::uint64_t count, std::string_view data = "{}") {
    for (; count > 0; --count) ASSERT_TRUE(append(engine, stream, {event(++last_id, "happened", data)}));
  }
  void describe_stream(const std::string& stream, std::string_view json) {
    ASSERT_TRUE(set_metadata(engine, ++last_id, stream, json));
  }
  Scavenged scavenge() {
    const Result<Scavenged> result = engine.scavenge();
    EXPECT_TRUE(result.ok()) << result.error().message;
    return *result;
  }
  /// The revisions of a stream's events in `$all`.
  std::vector<std::uint64_t> left_of(std::string_view stream) const {
    std::vector<std::uint64_t> found;
    for (const RecordedEvent& each : everything(engine)) {
      if (each.stream == stream) found.push_back(each.revision.value);
    }
    return found;
  }

  ManualClock clock;
  Engine engine{clock};
  std::uint64_t last_id = 0;
};

TEST_F(Scavenge, TakesNothingFromStreamsThatHideNothing) {
  write("s", 3);
  describe_stream("s", R"({"note":1})");
  const std::vector<std::string> before = contents(engine);
  EXPECT_EQ(scavenge().events, 0u);
  EXPECT_EQ(contents(engine), before);
}

TEST_F(Scavenge, OfAnEmptyDatabaseDoesNothing) { EXPECT_EQ(scavenge().events, 0u); }

TEST_F(Scavenge, TakesWhatTruncateBeforeHides) {
  write("s", 5);
  describe_stream("s", R"({"$tb":3})");
  EXPECT_EQ(scavenge().events, 3u);
  EXPECT_THAT(left_of("s"), ElementsAre(3, 4));
  EXPECT_THAT(left_of("$$s"), ElementsAre(0));
}

TEST_F(Scavenge, TakesWhatMaxCountHides) {
  write("s", 5);
  describe_stream("s", R"({"$maxCount":2})");
  EXPECT_EQ(scavenge().events, 3u);
  EXPECT_THAT(left_of("s"), ElementsAre(3, 4));
  write("s", 1);
  EXPECT_EQ(scavenge().events, 1u);
  EXPECT_THAT(left_of("s"), ElementsAre(4, 5));
}

TEST_F(Scavenge, TakesWhatHasExpired) {
  describe_stream("s", R"({"$maxAge":10})");
  write("s", 2);
  clock.advance_s(6);
  write("s", 2);
  clock.advance_s(5);
  EXPECT_EQ(scavenge().events, 2u);
  EXPECT_THAT(left_of("s"), ElementsAre(2, 3));
}

TEST_F(Scavenge, LeavesTheLastEventThoughNobodyReadsIt) {
  describe_stream("aged", R"({"$maxAge":10})");
  write("aged", 3);
  write("cut", 3);
  describe_stream("cut", R"({"$tb":100})");
  clock.advance_s(100);
  EXPECT_EQ(scavenge().events, 4u);
  EXPECT_THAT(left_of("aged"), ElementsAre(2));
  EXPECT_THAT(left_of("cut"), ElementsAre(2));
  EXPECT_THAT(read(engine, "aged"), IsEmpty());
  EXPECT_EQ(engine.last_revision("aged"), StreamRevision{2});
  EXPECT_EQ(append(engine, "aged", {event(900)}, StreamRevision{2})->revision, StreamRevision{3});
}

TEST_F(Scavenge, TakesReplacedMetadata) {
  describe_stream("s", R"({"a":1})");
  describe_stream("s", R"({"a":2})");
  describe_stream("s", R"({"$maxCount":4})");
  EXPECT_EQ(scavenge().events, 2u);
  EXPECT_THAT(left_of("$$s"), ElementsAre(2));
  write("s", 5);
  EXPECT_THAT(read(engine, "s"), SizeIs(4)) << "what is left of the metadata holds";
}

TEST_F(Scavenge, LeavesTheLastEventOfASoftDeletedStream) {
  write("s", 3);
  ASSERT_TRUE(engine.delete_stream("s", Any{}));
  EXPECT_EQ(scavenge().events, 2u);
  EXPECT_THAT(left_of("s"), ElementsAre(2));
  EXPECT_FALSE(engine.open_stream("s", Direction::Forwards, Start{}));
  write("s", 1);
  EXPECT_THAT(revisions(read(engine, "s")), ElementsAre(3));
}

TEST_F(Scavenge, LeavesOfATombstonedStreamTheTombstone) {
  write("s", 3);
  describe_stream("s", "{}");
  write("other", 1);
  ASSERT_TRUE(engine.tombstone_stream("s", Any{}));
  const DatabaseStatistics before = engine.statistics();
  EXPECT_EQ(scavenge().events, 4u);
  EXPECT_THAT(left_of("s"), ElementsAre(kDeletedRevision));
  EXPECT_THAT(left_of("$$s"), IsEmpty());
  EXPECT_EQ(engine.statistics().total_streams, before.total_streams - 1) << "the metastream holds nothing any more";
  EXPECT_EQ(code_of(append(engine, "s", {event(900)})), ErrorCode::StreamDeleted);
  EXPECT_EQ(code_of(set_metadata(engine, 901, "s", "{}")), ErrorCode::StreamDeleted);
  EXPECT_EQ(engine.follow_stream("s", Start{}).error().code, ErrorCode::StreamDeleted);
  EXPECT_EQ(scavenge().events, 0u);
}

TEST_F(Scavenge, KeepsRevisionsAndPositions) {
  for (std::uint64_t i = 0; i < 60; ++i) write("s-" + std::to_string(i % 7), 1, std::string(i * 7, 'x'));
  describe_stream("s-1", R"({"$maxCount":2})");
  describe_stream("s-2", R"({"$tb":5})");
  ASSERT_TRUE(engine.tombstone_stream("s-3", Any{}));
  std::map<std::uint64_t, std::string> before;
  for (const RecordedEvent& each : everything(engine)) before[each.position.commit] = testing::describe(each);
  const Position head = engine.head();
  const Scavenged taken = scavenge();
  EXPECT_GT(taken.events, 10u);
  const std::vector<RecordedEvent> left = everything(engine);
  EXPECT_EQ(left.size() + taken.events, before.size());
  for (const RecordedEvent& each : left) EXPECT_EQ(testing::describe(each), before[each.position.commit]);
  EXPECT_EQ(engine.head(), head);
}

TEST_F(Scavenge, StatisticsTellWhatIsLeft) {
  write("s", 9, "a text");
  describe_stream("s", R"({"$tb":4})");
  const DatabaseStatistics before = engine.statistics();
  const Scavenged taken = scavenge();
  EXPECT_EQ(engine.statistics().total_events, before.total_events - 4);
  EXPECT_EQ(engine.statistics().storage_used_bytes, before.storage_used_bytes - taken.event_bytes);
  EXPECT_EQ(taken.event_bytes, 4u * 52u) << "a header of 44 bytes and six of data, padded";
}

TEST_F(Scavenge, EventsDoNotComeBackWithOtherMetadata) {
  write("s", 6);
  describe_stream("s", R"({"$maxCount":2})");
  scavenge();
  describe_stream("s", R"({"$maxCount":5})");
  EXPECT_THAT(revisions(read(engine, "s")), ElementsAre(4, 5));
  describe_stream("s", "{}");
  EXPECT_THAT(revisions(read(engine, "s")), ElementsAre(4, 5));
  EXPECT_THAT(revisions(read(engine, "s", Direction::Backwards, End{})), ElementsAre(5, 4));
  EXPECT_THAT(read(engine, "s", Direction::Backwards, StreamRevision{3}), IsEmpty());
  EXPECT_THAT(revisions(read(engine, "s", Direction::Forwards, StreamRevision{1})), ElementsAre(4, 5));
}

TEST_F(Scavenge, LinksToWhatIsGoneLeadNowhere) {
  write("s", 4);
  ASSERT_TRUE(append(engine, "links", {event(100, "$>", "1@s"), event(101, "$>", "2@s"), event(102, "$>", "-1@s")}));
  describe_stream("s", R"({"$tb":2})");
  scavenge();
  describe_stream("s", "{}");
  std::vector<std::uint64_t> targets;
  StreamCursor cursor = engine.open_stream("links", Direction::Forwards, Start{}).value();
  while (const std::optional<Record> link = engine.next(cursor)) {
    const std::optional<Record> target = engine.resolve(*link);
    targets.push_back(target ? target->revision.value : 99);
  }
  EXPECT_THAT(targets, ElementsAre(99, 2, 3));
}

TEST_F(Scavenge, IdsThatAreGoneAreNewAgain) {
  write("s", 4);
  describe_stream("s", R"({"$tb":2})");
  scavenge();
  EXPECT_EQ(append(engine, "s", {event(4)})->revision, StreamRevision{3}) << "a repeat";
  EXPECT_EQ(append(engine, "s", {event(1)})->revision, StreamRevision{4}) << "written anew";
  EXPECT_EQ(append(engine, "s", {event(1)})->revision, StreamRevision{4}) << "and then a repeat";
  EXPECT_EQ(code_of(append(engine, "s", {event(1)}, NoStream{})), ErrorCode::WrongExpectedVersion);
  EXPECT_EQ(code_of(append(engine, "s", {event(2)}, StreamRevision{0})), ErrorCode::WrongExpectedVersion);
  EXPECT_EQ(append(engine, "s", {event(3)}, StreamRevision{1})->revision, StreamRevision{2}) << "this one is still there";
}

TEST_F(Scavenge, OfTwoEventsWithOneIdTheOtherStaysKnown) {
  ASSERT_TRUE(append(engine, "kept", {event(101)}));
  ASSERT_TRUE(append(engine, "s", {event(101), event(102)}));
  describe_stream("s", R"({"$tb":1})");
  scavenge();
  EXPECT_EQ(append(engine, "kept", {event(101)})->revision, StreamRevision{0});
}

TEST_F(Scavenge, CursorsUnderWayGoOnBehindTheGap) {
  write("s", 6);
  write("other", 2);
  AllCursor forwards = engine.open_all(Direction::Forwards, Start{}).value();
  AllCursor backwards = engine.open_all(Direction::Backwards, End{}).value();
  StreamCursor reading = engine.open_stream("s", Direction::Forwards, Start{}).value();
  StreamCursor following = engine.follow_stream("s", StreamRevision{0}).value();
  StreamCursor live = engine.follow_stream("s", End{}).value();
  ASSERT_TRUE(engine.next(forwards));
  ASSERT_TRUE(engine.next(reading));
  write("s", 3);
  describe_stream("s", R"({"$tb":7})");
  scavenge();
  const Position next = engine.place_of(forwards);
  EXPECT_EQ(engine.next(forwards)->position(), next);
  EXPECT_EQ(engine.stream_name(engine.record_at(static_cast<RecordAddress>(next.commit / 4)).stream), "other");
  for (const char* stream : {"other", "other"}) EXPECT_EQ(engine.stream_name(engine.next(backwards)->stream), stream);
  EXPECT_FALSE(engine.next(backwards));
  for (StreamCursor* each : {&reading, &following, &live}) {
    EXPECT_EQ(engine.next(*each)->revision, StreamRevision{7});
    EXPECT_EQ(engine.next(*each)->revision, StreamRevision{8});
    EXPECT_FALSE(engine.next(*each));
  }
}

// Enough events that every index has pages which hold nothing else any more.
class LargeScavenge : public Scavenge {
 protected:
  static constexpr std::uint64_t kMany = 150'000;
  void SetUp() override {
    write("before", 2);
    std::vector<EventView> batch;
    for (std::uint64_t i = 0; i < kMany; ++i) {
      batch.push_back(event(1'000'000 + i, "happened", "{}"));
      if (batch.size() < 1'000) continue;
      ASSERT_TRUE(append(engine, "large", batch));
      batch.clear();
    }
    write("after", 2);
    describe_stream("large", R"({"$maxCount":3})");
  }
};

TEST_F(LargeScavenge, GivesBackThePagesOfEveryIndex) {
  const std::uint64_t before = engine.memory_used_bytes();
  const Scavenged taken = scavenge();
  EXPECT_EQ(taken.events, kMany - 3);
  EXPECT_EQ(taken.memory_bytes, before - engine.memory_used_bytes());
  // What was taken was nearly all there was. The heads of the id chains stay, and a bit an event was added.
  EXPECT_LT(engine.memory_used_bytes(), before / 6);
  EXPECT_GT(taken.memory_bytes, taken.event_bytes);
}

TEST_F(LargeScavenge, EveryPositionStillLeadsSomewhere) {
  const std::vector<RecordedEvent> all = everything(engine);
  scavenge();
  const std::vector<RecordedEvent> left = everything(engine);
  ASSERT_THAT(left, SizeIs(8));
  for (std::size_t i = 0; i < all.size(); i += i < 10 ? 1 : 997) {
    const Position place = all[i].position;
    const auto first = std::find_if(left.begin(), left.end(), [&](const auto& each) { return each.position >= place; });
    AllCursor forwards = engine.open_all(Direction::Forwards, place).value();
    ASSERT_EQ(engine.next(forwards)->position(), first->position) << i;
    AllCursor backwards = engine.open_all(Direction::Backwards, place).value();
    const std::optional<Record> before = engine.next(backwards);
    ASSERT_EQ(before.has_value(), first != left.begin()) << i;
    if (before) {
      ASSERT_EQ(before->position(), (first - 1)->position) << i;
    }
    AllCursor following = engine.follow_all(place);
    const auto behind = std::find_if(left.begin(), left.end(), [&](const auto& each) { return each.position > place; });
    ASSERT_EQ(engine.next(following).has_value(), behind != left.end()) << i;
  }
}

TEST_F(LargeScavenge, WritingGoesOn) {
  scavenge();
  for (std::uint64_t i = 0; i < 3; ++i) {
    std::vector<EventView> batch;
    for (std::uint64_t each = 0; each < 30'000; ++each) batch.push_back(event(1'000'000 + i * 30'000 + each));
    ASSERT_EQ(append(engine, "large", batch)->revision, StreamRevision{kMany + (i + 1) * 30'000 - 1}) << "ids are new";
    ASSERT_THAT(revisions(read(engine, "large")), ElementsAre(kMany + (i + 1) * 30'000 - 3, kMany + (i + 1) * 30'000 - 2,
                                                             kMany + (i + 1) * 30'000 - 1));
    ASSERT_EQ(append(engine, "large", batch)->revision, StreamRevision{kMany + (i + 1) * 30'000 - 1}) << "repeats";
    ASSERT_EQ(scavenge().events, 30'000u);
    ASSERT_THAT(everything(engine), SizeIs(8));
  }
}

TEST_F(LargeScavenge, LeavesForksAlone) {
  const std::unique_ptr<Engine> fork = engine.fork(clock);
  const std::uint64_t memory = fork->memory_used_bytes();
  scavenge();
  EXPECT_THAT(everything(engine), SizeIs(8));
  EXPECT_THAT(everything(*fork), SizeIs(kMany + 5));
  EXPECT_EQ(fork->memory_used_bytes(), memory);
  EXPECT_EQ(append(*fork, "large", {event(1'000'500)})->revision, StreamRevision{500}) << "still known there";
  const std::unique_ptr<Engine> fork_of_the_rest = engine.fork(clock);
  EXPECT_EQ(contents(*fork_of_the_rest), contents(engine));
  EXPECT_EQ(fork_of_the_rest->statistics().total_events, 8u);
  engine.adopt(*fork);
  EXPECT_THAT(everything(engine), SizeIs(kMany + 5));
  EXPECT_EQ(scavenge().events, kMany - 3) << "the snapshot can be scavenged again";
}

TEST_F(LargeScavenge, IsForgottenByAReset) {
  scavenge();
  engine.reset();
  write("large", 3);
  EXPECT_THAT(revisions(read(engine, "large")), ElementsAre(0, 1, 2));
  EXPECT_EQ(engine.statistics().total_events, 3u);
}

// Knowing of gaps takes a page, for which a full database has no room.
class FullScavenge : public Scavenge {
 protected:
  FullScavenge() : full(clock, {.memory_max_bytes = 30 * kPageBytes}) {}
  void fill(std::string_view data) {
    ASSERT_TRUE(set_metadata(full, ++last_id, "s", R"({"$maxCount":1})"));
    while (append(full, "s", {event(++last_id, "happened", data)})) continue;
    ASSERT_EQ(full.memory_used_bytes(), 30 * kPageBytes);
  }
  Engine full;
};

TEST_F(FullScavenge, MakesRoomWhenItGivesBackMore) {
  fill(std::string(10'000, 'x'));
  const std::unique_ptr<Engine> fork = full.fork(clock);
  const std::vector<std::string> before = contents(*fork);
  ASSERT_TRUE(full.scavenge());
  EXPECT_THAT(everything(full), SizeIs(2));
  EXPECT_LT(full.memory_used_bytes(), 20 * kPageBytes);
  EXPECT_EQ(contents(*fork), before);
  EXPECT_TRUE(append(full, "s", {event(++last_id, "happened", std::string(500'000, 'x'))}));
  EXPECT_FALSE(append(full, "s", {event(++last_id, "happened", std::string(1'500'000, 'x'))})) << "the limit holds again";
}

TEST_F(FullScavenge, ChangesNothingWhenThereIsNothingToGiveBack) {
  // Each page holds an event that stays.
  ASSERT_TRUE(set_metadata(full, ++last_id, "s", R"({"$maxCount":1})"));
  while (append(full, "s", {event(++last_id, "happened", std::string(10'000, 'x'))}) &&
         append(full, "kept", {event(++last_id, "happened", std::string(10'000, 'x'))})) {
    continue;
  }
  ASSERT_EQ(full.memory_used_bytes(), 30 * kPageBytes);
  const std::vector<std::string> before = contents(full);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Result<Scavenged> result = full.scavenge();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::OutOfMemory);
    EXPECT_EQ(contents(full), before);
    EXPECT_EQ(full.memory_used_bytes(), 30 * kPageBytes);
  }
  ASSERT_TRUE(set_metadata(full, ++last_id, "s", "{}")) << "which fits into the last page";
  EXPECT_GT(read(full, "s").size(), 10u) << "all are still there";
}

}  // namespace
}  // namespace kurrentlite
