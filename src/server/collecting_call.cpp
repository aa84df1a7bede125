#include "server/collecting_call.hpp"

#include <utility>

#include "protocol/status.hpp"

namespace kurrentlite::server {

CollectingCall* CollectingCall::start(std::shared_ptr<CollectingCall> call) {
  CollectingCall* const raw = call.get();
  identify_first(raw->database_, claim_of(raw->database_, raw->context_), [call](const grpc::Status& known, Caller caller) {
    call->caller_ = std::move(caller);
    if (!known.ok()) call->finish(known);
  });
  raw->database_.open_calls.add(call);
  raw->self_ = std::move(call);
  raw->read_next();
  return raw;
}

void CollectingCall::read_next() {
  const std::lock_guard lock(mutex_);
  if (!finished_) StartRead(&bytes_read_);
}

void CollectingCall::OnReadDone(bool ok) {
  if (ok) {
    const grpc::Status taken = take(bytes_read_);
    return taken.ok() ? read_next() : finish(taken);
  }
  if (context_.IsCancelled()) return finish(grpc::Status::CANCELLED);
  {
    const std::lock_guard lock(mutex_);
    has_all_ = true;
  }
  database_.post(Operation::Append, [call = shared_from_this()](Engine& engine, const Struck& fault) {
    {
      const std::lock_guard lock(call->mutex_);
      if (call->finished_) return;  // a stranger's; gRPC may have let go of what the call refers to
    }
    call->finish(call->answer(engine, fault));
  });
}

void CollectingCall::OnDone() {
  is_over(database_.open_calls);
  self_.reset();
}

void CollectingCall::server_ends() {
  const std::lock_guard lock(mutex_);
  if (has_all_ || std::exchange(finished_, true)) return;
  Finish(protocol::server_ends());
}

void CollectingCall::finish(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(finished_, true)) Finish(status);
}

}  // namespace kurrentlite::server
