// Deadlines of single operations, and their cancellation: under virtual time.
#include "support/failures.hpp"

namespace kurrentlite {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Limits : public Failures {
 protected:
  Limits() { break_everything(ScriptedFault::Kind::Hang); }
  /// The time that `task` takes to fail with DeadlineExceeded.
  template <class T>
  Duration deadline_of(Task<Result<T>> task) {
    const Duration begin = now();
    const Result<T> outcome = await(std::move(task));
    EXPECT_THAT(outcome, FailsWith(ErrorCode::DeadlineExceeded));
    EXPECT_EQ(outcome.ok() ? 0 : outcome.error().number("timeoutMs"), (now() - begin) / 1ms);
    return now() - begin;
  }
};

TEST_F(Limits, AScopeGivesItsDeadlineToWhateverBeginsInIt) {
  {
    const OperationScope scope(user_->services(), {.timeout = 50ms});
    EXPECT_EQ(deadline_of(documents().create(named("a"))), 50ms);
    EXPECT_EQ(deadline_of(documents().get("a")), 50ms);
    EXPECT_EQ(deadline_of(documents().list({})), 50ms);
    EXPECT_EQ(deadline_of(user_->users().store({"u"}, "{}")), 50ms);
    EXPECT_EQ(deadline_of(database().connect()), 50ms);
    EXPECT_EQ(deadline_of(database().metrics()), 50ms);
    const DatabaseHealth health = await(database().check_health());
    EXPECT_EQ(health.response_time_ms, 50);
    EXPECT_THAT(health.errors.front(), HasSubstr("within 50 ms"));
  }
  EXPECT_EQ(deadline_of(documents().create(named("a"))), 30s) << "the configured one";
}

TEST_F(Limits, ScopesNestAndHoldForTasksThatAreAwaitedLater) {
  std::optional<Task<Result<std::optional<Stream>>>> getting;
  {
    const OperationScope outer(user_->services(), {.timeout = 70ms});
    {
      const OperationScope inner(user_->services(), {.timeout = 20ms});
      getting = documents().get("a");
    }
    EXPECT_EQ(deadline_of(documents().get("a")), 70ms);
  }
  EXPECT_EQ(deadline_of(std::move(*getting)), 20ms);
}

TEST_F(Limits, TheDeadlineHoldsForRetriesTogether) {
  break_everything(kRefused);
  const OperationScope scope(user_->services(), {.timeout = 250ms});
  EXPECT_EQ(deadline_of(documents().get("a")), 250ms) << "the retries would take 700 ms";
}

TEST_F(Limits, ACancelledOperationWritesNothingMore) {
  heal();
  break_calls(Operation::Append, kRefused, 1, 1);
  {
    Task<Result<Stream>> creating = documents().create(named("a"));
    creating.start();
    ASSERT_FALSE(creating.done()) << "it waits for its retry";
  }
  host_.scheduler().advance(1h);
  EXPECT_EQ(client_->calls(Operation::Append), 1u);
  EXPECT_EQ(events_on("document-a"), 0u);
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
}

TEST_F(Limits, WhatACancelledOperationHasWrittenStaysWritten) {
  heal();
  break_calls(Operation::Append, kReplyLost, 1, 1);
  {
    Task<Result<Stream>> creating = documents().create(named("a"));
    creating.start();
    ASSERT_FALSE(creating.done());
  }
  EXPECT_EQ(events_on("document-a"), 1u);
  EXPECT_THAT(await(documents().get("a")), IsOk());
}

}  // namespace
}  // namespace kurrentlite
