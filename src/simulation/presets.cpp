#include "kurrentlite/simulation.hpp"

#include <algorithm>

namespace kurrentlite {

namespace {

/// One round trip of a link: its median, how uneven it is, and the cuts as multiples of the median.
struct LinkQuality {
  double round_trip_ms;
  double spread;
  double min_factor;
  double max_factor;
};

/// Round trips an operation takes: connecting shakes hands twice, a write waits for the disk as well.
constexpr double round_trips(Operation operation) {
  switch (operation) {
    case Operation::Connect: return 2;
    case Operation::Append:
    case Operation::Delete: return 1.25;
    case Operation::Read:
    case Operation::Subscribe:
    case Operation::Statistics: break;
  }
  return 1;
}

SimulationProfile profile_of(std::string_view name, const LinkQuality& link) {
  SimulationProfile profile;
  profile.name = name;
  for (std::size_t index = 0; index < kOperationCount; ++index) {
    const double median_ms = link.round_trip_ms * round_trips(static_cast<Operation>(index));
    profile.latency[index] = {median_ms, link.spread, median_ms * link.min_factor, median_ms * link.max_factor};
  }
  return profile;
}

}  // namespace

const char* to_string(Operation operation) {
  switch (operation) {
    case Operation::Connect: return "connect";
    case Operation::Append: return "append";
    case Operation::Read: return "read";
    case Operation::Delete: return "delete";
    case Operation::Subscribe: return "subscribe";
    case Operation::Statistics: return "statistics";
  }
  return "unknown";
}

bool SimulationProfile::is_instant() const {
  const bool waits = std::any_of(latency.begin(), latency.end(),
                                 [](const Latency& each) { return each.median_ms > 0 || each.min_ms > 0; });
  return !waits && error_rate <= 0 && lost_reply_rate <= 0 && disconnect_rate <= 0 && !offline;
}

std::optional<SimulationProfile> simulation_preset(std::string_view name) {
  if (name == "instant") return SimulationProfile{};
  if (name == "lan") return profile_of(name, {1, 0.25, 0.5, 5});
  if (name == "wan") return profile_of(name, {40, 0.25, 0.7, 4});
  if (name == "mobile") return profile_of(name, {120, 0.6, 0.4, 10});
  if (name == "flaky") {
    SimulationProfile profile = profile_of(name, {80, 1, 0.25, 20});
    profile.error_rate = 0.05;
    profile.lost_reply_rate = 0.02;
    profile.disconnect_rate = 0.01;
    return profile;
  }
  return std::nullopt;
}

}  // namespace kurrentlite
