#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace kurrentlite {

using Duration = std::chrono::microseconds;

/// Runs callbacks later, on the one thread that drives the core. Asynchronous code waits through nothing else, so a test
/// that brings the virtual-time scheduler replays days in milliseconds.
class Scheduler {
 public:
  using TimerId = std::uint64_t;

  virtual ~Scheduler() = default;
  /// Monotonic time since an arbitrary origin.
  [[nodiscard]] virtual Duration now() const = 0;
  /// Runs `callback` once, `delay` from now; equal times run in the order they were asked for. Never runs it before this
  /// call returns, also with a delay of zero.
  virtual TimerId call_after(Duration delay, std::function<void()> callback) = 0;
  /// Forgets a callback that has not run yet; others are ignored.
  virtual void cancel(TimerId timer) = 0;
};

}  // namespace kurrentlite
