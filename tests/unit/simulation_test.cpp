// Simulation profiles and their dice.
#include "simulation/simulator.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <limits>
#include <vector>

namespace kurrentlite {
namespace {

using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::Ge;
using testing::Le;

// Profiles and dice

TEST(Simulation, PresetsAreWhatTheyPromise) {
  EXPECT_FALSE(simulation_preset("fast"));
  EXPECT_TRUE(simulation_preset("instant")->is_instant());
  EXPECT_EQ(simulation_preset("instant"), SimulationProfile());
  for (const char* name : {"lan", "wan", "mobile", "flaky"}) {
    const auto profile = simulation_preset(name);
    ASSERT_TRUE(profile);
    EXPECT_EQ(profile->name, name);
    EXPECT_FALSE(profile->is_instant());
    for (const Latency& each : profile->latency) {
      EXPECT_GT(each.median_ms, 0);
      EXPECT_THAT(each.median_ms, AllOf(Ge(each.min_ms), Le(each.max_ms)));
    }
  }
  const auto flaky = simulation_preset("flaky");
  EXPECT_EQ(flaky->error_rate, 0.05);
  EXPECT_EQ(flaky->lost_reply_rate, 0.02);
  EXPECT_EQ(flaky->disconnect_rate, 0.01);
}

TEST(Simulation, AnythingButNothingIsNotInstant) {
  SimulationProfile profile;
  profile.seed = 99;
  profile.name = "own";
  EXPECT_TRUE(profile.is_instant());
  profile.offline = true;
  EXPECT_FALSE(profile.is_instant());
  profile = {};
  profile.error_rate = 0.1;
  EXPECT_FALSE(profile.is_instant());
  profile = {};
  profile.latency[1].min_ms = 1;
  EXPECT_FALSE(profile.is_instant());
}

TEST(Simulation, OperationsHaveNames) {
  EXPECT_STREQ(to_string(Operation::Connect), "connect");
  EXPECT_STREQ(to_string(Operation::Append), "append");
  EXPECT_STREQ(to_string(Operation::Read), "read");
  EXPECT_STREQ(to_string(Operation::Delete), "delete");
  EXPECT_STREQ(to_string(Operation::Subscribe), "subscribe");
  EXPECT_STREQ(to_string(Operation::Statistics), "statistics");
}

TEST(Simulator, DrawsLatencyAroundTheMedianWithinItsCuts) {
  for (const char* name : {"lan", "wan", "mobile", "flaky"}) {
    Simulator simulator(*simulation_preset(name));
    const Latency shape = simulator.profile().latency[static_cast<std::size_t>(Operation::Read)];
    constexpr int kDraws = 20'000;
    int below_median = 0;
    for (int drawn = 0; drawn < kDraws; ++drawn) {
      const double latency_ms = static_cast<double>(simulator.latency(Operation::Read).count()) / 1000;
      ASSERT_THAT(latency_ms, AllOf(Ge(shape.min_ms - 0.001), Le(shape.max_ms + 0.001)));
      below_median += latency_ms < shape.median_ms ? 1 : 0;
    }
    EXPECT_NEAR(below_median, kDraws / 2, kDraws / 50) << name;
  }
}

TEST(Simulator, WithoutSpreadAlwaysTakesTheMedian) {
  SimulationProfile steady;
  for (Latency& each : steady.latency) each.median_ms = 40;
  Simulator simulator(steady);
  for (int drawn = 0; drawn < 10; ++drawn) EXPECT_EQ(simulator.latency(Operation::Append), 40ms);
  const CallPlan plan = simulator.plan(Operation::Append);
  EXPECT_EQ(plan.request, 20ms);
  EXPECT_EQ(plan.reply, 20ms);
}

TEST(Simulator, SurvivesShapesThatMakeNoSense) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Latency& shape : {Latency{nan, nan, nan, nan}, Latency{-5, 1, -9, -1}, Latency{1e300, 50, 0, 0},
                               Latency{10, nan, 0, 0}, Latency{10, 1, 30, 20}}) {
    SimulationProfile profile;
    profile.latency.fill(shape);
    profile.error_rate = nan;
    profile.disconnect_rate = -1;
    Simulator simulator(profile);
    for (int drawn = 0; drawn < 100; ++drawn) {
      const CallPlan plan = simulator.plan(Operation::Append);
      ASSERT_THAT(plan.request + plan.reply, AllOf(Ge(Duration::zero()), Le(Duration(std::chrono::hours(24)))));
    }
  }
}

TEST(Simulator, DrawsFaultsAtTheirRates) {
  SimulationProfile profile;
  profile.error_rate = 0.2;
  profile.lost_reply_rate = 0.1;
  profile.disconnect_rate = 0.06;
  Simulator simulator(profile);
  constexpr int kDraws = 50'000;
  std::array<int, 5> count{};
  for (int drawn = 0; drawn < kDraws; ++drawn)
    ++count.at(static_cast<std::size_t>(simulator.plan(Operation::Read).fate));
  const auto expect_rate = [&](CallPlan::Fate fate, double rate) {
    EXPECT_NEAR(count.at(static_cast<std::size_t>(fate)), kDraws * rate, kDraws * 0.01);
  };
  expect_rate(CallPlan::Fate::Refused, 0.2);
  expect_rate(CallPlan::Fate::ReplyLost, 0.1);
  expect_rate(CallPlan::Fate::BreaksRequest, 0.03);
  expect_rate(CallPlan::Fate::BreaksReply, 0.03);
}

TEST(Simulator, RepeatsItselfFromTheSameSeedOnly) {
  const auto draws = [](std::uint64_t seed) {
    SimulationProfile profile = *simulation_preset("flaky");
    profile.seed = seed;
    Simulator simulator(profile);
    std::vector<std::int64_t> drawn;
    for (int index = 0; index < 50; ++index) {
      const CallPlan plan = simulator.plan(Operation::Append);
      drawn.push_back(plan.request.count() * 8 + static_cast<int>(plan.fate));
    }
    return drawn;
  };
  EXPECT_EQ(draws(7), draws(7));
  EXPECT_NE(draws(7), draws(8));
}

TEST(Simulator, ANewSeedStartsTheDiceAfreshAndTheSameLetsThemRoll) {
  SimulationProfile profile = *simulation_preset("wan");
  Simulator simulator(profile);
  const Duration first = simulator.latency(Operation::Read);
  simulator.set_profile(profile);
  EXPECT_NE(simulator.latency(Operation::Read), first);
  profile.seed = 2;
  simulator.set_profile(profile);
  profile.seed = 1;
  simulator.set_profile(profile);
  EXPECT_EQ(simulator.latency(Operation::Read), first);
}

}  // namespace
}  // namespace kurrentlite
