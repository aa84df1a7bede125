// The memory client when the simulated network fails, and when clients, subscriptions and tasks go away.
#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

#include "async/await.hpp"
#include "unit/memory_support.hpp"

namespace kurrentlite {
namespace {

using namespace memory_test;
using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Faults

TEST_F(MemoryClientTest, ARefusedCallDidNothing) {
  SimulationProfile profile = latency_of(10);
  profile.error_rate = 1;
  MemoryClient client(engine, scheduler, profile);
  EXPECT_EQ(run(append(client, 1)).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(client.state(), ConnectionState::Connected);
  EXPECT_THAT(types(), IsEmpty());
  EXPECT_EQ(scheduler.now(), 20ms) << "the refusal has to travel, too";
}

TEST_F(MemoryClientTest, ACallWhoseReplyWasLostWasCarriedOutAndMayBeRepeated) {
  SimulationProfile profile = latency_of(10);
  profile.lost_reply_rate = 1;
  MemoryClient client(engine, scheduler, profile);
  EXPECT_EQ(run(append(client, 1)).error().code, ErrorCode::Unavailable);
  EXPECT_THAT(types(), ElementsAre("e1"));
  client.set_profile({});
  const auto repeat = run(append(client, 1));
  ASSERT_TRUE(repeat.ok());
  EXPECT_EQ(repeat->revision, StreamRevision{0});
  EXPECT_THAT(types(), ElementsAre("e1"));
}

TEST_F(MemoryClientTest, ADisconnectFailsEverythingUnderWay) {
  bool carried_out = false;
  bool not_carried_out = false;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Engine fresh(clock);
    MemoryClient client(fresh, scheduler, latency_of(10));
    auto subscription = run(client.subscribe_to_all({.from = End{}})).value();
    ASSERT_TRUE(run(subscription->next())->caught_up);
    auto next = subscription->next();
    next.start();
    SimulationProfile breaking = latency_of(10);
    breaking.disconnect_rate = 1;
    breaking.seed = seed + 1;
    client.set_profile(breaking);
    auto first = append(client, 1);
    first.start();
    client.set_profile(latency_of(30));
    auto second = append(client, 2);
    second.start();
    scheduler.run_until_idle();
    EXPECT_EQ(ended(first), "Unavailable");
    EXPECT_EQ(ended(second), "Unavailable");
    EXPECT_EQ(ended(next), "Unavailable");
    EXPECT_EQ(client.state(), ConnectionState::Error);
    const auto events = run(client.read_stream("order-1", {}));
    (events.ok() ? carried_out : not_carried_out) = true;
    EXPECT_EQ(client.state(), ConnectionState::Connected);
  }
  EXPECT_TRUE(carried_out);
  EXPECT_TRUE(not_carried_out);
}

TEST_F(MemoryClientTest, OfflineFailsAfterTheTimeOfConnecting) {
  SimulationProfile profile = latency_of(10);
  profile.offline = true;
  MemoryClient client(engine, scheduler, profile);
  std::vector<std::string> states;
  client.on_state_change([&](ConnectionState state) { states.emplace_back(to_string(state)); });
  EXPECT_EQ(run(client.connect()).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(scheduler.now(), 10ms);
  EXPECT_EQ(run(append(client, 1)).error().code, ErrorCode::Unavailable);
  profile.offline = false;
  client.set_profile(profile);
  EXPECT_TRUE(run(append(client, 1)).ok());
  EXPECT_THAT(states, ElementsAre("connecting", "error", "reconnecting", "error", "reconnecting", "connected"));
  EXPECT_THAT(types(), ElementsAre("e1"));
}

TEST_F(MemoryClientTest, GoingOfflineBreaksALiveConnectionAtOnce) {
  MemoryClient client(engine, scheduler, latency_of(10));
  ASSERT_TRUE(run(client.connect()).ok());
  auto call = append(client, 1);
  call.start();
  SimulationProfile profile = latency_of(10);
  profile.offline = true;
  client.set_profile(profile);
  EXPECT_EQ(client.state(), ConnectionState::Error);
  scheduler.run_due();
  EXPECT_EQ(ended(call), "Unavailable");
  scheduler.run_until_idle();
  EXPECT_THAT(types(), IsEmpty());
}

TEST_F(MemoryClientTest, OfflineWithoutLatencyFailsAtOnce) {
  SimulationProfile profile;
  profile.offline = true;
  MemoryClient client(engine, scheduler, profile);
  auto call = append(client, 1);
  call.start();
  EXPECT_EQ(ended(call), "Unavailable");
  EXPECT_EQ(client.state(), ConnectionState::Error);
}

TEST_F(MemoryClientTest, DisconnectFailsCallsUnderWayAndWhileConnecting) {
  MemoryClient client(engine, scheduler, latency_of(10));
  auto connecting = append(client, 1);
  connecting.start();
  client.disconnect();
  EXPECT_EQ(client.state(), ConnectionState::Disconnected);
  EXPECT_FALSE(connecting.done()) << "never inside disconnect";
  scheduler.run_due();
  EXPECT_EQ(ended(connecting), "Unavailable");
  scheduler.run_until_idle();
  EXPECT_EQ(client.state(), ConnectionState::Disconnected);
  EXPECT_TRUE(run(append(client, 2)).ok());
  EXPECT_THAT(types(), ElementsAre("e2"));
}

TEST_F(MemoryClientTest, DisconnectInsideTheListenerHangsNoCall) {
  for (const double median_ms : {0.0, 10.0}) {
    for (const ConnectionState moment : {ConnectionState::Connecting, ConnectionState::Connected}) {
      MemoryClient client(engine, scheduler, latency_of(median_ms));
      client.on_state_change([&](ConnectionState state) {
        if (state == moment) client.disconnect();
      });
      auto call = append(client, 1);
      call.start();
      scheduler.run_until_idle();
      EXPECT_TRUE(call.done());
    }
  }
}

TEST_F(MemoryClientTest, AListenerMayReplaceItself) {
  MemoryClient client(engine, scheduler);
  std::vector<std::string> heard;
  client.on_state_change([&](ConnectionState) {
    heard.emplace_back("first");
    client.on_state_change([&](ConnectionState) { heard.emplace_back("second"); });
  });
  ASSERT_TRUE(run(client.connect()).ok());
  client.disconnect();
  client.on_state_change({});
  ASSERT_TRUE(run(client.connect()).ok());
  EXPECT_THAT(heard, ElementsAre("first", "second"));
}

TEST_F(MemoryClientTest, DeniedCredentialsSayWhichLoginsExistAndNoPassword) {
  MemoryClient client(engine, scheduler);
  const auto denied = run(client.read_all({.call = {Credentials{"alice", "s3cret"}}}));
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.error().code, ErrorCode::AccessDenied);
  EXPECT_THAT(denied.error().message, AllOf(HasSubstr("alice"), HasSubstr("admin"), HasSubstr("ops")));
  EXPECT_THAT(denied.error().message, AllOf(Not(HasSubstr("s3cret")), Not(HasSubstr("changeit"))));
}

// Injected faults

Fault refusing(Operation operation, std::uint64_t nth = 1, std::uint64_t times = 1) {
  Fault fault;
  fault.operation = operation;
  fault.nth = nth;
  fault.times = times;
  return fault;
}

/// Which of the next calls are hit: "-x-".
std::string hits(Faults& faults, Operation operation, int calls) {
  std::string found;
  for (int i = 0; i < calls; ++i) found += faults.strike(operation) ? 'x' : '-';
  return found;
}

TEST(InjectedFaults, HitTheNthCallAndAsManyAsWanted) {
  Faults faults;
  EXPECT_TRUE(faults.empty());
  (void)faults.add(refusing(Operation::Append));
  EXPECT_EQ(hits(faults, Operation::Append, 3), "x--");
  EXPECT_TRUE(faults.empty()) << "it is spent";
  (void)faults.add(refusing(Operation::Append, 3));
  EXPECT_EQ(hits(faults, Operation::Append, 5), "--x--");
  (void)faults.add(refusing(Operation::Append, 2, 3));
  EXPECT_EQ(hits(faults, Operation::Append, 6), "-xxx--");
  EXPECT_TRUE(faults.empty());
}

TEST(InjectedFaults, WithoutANumberOfTimesTheyHitUntilTheyAreRemoved) {
  Faults faults;
  const Faults::Id id = faults.add(refusing(Operation::Read, 2, 0));
  EXPECT_EQ(hits(faults, Operation::Read, 40), "-" + std::string(39, 'x'));
  faults.remove(id + 1);
  EXPECT_EQ(hits(faults, Operation::Read, 1), "x");
  faults.remove(id);
  EXPECT_EQ(hits(faults, Operation::Read, 2), "--");
  (void)faults.add(refusing(Operation::Read, 1, 0));
  (void)faults.add(refusing(Operation::Append, 1, 0));
  faults.clear();
  EXPECT_EQ(hits(faults, Operation::Read, 2) + hits(faults, Operation::Append, 2), "----");
}

TEST(InjectedFaults, CountCallsOfTheirOwnOperationFromWhenTheyWereAdded) {
  Faults faults;
  EXPECT_EQ(hits(faults, Operation::Append, 2), "--");
  (void)faults.add(refusing(Operation::Append, 2));
  for (const Operation other :
       {Operation::Connect, Operation::Read, Operation::Delete, Operation::Subscribe, Operation::Statistics}) {
    EXPECT_EQ(hits(faults, other, 3), "---");
  }
  EXPECT_EQ(hits(faults, Operation::Append, 3), "-x-");
}

TEST(InjectedFaults, TheFirstThatHitsACallCounts) {
  Faults faults;
  for (const char* message : {"first", "second"}) {
    Fault fault = refusing(Operation::Append, 1, message == std::string("first") ? 1 : 2);
    fault.error = {ErrorCode::Unavailable, message};
    (void)faults.add(fault);
  }
  EXPECT_EQ(faults.strike(Operation::Append)->error.message, "first");
  EXPECT_EQ(faults.strike(Operation::Append)->error.message, "second") << "its first call was the same as the other's";
  EXPECT_TRUE(faults.empty());
}

TEST(InjectedFaults, NumbersAtTheEdge) {
  Faults faults;
  (void)faults.add(refusing(Operation::Append, 0));
  EXPECT_EQ(hits(faults, Operation::Read, 1) + hits(faults, Operation::Append, 2), "-x-") << "0 counts as 1";
  (void)faults.add(refusing(Operation::Append, 2, UINT64_MAX));
  EXPECT_EQ(hits(faults, Operation::Append, 4), "-xxx");
  faults.clear();
  (void)faults.add(refusing(Operation::Append, UINT64_MAX, UINT64_MAX));
  EXPECT_EQ(hits(faults, Operation::Append, 3), "---");
  EXPECT_FALSE(faults.empty());
}

struct InjectedFaultsTest : MemoryClientTest {
  Faults faults;
  static Fault with_effect(Operation operation, Fault::Effect effect) {
    Fault fault = refusing(operation);
    fault.effect = effect;
    fault.error = {ErrorCode::DeadlineExceeded, "As the test wants it.", {{"operation", std::string("append")}}};
    return fault;
  }
};

TEST_F(InjectedFaultsTest, EachEffectDoesWhatItSaysWithAndWithoutLatency) {
  using Effect = Fault::Effect;
  std::uint64_t number = 0;
  for (const double median_ms : {0.0, 10.0}) {
    for (const Effect effect : {Effect::Refuse, Effect::LoseReply, Effect::Disconnect}) {
      MemoryClient client(engine, scheduler, latency_of(median_ms), &faults);
      ASSERT_TRUE(run(client.connect()).ok());
      (void)faults.add(with_effect(Operation::Append, effect));
      const std::size_t before = types().size();
      const auto failed = run(append(client, ++number));
      ASSERT_FALSE(failed.ok());
      EXPECT_EQ(failed.error(), with_effect(Operation::Append, effect).error) << "just the error that was asked for";
      EXPECT_EQ(types().size(), before + (effect == Effect::LoseReply ? 1 : 0));
      EXPECT_EQ(client.state(), effect == Effect::Disconnect ? ConnectionState::Error : ConnectionState::Connected);
      EXPECT_TRUE(run(append(client, number)).ok()) << "once was all";
      EXPECT_EQ(types().size(), before + 1) << "the same event, written once";
      EXPECT_EQ(client.state(), ConnectionState::Connected);
    }
  }
}

TEST_F(InjectedFaultsTest, ADisconnectEndsWhatElseIsOnTheConnection) {
  MemoryClient client(engine, scheduler, latency_of(10), &faults);
  auto subscription = run(client.subscribe_to_all({.from = End{}})).value();
  ASSERT_TRUE(run(subscription->next())->caught_up);
  auto next = subscription->next();
  next.start();
  (void)faults.add(with_effect(Operation::Append, Fault::Effect::Disconnect));
  auto first = append(client, 1);
  auto second = append(client, 2);
  first.start();
  second.start();
  scheduler.run_until_idle();
  EXPECT_EQ(ended(first), "DeadlineExceeded");
  EXPECT_EQ(ended(second), "DeadlineExceeded");
  EXPECT_EQ(ended(next), "DeadlineExceeded");
  EXPECT_THAT(types(), IsEmpty());
}

TEST_F(InjectedFaultsTest, ADelayMakesACallTakeLonger) {
  Fault slow = with_effect(Operation::Append, Fault::Effect::Delay);
  slow.delay_ms = 250.5;
  for (const double median_ms : {0.0, 10.0}) {
    MemoryClient client(engine, scheduler, latency_of(median_ms), &faults);
    ASSERT_TRUE(run(client.connect()).ok());
    (void)faults.add(slow);
    const Duration begun = scheduler.now();
    EXPECT_TRUE(run(append(client, 1 + static_cast<std::uint64_t>(median_ms))).ok());
    EXPECT_EQ(scheduler.now() - begun, std::chrono::microseconds(250'500 + static_cast<int>(median_ms) * 1000));
    const Duration again = scheduler.now();
    EXPECT_TRUE(run(append(client, 2 + static_cast<std::uint64_t>(median_ms))).ok());
    EXPECT_EQ(scheduler.now() - again, std::chrono::milliseconds(static_cast<int>(median_ms)));
  }
}

TEST_F(InjectedFaultsTest, ADelayedCallThatIsAbandonedHoldsUpNobody) {
  MemoryClient client(engine, scheduler, latency_of(10), &faults);
  ASSERT_TRUE(run(client.connect()).ok());
  Fault slow = with_effect(Operation::Append, Fault::Effect::Delay);
  slow.delay_ms = 60'000;
  (void)faults.add(slow);
  const Result<AppendResult> late = run(with_deadline(scheduler, "append", 100ms, append(client, 1)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::DeadlineExceeded);
  const Duration begun = scheduler.now();
  EXPECT_TRUE(run(append(client, 2)).ok());
  EXPECT_EQ(scheduler.now() - begun, 10ms);
}

TEST_F(InjectedFaultsTest, ADelayOfConnectingCountsAlthoughToConnectIsARoundTrip) {
  Fault slow = with_effect(Operation::Connect, Fault::Effect::Delay);
  slow.delay_ms = 30;
  (void)faults.add(slow);
  MemoryClient client(engine, scheduler, latency_of(10), &faults);
  ASSERT_TRUE(run(client.connect()).ok());
  EXPECT_EQ(scheduler.now(), 40ms);
}

TEST_F(InjectedFaultsTest, SenselessDelaysAreNoneOrADay) {
  MemoryClient client(engine, scheduler, {}, &faults);
  for (const double delay_ms : {-5.0, std::numeric_limits<double>::quiet_NaN(), 1e300}) {
    Fault fault = with_effect(Operation::Read, Fault::Effect::Delay);
    fault.delay_ms = delay_ms;
    (void)faults.add(fault);
    const Duration begun = scheduler.now();
    (void)run(client.read_all({}));
    EXPECT_EQ(scheduler.now() - begun, delay_ms > 0 ? Duration(std::chrono::hours(24)) : Duration::zero());
  }
}

TEST_F(InjectedFaultsTest, CallsOfAllClientsOfADatabaseCountTogether) {
  MemoryClient one(engine, scheduler, {}, &faults);
  MemoryClient other(engine, scheduler, {}, &faults);
  (void)faults.add(refusing(Operation::Append, 2));
  EXPECT_TRUE(run(append(one, 1)).ok());
  EXPECT_FALSE(run(append(other, 2)).ok());
  EXPECT_TRUE(run(append(one, 3)).ok());
  EXPECT_THAT(types(), ElementsAre("e1", "e3"));
}

TEST_F(InjectedFaultsTest, EveryKindOfCallCanBeHit) {
  MemoryClient client(engine, scheduler, {}, &faults);
  ASSERT_TRUE(run(append(client, 1)).ok());
  for (const Operation operation : {Operation::Connect, Operation::Append, Operation::Read, Operation::Delete,
                                    Operation::Subscribe, Operation::Statistics}) {
    (void)faults.add(refusing(operation));
  }
  EXPECT_FALSE(run(client.connect()).ok());
  EXPECT_FALSE(run(client.multi_stream_append({{"order-1", {event(2)}, Any{}}}, {})).ok());
  EXPECT_FALSE(run(client.read_all({})).ok());
  EXPECT_FALSE(run(client.delete_stream("order-1", {})).ok());
  EXPECT_FALSE(run(client.subscribe_to_all({})).ok());
  EXPECT_FALSE(run(client.statistics({})).ok());
  EXPECT_TRUE(faults.empty());
  EXPECT_TRUE(run(client.append_records({{"order-1", event(2)}}, {}, {})).ok());
  EXPECT_THAT(types(), ElementsAre("e1", "e2"));
}

// Lifetimes

TEST_F(MemoryClientTest, AnAbandonedCallLeavesNothingBehind) {
  MemoryClient client(engine, scheduler, latency_of(10));
  ASSERT_TRUE(run(client.connect()).ok());
  {
    auto call = append(client, 1);
    call.start();
    scheduler.advance(2ms);
  }
  scheduler.run_until_idle();
  EXPECT_THAT(types(), IsEmpty()) << "it had not reached the database";
  {
    auto call = append(client, 2);
    call.start();
    scheduler.advance(7ms);
  }
  EXPECT_THAT(types(), ElementsAre("e2")) << "it had";
  EXPECT_TRUE(run(append(client, 3)).ok()) << "others are not disturbed";
}

TEST_F(MemoryClientTest, DestroyingTheClientCancelsItsCalls) {
  auto client = std::make_unique<MemoryClient>(engine, scheduler, latency_of(10));
  auto subscription = run(client->subscribe_to_all({})).value();
  ASSERT_TRUE(run(subscription->next())->caught_up);
  auto next = subscription->next();
  next.start();
  auto under_way = append(*client, 1);
  under_way.start();
  auto not_started = append(*client, 2);
  client.reset();
  not_started.start();
  scheduler.run_until_idle();
  EXPECT_EQ(ended(under_way), "Cancelled");
  EXPECT_EQ(ended(not_started), "Cancelled");
  EXPECT_EQ(ended(next), "Cancelled");
  EXPECT_EQ(run(subscription->next()).error().code, ErrorCode::Cancelled);
  EXPECT_THAT(types(), IsEmpty());
}

TEST_F(MemoryClientTest, ClientSubscriptionAndTasksGoInAnyOrder) {
  for (int order = 0; order < 6; ++order) {
    auto client = std::make_unique<MemoryClient>(engine, scheduler, latency_of(10));
    auto subscription = run(client->subscribe_to_all({.from = End{}})).value();
    ASSERT_TRUE(run(subscription->next())->caught_up);
    auto next = std::make_unique<Task<Result<SubscriptionBatch>>>(subscription->next());
    next->start();
    auto call = std::make_unique<Task<Result<AppendResult>>>(append(*client, 1));
    call->start();
    const std::function<void()> steps[] = {[&] { client.reset(); }, [&] { subscription.reset(); },
                                           [&] { next.reset(), call.reset(); }};
    const int first = order / 2;
    const int second = (first + 1 + order % 2) % 3;
    steps[first]();
    scheduler.advance(3ms);
    steps[second]();
    steps[3 - first - second]();
    scheduler.run_until_idle();
  }
  MemoryClient writer(engine, scheduler);
  EXPECT_TRUE(run(append(writer, 9)).ok()) << "no listener of the dead is left in the engine";
}

TEST_F(MemoryClientTest, AReplacedDatabaseEndsSubscriptions) {
  MemoryClient client(engine, scheduler);
  for (const bool replaced_by_other : {false, true}) {
    auto subscription = run(client.subscribe_to_stream("order-1", {})).value();
    while (!run(subscription->next())->caught_up) {
    }
    auto next = subscription->next();
    next.start();
    Engine other(clock);
    if (replaced_by_other) {
      engine.adopt(other);
    } else {
      engine.reset();
    }
    engine.announce();
    scheduler.run_until_idle();
    EXPECT_EQ(ended(next), "Unavailable");
    EXPECT_TRUE(run(append(client, 1)).ok());
  }
}

}  // namespace
}  // namespace kurrentlite
