// Whole runs over a bad network, each from a seed: a failing one is repeated by its seed alone.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "async/await.hpp"
#include "unit/memory_support.hpp"

namespace kurrentlite {
namespace {

using namespace memory_test;

/// Writers that repeat what failed, and a follower that subscribes again from its last checkpoint.
struct FlakyRun {
  explicit FlakyRun(std::uint64_t seed) : seed_(seed) {}

  FixedClock clock;
  Engine engine{clock};
  ManualScheduler scheduler;
  std::vector<std::string> transcript;
  std::vector<std::string> followed;

  static constexpr std::uint64_t kWriters = 3;
  static constexpr std::uint64_t kEvents = 25;

  SimulationProfile profile(std::uint64_t part) const {
    SimulationProfile flaky = *simulation_preset("flaky");
    flaky.error_rate = 0.1;
    flaky.lost_reply_rate = 0.1;
    flaky.disconnect_rate = 0.05;
    flaky.seed = seed_ * 16 + part;
    return flaky;
  }

  void play() {
    {
      TaskScope scope;
      for (std::uint64_t writer = 0; writer < kWriters; ++writer) scope.spawn(write(writer));
      scope.spawn(follow());
      scheduler.run_until_idle(200'000);
    }
  }

 private:
  /// One event after the other, alternating between weak and strong expectations.
  Task<void> write(std::uint64_t writer) {
    MemoryClient client(engine, scheduler, profile(writer));
    for (std::uint64_t number = 0; number < kEvents; ++number) {
      const ExpectedState weak = Any{};
      const ExpectedState strong = number == 0 ? ExpectedState(NoStream{}) : ExpectedState(StreamRevision{number - 1});
      AppendOptions options;
      options.expected = number % 2 == 0 ? strong : weak;
      for (;;) {
        std::vector<EventData> events = {event(writer * 1000 + number + 1)};
        const Result<AppendResult> result = co_await client.append_to_stream(stream_of(writer), events, options);
        transcript.push_back(std::to_string(scheduler.now().count()) + " " + events[0].type + " " +
                             (result ? "ok" : result.error().message));
        if (result) break;
        EXPECT_EQ(result.error().code, ErrorCode::Unavailable) << result.error().message;
      }
    }
  }

  Task<void> follow() {
    MemoryClient client(engine, scheduler, profile(15));
    std::optional<Position> checkpoint;
    while (followed.size() < kWriters * kEvents) {
      SubscribeToAllOptions options;
      if (checkpoint) options.from = *checkpoint;
      Result<std::unique_ptr<Subscription>> subscription = co_await client.subscribe_to_all(options);
      if (!subscription) continue;
      while (followed.size() < kWriters * kEvents) {
        const Result<SubscriptionBatch> batch = co_await (*subscription)->next();
        if (!batch) break;
        for (const ResolvedEvent& each : batch->events) followed.push_back(each.event->type);
        if (batch->checkpoint) checkpoint = batch->checkpoint;
        // Now and then another call of the same client, so that its connection breaks under the subscription.
        static_cast<void>(co_await client.statistics({}));
      }
    }
  }

 public:
  static StreamName stream_of(std::uint64_t writer) { return "writer-" + std::to_string(writer); }

 private:
  std::uint64_t seed_;
};

TEST(MemoryClientSimulation, RepeatedIdsLoseAndDoubleNothing) {
  std::size_t failures = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("replay: seed " + std::to_string(seed));
    FlakyRun flaky(seed);
    flaky.play();
    std::vector<std::string> expected;
    for (std::uint64_t writer = 0; writer < FlakyRun::kWriters; ++writer) {
      std::vector<std::string> written;
      Result<StreamCursor> cursor = flaky.engine.open_stream(FlakyRun::stream_of(writer), Direction::Forwards, Start{});
      ASSERT_TRUE(cursor.ok());
      while (const auto record = flaky.engine.next(*cursor)) {
        written.push_back(flaky.engine.type_name(record->type));
      }
      std::vector<std::string> wanted;
      for (std::uint64_t number = 0; number < FlakyRun::kEvents; ++number) {
        wanted.push_back("e" + std::to_string(writer * 1000 + number + 1));
      }
      ASSERT_EQ(written, wanted);
    }
    AllCursor cursor = flaky.engine.open_all(Direction::Forwards, Start{}).value();
    while (const auto record = flaky.engine.next(cursor)) expected.push_back(flaky.engine.type_name(record->type));
    ASSERT_EQ(flaky.followed, expected) << "the follower saw everything once and in order";
    failures += flaky.transcript.size() - expected.size();
  }
  EXPECT_GT(failures, 300U * 10) << "the network was bad enough to prove something";
}

TEST(MemoryClientSimulation, ASeedReplaysToTheMicrosecond) {
  const auto transcript_of = [](std::uint64_t seed) {
    FlakyRun flaky(seed);
    flaky.play();
    return flaky.transcript;
  };
  EXPECT_EQ(transcript_of(5), transcript_of(5));
  EXPECT_NE(transcript_of(5), transcript_of(6));
}

}  // namespace
}  // namespace kurrentlite
