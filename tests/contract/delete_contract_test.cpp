// Soft deletes and tombstones (3.10): every cell of the table, and what is left afterwards.
#include "contract/harness.hpp"

namespace kurrentlite::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ClientContract, DeleteAnAbsentStream) {
  expect_deletes(StreamState::Absent, {{Any{}, "conflict at no stream"},
                                       {NoStream{}, "conflict at no stream"},
                                       {StreamExists{}, "conflict at no stream"},
                                       {StreamRevision{0}, "conflict at no stream"}});
}

TEST_P(ClientContract, DeleteAStreamWithOnlyMetadata) {
  expect_deletes(
      StreamState::OnlyMetadata,
      {{Any{}, "ok"}, {NoStream{}, "ok"}, {StreamExists{}, "ok"}, {StreamRevision{0}, "conflict at no stream"}});
}

TEST_P(ClientContract, DeleteAnExistingStream) {
  expect_deletes(StreamState::Existing, {{Any{}, "ok"},
                                         {NoStream{}, "conflict at 2"},
                                         {StreamExists{}, "ok"},
                                         {StreamRevision{kLast}, "ok"},
                                         {StreamRevision{kLast - 1}, "conflict at 2"},
                                         {StreamRevision{kLast + 1}, "conflict at 2"}});
}

TEST_P(ClientContract, DeleteAStreamWhoseEventsAreAllTruncated) {
  expect_deletes(StreamState::Truncated,
                 {{Any{}, "ok"}, {NoStream{}, "conflict at 2"}, {StreamExists{}, "ok"}, {StreamRevision{kLast}, "ok"}});
}

TEST_P(ClientContract, DeleteASoftDeletedStream) {
  expect_deletes(StreamState::SoftDeleted, {{Any{}, "ok"},
                                            {NoStream{}, "ok"},
                                            {StreamExists{}, "StreamDeleted"},
                                            {StreamRevision{kLast}, "ok"},
                                            {StreamRevision{kLast - 1}, "conflict at 2"}});
}

TEST_P(ClientContract, DeleteATombstonedStream) {
  expect_deletes(StreamState::Tombstoned, {{Any{}, "StreamDeleted"},
                                           {NoStream{}, "StreamDeleted"},
                                           {StreamExists{}, "StreamDeleted"},
                                           {StreamRevision{kLast}, "StreamDeleted"}});
}

TEST_P(ClientContract, TombstoneAnAbsentStream) {
  expect_tombstones(StreamState::Absent, {{Any{}, "ok"},
                                          {NoStream{}, "ok"},
                                          {StreamExists{}, "conflict at no stream"},
                                          {StreamRevision{0}, "conflict at no stream"}});
}

TEST_P(ClientContract, TombstoneAStreamWithOnlyMetadata) {
  expect_tombstones(
      StreamState::OnlyMetadata,
      {{Any{}, "ok"}, {NoStream{}, "ok"}, {StreamExists{}, "ok"}, {StreamRevision{0}, "conflict at no stream"}});
}

TEST_P(ClientContract, TombstoneAnExistingStream) {
  expect_tombstones(StreamState::Existing, {{Any{}, "ok"},
                                            {NoStream{}, "conflict at 2"},
                                            {StreamExists{}, "ok"},
                                            {StreamRevision{kLast}, "ok"},
                                            {StreamRevision{0}, "conflict at 2"}});
}

TEST_P(ClientContract, TombstoneAStreamWhoseEventsAreAllTruncated) {
  expect_tombstones(
      StreamState::Truncated,
      {{Any{}, "ok"}, {NoStream{}, "conflict at 2"}, {StreamExists{}, "ok"}, {StreamRevision{kLast}, "ok"}});
}

TEST_P(ClientContract, TombstoneASoftDeletedStream) {
  expect_tombstones(StreamState::SoftDeleted, {{Any{}, "ok"},
                                               {NoStream{}, "ok"},
                                               {StreamExists{}, "StreamDeleted"},
                                               {StreamRevision{kLast}, "ok"},
                                               {StreamRevision{0}, "conflict at 2"}});
}

TEST_P(ClientContract, TombstoneATombstonedStream) {
  expect_tombstones(StreamState::Tombstoned, {{Any{}, "StreamDeleted"},
                                              {NoStream{}, "StreamDeleted"},
                                              {StreamExists{}, "StreamDeleted"},
                                              {StreamRevision{kLast}, "StreamDeleted"}});
}

TEST_P(ClientContract, ADeletedStreamReadsAsNotFoundButItsEventsStayInAll) {
  bring("order-1", StreamState::SoftDeleted);
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound));
  EXPECT_THAT(read("order-1", {.direction = Direction::Backwards, .from = End{}}),
              FailsWith(ErrorCode::StreamNotFound));
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid", "shipped"));
  EXPECT_EQ(metadata_of("order-1"), R"({"$tb":9223372036854775807})");
}

TEST_P(ClientContract, DeletingLosesTheMetadataForGood) {
  bring("order-1", StreamState::Existing);
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":2,"owner":"alice"})"), IsOk());
  ASSERT_THAT(delete_stream("order-1"), IsOk());
  appended("order-1", several(5));
  EXPECT_EQ(metadata_of("order-1"), R"({"$tb":3})");
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3, 4, 5, 6, 7));
}

TEST_P(ClientContract, DeleteAnswersThePositionOfItsMetadataEvent) {
  bring("order-1", StreamState::Existing);
  const auto deleted = delete_stream("order-1");
  ASSERT_THAT(deleted, IsOk());
  const auto metadata = read("$$order-1");
  ASSERT_THAT(metadata, IsOk());
  ASSERT_EQ(metadata->size(), 1U);
  EXPECT_EQ(metadata->front().event->position, deleted->position);
  EXPECT_EQ(metadata->front().event->type, "$metadata");
}

TEST_P(ClientContract, ATombstoneEndsAStreamAndItsMetadata) {
  bring("order-1", StreamState::Existing);
  ASSERT_THAT(set_metadata("order-1", R"({"owner":"alice"})"), IsOk());
  const auto tombstoned = tombstone("order-1");
  ASSERT_THAT(tombstoned, IsOk());
  const auto refused = read("order-1");
  ASSERT_THAT(refused, FailsWith(ErrorCode::StreamDeleted));
  EXPECT_EQ(refused.error().text("stream"), "order-1");
  EXPECT_THAT(read("order-1", {.direction = Direction::Backwards, .from = End{}}), FailsWith(ErrorCode::StreamDeleted));
  EXPECT_THAT(read("$$order-1"), FailsWith(ErrorCode::StreamDeleted));
  EXPECT_THAT(set_metadata("order-1", "{}"), FailsWith(ErrorCode::StreamDeleted));
  const auto events = read_all({.direction = Direction::Backwards, .from = End{}, .max_count = 1});
  ASSERT_THAT(events, IsOk());
  const RecordedEvent& marker = *events->front().event;
  EXPECT_EQ(marker.stream, "order-1");
  EXPECT_EQ(marker.type, "$streamDeleted");
  EXPECT_EQ(marker.revision, StreamRevision{kDeletedRevision});
  EXPECT_EQ(marker.position, tombstoned->position);
  EXPECT_THAT(marker.data, IsEmpty());
}

TEST_P(ClientContract, ATombstonedNameThatNeverHeldEventsIsTakenToo) {
  ASSERT_THAT(tombstone("order-1", NoStream{}), IsOk());
  EXPECT_THAT(append("order-1", NoStream{}, {placed()}), FailsWith(ErrorCode::StreamDeleted));
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamDeleted));
}

TEST_P(ClientContract, MetadataStreamsAndAllCannotBeDeleted) {
  ASSERT_THAT(set_metadata("order-1", "{}"), IsOk());
  for (const char* stream : {"$$order-1", "$all"}) {
    EXPECT_THAT(delete_stream(stream), FailsWith(ErrorCode::AccessDenied)) << stream;
    EXPECT_THAT(tombstone(stream), FailsWith(ErrorCode::AccessDenied)) << stream;
  }
}

TEST_P(ClientContract, DeletingAgainAndAgainWorks) {
  for (std::uint64_t round = 0; round < 4; ++round) {
    EXPECT_EQ(outcome(append("order-1", NoStream{}, {placed()})), "ok at " + std::to_string(round));
    EXPECT_EQ(outcome(delete_stream("order-1", StreamRevision{round})), "ok");
  }
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound));
}

}  // namespace
}  // namespace kurrentlite::contract
