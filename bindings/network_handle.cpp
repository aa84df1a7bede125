#include "network_handle.hpp"

#include <utility>

#include "convert.hpp"

namespace kurrentlite::bindings {
namespace {

SimulationProfile profile_of(const std::string& json) {
  Result<SimulationProfile> profile = read_simulation(json);
  return profile ? std::move(*profile) : SimulationProfile{};
}

Duration from_ms(double ms) {
  constexpr double kLongestMs = 1e12;  // 31 years
  return Duration(static_cast<std::int64_t>(std::min(ms, kLongestMs) * 1000));
}

Task<Result<void>> deliver_to(std::shared_ptr<Connection> connection) {
  const Duration latency = connection->simulator().latency(Operation::Read);
  if (auto lost = co_await connection->to_client(latency / 2)) co_return std::move(*lost);
  co_return Result<void>();
}

}  // namespace

NetworkHandle::NetworkHandle(int handle, DatabaseHandle& database, const std::string& simulation)
    : database_(database), connection_(std::make_shared<Connection>(database.engine(), database.time(),
                                                                    profile_of(simulation), &database.faults())) {
  connection_->on_state_change([handle](ConnectionState) { Host::instance().notify(handle, Topic::Connection); });
}

NetworkHandle::~NetworkHandle() {
  calls_.clear();
  connection_->on_state_change(nullptr);
  connection_->close();
}

void NetworkHandle::answer(double call, const Result<void>& result) {
  Host::instance().complete(call, result.ok(), result ? "null" : to_json(result.error()));
}

void NetworkHandle::depart(double call, int operation, double deadline_ms) {
  Boundary boundary;
  const Operation kind = static_cast<Operation>(operation);
  const Duration deadline = from_ms(deadline_ms);
  const Duration due = database_.time().now() + deadline;
  calls_.spawn(with_deadline(database_.time(), to_string(kind), deadline, kurrentlite::depart(connection_, kind)),
               [this, call, due](Result<CallPlan> plan) {
                 if (!plan) return answer(call, plan.error());
                 under_way_[call] = {std::move(plan).value(), due};
                 answer(call, {});
               });
}

void NetworkHandle::come_back(double call, double departed) {
  Boundary boundary;
  Journey journey = std::move(under_way_[departed]);
  under_way_.erase(departed);
  const Duration left = std::max(journey.due - database_.time().now(), Duration::zero());
  calls_.spawn(with_deadline(database_.time(), "The reply", left, kurrentlite::come_back(connection_, journey.plan)),
               [this, call](Result<void> result) { answer(call, result); });
}

void NetworkHandle::deliver(double call) {
  Boundary boundary;
  calls_.spawn(deliver_to(connection_), [this, call](Result<void> result) { answer(call, result); });
}

void NetworkHandle::lose() {
  Boundary boundary;
  connection_->lose({ErrorCode::Unavailable, "The connection was dropped."});
}

void NetworkHandle::set_simulation(const std::string& simulation) {
  Boundary boundary;
  connection_->set_profile(profile_of(simulation));
}

}  // namespace kurrentlite::bindings
