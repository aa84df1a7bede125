#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

namespace kurrentlite::benchmark {

[[noreturn]] inline void give_up(const char* what, const std::string& why = {}) {
  std::fprintf(stderr, "%s %s\n", what, why.c_str());
  std::exit(1);
}

inline void expect(bool holds, const char* what) {
  if (!holds) give_up(what);
}

class Stopwatch {
 public:
  [[nodiscard]] std::int64_t elapsed_ns() const { return std::chrono::nanoseconds(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

/// Hands out the numbers below `count` to so many workers, and waits until each has done what it took.
class Tickets {
 public:
  Tickets(std::uint64_t count, std::uint64_t workers) : count_(count), workers_(workers) {}

  /// False when none is left: the last that a worker may ask.
  bool take(std::uint64_t& number) {
    const std::lock_guard lock(mutex_);
    if (next_ == count_) {
      if (--workers_ == 0) all_done_.notify_one();
      return false;
    }
    number = next_++;
    return true;
  }
  void wait() {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [this] { return workers_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::uint64_t count_;
  std::uint64_t workers_;
  std::uint64_t next_ = 0;
};

}  // namespace kurrentlite::benchmark
