// Finite reads of a stream and of `$all` (3.7), and link resolution (3.8).
#include "contract/harness.hpp"

namespace kurrentlite::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kUint64Max = ~std::uint64_t{0};

ReadStreamOptions forwards(ReadRevision from, std::uint64_t max_count = kNoLimit) {
  return {.direction = Direction::Forwards, .from = from, .max_count = max_count};
}
ReadStreamOptions backwards(ReadRevision from, std::uint64_t max_count = kNoLimit) {
  return {.direction = Direction::Backwards, .from = from, .max_count = max_count};
}

// 3.7: streams

TEST_P(ClientContract, ReadingWhatNeverHeldEventsIsNotFound) {
  const auto absent = read("order-1");
  ASSERT_THAT(absent, FailsWith(ErrorCode::StreamNotFound));
  EXPECT_EQ(absent.error().text("stream"), "order-1");
  bring("order-2", StreamState::OnlyMetadata);
  EXPECT_THAT(read("order-2"), FailsWith(ErrorCode::StreamNotFound));
  EXPECT_THAT(read("$$order-1"), FailsWith(ErrorCode::StreamNotFound));
  EXPECT_THAT(read("$all"), FailsWith(ErrorCode::StreamNotFound))
      << "an ordinary stream read of a name nobody can write";
}

TEST_P(ClientContract, ReadingAWhollyTruncatedStreamGivesNothing) {
  bring("order-1", StreamState::Truncated);
  EXPECT_THAT(types_in("order-1"), IsEmpty());
  EXPECT_THAT(types_in("order-1", backwards(End{})), IsEmpty());
}

TEST_P(ClientContract, ReadForwards) {
  appended("order-1", several(5));
  EXPECT_THAT(revisions_in("order-1"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(types_in("order-1"), ElementsAre("e0", "e1", "e2", "e3", "e4"));
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{0})), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{3})), ElementsAre(3, 4));
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{4})), ElementsAre(4));
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{5})), IsEmpty());
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{kDeletedRevision})), IsEmpty());
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{kUint64Max - 1})), IsEmpty());
}

TEST_P(ClientContract, ReadBackwards) {
  appended("order-1", several(5));
  EXPECT_THAT(revisions_in("order-1", backwards(End{})), ElementsAre(4, 3, 2, 1, 0));
  EXPECT_THAT(revisions_in("order-1", backwards(StreamRevision{kUint64Max})), ElementsAre(4, 3, 2, 1, 0));
  EXPECT_THAT(revisions_in("order-1", backwards(StreamRevision{2})), ElementsAre(2, 1, 0)) << "starts at it";
  EXPECT_THAT(revisions_in("order-1", backwards(StreamRevision{0})), ElementsAre(0));
  EXPECT_THAT(revisions_in("order-1", backwards(StreamRevision{99})), ElementsAre(4, 3, 2, 1, 0));
  EXPECT_THAT(revisions_in("order-1", backwards(Start{})), ElementsAre(0));
}

TEST_P(ClientContract, ReadAtMostSoMany) {
  appended("order-1", several(5));
  EXPECT_THAT(revisions_in("order-1", forwards(Start{}, 2)), ElementsAre(0, 1));
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{3}, 9)), ElementsAre(3, 4));
  EXPECT_THAT(revisions_in("order-1", backwards(End{}, 1)), ElementsAre(4));
  EXPECT_THAT(revisions_in("order-1", backwards(StreamRevision{3}, 2)), ElementsAre(3, 2));
  EXPECT_THAT(revisions_in("order-1", forwards(Start{}, 0)), IsEmpty());
  EXPECT_THAT(revisions_in("order-1", forwards(Start{}, kUint64Max)), ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(ClientContract, ReadForwardsFromTheEndIsAnError) {
  appended("order-1", several(2));
  EXPECT_FALSE(read("order-1", forwards(End{})).ok());
  EXPECT_FALSE(read("order-1", forwards(StreamRevision{kUint64Max})).ok());
}

TEST_P(ClientContract, HiddenEventsDoNotCount) {
  appended("order-1", several(6));
  ASSERT_THAT(set_metadata("order-1", R"({"$tb":3})"), IsOk());
  EXPECT_THAT(revisions_in("order-1", forwards(Start{}, 2)), ElementsAre(3, 4));
  EXPECT_THAT(revisions_in("order-1", forwards(StreamRevision{1}, 2)), ElementsAre(3, 4));
  EXPECT_THAT(revisions_in("order-1", backwards(End{}, 9)), ElementsAre(5, 4, 3));
  EXPECT_THAT(revisions_in("order-1", backwards(StreamRevision{2})), IsEmpty()) << "below the first visible event";
}

TEST_P(ClientContract, ReadManyEventsOfManyStreams) {
  for (int round = 0; round < 20; ++round) {
    for (const char* stream : {"order-1", "order-2", "order-3"}) appended(stream, several(7));
  }
  for (const char* stream : {"order-1", "order-2", "order-3"}) {
    const auto revisions = revisions_in(stream);
    ASSERT_EQ(revisions.size(), 140U);
    for (std::size_t index = 0; index < revisions.size(); ++index) ASSERT_EQ(revisions[index], index);
  }
  EXPECT_EQ(types_in_all().size(), 420U);
}

// 3.7: `$all`

ReadAllOptions all_forwards(ReadPosition from, std::uint64_t max_count = kNoLimit) {
  return {.direction = Direction::Forwards, .from = from, .max_count = max_count};
}
ReadAllOptions all_backwards(ReadPosition from, std::uint64_t max_count = kNoLimit) {
  return {.direction = Direction::Backwards, .from = from, .max_count = max_count};
}

TEST_P(ClientContract, ReadAllForwardsIsInclusive) {
  const Position one = *appended("order-1", {event("one")}).position;
  const Position two = *appended("order-2", {event("two")}).position;
  const Position three = *appended("order-1", {event("three")}).position;
  EXPECT_THAT(types_in_all(), ElementsAre("one", "two", "three"));
  EXPECT_THAT(types_in_all(all_forwards(one)), ElementsAre("one", "two", "three"));
  EXPECT_THAT(types_in_all(all_forwards(two)), ElementsAre("two", "three"));
  EXPECT_THAT(types_in_all(all_forwards(three)), ElementsAre("three"));
  EXPECT_THAT(types_in_all(all_forwards(two, 1)), ElementsAre("two"));
  EXPECT_THAT(types_in_all(all_forwards(Start{}, 0)), IsEmpty());
  EXPECT_THAT(types_in_all(all_forwards(End{})), IsEmpty());
  EXPECT_THAT(types_in_all(all_forwards(Position{three.commit * 1000, three.commit * 1000})), IsEmpty());
}

TEST_P(ClientContract, ReadAllBackwardsIsExclusive) {
  const Position one = *appended("order-1", {event("one")}).position;
  appended("order-2", {event("two")});
  const Position three = *appended("order-1", {event("three")}).position;
  EXPECT_THAT(types_in_all(all_backwards(End{})), ElementsAre("three", "two", "one"));
  EXPECT_THAT(types_in_all(all_backwards(three)), ElementsAre("two", "one"));
  EXPECT_THAT(types_in_all(all_backwards(one)), IsEmpty());
  EXPECT_THAT(types_in_all(all_backwards(Start{})), IsEmpty());
  EXPECT_THAT(types_in_all(all_backwards(End{}, 2)), ElementsAre("three", "two"));
  EXPECT_THAT(read_all(all_backwards(Position{three.commit * 1000, three.commit * 1000})), FailsWith(ErrorCode::Unknown))
      << "beyond the end";
}

TEST_P(ClientContract, AllHoldsSystemEventsAndWhatMetadataHides) {
  const ReadPosition before = end_of_all();
  bring("order-1", StreamState::Truncated);
  appended("order-2", {link_to("0@order-1")});
  ASSERT_THAT(tombstone("order-2"), IsOk());
  const auto events = all_since(before);
  ASSERT_THAT(types_of(events), ElementsAre("placed", "paid", "shipped", "$metadata", "$>", "$streamDeleted"));
  EXPECT_EQ(events[3].event->stream, "$$order-1");
}

TEST_P(ClientContract, FiltersKeepNamesAndTypesByPrefix) {
  appended("order-1", {event("placed"), event("paid")});
  appended("user-1", {event("placed"), event("renamed")});
  appended("orders", {event("pla")});
  const auto types_where = [&](Filter filter, std::uint64_t max_count = kNoLimit) {
    return types_in_all({.max_count = max_count, .filter = std::move(filter)});
  };
  EXPECT_THAT(types_where({Filter::On::StreamName, {"order-"}}), ElementsAre("placed", "paid"));
  EXPECT_THAT(types_where({Filter::On::StreamName, {"user", "orders"}}), ElementsAre("placed", "renamed", "pla"));
  EXPECT_THAT(types_where({Filter::On::EventType, {"pla"}}), ElementsAre("placed", "placed", "pla"));
  EXPECT_THAT(types_where({Filter::On::EventType, {"placed"}}, 1), ElementsAre("placed"));
  EXPECT_THAT(types_where({Filter::On::EventType, {"Placed"}}), IsEmpty()) << "case counts";
  EXPECT_THAT(types_where({Filter::On::EventType, {}}), IsEmpty()) << "no prefix matches nothing";
  EXPECT_THAT(types_where({Filter::On::EventType, {""}}), testing::SizeIs(5));
}

// 3.8: links

TEST_P(ClientContract, LinksComeUnresolvedUnlessAskedFor) {
  appended("order-1", {placed(), paid()});
  const EventData link = link_to("1@order-1");
  appended("links", {link});
  const auto events = read("links");
  ASSERT_THAT(events, IsOk());
  EXPECT_EQ(events->front().event->type, "$>");
  EXPECT_EQ(events->front().event->data, "1@order-1");
  EXPECT_EQ(events->front().link, std::nullopt);
}

TEST_P(ClientContract, ResolvedLinksComeWithTheirTarget) {
  appended("order-1", {placed(), paid()});
  const EventData link = link_to("1@order-1");
  appended("links", {link, event("plain")});
  const auto from_stream = read("links", {.resolve_links = true});
  const auto from_all = read_all({.resolve_links = true, .filter = Filter{Filter::On::StreamName, {"links"}}});
  for (const auto* events : {&from_stream, &from_all}) {
    ASSERT_THAT(*events, IsOk());
    ASSERT_EQ((*events)->size(), 2U);
    const ResolvedEvent& resolved = (**events)[0];
    ASSERT_TRUE(resolved.event && resolved.link);
    EXPECT_EQ(resolved.event->stream, "order-1");
    EXPECT_EQ(resolved.event->revision, StreamRevision{1});
    EXPECT_EQ(resolved.event->type, "paid");
    EXPECT_EQ(resolved.link->stream, "links");
    EXPECT_EQ(resolved.link->id, link.id);
    EXPECT_LT(resolved.event->position, resolved.link->position);
    EXPECT_EQ((**events)[1].event->type, "plain");
    EXPECT_FALSE((**events)[1].link);
  }
}

TEST_P(ClientContract, TheStreamPartOfALinkMayHoldAnAtSign) {
  appended("a@b@c", {placed()});
  appended("links", {link_to("0@a@b@c")});
  const auto events = read("links", {.resolve_links = true});
  ASSERT_THAT(events, IsOk());
  EXPECT_EQ(events->front().event->stream, "a@b@c");
}

TEST_P(ClientContract, LinksResolveOneLevelOnly) {
  appended("order-1", {placed()});
  appended("inner", {link_to("0@order-1")});
  appended("outer", {link_to("0@inner")});
  const auto events = read("outer", {.resolve_links = true});
  ASSERT_THAT(events, IsOk());
  EXPECT_EQ(events->front().event->type, "$>");
  EXPECT_EQ(events->front().event->stream, "inner");
  EXPECT_EQ(events->front().link->stream, "outer");
}

TEST_P(ClientContract, LinksWhoseTargetCannotBeReadComeAlone) {
  bring("truncated", StreamState::Truncated);
  bring("deleted", StreamState::SoftDeleted);
  bring("tombstoned", StreamState::Tombstoned);
  bring("existing", StreamState::Existing);
  for (const char* target : {"0@truncated", "0@deleted", "0@tombstoned", "0@absent", "3@existing", "no at sign"}) {
    const StreamName stream = std::string("links to ") + target;
    appended(stream, {link_to(target)});
    const auto events = read(stream, {.resolve_links = true});
    ASSERT_THAT(events, IsOk());
    ASSERT_EQ(events->size(), 1U);
    EXPECT_FALSE(events->front().event) << target;
    ASSERT_TRUE(events->front().link) << target;
    EXPECT_EQ(events->front().link->data, target);
  }
}

// 3.2, 3.8
TEST_P(ClientContract, ALinkMayHaveAnyContentType) {
  appended("order-1", {placed()});
  EventData link = link_to("0@order-1");
  link.content_type = ContentType::Binary;
  appended("links", {link});
  EXPECT_EQ(read("links", {.resolve_links = true})->front().event->type, "placed");
}

TEST_P(ClientContract, OddLinks) {
  bring("order-1", StreamState::Existing);
  appended("links", {link_to("x@order-1"), link_to("-1@order-1"), link_to("@order-1")});
  const auto events = read("links", {.resolve_links = true});
  ASSERT_THAT(events, IsOk());
  ASSERT_EQ(events->size(), 3U);
  EXPECT_EQ((*events)[0].event->type, "$>") << "an unparsable revision makes it an ordinary event";
  EXPECT_FALSE((*events)[0].link);
  EXPECT_EQ((*events)[1].event->type, "shipped") << "-1 is the target's last event";
  EXPECT_EQ((*events)[2].event->type, "$>");
}

TEST_P(ClientContract, LinksResolveWhenTheyAreRead) {
  appended("links", {link_to("0@later")});
  EXPECT_FALSE(read("links", {.resolve_links = true})->front().event);
  appended("later", {placed()});
  EXPECT_EQ(read("links", {.resolve_links = true})->front().event->type, "placed");
}

// Statistics and credentials

TEST_P(ClientContract, StatisticsCountWhatTheDatabaseHolds) {
  const auto before = run(client().statistics({}));
  ASSERT_THAT(before, IsOk());
  appended("order-1", {placed(), paid()});
  appended("order-2", {event("big", std::string(100'000, 'x'))});
  const auto after = run(client().statistics({}));
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->total_events, before->total_events + 3);
  EXPECT_EQ(after->total_streams, before->total_streams + 2);
  EXPECT_GE(after->storage_used_bytes, before->storage_used_bytes + 100'000);
}

TEST_P(ClientContract, CallsConnectByThemselves) {
  EXPECT_EQ(client().state(), ConnectionState::Disconnected);
  appended("order-1", {placed()});
  EXPECT_EQ(client().state(), ConnectionState::Connected);
  client().disconnect();
  EXPECT_EQ(client().state(), ConnectionState::Disconnected);
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed"));
  EXPECT_EQ(client().state(), ConnectionState::Connected);
}

TEST_P(ClientContract, ClientsOfOneDatabaseSeeEachOthersEvents) {
  const auto other = harness().make_client();
  appended("order-1", {placed()});
  const auto events = run(other->read_stream("order-1", {}));
  ASSERT_THAT(events, IsOk());
  EXPECT_THAT(types_of(*events), ElementsAre("placed"));
}

TEST_P(ClientContract, WrongCredentialsAreDeniedByEveryCall) {
  const CallOptions wrong{Credentials{"admin", "wrong"}};
  const CallOptions unknown{Credentials{"nobody", "changeit"}};
  appended("order-1", {placed()});
  for (const CallOptions& call : {wrong, unknown}) {
    EXPECT_THAT(run(client().append_to_stream("order-1", {paid()}, {Any{}, call})), FailsWith(ErrorCode::AccessDenied));
    EXPECT_THAT(run(client().read_stream("order-1", {.call = call})), FailsWith(ErrorCode::AccessDenied));
    EXPECT_THAT(run(client().read_all({.call = call})), FailsWith(ErrorCode::AccessDenied));
    EXPECT_THAT(run(client().delete_stream("order-1", {Any{}, call})), FailsWith(ErrorCode::AccessDenied));
    EXPECT_THAT(run(client().tombstone_stream("order-1", {Any{}, call})), FailsWith(ErrorCode::AccessDenied));
    EXPECT_THAT(run(client().subscribe_to_stream("order-1", {.call = call})), FailsWith(ErrorCode::AccessDenied));
    EXPECT_THAT(run(client().subscribe_to_all({.call = call})), FailsWith(ErrorCode::AccessDenied));
    EXPECT_THAT(run(client().statistics(call)), FailsWith(ErrorCode::AccessDenied));
  }
  EXPECT_THAT(types_in("order-1"), ElementsAre("placed"));
  EXPECT_THAT(run(client().read_stream("order-1", {.call = {Credentials{"admin", "changeit"}}})), IsOk());
  EXPECT_THAT(run(client().read_stream("order-1", {.call = {Credentials{"ops", "changeit"}}})), IsOk());
}

}  // namespace
}  // namespace kurrentlite::contract
