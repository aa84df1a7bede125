#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <functional>
#include <string>

#include "async/timer_queue.hpp"
#include "base/prng.hpp"
#include "kurrentlite/ports.hpp"
#include "kurrentlite/scheduler.hpp"

namespace kurrentlite::bindings {

/// What changed, as a number that JavaScript knows too (web/src/wasm/module.ts).
enum class Topic : int { Append = 0, Connection = 1, Streams = 2, Users = 3 };

/// Wall-clock time of the JavaScript host.
class HostClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ticks() const override;
};

/// Callbacks on the host's event loop: one host timer, set for the callback that is due first.
class HostScheduler final : public Scheduler {
 public:
  [[nodiscard]] Duration now() const override;
  TimerId call_after(Duration delay, std::function<void()> callback) override;
  void cancel(TimerId timer) override { queue_.cancel(timer); }

  /// Runs everything due, then asks the host to wake the core for the next.
  void settle();

 private:
  TimerQueue queue_;
};

/// The JavaScript object that lends the core its clock, timers and ears. One per module.
class Host {
 public:
  /// `host` has: monotonic(): ms, wake(ms | -1), complete(call, ok, json), notify(handle, topic), entropy(): 32
  /// random bits.
  static void install(const emscripten::val& host);
  static Host& instance();

  HostClock clock;
  HostScheduler scheduler;
  PrngIdSource ids;

  /// Milliseconds of a clock that never jumps.
  [[nodiscard]] double monotonic_ms() const;
  /// Asks for a call of `runDue` in `ms`; negative: no longer.
  void wake(double ms) const;
  void complete(double call, bool ok, const std::string& json) const;
  void notify(int handle, Topic topic) const;

 private:
  explicit Host(const emscripten::val& object);
  emscripten::val object_;
};

/// Stands on the stack of every function that JavaScript calls: when the outermost one leaves, what became due meanwhile
/// runs, so that work without simulated latency is finished when the call returns.
class Boundary {
 public:
  Boundary() { ++depth_; }
  ~Boundary();
  Boundary(const Boundary&) = delete;
  Boundary& operator=(const Boundary&) = delete;

 private:
  static int depth_;
};

/// True when `bytes` more could be had. A failed allocation outside the engine's pages ends the module, so every call asks
/// first for what it may need at most.
[[nodiscard]] bool has_headroom(std::uint64_t bytes);

}  // namespace kurrentlite::bindings
