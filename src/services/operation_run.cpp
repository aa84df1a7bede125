#include "services/operation_run.hpp"

#include <utility>

#include "services/runtime.hpp"

namespace kurrentlite::services {

OperationRun::OperationRun(OperationStart start, const TaskContext* outer)
    : start_(std::move(start)), begin_(start_.runtime->scheduler().now()) {
  Tracer& tracer = start_.runtime->caller().tracer();
  if (!tracer.on()) return;
  span_ = tracer.begin_operation(start_.name, static_cast<const OperationContext*>(outer));
  trace_id = span_->trace_id;
  span_id = span_->span_id;
}

OperationRun::~OperationRun() {
  if (finished_) return;
  const Error error{ErrorCode::Cancelled, "The operation was cancelled."};
  finish(&error);
}

Task<Result<void>> OperationRun::bounded(Task<void> operation) {
  if (start_.runtime->caller().closed()) co_return Caller::closed_error();
  Deadline deadline{start_.runtime->scheduler(), start_.name, start_.timeout};
  Task<Result<void>> running = deadline(std::move(operation)).within(this);
  co_return co_await std::move(running);
}

void OperationRun::finish(const Error* error) {
  finished_ = true;
  Caller& caller = start_.runtime->caller();
  const bool failed = error != nullptr && is_failure(error->code);
  if (span_) caller.tracer().end(std::move(*span_), failed ? error : nullptr);
  CallStatistics& statistics = caller.metrics().of(start_.name);
  if (failed && error->code == ErrorCode::Cancelled) return statistics.add_cancelled();
  const Duration now = start_.runtime->scheduler().now();
  statistics.add(now, now - begin_, failed);
  for (std::uint32_t i = 0; i < retries; ++i) statistics.add_retry(now);
}

}  // namespace kurrentlite::services
