// Appends: names (3.1), positions (3.3), expected states (3.4), idempotent repeats (3.5) and sizes (3.6).
#include "contract/harness.hpp"

namespace kurrentlite::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

constexpr std::uint64_t kBeyondInt64 = ~std::uint64_t{0} - 1;

// 3.4: every cell of the table of expected and actual states

TEST_P(ClientContract, AppendToAnAbsentStream) {
  expect_appends(StreamState::Absent, {{Any{}, "ok at 0"},
                                       {NoStream{}, "ok at 0"},
                                       {StreamExists{}, "conflict at no stream"},
                                       {StreamRevision{0}, "conflict at no stream"},
                                       {StreamRevision{5}, "conflict at no stream"}});
}

TEST_P(ClientContract, AppendToAStreamWithOnlyMetadata) {
  expect_appends(StreamState::OnlyMetadata, {{Any{}, "ok at 0"},
                                             {NoStream{}, "ok at 0"},
                                             {StreamExists{}, "ok at 0"},
                                             {StreamRevision{0}, "conflict at no stream"}});
}

TEST_P(ClientContract, AppendToAnExistingStream) {
  expect_appends(StreamState::Existing, {{Any{}, "ok at 3"},
                                         {NoStream{}, "conflict at 2"},
                                         {StreamExists{}, "ok at 3"},
                                         {StreamRevision{kLast}, "ok at 3"},
                                         {StreamRevision{0}, "conflict at 2"},
                                         {StreamRevision{kLast - 1}, "conflict at 2"},
                                         {StreamRevision{kLast + 1}, "conflict at 2"},
                                         {StreamRevision{kDeletedRevision}, "conflict at 2"},
                                         {StreamRevision{kBeyondInt64}, "conflict at 2"}});
}

TEST_P(ClientContract, AppendToAStreamWhoseEventsAreAllTruncated) {
  expect_appends(StreamState::Truncated, {{Any{}, "ok at 3"},
                                          {NoStream{}, "conflict at 2"},
                                          {StreamExists{}, "ok at 3"},
                                          {StreamRevision{kLast}, "ok at 3"},
                                          {StreamRevision{kLast - 1}, "conflict at 2"},
                                          {StreamRevision{kLast + 1}, "conflict at 2"}});
}

TEST_P(ClientContract, AppendToASoftDeletedStream) {
  expect_appends(StreamState::SoftDeleted, {{Any{}, "ok at 3"},
                                            {NoStream{}, "ok at 3"},
                                            {StreamExists{}, "StreamDeleted"},
                                            {StreamRevision{kLast}, "ok at 3"},
                                            {StreamRevision{kLast - 1}, "conflict at 2"},
                                            {StreamRevision{kLast + 1}, "conflict at 2"}});
}

TEST_P(ClientContract, AppendToATombstonedStream) {
  expect_appends(StreamState::Tombstoned, {{Any{}, "StreamDeleted"},
                                           {NoStream{}, "StreamDeleted"},
                                           {StreamExists{}, "StreamDeleted"},
                                           {StreamRevision{kLast}, "StreamDeleted"},
                                           {StreamRevision{kDeletedRevision}, "StreamDeleted"}});
}

TEST_P(ClientContract, AppendAtAStaleRevisionChangesNothingAndSaysWhatWasExpected) {
  ASSERT_THAT(append("order-1", NoStream{}, {placed(), paid()}), IsOk());
  const auto refused = append("order-1", StreamRevision{0}, {shipped()});
  ASSERT_THAT(refused, FailsWith(ErrorCode::WrongExpectedVersion));
  EXPECT_EQ(refused.error().text("stream"), "order-1");
  EXPECT_EQ(refused.error().number("expected"), 0U);
  EXPECT_EQ(refused.error().number("actual"), 1U);
  EXPECT_EQ(append("order-1", NoStream{}, {shipped()}).error().text("expected"), "no_stream");
  EXPECT_EQ(append("order-2", StreamExists{}, {shipped()}).error().text("expected"), "stream_exists");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "paid"));
}

// 3.4: recreation

TEST_P(ClientContract, AppendRecreatesASoftDeletedStreamBehindItsOldEvents) {
  bring("order-1", StreamState::SoftDeleted);
  ASSERT_THAT(append("order-1", NoStream{}, {event("again"), event("more")}), IsOk());
  EXPECT_THAT(types_in("order-1"), ElementsAre("again", "more"));
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3, 4));
  EXPECT_EQ(metadata_of("order-1"), R"({"$tb":3})");
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid", "shipped", "again", "more"));
}

TEST_P(ClientContract, AppendOfNothingRecreatesToo) {
  bring("order-1", StreamState::SoftDeleted);
  ASSERT_THAT(append("order-1", Any{}, {}), IsOk());
  EXPECT_THAT(types_in("order-1"), IsEmpty()) << "it exists again, and all its events are truncated";
  EXPECT_EQ(metadata_of("order-1"), R"({"$tb":3})");
}

TEST_P(ClientContract, SettingMetadataOfASoftDeletedStreamRevivesIt) {
  bring("order-1", StreamState::SoftDeleted);
  ASSERT_THAT(set_metadata("order-1", R"({"owner":"alice"})"), IsOk());
  EXPECT_EQ(metadata_of("order-1"), R"({"owner":"alice","$tb":3})");
  EXPECT_THAT(types_in("order-1"), IsEmpty());
  EXPECT_THAT(append("order-1", StreamExists{}, {placed()}), IsOk());
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3));
}

TEST_P(ClientContract, DeletingADeletedStreamByItsMetadataRevivesIt) {
  bring("order-1", StreamState::SoftDeleted);
  ASSERT_THAT(set_metadata("order-1", R"({"owner":"alice","$tb":9223372036854775807})"), IsOk());
  EXPECT_EQ(metadata_of("order-1"), R"({"owner":"alice","$tb":3})");
  EXPECT_THAT(types_in("order-1"), IsEmpty());
}

TEST_P(ClientContract, SettingMetadataThatIsNoObjectRevivesNothing) {
  bring("order-1", StreamState::SoftDeleted);
  ASSERT_THAT(set_metadata("order-1", "[1]"), IsOk());
  EXPECT_EQ(metadata_of("order-1"), "[1]");
}

TEST_P(ClientContract, AppendOfNothingChecksTheExpectedStateAndAnswersTheHead) {
  bring("order-1", StreamState::Existing);
  EXPECT_EQ(outcome(append("order-1", Any{}, {})), "ok at 2");
  EXPECT_EQ(outcome(append("order-1", StreamRevision{kLast}, {})), "ok at 2");
  EXPECT_EQ(outcome(append("order-1", StreamRevision{0}, {})), "conflict at 2");
  EXPECT_EQ(outcome(append("order-2", NoStream{}, {})), "ok");
  EXPECT_EQ(outcome(append("order-2", StreamExists{}, {})), "conflict at no stream");
  EXPECT_THAT(read("order-2"), FailsWith(ErrorCode::StreamNotFound));
}

// 3.5: idempotent repeats

TEST_P(ClientContract, WeakRepeatIsWrittenOnce) {
  const std::vector<EventData> order = {placed(), paid()};
  const AppendResult first = appended("order-1", order);
  ASSERT_THAT(append("order-1", Any{}, {shipped()}), IsOk());
  for (const ExpectedState& expected : {ExpectedState(Any{}), ExpectedState(StreamExists{})}) {
    const auto repeat = append("order-1", expected, order);
    ASSERT_THAT(repeat, IsOk());
    EXPECT_EQ(repeat->revision, StreamRevision{1}) << "of the repeated event, not of the head";
    EXPECT_EQ(repeat->position, first.position);
  }
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "paid", "shipped"));
}

TEST_P(ClientContract, WeakRepeatNeedsNotTheSameOrderOrContent) {
  EventData one = placed();
  EventData two = paid();
  appended("order-1", {one, two});
  one.data = R"({"other":true})";
  EXPECT_EQ(outcome(append("order-1", Any{}, {two, one})), "ok at 0");
  EXPECT_EQ(outcome(append("order-1", Any{}, {two})), "ok at 1");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "paid"));
}

TEST_P(ClientContract, WeakRepeatWithANewIdLaterConflicts) {
  const EventData one = placed();
  appended("order-1", {one, paid()});
  EXPECT_EQ(outcome(append("order-1", Any{}, {one, shipped()})), "conflict at 1");
  EXPECT_EQ(outcome(append("order-1", StreamExists{}, {one, shipped()})), "conflict at 1");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "paid"));
}

TEST_P(ClientContract, ANewIdFirstWritesEverythingAlsoKnownIds) {
  const EventData one = placed();
  appended("order-1", {one});
  EXPECT_EQ(outcome(append("order-1", Any{}, {paid(), one})), "ok at 2");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "paid", "placed"));
}

TEST_P(ClientContract, StrongRepeatAtItsOwnRevisionIsWrittenOnce) {
  const std::vector<EventData> order = {placed(), paid()};
  const auto first = append("order-1", NoStream{}, order);
  const EventData third = shipped();
  ASSERT_THAT(append("order-1", StreamRevision{1}, {third}), IsOk());
  const auto repeat = append("order-1", NoStream{}, order);
  ASSERT_THAT(repeat, IsOk());
  EXPECT_EQ(repeat->revision, StreamRevision{1});
  EXPECT_EQ(repeat->position, first->position);
  EXPECT_EQ(outcome(append("order-1", StreamRevision{0}, {order[1]})), "ok at 1");
  EXPECT_EQ(outcome(append("order-1", StreamRevision{1}, {third})), "ok at 2");
  EXPECT_EQ(outcome(append("order-1", StreamRevision{0}, {order[1], third})), "ok at 2");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "paid", "shipped"));
}

TEST_P(ClientContract, StrongRepeatElsewhereOrChangedConflicts) {
  const std::vector<EventData> order = {placed(), paid(), shipped()};
  appended("order-1", order);
  EXPECT_EQ(outcome(append("order-1", NoStream{}, {order[1]})), "conflict at 2") << "first id differs";
  EXPECT_EQ(outcome(append("order-1", NoStream{}, {order[0], event("x")})), "conflict at 2") << "later id differs";
  EXPECT_EQ(outcome(append("order-1", StreamRevision{1}, {order[2], event("x")})), "conflict at 2") << "past the end";
  EXPECT_EQ(outcome(append("order-1", StreamRevision{0}, {order[2]})), "conflict at 2") << "another revision";
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "paid", "shipped"));
}

TEST_P(ClientContract, AtTheHeadNoRepeatIsLookedFor) {
  const EventData one = placed();
  appended("order-1", {one});
  EXPECT_EQ(outcome(append("order-1", StreamRevision{0}, {one})), "ok at 1");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "placed"));
}

TEST_P(ClientContract, TheSameIdInAnotherStreamIsNoRepeat) {
  const EventData one = placed();
  appended("order-1", {one});
  EXPECT_EQ(outcome(append("order-2", Any{}, {one})), "ok at 0");
  EXPECT_EQ(outcome(append("order-3", NoStream{}, {one})), "ok at 0");
  EXPECT_THAT(types_in("order-2"), ElementsAre("placed"));
}

TEST_P(ClientContract, TheStreamThatUsedAnIdLastWinsItForWeakRepeats) {
  const EventData one = placed();
  appended("order-1", {one});
  appended("order-2", {one});
  EXPECT_EQ(outcome(append("order-1", NoStream{}, {one})), "ok at 0") << "a strong repeat looks at the stream itself";
  EXPECT_EQ(outcome(append("order-2", Any{}, {one})), "ok at 0");
  EXPECT_EQ(outcome(append("order-1", Any{}, {one})), "ok at 1") << "no longer known here, hence written";
}

TEST_P(ClientContract, DuplicateIdsInsideOneAppendAreAllWritten) {
  const EventData one = placed();
  EXPECT_EQ(outcome(append("order-1", NoStream{}, {one, one, one})), "ok at 2");
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed", "placed", "placed"));
}

TEST_P(ClientContract, RepeatOfATruncatedEventHasNoPosition) {
  const EventData one = placed();
  appended("order-1", {one, paid()});
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":1})"), IsOk());
  for (const ExpectedState& expected : {ExpectedState(Any{}), ExpectedState(NoStream{})}) {
    const auto repeat = append("order-1", expected, {one});
    ASSERT_THAT(repeat, IsOk());
    EXPECT_EQ(repeat->revision, StreamRevision{0});
    EXPECT_EQ(repeat->position, std::nullopt);
  }
}

TEST_P(ClientContract, RepeatDoesNotRecreateASoftDeletedStream) {
  const std::vector<EventData> order = {placed(), paid()};
  ASSERT_THAT(append("order-1", NoStream{}, order), IsOk());
  ASSERT_THAT(delete_stream("order-1"), IsOk());
  EXPECT_EQ(outcome(append("order-1", NoStream{}, order)), "ok at 1");
  EXPECT_EQ(outcome(append("order-1", Any{}, order)), "ok at 1");
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound));
}

// 3.1, 3.2: names and bytes

TEST_P(ClientContract, NamesAndTypesMayBeAnyText) {
  for (const StreamName& stream : {std::string("a b"), std::string("\xC3\xA9t\xC3\xA9-1"), std::string("x@y-z"),
                                   std::string("UPPER"), std::string("upper"), std::string(2000, 'n')}) {
    ASSERT_THAT(append(stream, NoStream{}, {event("type of " + stream)}), IsOk()) << stream;
    EXPECT_THAT(types_in(stream), ElementsAre("type of " + stream));
  }
}

TEST_P(ClientContract, EmptyNamesAndTypesAreRefused) {
  EXPECT_THAT(append("", Any{}, {placed()}), FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(append("$$", Any{}, {placed()}), FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(append("order-1", Any{}, {placed(), event("")}), FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(append("$all", Any{}, {placed()}), FailsWith(ErrorCode::AccessDenied));
  EXPECT_THAT(types_in_all(), IsEmpty());
}

TEST_P(ClientContract, BytesComeBackExactlyAsTheyWereSent) {
  EventData binary{unique_id(), "binary", ContentType::Binary, std::string("\0\xFF\x80 raw", 7),
                   std::string("\x01\0", 2)};
  EventData untidy = event("untidy", " { \"n\" : 1E400 , \"n\":2 } ", "not json at all");
  EventData empty{unique_id(), "empty", ContentType::Json, "", ""};
  appended("bytes-1", {binary, untidy, empty});
  const auto events = read("bytes-1");
  ASSERT_THAT(events, IsOk());
  ASSERT_EQ(events->size(), 3U);
  const std::vector<EventData> sent = {binary, untidy, empty};
  for (std::size_t index = 0; index < sent.size(); ++index) {
    const RecordedEvent& event = *(*events)[index].event;
    EXPECT_EQ(event.stream, "bytes-1");
    EXPECT_EQ(event.id, sent[index].id);
    EXPECT_EQ(event.type, sent[index].type);
    EXPECT_EQ(event.content_type, sent[index].content_type);
    EXPECT_EQ(event.data, sent[index].data);
    EXPECT_EQ(event.metadata, sent[index].metadata);
    EXPECT_GT(event.created_ticks, 0);
    EXPECT_EQ((*events)[index].link, std::nullopt);
  }
}

TEST_P(ClientContract, LargeEventsSurvive) {
  const std::string large(3'000'000, 'x');
  appended("large-1", {event("a", large), event("b"), event("c", large)});
  const auto events = read("large-1");
  ASSERT_THAT(events, IsOk());
  ASSERT_EQ(events->size(), 3U);
  EXPECT_EQ((*events)[0].event->data, large);
  EXPECT_EQ((*events)[2].event->data, large);
}

// 3.3: positions

TEST_P(ClientContract, PositionsGrowAndAreThoseReadLater) {
  const ReadPosition before = end_of_all();
  const AppendResult first = appended("order-1", {placed(), paid()});
  const AppendResult second = appended("order-2", {placed()});
  const auto events = all_since(before);
  ASSERT_EQ(events.size(), 3U);
  const Position* const end = std::get_if<Position>(&before);
  for (std::size_t index = 0; index < 3; ++index) {
    const Position position = events[index].event->position;
    const std::uint64_t last = end != nullptr ? end->commit : 0;
    EXPECT_GT(position.commit, index == 0 ? last : events[index - 1].event->position.commit);
    EXPECT_EQ(position.commit, position.prepare);
  }
  EXPECT_EQ(events[1].event->position, first.position);
  EXPECT_EQ(events[2].event->position, second.position);
}

// 3.6: sizes

TEST_P(ClientContract, AnEventAbove16MiBIsRefusedWholly) {
  const std::size_t type_size = 2 * std::string("huge").size();
  const EventData huge = event("huge", std::string((16U << 20U) - type_size + 1, 'x'));
  const auto refused = append("order-1", Any{}, {placed(), huge});
  ASSERT_THAT(refused, FailsWith(ErrorCode::MaxAppendEventSizeExceeded));
  EXPECT_EQ(refused.error().text("eventId"), huge.id.to_string());
  EXPECT_EQ(refused.error().number("proposedEventSize"), (16U << 20U) + 1);
  EXPECT_EQ(refused.error().number("maxAppendEventSize"), 16U << 20U);
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound));
}

}  // namespace
}  // namespace kurrentlite::contract
