#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "engine/pages.hpp"
#include "engine_support.hpp"

namespace kurrentlite {
namespace {

using namespace testing;

class Fork : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 0; i < 200; ++i) {
      ASSERT_TRUE(append(engine, "s-" + std::to_string(i % 17), {event(i, "t", std::string(i * 13, 'x'))}));
    }
    ASSERT_TRUE(set_metadata(engine, 300, "s-0", R"({"$maxCount":2})"));
    ASSERT_TRUE(engine.delete_stream("s-1", Any{}));
  }
  ManualClock clock;
  Engine engine{clock};
};

TEST_F(Fork, HasTheSameContent) {
  const std::unique_ptr<Engine> fork = engine.fork(clock);
  EXPECT_EQ(contents(*fork), contents(engine));
  EXPECT_EQ(fork->head(), engine.head());
  EXPECT_EQ(read(*fork, "s-0").size(), 2u);
  EXPECT_EQ(append(*fork, "s-2", {event(2)})->revision, StreamRevision{0}) << "ids are known, too";
}

TEST_F(Fork, IsIndependentBothWays) {
  const std::unique_ptr<Engine> fork = engine.fork(clock);
  const std::vector<std::string> before = contents(engine);
  ASSERT_TRUE(append(*fork, "s-2", {event(1'000)}));
  ASSERT_TRUE(append(*fork, "of-the-fork", {event(1'001, "fork-type")}));
  ASSERT_TRUE(fork->tombstone_stream("s-3", Any{}));
  ASSERT_TRUE(append(*fork, "s-1", {event(1'002)}));
  EXPECT_EQ(contents(engine), before);
  EXPECT_FALSE(engine.open_stream("s-1", Direction::Forwards, Start{}));
  const std::vector<std::string> of_the_fork = contents(*fork);
  ASSERT_TRUE(append(engine, "s-2", {event(2'000), event(2'001), event(2'002)}));
  ASSERT_TRUE(append(engine, "of-the-original", {event(2'003, "original-type")}));
  ASSERT_TRUE(set_metadata(engine, 2'004, "s-0", "{}"));
  EXPECT_EQ(contents(*fork), of_the_fork);
  EXPECT_EQ(read(*fork, "s-0").size(), 2u);
  EXPECT_FALSE(fork->open_stream("of-the-original", Direction::Forwards, Start{}));
}

TEST_F(Fork, OfAForkOutlivesBoth) {
  auto first = std::make_unique<Engine>(clock);
  ASSERT_TRUE(append(*first, "s", {event(1)}));
  std::unique_ptr<Engine> second = first->fork(clock);
  ASSERT_TRUE(append(*second, "s", {event(2)}));
  const std::unique_ptr<Engine> third = second->fork(clock);
  first.reset();
  ASSERT_TRUE(append(*second, "s", {event(3)}));
  second.reset();
  ASSERT_TRUE(append(*third, "s", {event(4)}));
  EXPECT_EQ(read(*third, "s").size(), 3u);
}

TEST_F(Fork, HasAClockOfItsOwnAndNobodyListens) {
  int heard = 0;
  engine.on_append([&] { ++heard; });
  ManualClock later;
  later.ticks = clock.ticks + 5;
  const std::unique_ptr<Engine> fork = engine.fork(later);
  ASSERT_TRUE(append(*fork, "s-2", {event(1'000)}));
  EXPECT_EQ(everything(*fork).back().created_ticks, clock.ticks + 5);
  EXPECT_EQ(heard, 0);
}

TEST_F(Fork, WritingOneEventCopiesFewPages) {
  // Under a limit that holds the fork's shared pages, and no more than a few others.
  Engine limited(clock, {.memory_max_bytes = 60 * kPageBytes});
  for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(append(limited, "s", {event(i, "t", std::string(20'000, 'x'))}));
  const std::unique_ptr<Engine> fork = limited.fork(clock);
  EXPECT_TRUE(append(*fork, "s", {event(1'000)})) << "copying a page that counts already takes nothing of the limit";
  EXPECT_FALSE(append(*fork, "s", {event(1'001, "t", std::string(60 * kPageBytes, 'x'))}));
  EXPECT_EQ(read(*fork, "s").size(), 101u);
  EXPECT_EQ(read(limited, "s").size(), 100u);
}

TEST_F(Fork, AdoptExchangesTheContentOnly) {
  int heard = 0;
  engine.on_append([&] { ++heard; });
  ManualClock other_clock;
  other_clock.ticks = 5;
  Engine other(other_clock, {.event_size_max_bytes = 50});
  ASSERT_TRUE(append(other, "of-the-other", {event(1)}));
  const std::vector<std::string> mine = contents(engine);
  const std::vector<std::string> theirs = contents(other);
  engine.adopt(other);
  EXPECT_EQ(contents(engine), theirs);
  EXPECT_EQ(contents(other), mine);
  EXPECT_EQ(heard, 0) << "adopting announces nothing by itself";
  ASSERT_TRUE(append(engine, "s-2", {event(2, "t", std::string(100, 'x'))})) << "limits stay";
  EXPECT_FALSE(append(other, "s-2", {event(3, "t", std::string(100, 'x'))}));
  EXPECT_EQ(heard, 1) << "listeners stay";
  EXPECT_EQ(everything(engine).back().created_ticks, clock.ticks) << "clocks stay";
}

TEST_F(Fork, ResetForgetsEverything) {
  const std::unique_ptr<Engine> fork = engine.fork(clock);
  const std::vector<std::string> before = contents(engine);
  engine.reset();
  EXPECT_TRUE(everything(engine).empty());
  EXPECT_EQ(engine.head(), Position{});
  EXPECT_EQ(engine.statistics().total_streams, 0u);
  EXPECT_EQ(append(engine, "s-2", {event(2)}, NoStream{})->revision, StreamRevision{0});
  EXPECT_EQ(everything(engine)[0].position.commit, 64u);
  EXPECT_EQ(contents(*fork), before);
}

TEST_F(Fork, AdoptAndResetAreNoticedByTheGeneration) {
  const std::uint64_t generation = engine.generation();
  ASSERT_TRUE(append(engine, "s-2", {event(1'000)}));
  EXPECT_EQ(engine.generation(), generation);
  Engine other(clock);
  const std::uint64_t of_the_other = other.generation();
  engine.adopt(other);
  EXPECT_NE(engine.generation(), generation);
  EXPECT_NE(other.generation(), of_the_other);
  const std::uint64_t adopted = engine.generation();
  engine.reset();
  EXPECT_NE(engine.generation(), adopted);
}

TEST(ForkTime, OfAHundredThousandStreamsIsShort) {
  ManualClock clock;
  Engine engine(clock);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(append(engine, "document-" + std::to_string(i), {event(i, "created", R"({"name":"somebody"})")}));
  }
  using Microseconds = std::chrono::duration<double, std::micro>;
  Microseconds best{1e9};
  for (int round = 0; round < 20; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const std::unique_ptr<Engine> fork = engine.fork(clock);
    best = std::min<Microseconds>(best, std::chrono::steady_clock::now() - begin);
    ASSERT_EQ(fork->statistics().total_streams, 100'000u);
  }
  std::printf("a fork of 100,000 events over 100,000 streams: %.0f microseconds\n", best.count());
  RecordProperty("fork_microseconds", static_cast<int>(best.count()));
  EXPECT_LT(best.count(), 20'000) << "far from a millisecond: pages are no longer shared";
}

}  // namespace
}  // namespace kurrentlite
