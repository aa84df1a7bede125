// The memory client joins the behaviour suite twice: without latency over an empty database, and across a simulated ocean
// in virtual time over a database that holds what a fresh KurrentDB holds.
#include "async/manual_scheduler.hpp"
#include "clients/memory/memory_client.hpp"
#include "contract/access_harness.hpp"
#include "contract/host_regex.hpp"

namespace kurrentlite::contract {
namespace {

class SettableClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ticks() const override { return ticks_; }
  void advance(std::chrono::seconds by) { ticks_ += by.count() * 1000 * kTicksPerMillisecond; }

 private:
  std::int64_t ticks_ = 1'900'000'000LL * 1000 * kTicksPerMillisecond;
};

class MemoryHarness final : public ClientHarness {
 public:
  MemoryHarness(SimulationProfile profile, bool fresh_events)
      : engine_(clock_, {.fresh_events = fresh_events, .regex = &host_regex()}), profile_(std::move(profile)) {}

  std::unique_ptr<Client> make_client() override {
    return std::make_unique<MemoryClient>(engine_, scheduler_, profile_);
  }
  bool run_until(const std::function<bool()>& done) override {
    while (!done()) {
      if (scheduler_.run_until_idle(1) == 0) return false;
    }
    return true;
  }
  bool advance_clock(std::chrono::seconds by) override {
    clock_.advance(by);
    return true;
  }

 private:
  SettableClock clock_;
  Engine engine_;
  ManualScheduler scheduler_;
  SimulationProfile profile_;
};

HarnessFactory memory(const char* preset, bool fresh_events) {
  return {preset, [=] { return std::make_unique<MemoryHarness>(*simulation_preset(preset), fresh_events); }};
}

INSTANTIATE_TEST_SUITE_P(Memory, ClientContract, testing::Values(memory("instant", false), memory("wan", true)),
                         [](const auto& each) { return each.param.name; });
INSTANTIATE_TEST_SUITE_P(Memory, AccessContract, testing::Values(memory("instant", false), memory("wan", true)),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace kurrentlite::contract
