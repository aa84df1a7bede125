#include "time_line.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "host.hpp"

namespace kurrentlite::bindings {
namespace {

std::int64_t host_ticks() {
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
  return std::chrono::duration_cast<Ticks>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Duration host_moment() { return Duration(static_cast<std::int64_t>(Host::instance().monotonic_ms() * 1000)); }

}  // namespace

TimeLine::TimeLine() { Host::instance().add(*this); }
TimeLine::TimeLine(const TimeLine& other)
    : Clock(other), Scheduler(other), ticks_(other.ticks_), moment_(other.moment_), frozen_(other.frozen_) {
  Host::instance().add(*this);
}
TimeLine::~TimeLine() { Host::instance().remove(*this); }

std::int64_t TimeLine::now_ticks() const { return frozen_ ? ticks_ : host_ticks() + ticks_; }
Duration TimeLine::now() const { return frozen_ ? moment_ : host_moment() + moment_; }

Scheduler::TimerId TimeLine::call_after(Duration delay, std::function<void()> callback) {
  Host::instance().expect_timers();
  return queue_.add(now() + std::max(delay, Duration::zero()), std::move(callback));
}

void TimeLine::cancel(TimerId timer) { queue_.cancel(timer); }

void TimeLine::freeze() {
  if (frozen_) return;
  ticks_ = now_ticks();
  moment_ = now();
  frozen_ = true;
  Host::instance().expect_timers();
}

void TimeLine::resume() {
  if (!std::exchange(frozen_, false)) return;
  ticks_ -= host_ticks();
  moment_ -= host_moment();
  Host::instance().expect_timers();
}

void TimeLine::set(std::int64_t ticks) { ticks_ += ticks - now_ticks(); }

Duration TimeLine::advance(Duration duration) {
  Duration step = std::max(duration, Duration::zero());
  if (const std::optional<Duration> next = until_next()) step = std::min(step, std::max(*next, Duration::zero()));
  moment_ += step;
  ticks_ += step.count() * 10;
  Host::instance().expect_timers();
  return step;
}

void TimeLine::run_due() {
  while (auto due = queue_.take_due(now())) due->second();
}

std::optional<Duration> TimeLine::until_next() const {
  const std::optional<Duration> next = queue_.next_due();
  return next ? std::optional(*next - now()) : std::nullopt;
}

std::optional<Duration> TimeLine::wait() const { return frozen_ ? std::nullopt : until_next(); }

bool TimeLine::has_due() const {
  const std::optional<Duration> next = until_next();
  return next && *next <= Duration::zero();
}

}  // namespace kurrentlite::bindings
