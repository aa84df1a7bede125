#include "simulation/simulator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kurrentlite {

Simulator::Simulator(SimulationProfile profile)
    : profile_(std::move(profile)), prng_(profile_.seed), instant_(profile_.is_instant()) {}

void Simulator::set_profile(SimulationProfile profile) {
  if (profile.seed != profile_.seed) prng_ = Prng(profile.seed);
  profile_ = std::move(profile);
  instant_ = profile_.is_instant();
}

CallPlan Simulator::plan(Operation operation) {
  CallPlan plan;
  if (instant_) return plan;
  plan.fate = draw_fate();
  const Duration whole = latency(operation);
  plan.request = whole / 2;
  plan.reply = whole - plan.request;
  return plan;
}

CallPlan::Fate Simulator::draw_fate() {
  // One number decides, so that a higher rate only turns more of the same calls bad.
  const double drawn = prng_.uniform();
  const double refused = std::max(profile_.error_rate, 0.0);
  const double lost = refused + std::max(profile_.lost_reply_rate, 0.0);
  const double broken = std::max(profile_.disconnect_rate, 0.0);
  if (drawn < refused) return CallPlan::Fate::Refused;
  if (drawn < lost) return CallPlan::Fate::ReplyLost;
  if (drawn < lost + broken / 2) return CallPlan::Fate::BreaksRequest;
  if (drawn < lost + broken) return CallPlan::Fate::BreaksReply;
  return CallPlan::Fate::Answered;
}

Duration Simulator::latency(Operation operation) {
  const Latency& shape = profile_.latency[static_cast<std::size_t>(operation)];
  double drawn_ms = shape.median_ms;
  if (shape.median_ms > 0 && shape.spread > 0) drawn_ms *= std::exp(shape.spread * prng_.normal());
  if (shape.max_ms > 0) drawn_ms = std::min(drawn_ms, shape.max_ms);
  return duration_of(std::max(drawn_ms, shape.min_ms));
}

Duration duration_of(double milliseconds) {
  if (!(milliseconds > 0)) return Duration::zero();  // also for a NaN
  constexpr double kLongestMs = 24.0 * 3600 * 1000;
  return Duration(std::llround(std::min(milliseconds, kLongestMs) * 1000));
}

}  // namespace kurrentlite
