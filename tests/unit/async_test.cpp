// Task, Signal, TaskScope, with_deadline and the virtual-time scheduler.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "async/await.hpp"
#include "async/manual_scheduler.hpp"

namespace kurrentlite {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Task<int> ready(int value) { co_return value; }

Task<int> after(Scheduler& scheduler, Duration delay, int value) {
  co_await sleep_for(scheduler, delay);
  co_return value;
}

/// Set when a coroutine's locals are destroyed.
struct Flag {
  explicit Flag(bool& target) : target_(target) {}
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;
  ~Flag() { target_ = true; }
  bool& target_;
};

TEST(Task, IsLazyAndRunsOnTheCallersStack) {
  bool ran = false;
  const auto body = [&]() -> Task<int> {
    ran = true;
    co_return 7;
  };
  Task<int> task = body();
  EXPECT_FALSE(ran);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take(), 7);
}

TEST(Task, LoopsOverReadyAwaitsUseNoStack) {
  const auto sum = []() -> Task<std::int64_t> {
    std::int64_t total = 0;
    for (int index = 0; index < 1'000'000; ++index) total += co_await ready(1);
    co_return total;
  };
  Task<std::int64_t> task = sum();
  task.start();
  EXPECT_EQ(task.take(), 1'000'000);
}

TEST(Task, LoopsOverWaitingAwaitsUseNoStack) {
  ManualScheduler scheduler;
  const auto sum = [&]() -> Task<std::int64_t> {
    std::int64_t total = 0;
    for (int index = 0; index < 200'000; ++index) total += co_await after(scheduler, 1us, 1);
    co_return total;
  };
  Task<std::int64_t> task = sum();
  task.start();
  scheduler.run_until_idle();
  EXPECT_EQ(task.take(), 200'000);
  EXPECT_EQ(scheduler.now(), 200ms);
}

TEST(Task, DestroyingItAbandonsWhatItAwaits) {
  ManualScheduler scheduler;
  bool inner_gone = false;
  bool resumed = false;
  const auto inner = [&]() -> Task<int> {
    Flag flag(inner_gone);
    co_await sleep_for(scheduler, 1s);
    resumed = true;
    co_return 1;
  };
  const auto outer = [&]() -> Task<int> { co_return co_await inner(); };
  {
    Task<int> task = outer();
    task.start();
    EXPECT_TRUE(scheduler.next_due());
  }
  EXPECT_TRUE(inner_gone);
  EXPECT_FALSE(scheduler.next_due()) << "its timer is cancelled";
  scheduler.advance(2s);
  EXPECT_FALSE(resumed);
}

TEST(Task, AssignmentAbandonsTheOldOne) {
  ManualScheduler scheduler;
  Task<int> task = after(scheduler, 1s, 1);
  task.start();
  task = after(scheduler, 2s, 2);
  EXPECT_FALSE(scheduler.next_due());
  task.start();
  scheduler.run_until_idle();
  EXPECT_EQ(task.take(), 2);
}

TEST(Task, CarriesMoveOnlyResults) {
  const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  Task<std::unique_ptr<int>> task = make();
  task.start();
  EXPECT_EQ(*task.take(), 5);
}

TEST(Sleep, OfNothingDoesNotWait) {
  ManualScheduler scheduler;
  for (const Duration delay : {Duration(0), Duration(-5)}) {
    Task<int> task = after(scheduler, delay, 1);
    task.start();
    EXPECT_TRUE(task.done());
  }
}

TEST(ManualScheduler, RunsInOrderOfTimeThenOfRequest) {
  ManualScheduler scheduler;
  std::vector<std::string> ran;
  const auto note = [&](const char* name) { return [&ran, name] { ran.emplace_back(name); }; };
  scheduler.call_after(20ms, note("late"));
  scheduler.call_after(10ms, note("first of ten"));
  scheduler.call_after(10ms, note("second of ten"));
  scheduler.call_after(-5ms, note("now"));
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(scheduler.advance(10ms), 3U);
  EXPECT_EQ(scheduler.now(), 10ms);
  EXPECT_EQ(scheduler.next_due(), 20ms);
  EXPECT_EQ(scheduler.run_until_idle(), 1U);
  EXPECT_EQ(scheduler.now(), 20ms);
  EXPECT_THAT(ran, ElementsAre("now", "first of ten", "second of ten", "late"));
}

TEST(ManualScheduler, RunsWhatCallbacksAddAtItsOwnTime) {
  ManualScheduler scheduler;
  std::vector<Duration> times;
  scheduler.call_after(1ms, [&] {
    scheduler.call_after(2ms, [&] { times.push_back(scheduler.now()); });
    scheduler.call_after(0ms, [&] { times.push_back(scheduler.now()); });
    times.push_back(scheduler.now());
  });
  scheduler.advance(10ms);
  EXPECT_THAT(times, ElementsAre(1ms, 1ms, 3ms));
  EXPECT_EQ(scheduler.now(), 10ms);
}

TEST(ManualScheduler, CancelForgetsACallbackAlsoFromAnother) {
  ManualScheduler scheduler;
  bool ran = false;
  const auto second = scheduler.call_after(2ms, [&] { ran = true; });
  scheduler.call_after(1ms, [&] { scheduler.cancel(second); });
  scheduler.run_until_idle();
  scheduler.cancel(second);
  scheduler.cancel(12345);
  EXPECT_FALSE(ran);
}

TEST(ManualScheduler, StopsAtTheLimitOfAPeriodicTimer) {
  ManualScheduler scheduler;
  std::size_t count = 0;
  std::function<void()> tick = [&] {
    ++count;
    scheduler.call_after(1ms, tick);
  };
  scheduler.call_after(1ms, tick);
  EXPECT_EQ(scheduler.run_until_idle(50), 50U);
  EXPECT_EQ(count, 50U);
}

Task<void> wait_and_note(Signal& signal, std::vector<int>& woken, int name) {
  co_await signal.wait();
  woken.push_back(name);
}

TEST(Signal, WakesEveryWaiterThroughTheSchedulerInOrder) {
  ManualScheduler scheduler;
  Signal signal(scheduler);
  std::vector<int> woken;
  TaskScope scope;
  EXPECT_TRUE(signal.idle());
  for (const int name : {1, 2, 3}) scope.spawn(wait_and_note(signal, woken, name));
  EXPECT_FALSE(signal.idle());
  signal.notify_all();
  EXPECT_TRUE(woken.empty()) << "never inside notify_all";
  EXPECT_TRUE(signal.idle());
  scheduler.run_due();
  EXPECT_THAT(woken, ElementsAre(1, 2, 3));
  signal.notify_all();
  EXPECT_FALSE(scheduler.next_due());
}

TEST(Signal, AnAbandonedWaiterIsForgottenBeforeAndAfterItIsNotified) {
  ManualScheduler scheduler;
  Signal signal(scheduler);
  std::vector<int> woken;
  {
    Task<void> before = wait_and_note(signal, woken, 1);
    before.start();
  }
  EXPECT_TRUE(signal.idle());
  {
    Task<void> after_notify = wait_and_note(signal, woken, 2);
    after_notify.start();
    signal.notify_all();
  }
  scheduler.run_until_idle();
  EXPECT_TRUE(woken.empty());
}

TEST(TaskScope, DeliversResultsAndAbandonsTheRest) {
  ManualScheduler scheduler;
  std::vector<int> results;
  {
    TaskScope scope;
    scope.spawn(ready(1), [&](int value) { results.push_back(value); });
    scope.spawn(after(scheduler, 10ms, 2), [&](int value) { results.push_back(value); });
    scope.spawn(after(scheduler, 30ms, 3), [&](int value) { results.push_back(value); });
    scheduler.advance(20ms);
  }
  EXPECT_THAT(results, ElementsAre(1, 2));
  EXPECT_FALSE(scheduler.next_due());
}

Task<Result<int>> answer(Scheduler& scheduler, Duration delay, Result<int> result) {
  co_await sleep_for(scheduler, delay);
  co_return result;
}

TEST(WithDeadline, PassesOnWhatFinishesInTime) {
  ManualScheduler scheduler;
  auto at_once = with_deadline(scheduler, "read", 0ms, answer(scheduler, 0ms, 1));
  at_once.start();
  ASSERT_TRUE(at_once.done()) << "a task that needs no waiting always wins";
  EXPECT_EQ(*at_once.take(), 1);

  auto in_time = with_deadline(scheduler, "read", 20ms, answer(scheduler, 10ms, 2));
  in_time.start();
  scheduler.advance(10ms);
  ASSERT_TRUE(in_time.done());
  EXPECT_EQ(*in_time.take(), 2);
  EXPECT_FALSE(scheduler.next_due()) << "the deadline's timer is cancelled";

  auto failing = with_deadline(scheduler, "read", 20ms, answer(scheduler, 10ms, Error{ErrorCode::Unavailable, "gone"}));
  failing.start();
  scheduler.run_until_idle();
  EXPECT_EQ(failing.take().error().code, ErrorCode::Unavailable);
}

TEST(WithDeadline, AbandonsWhatDoesNot) {
  ManualScheduler scheduler;
  bool gone = false;
  const auto slow = [&]() -> Task<Result<int>> {
    Flag flag(gone);
    co_await sleep_for(scheduler, 1h);
    co_return 1;
  };
  auto task = with_deadline(scheduler, "append", 250ms, slow());
  task.start();
  scheduler.advance(249ms);
  EXPECT_FALSE(task.done());
  scheduler.advance(1ms);
  ASSERT_TRUE(task.done());
  EXPECT_TRUE(gone);
  EXPECT_FALSE(scheduler.next_due());
  const Error error = task.take().error();
  EXPECT_EQ(error.code, ErrorCode::DeadlineExceeded);
  EXPECT_EQ(error.text("operation"), "append");
  EXPECT_EQ(error.number("timeoutMs"), 250U);
}

TEST(WithDeadline, CanBeAbandonedItself) {
  ManualScheduler scheduler;
  bool gone = false;
  const auto slow = [&]() -> Task<Result<int>> {
    Flag flag(gone);
    co_await sleep_for(scheduler, 1h);
    co_return 1;
  };
  {
    auto task = with_deadline(scheduler, "append", 250ms, slow());
    task.start();
  }
  EXPECT_TRUE(gone);
  EXPECT_FALSE(scheduler.next_due());
}

}  // namespace
}  // namespace kurrentlite
