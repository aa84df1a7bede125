#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.hpp"
#include "kurrentlite/config.hpp"
#include "kurrentlite/ports.hpp"
#include "kurrentlite/task.hpp"
#include "kurrentlite/telemetry.hpp"
#include "services/notifier.hpp"

namespace kurrentlite::services {

/// What the calls of one operation of the services have in common.
struct OperationContext : TaskContext {
  std::string trace_id;  ///< empty while nobody listens to spans
  std::string span_id;
  std::uint32_t retries = 0;
};

/// Makes spans of operations and calls, for whoever listens; costs nothing while nobody does.
class Tracer {
 public:
  Tracer(Scheduler& scheduler, Clock& clock, const DatabaseConfig& config, std::function<Prng&()> dice)
      : clock_(clock), config_(config), dice_(std::move(dice)), notifier_(scheduler) {}

  /// `listener` gets the spans that ended, soon after and several at a time.
  void listen(std::function<void(std::vector<Span>)> listener);
  [[nodiscard]] bool on() const { return on_; }

  /// An operation begins, perhaps within another one.
  Span begin_operation(const char* name, const OperationContext* outer);
  /// An attempt of a call begins, which is part of `parent` unless that is null.
  Span begin_call(const char* name, const OperationContext* parent, const std::vector<std::string>& streams,
                  std::uint32_t retry);
  /// `error`: why it failed; null when it did not.
  void end(Span span, const Error* error);

 private:
  Span begin(const char* name, Span::Kind kind);
  void place(Span& span, const OperationContext* parent);
  std::string hex(std::size_t digits);
  [[nodiscard]] std::int64_t now_ns() const { return clock_.now_ticks() * 100; }

  Clock& clock_;
  const DatabaseConfig& config_;
  std::function<Prng&()> dice_;
  bool on_ = false;
  std::vector<Span> ended_;
  Notifier notifier_;
};

}  // namespace kurrentlite::services
