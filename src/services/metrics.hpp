#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "kurrentlite/models.hpp"
#include "kurrentlite/scheduler.hpp"

namespace kurrentlite::services {

/// Counts one kind of call and remembers how long the last ones took.
class CallStatistics {
 public:
  static constexpr std::size_t kWindow = 512;

  void add(Duration latency, bool failed);
  void add_retry() { ++retries_; }
  [[nodiscard]] OperationMetrics summary() const;

 private:
  std::uint64_t count_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t retries_ = 0;
  std::vector<double> latencies_ms_;  // a ring once it holds kWindow
};

class CallMetrics {
 public:
  [[nodiscard]] CallStatistics& of(Operation operation) { return operations_[static_cast<std::size_t>(operation)]; }
  [[nodiscard]] std::array<OperationMetrics, kOperationCount> summary() const;

 private:
  std::array<CallStatistics, kOperationCount> operations_;
};

/// True for outcomes that say something is wrong with the database or the way to it; "no such stream" and "somebody
/// else was first" are answers.
[[nodiscard]] bool is_failure(ErrorCode code);

}  // namespace kurrentlite::services
