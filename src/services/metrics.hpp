#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/models.hpp"
#include "kurrentlite/scheduler.hpp"

namespace kurrentlite::services {

/// What calls did in each of the last seconds.
class SecondRing {
 public:
  static constexpr std::int64_t kSeconds = 300;

  struct Second {
    std::int64_t number = -1;  ///< of the scheduler's time
    std::uint32_t calls = 0;
    std::uint32_t errors = 0;
    std::uint32_t retries = 0;
    std::uint64_t total_us = 0;
    std::uint64_t max_us = 0;
    void add(const Second& other);
  };

  /// The second that `now` falls into, to be counted on.
  Second& at(Duration now);
  /// Second `number`, if anything happened in it.
  [[nodiscard]] const Second* find(std::int64_t number) const;
  /// Calls in the `seconds` up to `now`.
  [[nodiscard]] std::uint64_t calls(Duration now, std::int64_t seconds) const;

 private:
  std::vector<Second> ring_;  // empty until the first call
};

/// Counts one kind of call and remembers how long the last ones took.
class CallStatistics {
 public:
  static constexpr std::size_t kWindow = 512;

  void add(Duration now, Duration latency, bool failed);
  void add_retry(Duration now);
  void add_cancelled() { ++cancelled_; }
  /// `age`: how long calls have been counted.
  [[nodiscard]] OperationMetrics summary(Duration now, Duration age) const;
  [[nodiscard]] const SecondRing& seconds() const { return seconds_; }

 private:
  std::uint64_t count_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t total_us_ = 0;
  std::array<std::uint64_t, kLatencyBoundsMs.size() + 1> latencies_{};
  std::vector<double> latencies_ms_;  // a ring once it holds kWindow
  SecondRing seconds_;
};

/// Measurements of calls to the database and of operations of the services.
class CallMetrics {
 public:
  explicit CallMetrics(Duration begin) : begin_(begin) {}

  [[nodiscard]] CallStatistics& of(Operation operation) { return operations_[static_cast<std::size_t>(operation)]; }
  [[nodiscard]] CallStatistics& of(std::string_view name);
  [[nodiscard]] std::array<OperationMetrics, kOperationCount> summary(Duration now) const;
  [[nodiscard]] std::vector<ServiceOperationMetrics> service_summary(Duration now) const;
  /// The last `seconds` of calls to the database, of all kinds or of one, oldest first; quiet seconds included. `name` may
  /// be that of a kind of call or of an operation of the services. `now_ms`: the wall clock.
  [[nodiscard]] std::vector<MetricsSecond> series(Duration now, std::int64_t now_ms, std::uint32_t seconds,
                                                  std::string_view name) const;

 private:
  Duration begin_;
  std::array<CallStatistics, kOperationCount> operations_;
  std::map<std::string, CallStatistics, std::less<>> service_operations_;
};

/// True for outcomes that say something is wrong with the database or the way to it; "no such stream" and "somebody
/// else was first" are answers.
[[nodiscard]] bool is_failure(ErrorCode code);

}  // namespace kurrentlite::services
