#include "services/metrics.hpp"

#include <algorithm>
#include <cmath>

namespace kurrentlite::services {

namespace {

/// Nearest rank: the smallest value that at least `share` of all values do not exceed.
double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp(rank, std::size_t{1}, sorted.size()) - 1];
}

}  // namespace

void CallStatistics::add(Duration latency, bool failed) {
  const double latency_ms = static_cast<double>(latency.count()) / 1000.0;
  if (latencies_ms_.size() < kWindow) {
    latencies_ms_.push_back(latency_ms);
  } else {
    latencies_ms_[count_ % kWindow] = latency_ms;
  }
  ++count_;
  if (failed) ++errors_;
}

OperationMetrics CallStatistics::summary() const {
  std::vector<double> sorted = latencies_ms_;
  std::sort(sorted.begin(), sorted.end());
  OperationMetrics metrics;
  metrics.count = count_;
  metrics.errors = errors_;
  metrics.retries = retries_;
  metrics.p50_ms = percentile(sorted, 0.50);
  metrics.p95_ms = percentile(sorted, 0.95);
  metrics.p99_ms = percentile(sorted, 0.99);
  return metrics;
}

std::array<OperationMetrics, kOperationCount> CallMetrics::summary() const {
  std::array<OperationMetrics, kOperationCount> all;
  std::transform(operations_.begin(), operations_.end(), all.begin(),
                 [](const CallStatistics& each) { return each.summary(); });
  return all;
}

bool is_failure(ErrorCode code) {
  switch (code) {
    case ErrorCode::WrongExpectedVersion:
    case ErrorCode::StreamNotFound:
    case ErrorCode::StreamDeleted: return false;
    default: return true;
  }
}

}  // namespace kurrentlite::services
