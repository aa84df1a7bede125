#include "services/metrics.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kurrentlite::services {

namespace {

/// Nearest rank: the smallest value that at least `share` of all values do not exceed.
double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp(rank, std::size_t{1}, sorted.size()) - 1];
}

std::int64_t second_of(Duration time) { return time.count() / 1'000'000; }

}  // namespace

void SecondRing::Second::add(const Second& other) {
  calls += other.calls;
  errors += other.errors;
  retries += other.retries;
  total_us += other.total_us;
  max_us = std::max(max_us, other.max_us);
}

SecondRing::Second& SecondRing::at(Duration now) {
  const std::int64_t number = second_of(now);
  if (ring_.empty()) ring_.resize(kSeconds);
  Second& second = ring_[static_cast<std::size_t>(number % kSeconds)];
  if (second.number != number) {
    second = Second();
    second.number = number;
  }
  return second;
}

const SecondRing::Second* SecondRing::find(std::int64_t number) const {
  if (ring_.empty() || number < 0) return nullptr;
  const Second& second = ring_[static_cast<std::size_t>(number % kSeconds)];
  return second.number == number ? &second : nullptr;
}

std::uint64_t SecondRing::calls(Duration now, std::int64_t seconds) const {
  const std::int64_t current = second_of(now);
  std::uint64_t calls = 0;
  for (const Second& each : ring_) {
    if (each.number > current - seconds && each.number <= current) calls += each.calls;
  }
  return calls;
}

void CallStatistics::add(Duration now, Duration latency, bool failed) {
  const double latency_ms = static_cast<double>(latency.count()) / 1000.0;
  if (latencies_ms_.size() < kWindow) {
    latencies_ms_.push_back(latency_ms);
  } else {
    latencies_ms_[count_ % kWindow] = latency_ms;
  }
  const auto* const bound = std::lower_bound(kLatencyBoundsMs.begin(), kLatencyBoundsMs.end(), latency_ms);
  ++latencies_[static_cast<std::size_t>(bound - kLatencyBoundsMs.begin())];
  const auto latency_us = static_cast<std::uint64_t>(std::max(latency, Duration::zero()).count());
  total_us_ += latency_us;
  ++count_;
  if (failed) ++errors_;
  SecondRing::Second& second = seconds_.at(now);
  ++second.calls;
  if (failed) ++second.errors;
  second.total_us += latency_us;
  second.max_us = std::max(second.max_us, latency_us);
}

void CallStatistics::add_retry(Duration now) {
  ++retries_;
  ++seconds_.at(now).retries;
}

OperationMetrics CallStatistics::summary(Duration now, Duration age) const {
  std::vector<double> sorted = latencies_ms_;
  std::sort(sorted.begin(), sorted.end());
  // The current second has only partly passed.
  const auto rate = [&](std::int64_t seconds) {
    const Duration window = std::chrono::seconds(seconds - 1) + now % std::chrono::seconds(1);
    const Duration counted = std::max<Duration>(std::min(window, age), std::chrono::seconds(1));
    return static_cast<double>(seconds_.calls(now, seconds)) * 1e6 / static_cast<double>(counted.count());
  };
  OperationMetrics metrics;
  metrics.count = count_;
  metrics.errors = errors_;
  metrics.retries = retries_;
  metrics.cancelled = cancelled_;
  metrics.rate_1m = rate(60);
  metrics.rate_5m = rate(300);
  metrics.p50_ms = percentile(sorted, 0.50);
  metrics.p95_ms = percentile(sorted, 0.95);
  metrics.p99_ms = percentile(sorted, 0.99);
  metrics.total_ms = static_cast<double>(total_us_) / 1000.0;
  metrics.latencies = latencies_;
  return metrics;
}

CallStatistics& CallMetrics::of(std::string_view name) {
  const auto found = service_operations_.find(name);
  return found != service_operations_.end() ? found->second : service_operations_[std::string(name)];
}

std::array<OperationMetrics, kOperationCount> CallMetrics::summary(Duration now) const {
  std::array<OperationMetrics, kOperationCount> all;
  for (std::size_t i = 0; i < kOperationCount; ++i) all[i] = operations_[i].summary(now, now - begin_);
  return all;
}

std::vector<ServiceOperationMetrics> CallMetrics::service_summary(Duration now) const {
  std::vector<ServiceOperationMetrics> all;
  for (const auto& [name, statistics] : service_operations_) {
    all.push_back({name, statistics.summary(now, now - begin_)});
  }
  return all;
}

std::vector<MetricsSecond> CallMetrics::series(Duration now, std::int64_t now_ms, std::uint32_t seconds,
                                               std::string_view name) const {
  std::vector<const SecondRing*> rings;
  for (std::size_t i = 0; i < kOperationCount; ++i) {
    if (name.empty() || name == to_string(static_cast<Operation>(i))) rings.push_back(&operations_[i].seconds());
  }
  const auto service = service_operations_.find(name);
  if (service != service_operations_.end()) rings.push_back(&service->second.seconds());

  const std::int64_t current = second_of(now);
  const std::int64_t current_begin_ms = now_ms - (now.count() % 1'000'000) / 1000;
  const std::int64_t length = std::min<std::int64_t>(seconds, SecondRing::kSeconds);
  std::vector<MetricsSecond> series;
  for (std::int64_t back = length - 1; back >= 0; --back) {
    SecondRing::Second sum;
    for (const SecondRing* ring : rings) {
      if (const SecondRing::Second* second = ring->find(current - back)) sum.add(*second);
    }
    MetricsSecond each;
    each.time_ms = current_begin_ms - back * 1000;
    each.calls = sum.calls;
    each.errors = sum.errors;
    each.retries = sum.retries;
    each.average_ms = sum.calls == 0 ? 0 : static_cast<double>(sum.total_us) / 1000.0 / sum.calls;
    each.max_ms = static_cast<double>(sum.max_us) / 1000.0;
    series.push_back(each);
  }
  return series;
}

bool is_failure(ErrorCode code) {
  switch (code) {
    case ErrorCode::WrongExpectedVersion:
    case ErrorCode::StreamNotFound:
    case ErrorCode::StreamDeleted:
    case ErrorCode::InvalidArgument:
    case ErrorCode::ValidationFailed:
    case ErrorCode::NotFound:
    case ErrorCode::Conflict:
    case ErrorCode::StreamTombstoned:
    case ErrorCode::ConsistencyViolation: return false;
    default: return true;
  }
}

}  // namespace kurrentlite::services
