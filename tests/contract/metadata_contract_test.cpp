// Stream metadata (3.9): what $maxCount, $tb and $maxAge hide, and what makes metadata count as none.
#include "contract/harness.hpp"

namespace kurrentlite::contract {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ClientContract, MaxCountShowsTheLastEvents) {
  appended("order-1", several(5));
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":2})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3, 4));
  appended("order-1", several(1));
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(4, 5));
  EXPECT_THAT(revisions_in("order-1", {.direction = Direction::Backwards, .from = End{}}), ElementsAre(5, 4));
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":100})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(0, 1, 2, 3, 4, 5)) << "hidden is not gone";
}

TEST_P(ClientContract, TruncateBeforeHidesWhatIsBelow) {
  appended("order-1", several(5));
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":3})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3, 4));
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":0})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(ClientContract, TruncateBeforeBeyondTheEndHidesEventsToCome) {
  appended("order-1", several(2));
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":4})"), IsOk());
  appended("order-1", several(4));
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(4, 5));
}

TEST_P(ClientContract, TheStricterBoundWins) {
  appended("order-1", several(6));
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":1,"$maxCount":2})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(4, 5));
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":5,"$maxCount":4})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(5));
}

TEST_P(ClientContract, MaxAgeHidesOldEventsAtEachRead) {
  if (!harness().advance_clock(0s)) GTEST_SKIP() << "this database's clock cannot be moved";
  appended("order-1", {event("old")});
  ASSERT_THAT(set_metadata("order-1", R"({"$maxAge":60})"), IsOk());
  ASSERT_TRUE(harness().advance_clock(40s));
  appended("order-1", {event("young")});
  EXPECT_THAT(types_in("order-1"), ElementsAre("old", "young"));
  ASSERT_TRUE(harness().advance_clock(30s));
  EXPECT_THAT(types_in("order-1"), ElementsAre("young"));
  EXPECT_THAT(types_in("order-1", {.direction = Direction::Backwards, .from = End{}}), ElementsAre("young"));
  ASSERT_TRUE(harness().advance_clock(60s));
  EXPECT_THAT(types_in("order-1"), IsEmpty()) << "expired, yet not \"not found\"";
  EXPECT_THAT(types_in_all(), ElementsAre("old", "young"));
}

// 3.4 with $maxAge: an expired stream still has its last revision
TEST_P(ClientContract, AppendToAnExpiredStreamGoesOnBehindItsEvents) {
  if (!harness().advance_clock(0s)) GTEST_SKIP() << "this database's clock cannot be moved";
  appended("order-1", several(3));
  ASSERT_THAT(set_metadata("order-1", R"({"$maxAge":10})"), IsOk());
  ASSERT_TRUE(harness().advance_clock(20s));
  EXPECT_EQ(outcome(append("order-1", NoStream{}, {placed()})), "conflict at 2");
  EXPECT_EQ(outcome(append("order-1", StreamRevision{2}, {placed()})), "ok at 3");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed"));
}

TEST_P(ClientContract, ValuesOutOfRangeAreIgnoredOneByOne) {
  appended("order-1", several(4));
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":0,"$maxAge":-1,"$tb":2})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(2, 3));
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":1,"$tb":-5})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3));
}

TEST_P(ClientContract, MalformedMetadataCountsAsNone) {
  appended("order-1", several(4));
  for (const char* json : {R"({"$maxCount":1,"$tb":"2"})", R"({"$maxCount":1.5})", R"({"$maxCount":"1"})",
                           R"({"$maxCount":1,"$tb":9223372036854775808})", R"({"$maxCount":1,"$acl":{"$x":"all"}})",
                           R"({"$maxCount":1,"$acl":[]})", R"({"$maxCount":1,"$acl":{"$r":[1]}})", R"({"$maxCount":1,)",
                           R"({"$maxCount":1,"$tmp":1})", "[1]", "", "not json"}) {
    ASSERT_THAT(set_metadata("order-1", json), IsOk()) << json;
    EXPECT_THAT(revisions_in("order-1"), ElementsAre(0, 1, 2, 3)) << json;
    EXPECT_EQ(metadata_of("order-1"), json) << "bytes stay what they were";
  }
}

TEST_P(ClientContract, MetadataThatIsNotJsonByContentTypeCountsAsNone) {
  appended("order-1", several(4));
  EventData binary = event("$metadata", R"({"$maxCount":1})");
  binary.content_type = ContentType::Binary;
  appended("$$order-1", {binary});
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(0, 1, 2, 3));
}

TEST_P(ClientContract, KnownAndUnknownKeysLiveSideBySide) {
  appended("order-1", several(4));
  ASSERT_THAT(set_metadata("order-1", R"({"owner":{"name":"alice"},"$acl":{"$r":"$all","$w":["bob","$admins"]},)"
                                      R"("$cacheControl":5,"$tmp":true,"$maxCount":1,"$other":[1.5]})"),
              IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3));
}

TEST_P(ClientContract, AnEventOfAnyTypeSetsMetadata) {
  appended("order-1", several(4));
  appended("$$order-1", {event("renamed", R"({"$maxCount":1})")});
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3));
}

// 3.1: every `$$` stream behaves as if its metadata were {"$maxCount":1}
TEST_P(ClientContract, MetadataStreamsHaveNoMetadataThemselves) {
  ASSERT_THAT(set_metadata("order-1", R"({"n":1})"), IsOk());
  ASSERT_THAT(set_metadata("order-1", R"({"n":2})"), IsOk());
  ASSERT_THAT(set_metadata("$$order-1", R"({"$maxCount":7})"), IsOk());
  EXPECT_THAT(revisions_in("$$order-1"), ElementsAre(1));
}

TEST_P(ClientContract, TheLastMetadataEventReplacesEverything) {
  appended("order-1", several(4));
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":1})"), IsOk());
  ASSERT_THAT(set_metadata("order-1", R"({"owner":"bob"})"), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(0, 1, 2, 3));
}

TEST_P(ClientContract, AMetadataStreamShowsItsLastEventOnly) {
  for (const char* json : {R"({"n":1})", R"({"n":2})", R"({"n":3})"})
    ASSERT_THAT(set_metadata("order-1", json), IsOk());
  EXPECT_THAT(revisions_in("$$order-1"), ElementsAre(2));
  EXPECT_EQ(metadata_of("order-1"), R"({"n":3})");
}

TEST_P(ClientContract, MetadataHasExpectedStatesOfItsOwn) {
  EXPECT_EQ(outcome(append("$$order-1", NoStream{}, {event("$metadata", "{}")})), "ok at 0");
  EXPECT_EQ(outcome(append("$$order-1", NoStream{}, {event("$metadata", "{}")})), "conflict at 0");
  EXPECT_EQ(outcome(append("$$order-1", StreamRevision{0}, {event("$metadata", "{}")})), "ok at 1");
  EXPECT_EQ(outcome(append("$$order-1", StreamRevision{0}, {event("$metadata", "{}")})), "conflict at 1");
}

TEST_P(ClientContract, MetadataSetBeforeTheStreamExistsApplies) {
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":2})"), IsOk());
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound));
  appended("order-1", several(5));
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3, 4));
}

TEST_P(ClientContract, SoftDeleteByHandWorksAsDelete) {
  appended("order-1", several(2));
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":9223372036854775807})"), IsOk());
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound));
  EXPECT_EQ(outcome(append("order-1", NoStream{}, {placed()})), "ok at 2");
}

}  // namespace
}  // namespace kurrentlite::contract
