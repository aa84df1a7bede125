#pragma once

#include <memory>
#include <optional>

#include "kurrentlite/result.hpp"
#include "kurrentlite/scheduler.hpp"
#include "kurrentlite/task.hpp"
#include "services/tracer.hpp"

namespace kurrentlite {
class ServiceRuntime;
}

namespace kurrentlite::services {

/// An operation that was begun and may run later. Keeps alive the runtime that it refers to.
struct OperationStart {
  std::shared_ptr<ServiceRuntime> runtime;
  const char* name;
  Duration timeout;
};

/// An operation under way: its deadline, its measurement and its span. What it awaits belongs to it, see TaskContext.
class OperationRun : public OperationContext {
 public:
  /// `outer`: the operation that runs this one, if one does.
  OperationRun(OperationStart start, const TaskContext* outer);
  OperationRun(const OperationRun&) = delete;
  OperationRun& operator=(const OperationRun&) = delete;
  /// One that has not finished was cancelled.
  ~OperationRun();

  /// Runs `operation` under the deadline.
  Task<Result<void>> bounded(Task<void> operation);
  /// It ended; `error`: why it failed, if it did.
  void finish(const Error* error);

 private:
  OperationStart start_;
  Duration begin_;
  std::optional<Span> span_;
  bool finished_ = false;
};

}  // namespace kurrentlite::services
