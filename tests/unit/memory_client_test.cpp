// What only the memory client does: calls without waiting, simulated latency, and the order things happen in.
// What it shares with other clients is in tests/contract.
#include <gmock/gmock.h>

#include <list>
#include <string>
#include <vector>

#include "async/await.hpp"
#include "base/prng.hpp"
#include "unit/memory_support.hpp"

namespace kurrentlite {
namespace {

using namespace memory_test;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

// Without latency

/// Fails whoever uses it.
class ForbiddenScheduler final : public Scheduler {
 public:
  [[nodiscard]] Duration now() const override {
    ADD_FAILURE() << "asked for the time";
    return Duration::zero();
  }
  TimerId call_after(Duration, std::function<void()>) override {
    ADD_FAILURE() << "set a timer";
    return 1;
  }
  void cancel(TimerId) override { ADD_FAILURE() << "cancelled a timer"; }
};

TEST(InstantMemoryClient, FinishesEveryCallBeforeItReturnsWithoutTheScheduler) {
  FixedClock clock;
  Engine engine(clock);
  ForbiddenScheduler forbidden;
  MemoryClient client(engine, forbidden);
  const auto finishes = [](auto task) {
    task.start();
    return task.done() && task.take().ok();
  };
  EXPECT_TRUE(finishes(client.connect()));
  EXPECT_TRUE(finishes(client.append_to_stream("order-1", {event(1), event(2)}, {})));
  EXPECT_TRUE(finishes(client.read_stream("order-1", {})));
  EXPECT_TRUE(finishes(client.read_all({})));
  EXPECT_TRUE(finishes(client.statistics({})));
  auto subscribing = client.subscribe_to_stream("order-1", {});
  subscribing.start();
  ASSERT_TRUE(subscribing.done());
  const std::unique_ptr<Subscription> subscription = subscribing.take().value();
  auto next = subscription->next();
  next.start();
  ASSERT_TRUE(next.done());
  EXPECT_THAT(next.take()->events, SizeIs(2));
  EXPECT_TRUE(finishes(client.append_to_stream("order-1", {event(3)}, {})));
  EXPECT_TRUE(finishes(subscription->next()));
  EXPECT_TRUE(finishes(client.delete_stream("order-1", {})));
  client.disconnect();
  EXPECT_TRUE(finishes(client.tombstone_stream("order-1", {})));
}

TEST_F(MemoryClientTest, FaultsWithoutLatencyNeedNoWaitingEither) {
  SimulationProfile profile;
  profile.error_rate = 1;
  MemoryClient client(engine, scheduler, profile);
  auto call = append(client, 1);
  call.start();
  EXPECT_EQ(ended(call), "Unavailable");
  EXPECT_FALSE(scheduler.next_due());
}

// Latency and order

TEST_F(MemoryClientTest, TheDatabaseSeesACallHalfWay) {
  MemoryClient client(engine, scheduler, latency_of(100));
  ASSERT_TRUE(run(client.connect()).ok());
  EXPECT_EQ(scheduler.now(), 100ms);
  auto call = append(client, 1);
  call.start();
  scheduler.advance(49ms);
  EXPECT_THAT(types(), IsEmpty());
  scheduler.advance(1ms);
  EXPECT_THAT(types(), ElementsAre("e1"));
  scheduler.advance(49ms);
  EXPECT_EQ(ended(call), "waiting");
  scheduler.advance(1ms);
  EXPECT_EQ(ended(call), "ok");
}

TEST_F(MemoryClientTest, ConcurrentCallsShareOneConnect) {
  MemoryClient client(engine, scheduler, latency_of(10));
  std::vector<std::string> states;
  client.on_state_change([&](ConnectionState state) { states.emplace_back(to_string(state)); });
  std::list<Task<Result<AppendResult>>> calls;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    calls.push_back(append(client, number));
    calls.back().start();
  }
  scheduler.run_until_idle();
  for (auto& call : calls) EXPECT_EQ(ended(call), "ok");
  EXPECT_THAT(states, ElementsAre("connecting", "connected"));
  EXPECT_EQ(scheduler.now(), 20ms);
}

/// Makes `count` calls at uneven times and answers the order in which they were answered.
std::vector<std::string> answers_in_order(Scheduler& scheduler, MemoryClient& client, std::uint64_t count,
                                          const std::function<void()>& run_all) {
  std::vector<std::string> answered;
  TaskScope scope;
  Prng prng(3);
  Duration at = Duration::zero();
  for (std::uint64_t number = 1; number <= count; ++number) {
    at += Duration(prng.below(4000));
    scheduler.call_after(at, [&scope, &client, &answered, number] {
      scope.spawn(client.append_to_stream("order-1", {event(number)}, {}),
                  [&answered, number](Result<AppendResult>) { answered.push_back("e" + std::to_string(number)); });
    });
  }
  run_all();
  return answered;
}

std::vector<std::string> numbered(std::uint64_t count) {
  std::vector<std::string> names;
  for (std::uint64_t number = 1; number <= count; ++number) names.push_back("e" + std::to_string(number));
  return names;
}

TEST_F(MemoryClientTest, CallsOfOneClientArriveAndAreAnsweredInOrder) {
  SimulationProfile uneven = *simulation_preset("mobile");
  MemoryClient client(engine, scheduler, uneven);
  EXPECT_THAT(answers_in_order(scheduler, client, 300, [&] { scheduler.run_until_idle(); }),
              ElementsAreArray(numbered(300)));
  EXPECT_THAT(types(), ElementsAreArray(numbered(300)));
}

/// Rounds like a browser's timers: a callback may run before its time.
class RoundingScheduler final : public Scheduler {
 public:
  explicit RoundingScheduler(ManualScheduler& exact) : exact_(exact) {}
  [[nodiscard]] Duration now() const override { return exact_.now(); }
  TimerId call_after(Duration delay, std::function<void()> callback) override {
    return exact_.call_after(Duration(delay.count() / 4000 * 4000), std::move(callback));
  }
  void cancel(TimerId timer) override { exact_.cancel(timer); }

 private:
  ManualScheduler& exact_;
};

TEST_F(MemoryClientTest, OrderHoldsAlsoWithImpreciseTimers) {
  RoundingScheduler rounding(scheduler);
  MemoryClient client(engine, rounding, *simulation_preset("mobile"));
  EXPECT_THAT(answers_in_order(scheduler, client, 300, [&] { scheduler.run_until_idle(); }),
              ElementsAreArray(numbered(300)));
  EXPECT_THAT(types(), ElementsAreArray(numbered(300)));
}

TEST_F(MemoryClientTest, CallsFromTheStateListenerDoNotOvertake) {
  MemoryClient client(engine, scheduler, latency_of(10));
  TaskScope scope;
  client.on_state_change([&](ConnectionState state) {
    if (state == ConnectionState::Connected) scope.spawn(append(client, 2), [](Result<AppendResult>) {});
  });
  ASSERT_TRUE(run(append(client, 1)).ok());
  scheduler.run_until_idle();
  EXPECT_THAT(types(), ElementsAre("e1", "e2"));
}

TEST_F(MemoryClientTest, CallsOfSeveralClientsInterleave) {
  MemoryClient near(engine, scheduler, latency_of(10));
  MemoryClient far(engine, scheduler, latency_of(100));
  auto slow = append(far, 1);
  slow.start();
  auto fast = append(near, 2);
  fast.start();
  scheduler.run_until_idle();
  EXPECT_THAT(types(), ElementsAre("e2", "e1"));
}

TEST_F(MemoryClientTest, TurningInstantDoesNotOvertakeWhatIsUnderWay) {
  MemoryClient client(engine, scheduler, latency_of(100));
  ASSERT_TRUE(run(client.connect()).ok());
  auto slow = append(client, 1);
  slow.start();
  client.set_profile({});
  auto fast = append(client, 2);
  fast.start();
  EXPECT_EQ(ended(fast), "waiting");
  scheduler.run_until_idle();
  EXPECT_THAT(types(), ElementsAre("e1", "e2"));
}

TEST_F(MemoryClientTest, LiveEventsTravelHalfARead) {
  MemoryClient client(engine, scheduler, latency_of(100));
  MemoryClient writer(engine, scheduler);
  auto subscription = run(client.subscribe_to_stream("order-1", {})).value();
  EXPECT_TRUE(run(subscription->next())->caught_up);
  auto next = subscription->next();
  next.start();
  scheduler.advance(1h);
  ASSERT_TRUE(run(append(writer, 1)).ok());
  scheduler.advance(49ms);
  EXPECT_FALSE(next.done());
  scheduler.advance(1ms);
  ASSERT_TRUE(next.done());
  EXPECT_THAT(next.take()->events, SizeIs(1));
  ASSERT_TRUE(run(append(writer, 2)).ok());
  scheduler.advance(60ms);
  auto late = subscription->next();
  late.start();
  EXPECT_TRUE(late.done()) << "it has arrived meanwhile";
}

TEST_F(MemoryClientTest, ASubscriptionThatLaggedCatchesUpAgain) {
  MemoryClient client(engine, scheduler);
  auto subscription = run(client.subscribe_to_stream("order-1", {})).value();
  EXPECT_TRUE(run(subscription->next())->caught_up);
  std::uint64_t number = 0;
  const auto fill = [&](int count) {
    for (int index = 0; index < count; ++index) ASSERT_TRUE(run(append(client, ++number)).ok());
  };
  fill(256);
  auto batch = run(subscription->next());
  EXPECT_THAT(batch->events, SizeIs(256));
  EXPECT_FALSE(batch->caught_up) << "no more than one batch behind";
  fill(257);
  EXPECT_FALSE(run(subscription->next())->caught_up);
  batch = run(subscription->next());
  EXPECT_THAT(batch->events, SizeIs(1));
  EXPECT_TRUE(batch->caught_up);
}

}  // namespace
}  // namespace kurrentlite
