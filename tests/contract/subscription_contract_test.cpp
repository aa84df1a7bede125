// Catch-up subscriptions (3.12).
#include "contract/harness.hpp"

namespace kurrentlite::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_P(ClientContract, SubscriptionDeliversOldAndNewEventsInOrder) {
  appended("order-1", {placed(), paid()});
  const auto subscription = subscribe("order-1");
  EXPECT_THAT(next_types(*subscription), ElementsAre("placed", "paid"));
  appended("order-1", {shipped()});
  EXPECT_THAT(next_types(*subscription, 1), ElementsAre("shipped"));
  appended("order-1", {event("a")});
  appended("order-1", {event("b"), event("c")});
  EXPECT_THAT(next_types(*subscription, 3), ElementsAre("a", "b", "c"));
}

TEST_P(ClientContract, SubscriptionStartsBehindItsStartPoint) {
  appended("order-1", several(4));
  EXPECT_THAT(next_types(*subscribe("order-1", {.from = StreamRevision{0}})), ElementsAre("e1", "e2", "e3"));
  EXPECT_THAT(next_types(*subscribe("order-1", {.from = StreamRevision{3}})), IsEmpty());
  const auto at_end = subscribe("order-1", {.from = End{}});
  EXPECT_THAT(next_types(*at_end), IsEmpty());
  appended("order-1", {event("new")});
  EXPECT_THAT(next_types(*at_end, 1), ElementsAre("new"));
}

TEST_P(ClientContract, SubscriptionBeyondTheEndSkipsUpToItsStart) {
  appended("order-1", several(2));
  const auto subscription = subscribe("order-1", {.from = StreamRevision{3}});
  EXPECT_THAT(next_types(*subscription), IsEmpty());
  appended("order-1", {event("two"), event("three"), event("four")});
  EXPECT_THAT(next_types(*subscription, 1), ElementsAre("four"));
}

TEST_P(ClientContract, SubscriptionWaitsForAStreamThatIsNotThereYet) {
  bring("order-2", StreamState::SoftDeleted);
  for (const char* stream : {"order-1", "order-2"}) {
    const auto subscription = subscribe(stream);
    EXPECT_THAT(next_types(*subscription), IsEmpty()) << "caught up at once";
    {
      auto waiting = subscription->next();
      EXPECT_TRUE(waits(waiting));
    }
    appended("order-3", {event("elsewhere")});
    appended(stream, {event("here")});
    EXPECT_THAT(next_types(*subscription, 1), ElementsAre("here"));
  }
}

TEST_P(ClientContract, SubscriptionThatWaitsIsWoken) {
  const auto subscription = subscribe("order-1");
  EXPECT_THAT(next_types(*subscription), IsEmpty());
  auto next = subscription->next();
  ASSERT_TRUE(waits(next));
  appended("order-2", {event("elsewhere")});
  EXPECT_FALSE(next.done());
  appended("order-1", {event("here")});
  ASSERT_TRUE(harness().run_until([&] { return next.done(); }));
  const auto batch = next.take();
  ASSERT_THAT(batch, IsOk());
  EXPECT_THAT(types_of(batch->events), ElementsAre("here"));
  EXPECT_FALSE(batch->caught_up) << "it already was";
}

TEST_P(ClientContract, SubscriptionReportsCatchingUpOnce) {
  appended("order-1", several(600));
  const auto subscription = subscribe("order-1");
  std::size_t events = 0;
  int caught_up = 0;
  while (caught_up == 0) {
    const auto batch = run(subscription->next());
    ASSERT_THAT(batch, IsOk());
    for (const ResolvedEvent& each : batch->events) ASSERT_EQ(each.event->revision.value, events++);
    if (batch->caught_up) ++caught_up;
  }
  EXPECT_EQ(events, 600U);
  appended("order-1", several(1));
  EXPECT_FALSE(run(subscription->next())->caught_up);
}

TEST_P(ClientContract, SoftDeleteIsSilentToSubscribers) {
  appended("order-1", {placed()});
  const auto subscription = subscribe("order-1");
  EXPECT_THAT(next_types(*subscription), ElementsAre("placed"));
  ASSERT_THAT(delete_stream("order-1"), IsOk());
  appended("order-1", {event("again")});
  EXPECT_THAT(next_types(*subscription, 1), ElementsAre("again"));
}

TEST_P(ClientContract, TruncationHidesOnlyWhatIsNotCaughtUp) {
  appended("order-1", several(4));
  ASSERT_THAT(set_metadata("order-1", R"({"$maxCount":2})"), IsOk());
  const auto subscription = subscribe("order-1");
  EXPECT_THAT(next_types(*subscription), ElementsAre("e2", "e3"));
  appended("order-1", {event("a"), event("b"), event("c")});
  EXPECT_THAT(next_types(*subscription, 3), ElementsAre("a", "b", "c")) << "live events are always delivered";
}

TEST_P(ClientContract, TombstoneWhileLiveIsDeliveredAndEndsTheSubscription) {
  appended("order-1", {placed()});
  const auto subscription = subscribe("order-1");
  EXPECT_THAT(next_types(*subscription), ElementsAre("placed"));
  auto next = subscription->next();
  ASSERT_TRUE(waits(next));
  ASSERT_THAT(tombstone("order-1"), IsOk());
  ASSERT_TRUE(harness().run_until([&] { return next.done(); }));
  const auto batch = next.take();
  ASSERT_THAT(batch, IsOk());
  ASSERT_THAT(types_of(batch->events), ElementsAre("$streamDeleted"));
  EXPECT_EQ(batch->events.front().event->revision, StreamRevision{kDeletedRevision});
  const auto ended = run(subscription->next());
  ASSERT_THAT(ended, FailsWith(ErrorCode::StreamDeleted));
  EXPECT_EQ(ended.error().text("stream"), "order-1");
}

TEST_P(ClientContract, TombstoneWhileCatchingUpEndsWithoutItsEvent) {
  appended("order-1", several(300));
  const auto subscription = subscribe("order-1");
  ASSERT_THAT(tombstone("order-1"), IsOk());
  for (;;) {
    const auto batch = run(subscription->next());
    if (!batch) {
      EXPECT_THAT(batch, FailsWith(ErrorCode::StreamDeleted));
      break;
    }
    EXPECT_FALSE(batch->caught_up);
    for (const std::string& type : types_of(batch->events)) ASSERT_NE(type, "$streamDeleted");
  }
}

TEST_P(ClientContract, ATombstonedStreamCannotBeSubscribedTo) {
  bring("order-1", StreamState::Tombstoned);
  for (const ReadRevision& from : {ReadRevision(Start{}), ReadRevision(End{}), ReadRevision(StreamRevision{0})}) {
    EXPECT_THAT(run(client().subscribe_to_stream("order-1", {.from = from})), FailsWith(ErrorCode::StreamDeleted));
  }
}

TEST_P(ClientContract, SubscriptionResolvesLinks) {
  appended("order-1", {placed()});
  appended("links", {link_to("0@order-1"), link_to("7@order-1")});
  const auto subscription = subscribe("links", {.resolve_links = true});
  const auto batch = run(subscription->next());
  ASSERT_THAT(batch, IsOk());
  ASSERT_THAT(batch->events, SizeIs(2));
  EXPECT_EQ(batch->events[0].event->type, "placed");
  EXPECT_EQ(batch->events[0].link->stream, "links");
  EXPECT_FALSE(batch->events[1].event);
  EXPECT_TRUE(batch->events[1].link);
}

// 3.8
TEST_P(ClientContract, ALinkWithoutARevisionIsALinkToLiveSubscriptionsOnly) {
  appended("links", {link_to("x@order-1")});
  const auto subscription = subscribe("links", {.resolve_links = true});
  const auto old = run(subscription->next());
  ASSERT_THAT(old, IsOk());
  ASSERT_THAT(old->events, SizeIs(1));
  EXPECT_TRUE(old->events[0].event);
  EXPECT_FALSE(old->events[0].link);
  EXPECT_TRUE(old->caught_up);
  appended("links", {link_to("x@order-1")});
  const auto live = run(subscription->next());
  ASSERT_THAT(live, IsOk());
  ASSERT_THAT(live->events, SizeIs(1));
  EXPECT_FALSE(live->events[0].event);
  EXPECT_TRUE(live->events[0].link);
}

// `$all`

TEST_P(ClientContract, SubscriptionToAllHoldsSystemEventsAndContinuesLive) {
  const ReadPosition before = end_of_all();
  bring("order-1", StreamState::SoftDeleted);
  const auto subscription = subscribe_to_all({.from = before});
  EXPECT_THAT(next_types(*subscription), ElementsAre("placed", "paid", "shipped", "$metadata"));
  appended("order-2", {event("new")});
  EXPECT_THAT(next_types(*subscription, 1), ElementsAre("new"));
}

TEST_P(ClientContract, SubscriptionToAllStartsBehindItsPosition) {
  const Position one = *appended("order-1", {event("one")}).position;
  const Position two = *appended("order-2", {event("two")}).position;
  EXPECT_THAT(next_types(*subscribe_to_all({.from = one})), ElementsAre("two"));
  EXPECT_THAT(next_types(*subscribe_to_all({.from = two})), IsEmpty());
  const auto at_end = subscribe_to_all({.from = End{}});
  EXPECT_THAT(next_types(*at_end), IsEmpty());
  appended("order-1", {event("three")});
  EXPECT_THAT(next_types(*at_end, 1), ElementsAre("three"));
}

TEST_P(ClientContract, SubscriptionToAllBeyondTheEndSkipsUpToItsStart) {
  const Position one = *appended("order-1", {event("one")}).position;
  const auto subscription = subscribe_to_all({.from = Position{one.commit + 1, one.commit + 1}});
  const auto far_beyond = subscribe_to_all({.from = Position{one.commit * 1000, one.commit * 1000}});
  EXPECT_THAT(next_types(*subscription), IsEmpty());
  EXPECT_THAT(next_types(*far_beyond), IsEmpty());
  appended("order-1", {event("two")});
  EXPECT_THAT(next_types(*subscription, 1), ElementsAre("two"));
  auto next = far_beyond->next();
  EXPECT_TRUE(waits(next));
}

TEST_P(ClientContract, SubscriptionToAllFilters) {
  appended("order-1", {placed(), paid()});
  appended("user-1", {event("named")});
  const auto by_stream = subscribe_to_all({.filter = Filter{Filter::On::StreamName, {"user-"}}});
  const auto by_type = subscribe_to_all({.filter = Filter{Filter::On::EventType, {"pa"}}});
  EXPECT_THAT(next_types(*by_stream), ElementsAre("named"));
  EXPECT_THAT(next_types(*by_type), ElementsAre("paid"));
  appended("order-1", {paid()});
  appended("user-2", {event("named again")});
  EXPECT_THAT(next_types(*by_stream, 1), ElementsAre("named again"));
  EXPECT_THAT(next_types(*by_type, 1), ElementsAre("paid"));
}

TEST_P(ClientContract, CheckpointsAreValidPlacesToResumeFrom) {
  appended("order-1", several(700));
  appended("user-1", several(3));
  const Filter orders{Filter::On::StreamName, {"order-"}};
  std::optional<Position> checkpoint;
  std::vector<std::uint64_t> seen;
  for (bool caught_up = false; !caught_up;) {
    SubscribeToAllOptions options;
    if (checkpoint) options.from = *checkpoint;
    options.filter = orders;
    const auto subscription = subscribe_to_all(options);
    const auto batch = run(subscription->next());
    ASSERT_THAT(batch, IsOk());
    ASSERT_TRUE(batch->checkpoint || batch->events.empty());
    for (const ResolvedEvent& each : batch->events) {
      seen.push_back(each.event->revision.value);
      EXPECT_LE(each.event->position, *batch->checkpoint);
    }
    if (batch->checkpoint) checkpoint = batch->checkpoint;
    caught_up = batch->caught_up;
  }
  ASSERT_THAT(seen, SizeIs(700));
  for (std::size_t index = 0; index < seen.size(); ++index) ASSERT_EQ(seen[index], index);
  EXPECT_EQ(checkpoint, read("user-1")->back().event->position) << "events that do not match are considered too";
}

TEST_P(ClientContract, DisconnectEndsSubscriptions) {
  appended("order-1", {placed()});
  const auto idle = subscribe("order-1");
  const auto waiting = subscribe_to_all({.from = End{}});
  EXPECT_THAT(next_types(*waiting), IsEmpty());
  auto next = waiting->next();
  ASSERT_TRUE(waits(next));
  client().disconnect();
  ASSERT_TRUE(harness().run_until([&] { return next.done(); }));
  EXPECT_THAT(next.take(), FailsWith(ErrorCode::Unavailable));
  EXPECT_THAT(run(idle->next()), FailsWith(ErrorCode::Unavailable));
  EXPECT_THAT(next_types(*subscribe("order-1")), ElementsAre("placed")) << "subscribing again connects again";
}

TEST_P(ClientContract, DestroyingASubscriptionEndsItsWaitingNext) {
  auto subscription = subscribe("order-1");
  EXPECT_THAT(next_types(*subscription), IsEmpty());
  auto next = subscription->next();
  ASSERT_TRUE(waits(next));
  subscription.reset();
  ASSERT_TRUE(harness().run_until([&] { return next.done(); }));
  EXPECT_THAT(next.take(), FailsWith(ErrorCode::Cancelled));
  appended("order-1", {placed()});
}

TEST_P(ClientContract, AnAbandonedNextLosesNothing) {
  const auto subscription = subscribe("order-1");
  EXPECT_THAT(next_types(*subscription), IsEmpty());
  {
    auto abandoned = subscription->next();
    ASSERT_TRUE(waits(abandoned));
    appended("order-1", {placed()});
  }
  EXPECT_THAT(next_types(*subscription, 1), ElementsAre("placed"));
}

}  // namespace
}  // namespace kurrentlite::contract
