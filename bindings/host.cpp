#include "host.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace kurrentlite::bindings {
namespace {

Host* installed = nullptr;

std::uint64_t draw_seed(const emscripten::val& object) {
  const std::uint64_t high = object.call<std::uint32_t>("entropy");
  return high << 32 | object.call<std::uint32_t>("entropy");
}

}  // namespace

std::int64_t HostClock::now_ticks() const {
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
  return std::chrono::duration_cast<Ticks>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Duration HostScheduler::now() const {
  return Duration(static_cast<std::int64_t>(Host::instance().monotonic_ms() * 1000));
}

Scheduler::TimerId HostScheduler::call_after(Duration delay, std::function<void()> callback) {
  return queue_.add(now() + std::max(delay, Duration::zero()), std::move(callback));
}

void HostScheduler::settle() {
  if (!queue_.next_due()) return;
  while (auto due = queue_.take_due(now())) due->second();
  const auto next = queue_.next_due();
  const double wait_ms = next ? static_cast<double>((*next - now()).count()) / 1000 : -1;
  Host::instance().wake(next ? std::max(std::ceil(wait_ms), 0.0) : -1);
}

Host::Host(const emscripten::val& object) : ids(draw_seed(object)), object_(object) {}

void Host::install(const emscripten::val& host) {
  if (installed == nullptr) installed = new Host(host);
}

Host& Host::instance() { return *installed; }

double Host::monotonic_ms() const { return object_.call<double>("monotonic"); }
void Host::wake(double ms) const { object_.call<void>("wake", ms); }
void Host::complete(double call, bool ok, const std::string& json) const {
  object_.call<void>("complete", call, ok, json);
}
void Host::notify(int handle, Topic topic) const { object_.call<void>("notify", handle, static_cast<int>(topic)); }

int Boundary::depth_ = 0;

Boundary::~Boundary() {
  if (depth_ == 1) Host::instance().scheduler.settle();
  --depth_;
}

bool has_headroom(std::uint64_t bytes) {
  if (bytes > SIZE_MAX) return false;
  // volatile: the compiler may otherwise assume that a malloc whose result is freed at once succeeds.
  void* volatile probe = std::malloc(static_cast<std::size_t>(bytes));
  const bool got = probe != nullptr;
  std::free(probe);
  return got;
}

}  // namespace kurrentlite::bindings
