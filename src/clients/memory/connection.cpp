#include "clients/memory/connection.hpp"

#include <algorithm>
#include <utility>

#include "kurrentlite/task.hpp"

namespace kurrentlite {

namespace {

Error unreachable() {
  return {ErrorCode::Unavailable, "The database cannot be reached: the simulated network is offline."};
}

Error closed_error() { return {ErrorCode::Cancelled, "The client was closed while the call was under way."}; }

}  // namespace

Connection::Connection(Engine& engine, Scheduler& scheduler, SimulationProfile profile, Faults* faults)
    : engine_(engine), scheduler_(scheduler), simulator_(std::move(profile)), faults_(faults) {}

Connection::~Connection() {
  for (const auto& timer : {requests_.timer, replies_.timer, connecting_}) {
    if (timer) scheduler_.cancel(*timer);
  }
  if (append_listener_ != 0) engine_.unlisten(append_listener_);
}

CallPlan Connection::plan(Operation operation) {
  CallPlan plan = simulator_.plan(operation);
  const std::optional<Fault> fault = faults_ != nullptr ? faults_->strike(operation) : std::nullopt;
  if (!fault) return plan;
  switch (fault->effect) {
    case Fault::Effect::Refuse: plan.fate = CallPlan::Fate::Refused; break;
    case Fault::Effect::LoseReply: plan.fate = CallPlan::Fate::ReplyLost; break;
    case Fault::Effect::Disconnect: plan.fate = CallPlan::Fate::BreaksRequest; break;
    case Fault::Effect::Delay:
      plan.delay = duration_of(fault->delay_ms);
      return plan;
  }
  plan.error = fault->error;
  return plan;
}

void Connection::set_profile(SimulationProfile profile) {
  simulator_.set_profile(std::move(profile));
  if (simulator_.profile().offline && connected()) lose(unreachable());
}

std::optional<Error> Connection::open() {
  if (closed_) return closed_error();
  if (connected() || connecting_) return std::nullopt;
  const Duration delay = simulator_.latency(Operation::Connect);
  if (delay > Duration::zero()) {
    up_at_ = scheduler_.now() + delay;
    connecting_ = scheduler_.call_after(delay, [this] { finish_connecting(); });
    const bool again = state_ == ConnectionState::Error;
    set_state(again ? ConnectionState::Reconnecting : ConnectionState::Connecting);
    return std::nullopt;
  }
  if (simulator_.profile().offline) {
    set_state(ConnectionState::Error);
    return unreachable();
  }
  set_state(ConnectionState::Connected);
  return std::nullopt;
}

void Connection::finish_connecting() {
  connecting_.reset();
  if (simulator_.profile().offline) {
    lose(unreachable());
    return;
  }
  // Calls that waited for this travel on by their own timers: nothing that the listener starts overtakes them.
  const auto self = shared_from_this();
  set_state(ConnectionState::Connected);
  arm(requests_);
  arm(replies_);
}

void Connection::lose(const Error& reason, ConnectionState next_state) {
  const auto self = shared_from_this();
  if (connecting_) scheduler_.cancel(*std::exchange(connecting_, std::nullopt));
  up_at_ = Duration::zero();
  for (Lane* lane : {&requests_, &replies_}) {
    if (lane->timer) scheduler_.cancel(*std::exchange(lane->timer, std::nullopt));
    lane->clear_at = Duration::zero();
    for (Trip* trip : std::exchange(lane->trips, {})) trip->fail(reason);
  }
  for (ConnectionGuest* guest : guests_) guest->on_connection_lost(reason);
  set_state(next_state);
}

void Connection::close() {
  closed_ = true;
  listener_ = nullptr;
  lose(closed_error(), ConnectionState::Disconnected);
}

void Connection::set_state(ConnectionState state) {
  if (std::exchange(state_, state) == state) return;
  // A copy, because the listener may replace itself.
  if (const auto listener = listener_) listener(state);
}

// Lanes

void Connection::enter(Lane& lane, Trip& trip) {
  trip.due_ = std::max(std::max(scheduler_.now(), up_at_) + trip.delay_, lane.clear_at);
  trip.in_lane_ = true;
  lane.clear_at = trip.due_;
  lane.trips.push_back(&trip);
  arm(lane);
}

void Connection::arm(Lane& lane) {
  // One timer for the first trip, instead of one for each: timers of a real clock may fire out of order.
  if (lane.timer || lane.trips.empty() || !connected()) return;
  lane.timer_due = lane.trips.front()->due_;
  const Duration delay = std::max(lane.timer_due - scheduler_.now(), Duration::zero());
  lane.timer = scheduler_.call_after(delay, [this, &lane] { deliver(lane); });
}

void Connection::deliver(Lane& lane) {
  const auto self = shared_from_this();
  lane.timer.reset();
  const Duration now = std::max(scheduler_.now(), lane.timer_due);  // timers of a real clock may fire early
  while (!lane.trips.empty() && lane.trips.front()->due_ <= now && connected()) {
    Trip* const trip = lane.trips.front();
    lane.trips.pop_front();
    trip->in_lane_ = false;
    detail::resume(trip->awaiting_);
  }
  arm(lane);
}

Connection::Trip::~Trip() {
  if (timer_) connection_.scheduler_.cancel(*timer_);
  if (!in_lane_) return;
  lane_.trips.remove(this);
  // What is sent from now on need not wait for what was abandoned.
  lane_.clear_at = lane_.trips.empty() ? Duration::zero() : lane_.trips.back()->due_;
  if (lane_.timer) connection_.scheduler_.cancel(*std::exchange(lane_.timer, std::nullopt));
  connection_.arm(lane_);
}

bool Connection::Trip::await_ready() {
  if (!connection_.connected() && !connection_.connecting_) {
    // A listener ended the connection since the call was begun.
    lost_ = Error{ErrorCode::Unavailable, "The connection was closed while the call was under way."};
    return true;
  }
  return delay_ <= Duration::zero() && lane_.trips.empty() && connection_.connected();
}

void Connection::Trip::await_suspend(coro::coroutine_handle<> awaiting) {
  awaiting_ = awaiting;
  connection_.enter(lane_, *this);
}

void Connection::Trip::fail(const Error& reason) {
  in_lane_ = false;
  lost_ = reason;
  timer_ = connection_.scheduler_.call_after(Duration::zero(), [this] {
    timer_.reset();
    detail::resume(awaiting_);
  });
}

// Guests

void Connection::add_guest(ConnectionGuest& guest) {
  guests_.push_back(&guest);
  if (append_listener_ != 0) return;
  append_listener_ = engine_.on_append([this] {
    for (ConnectionGuest* each : guests_) each->on_append();
  });
}

void Connection::remove_guest(ConnectionGuest& guest) {
  std::erase(guests_, &guest);
  if (guests_.empty()) engine_.unlisten(std::exchange(append_listener_, 0));
}

}  // namespace kurrentlite
