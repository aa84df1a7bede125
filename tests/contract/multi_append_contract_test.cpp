// Appends to several streams at once (3.11), with what 3.5 says of their repeats and 3.6 of their sizes.
#include "contract/harness.hpp"

namespace kurrentlite::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// AppendRecords: every cell of the result matrix

TEST_P(ClientContract, CheckAnAbsentStream) {
  expect_checks(StreamState::Absent, {{StreamRevision{0}, "is -1", "is -1"},
                                      {StreamRevision{kLast}, "is -1", "is -1"},
                                      {NoStream{}, "ok", "ok"},
                                      {StreamExists{}, "is -1", "is -1"},
                                      {SoftDeleted{}, "is -1", "is -1"},
                                      {Tombstoned{}, "is -1", "is -1"}});
}

TEST_P(ClientContract, CheckAStreamWithOnlyMetadata) {
  expect_checks(StreamState::OnlyMetadata, {{StreamRevision{0}, "is -1", "is -1"},
                                            {NoStream{}, "ok", "ok"},
                                            {StreamExists{}, "ok", "ok"},
                                            {SoftDeleted{}, "is -1", "is -1"},
                                            {Tombstoned{}, "is -1", "is -1"}});
}

TEST_P(ClientContract, CheckAnExistingStream) {
  expect_checks(StreamState::Existing, {{StreamRevision{kLast}, "ok", "ok"},
                                        {StreamRevision{kLast - 1}, "is 2", "is 2"},
                                        {StreamRevision{kLast + 1}, "is 2", "is 2"},
                                        {StreamRevision{kDeletedRevision}, "is 2", "is 2"},
                                        {NoStream{}, "is 2", "is 2"},
                                        {StreamExists{}, "ok", "ok"},
                                        {SoftDeleted{}, "is 2", "is 2"},
                                        {Tombstoned{}, "is 2", "is 2"}});
}

TEST_P(ClientContract, CheckAStreamWhoseEventsAreAllTruncated) {
  expect_checks(StreamState::Truncated, {{StreamRevision{kLast}, "ok", "ok"},
                                         {NoStream{}, "is 2", "is 2"},
                                         {StreamExists{}, "ok", "ok"},
                                         {SoftDeleted{}, "is 2", "is 2"}});
}

TEST_P(ClientContract, CheckASoftDeletedStream) {
  expect_checks(StreamState::SoftDeleted, {{StreamRevision{kLast}, "ok", "ok"},
                                           {StreamRevision{0}, "is 2", "is 2"},
                                           {StreamRevision{kLast + 1}, "is 2", "is 2"},
                                           {NoStream{}, "ok", "ok"},
                                           {StreamExists{}, "is -5", "is -5"},
                                           {SoftDeleted{}, "ok", "ok"},
                                           {Tombstoned{}, "is 2", "is 2"}});
}

TEST_P(ClientContract, CheckATombstonedStream) {
  expect_checks(StreamState::Tombstoned, {{StreamRevision{kLast}, "is -6", "is -6"},
                                          {NoStream{}, "ok", "is -6"},
                                          {StreamExists{}, "is -6", "is -6"},
                                          {SoftDeleted{}, "is -6", "is -6"},
                                          {Tombstoned{}, "ok", "is -6"}});
}

TEST_P(ClientContract, RecordsWithoutACheckMayGoToAStreamInAnyStateButTombstoned) {
  for (const StreamState state : {StreamState::Absent, StreamState::OnlyMetadata, StreamState::Existing,
                                  StreamState::Truncated, StreamState::SoftDeleted}) {
    const StreamName stream = std::string("s ") + to_string(state);
    bring(stream, state);
    EXPECT_THAT(append_records({{stream, event("added")}}), IsOk()) << to_string(state);
    EXPECT_THAT(types_in(stream, {.direction = Direction::Backwards, .from = End{}, .max_count = 1}),
                ElementsAre("added"));
  }
  bring("tombstoned", StreamState::Tombstoned);
  EXPECT_EQ(outcome(append_records({{"tombstoned", event("added")}})), "violated 0 tombstoned -2 is -6");
}

TEST_P(ClientContract, AllFailingChecksAreListedByTheirIndex) {
  bring("existing", StreamState::Existing);
  bring("dead", StreamState::Tombstoned);
  bring("deader", StreamState::Tombstoned);
  const auto refused = append_records({{"dead", placed()}, {"existing", placed()}, {"deader", placed()}},
                                      {{"absent", StreamExists{}},
                                       {"existing", StreamRevision{kLast}},
                                       {"other", StreamRevision{7}},
                                       {"deader", NoStream{}}});
  EXPECT_EQ(outcome(refused), "violated 0 absent -4 is -1, 2 other 7 is -1, 3 deader -1 is -6, 4 dead -2 is -6")
      << "streams written without a check count on behind the checks";
  EXPECT_THAT(revisions_in("existing"), ElementsAre(0, 1, 2));
}

// AppendRecords: order and results

TEST_P(ClientContract, RecordsStandInAllInTheirOwnOrder) {
  const auto result = append_records({{"order-1", event("a")},
                                      {"order-2", event("b")},
                                      {"order-1", event("c")},
                                      {"order-3", event("d")},
                                      {"order-2", event("e")}});
  EXPECT_EQ(outcome(result), "ok order-1@1 order-2@1 order-3@0");
  EXPECT_THAT(types_in_all(), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(types_in("order-1"), ElementsAre("a", "c"));
  EXPECT_THAT(types_in("order-2"), ElementsAre("b", "e"));
  const auto last = read_all({.direction = Direction::Backwards, .from = End{}, .max_count = 1});
  EXPECT_EQ(result->position, last->front().event->position);
}

TEST_P(ClientContract, RecordsContinueTheirStreams) {
  bring("order-1", StreamState::Existing);
  EXPECT_EQ(outcome(append_records({{"order-2", event("x")}, {"order-1", event("y")}, {"order-2", event("z")}},
                                   {{"order-1", StreamRevision{kLast}}, {"order-2", NoStream{}}})),
            "ok order-2@1 order-1@3");
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(0, 1, 2, 3));
}

TEST_P(ClientContract, ManyRecordsOfAlternatingStreamsKeepTheirPlaces) {
  for (int round = 0; round < 3; ++round) {
    std::vector<AppendRecord> records;
    for (int index = 0; index < 200; ++index) {
      records.push_back({"order-" + std::to_string(index % 7), event("e" + std::to_string(round * 200 + index))});
    }
    ASSERT_THAT(append_records(std::move(records)), IsOk());
  }
  for (int stream = 0; stream < 7; ++stream) {
    const auto types = types_in("order-" + std::to_string(stream));
    std::size_t at = 0;
    for (int round = 0; round < 3; ++round) {
      for (int index = stream; index < 200; index += 7) {
        ASSERT_LT(at, types.size());
        ASSERT_EQ(types[at++], "e" + std::to_string(round * 200 + index));
      }
    }
    ASSERT_EQ(at, types.size());
  }
}

TEST_P(ClientContract, WritingToASoftDeletedStreamRecreatesItBehindTheRecords) {
  bring("order-1", StreamState::SoftDeleted);
  const ReadPosition before = end_of_all();
  const auto result =
      append_records({{"order-1", event("again")}, {"order-2", event("other")}}, {{"order-1", SoftDeleted{}}});
  EXPECT_EQ(outcome(result), "ok order-1@3 order-2@0");
  EXPECT_THAT(types_in("order-1"), ElementsAre("again"));
  EXPECT_EQ(metadata_of("order-1"), R"({"$tb":3})");
  const auto events = all_since(before);
  ASSERT_THAT(types_of(events), ElementsAre("again", "other", "$metadata"));
  EXPECT_EQ(result->position, events[1].event->position) << "of the last record, not of what revives the stream";
}

TEST_P(ClientContract, ASoftDeletedStreamIsRecreatedOnceHoweverManyRecordsItGets) {
  bring("order-1", StreamState::SoftDeleted);
  bring("order-2", StreamState::SoftDeleted);
  EXPECT_EQ(
      outcome(append_session({{"order-1", several(2), StreamRevision{kLast}}, {"order-2", several(3), NoStream{}}})),
      "ok order-1@4 order-2@5");
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(3, 4));
  EXPECT_THAT(revisions_in("order-2"), ElementsAre(3, 4, 5));
  EXPECT_THAT(revisions_in("$$order-1"), ElementsAre(1));
}

TEST_P(ClientContract, StreamAndMetadataMayBeSetTogether) {
  EXPECT_EQ(
      outcome(append_records(
          {{"order-1", event("a")}, {"$$order-1", event("$metadata", R"({"$maxCount":1})")}, {"order-1", event("b")}})),
      "ok order-1@1 $$order-1@0");
  EXPECT_THAT(types_in("order-1"), ElementsAre("b"));
}

// AppendRecords: refusals

TEST_P(ClientContract, RecordsNeedAtLeastOne) {
  EXPECT_THAT(append_records({}), FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(append_records({}, {{"order-1", NoStream{}}}), FailsWith(ErrorCode::InvalidArgument));
}

TEST_P(ClientContract, AStreamIsCheckedOnceWhateverItsCase) {
  EXPECT_THAT(append_records({{"order-1", placed()}}, {{"order-1", NoStream{}}, {"order-1", NoStream{}}}),
              FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(append_records({{"order-1", placed()}}, {{"order-1", NoStream{}}, {"Order-1", NoStream{}}}),
              FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(append_records({{"order-1", placed()}}, {{"", NoStream{}}}), FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(types_in_all(), IsEmpty());
}

TEST_P(ClientContract, RecordsForNamesThatDifferInCaseGoToTheirOwnStreams) {
  EXPECT_EQ(outcome(append_records({{"orders", event("a")}, {"Orders", event("b")}})), "ok orders@0 Orders@0");
  EXPECT_THAT(types_in("orders"), ElementsAre("a"));
  EXPECT_THAT(types_in("Orders"), ElementsAre("b"));
}

TEST_P(ClientContract, OneBadRecordRefusesAll) {
  for (const StreamName& stream : {StreamName(""), StreamName("$$"), StreamName("$all")}) {
    const auto refused = append_records({{"order-1", placed()}, {stream, placed()}});
    EXPECT_THAT(refused, FailsWith(stream == "$all" ? ErrorCode::AccessDenied : ErrorCode::InvalidArgument)) << stream;
    EXPECT_FALSE(append_session({{"order-1", {placed()}}, {stream, {placed()}}}).ok()) << stream;
  }
  EXPECT_THAT(types_in_all(), IsEmpty());
}

TEST_P(ClientContract, EventTypesOfMultiStreamAppendsArePlain) {
  for (const char* type : {"OrderPlaced", "order_placed", "order.placed.v1", "$order:placed-2",
                           "gr\xC3\xB6\xC3\x9F"
                           "er",
                           "1"}) {
    EXPECT_THAT(append_records({{"order-1", event(type)}}), IsOk()) << type;
  }
  for (const char* type : {"", "order placed", "order/placed", "a@b", "$>", "tab\t", "{}", "bad\xFF"}) {
    EXPECT_THAT(append_records({{"order-2", placed()}, {"order-2", event(type)}}),
                FailsWith(ErrorCode::InvalidArgument))
        << type;
    EXPECT_THAT(append_session({{"order-2", {placed(), event(type)}}}), FailsWith(ErrorCode::InvalidArgument)) << type;
  }
  EXPECT_THAT(read("order-2"), FailsWith(ErrorCode::StreamNotFound));
}

// What is stored

TEST_P(ClientContract, MetadataTellTheSchema) {
  EventData binary{unique_id(), "blob", ContentType::Binary, std::string("\0\xFF", 2), ""};
  ASSERT_THAT(append_records({{"order-1", placed()},
                              {"order-1", event("noted", "{}", R"({"user":"alice","$schema.name":"mine"})")},
                              {"order-1", binary}}),
              IsOk());
  ASSERT_THAT(append_session({{"order-1", {event("last", "not JSON", "{}")}}}), IsOk());
  const auto events = read("order-1");
  ASSERT_THAT(events, IsOk());
  ASSERT_THAT(*events, SizeIs(4));
  EXPECT_EQ((*events)[0].event->metadata, R"({"$schema.name":"placed","$schema.format":"Json"})");
  EXPECT_EQ((*events)[1].event->metadata, R"({"user":"alice","$schema.name":"noted","$schema.format":"Json"})")
      << "the type wins over what the caller says it is";
  EXPECT_EQ((*events)[2].event->metadata, R"({"$schema.name":"blob","$schema.format":"Bytes"})");
  EXPECT_EQ((*events)[2].event->content_type, ContentType::Binary);
  EXPECT_EQ((*events)[2].event->data, binary.data);
  EXPECT_EQ((*events)[2].event->id, binary.id);
  EXPECT_EQ((*events)[3].event->data, "not JSON") << "data are not looked into";
}

TEST_P(ClientContract, MetadataOfMultiStreamAppendsMapNamesToTexts) {
  for (const char* metadata : {"[]", "not JSON", "\"text\"", R"({"n":1})", R"({"n":null})", R"({"n":{"deep":"x"}})",
                               R"({"n":["x"]})", R"({"":"x"})", R"({"n":"x")"}) {
    EXPECT_THAT(append_records({{"order-1", placed()}, {"order-1", event("t", "{}", metadata)}}),
                FailsWith(ErrorCode::InvalidArgument))
        << metadata;
    EXPECT_THAT(append_session({{"order-1", {placed(), event("t", "{}", metadata)}}}),
                FailsWith(ErrorCode::InvalidArgument))
        << metadata;
  }
  EXPECT_THAT(types_in_all(), IsEmpty());
}

// 3.6: a record counts its data, its type and its properties as a protobuf Struct

TEST_P(ClientContract, ARecordAbove16MiBIsRefusedWholly) {
  constexpr std::size_t kMax = 16U << 20U;
  const std::string fits(kMax - std::string("huge").size(), 'x');
  const EventData huge = event("huge", fits + "x");
  for (const bool session : {false, true}) {
    const auto refused = session ? append_session({{"order-1", {placed()}}, {"order-2", {huge}}})
                                 : append_records({{"order-1", placed()}, {"order-2", huge}});
    ASSERT_THAT(refused, FailsWith(ErrorCode::AppendRecordSizeExceeded));
    EXPECT_EQ(refused.error().text("stream"), "order-2");
    EXPECT_EQ(refused.error().text("recordId"), huge.id.to_string());
    EXPECT_EQ(refused.error().number("size"), kMax + 1);
    EXPECT_EQ(refused.error().number("maxSize"), kMax);
  }
  EXPECT_THAT(types_in_all(), IsEmpty());
  EXPECT_THAT(append_records({{"order-1", event("huge", fits)}}), IsOk());
  // {"k":"v"}: entry 2 + key 3 + value 2 + text 3 bytes
  const auto with_property = append_records({{"order-1", event("huge", fits, R"({"k":"v"})")}});
  ASSERT_THAT(with_property, FailsWith(ErrorCode::AppendRecordSizeExceeded));
  EXPECT_EQ(with_property.error().number("size"), kMax + 10);
}

// 3.5: repeats

TEST_P(ClientContract, ARepeatOfAllRecordsIsWrittenOnce) {
  const std::vector<AppendRecord> records = {{"order-1", placed()}, {"order-2", paid()}, {"order-1", shipped()}};
  const auto first = append_records(records, {{"order-1", NoStream{}}});
  ASSERT_THAT(first, IsOk());
  appended("order-1", {event("later")});
  for (const std::vector<StateCheck>& checks : {std::vector<StateCheck>{},
                                                {{"order-1", NoStream{}}},
                                                {{"order-1", StreamExists{}}, {"order-2", NoStream{}}},
                                                {{"elsewhere", StreamExists{}}}}) {
    const auto repeat = append_records(records, checks);
    EXPECT_EQ(outcome(repeat), "ok order-1@1 order-2@0") << "checks on other streams no longer count";
    EXPECT_EQ(repeat->position, first->position);
  }
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid", "shipped", "later"));
}

TEST_P(ClientContract, ARepeatOfAWholeSessionIsWrittenOnce) {
  const std::vector<AppendStreamRequest> requests = {{"order-1", {placed(), paid()}, NoStream{}},
                                                     {"order-2", {shipped()}, Any{}}};
  const auto first = append_session(requests);
  ASSERT_EQ(outcome(first), "ok order-1@1 order-2@0");
  const auto repeat = append_session(requests);
  EXPECT_EQ(outcome(repeat), "ok order-1@1 order-2@0");
  EXPECT_EQ(repeat->position, first->position);
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid", "shipped"));
}

TEST_P(ClientContract, ARepeatWhoseEventsAreHiddenHasNoPosition) {
  const std::vector<AppendRecord> records = {{"order-1", placed()}, {"order-2", paid()}};
  ASSERT_THAT(append_records(records), IsOk());
  ASSERT_THAT(delete_stream("order-1"), IsOk());
  ASSERT_THAT(delete_stream("order-2"), IsOk());
  const auto repeat = append_records(records);
  EXPECT_EQ(outcome(repeat), "ok order-1@0 order-2@0");
  EXPECT_EQ(repeat->position, std::nullopt);
  EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound)) << "a repeat recreates nothing";
}

TEST_P(ClientContract, ARepeatOnASoftDeletedStreamRecreatesNothingWhateverItsCheck) {
  const std::vector<AppendRecord> records = {{"order-1", placed()}, {"order-1", paid()}};
  ASSERT_THAT(append_records(records), IsOk());
  ASSERT_THAT(delete_stream("order-1"), IsOk());
  for (const CheckedState& expected : {CheckedState(SoftDeleted{}), CheckedState(NoStream{})}) {
    EXPECT_EQ(outcome(append_records(records, {{"order-1", expected}})), "ok order-1@1");
    EXPECT_THAT(read("order-1"), FailsWith(ErrorCode::StreamNotFound));
  }
  EXPECT_EQ(outcome(append_records(records, {{"order-1", StreamExists{}}})), "violated 0 order-1 -4 is -5");
}

TEST_P(ClientContract, AMixOfRepeatsAndFreshStreamsFails) {
  const EventData old = placed();
  appended("order-1", {old, paid()});
  EXPECT_EQ(outcome(append_records({{"order-2", shipped()}, {"order-1", old}})), "violated 1 order-1 -2 is 1");
  EXPECT_EQ(outcome(append_records({{"order-1", old}, {"order-2", shipped()}},
                                   {{"order-1", NoStream{}}, {"order-2", NoStream{}}})),
            "violated 0 order-1 -1 is 1");
  EXPECT_EQ(outcome(append_session({{"order-2", {shipped()}, Any{}}, {"order-1", {old}, NoStream{}}})),
            "conflict at 1 in order-1");
  EXPECT_EQ(outcome(append_session({{"order-2", {shipped()}, StreamExists{}}, {"order-1", {old}, NoStream{}}})),
            "conflict at no stream in order-2")
      << "the first that fails, for whatever reason";
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid"));
}

TEST_P(ClientContract, ARepeatWithANewIdLaterConflictsAlsoAmongSeveralStreams) {
  const EventData old = placed();
  appended("order-1", {old, paid()});
  EXPECT_EQ(outcome(append_records({{"order-1", old}, {"order-1", shipped()}})), "violated 0 order-1 -2 is 1");
  EXPECT_EQ(outcome(append_session({{"order-1", {old, shipped()}, Any{}}})), "conflict at 1 in order-1");
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid"));
}

// AppendSession

TEST_P(ClientContract, ASessionWritesItsStreamsInTheOrderOfItsRequests) {
  bring("order-2", StreamState::Existing);
  const auto result = append_session({{"order-1", {event("a"), event("b")}, NoStream{}},
                                      {"order-2", {event("c")}, StreamRevision{kLast}},
                                      {"order-3", {event("d")}, Any{}}});
  EXPECT_EQ(outcome(result), "ok order-1@1 order-2@3 order-3@0");
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid", "shipped", "a", "b", "c", "d"));
  EXPECT_EQ(result->position, read("order-3")->front().event->position);
}

TEST_P(ClientContract, ASessionNeedsRequestsWithEvents) {
  EXPECT_THAT(append_session({}), FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(append_session({{"order-1", {placed()}}, {"order-2", {}}}), FailsWith(ErrorCode::InvalidArgument));
  EXPECT_THAT(types_in_all(), IsEmpty());
}

TEST_P(ClientContract, AStreamMayStandInASessionOnceWhateverItsCase) {
  EXPECT_EQ(outcome(append_session({{"order-1", {placed()}}, {"order-1", {paid()}}})),
            "StreamAlreadyInAppendSession order-1");
  EXPECT_EQ(outcome(append_session({{"Orders", {placed()}}, {"order-1", {paid()}}, {"orders", {paid()}}})),
            "StreamAlreadyInAppendSession orders");
  EXPECT_THAT(types_in_all(), IsEmpty());
}

TEST_P(ClientContract, ASessionNamesTheFirstStreamThatIsNotAsExpected) {
  bring("order-1", StreamState::Existing);
  EXPECT_EQ(outcome(append_session({{"fine", {placed()}, NoStream{}},
                                    {"order-1", {placed()}, StreamRevision{0}},
                                    {"absent", {placed()}, StreamExists{}}})),
            "conflict at 2 in order-1");
  EXPECT_EQ(outcome(append_session({{"absent", {placed()}, StreamExists{}}, {"order-1", {placed()}, NoStream{}}})),
            "conflict at no stream in absent");
  const auto refused = append_session({{"order-1", {placed()}, StreamRevision{7}}});
  ASSERT_THAT(refused, FailsWith(ErrorCode::WrongExpectedVersion));
  EXPECT_EQ(refused.error().number("expected"), 7U);
  EXPECT_THAT(types_in_all(), ElementsAre("placed", "paid", "shipped"));
}

TEST_P(ClientContract, ATombstonedStreamFailsASessionInTheNameOfTheFirstFailingOne) {
  bring("dead", StreamState::Tombstoned);
  bring("deleted", StreamState::SoftDeleted);
  const auto size = read_all()->size();
  EXPECT_EQ(outcome(append_session({{"fine", {placed()}}, {"dead", {placed()}}})), "StreamTombstoned dead");
  EXPECT_EQ(outcome(append_session({{"absent", {placed()}, StreamExists{}}, {"dead", {placed()}}})),
            "StreamTombstoned absent")
      << "although that one is not tombstoned";
  EXPECT_EQ(outcome(append_session({{"deleted", {placed()}, StreamExists{}}})), "StreamTombstoned deleted");
  EXPECT_EQ(read_all()->size(), size);
}

TEST_P(ClientContract, MultiStreamAppendsReachSubscribersInOrder) {
  const auto all = subscribe_to_all({.from = End{}});
  const auto one = subscribe("order-2", {.from = End{}});
  EXPECT_THAT(next_types(*all), IsEmpty());
  EXPECT_THAT(next_types(*one), IsEmpty());
  ASSERT_THAT(append_records({{"order-1", event("a")}, {"order-2", event("b")}, {"order-1", event("c")}}), IsOk());
  EXPECT_THAT(next_types(*all, 3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(next_types(*one, 1), ElementsAre("b"));
}

}  // namespace
}  // namespace kurrentlite::contract
