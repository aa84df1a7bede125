#include "server/open_calls.hpp"

#include <grpc/grpc.h>

#include <string>
#include <utility>

#include "protocol/status.hpp"

namespace kurrentlite::server {

void OpenCall::give_up() {
  const std::string words = protocol::server_ends().error_message();
  grpc_call* call = nullptr;
  {
    const std::lock_guard lock(over_mutex_);
    if (over_) return;
    call = context_.c_call();
    grpc_call_ref(call);
  }
  // Not under the mutex, since the call may be over before this returns.
  (void)grpc_call_cancel_with_status(call, GRPC_STATUS_UNAVAILABLE, words.c_str(), nullptr);
  grpc_call_unref(call);
}

void OpenCall::is_over(OpenCalls& calls) {
  calls.remove(this);
  const std::lock_guard lock(over_mutex_);
  over_ = true;
}

void OpenCalls::add(const std::shared_ptr<OpenCall>& call) {
  {
    const std::lock_guard lock(mutex_);
    calls_.emplace(call.get(), call);
    if (!ending_) return;
  }
  call->server_ends();
}

void OpenCalls::remove(const OpenCall* call) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
  if (ending_ && calls_.empty()) removed_.notify_all();
}

std::vector<std::shared_ptr<OpenCall>> OpenCalls::list() const {
  std::vector<std::shared_ptr<OpenCall>> calls;
  for (const auto& [key, weak] : calls_) {
    if (std::shared_ptr<OpenCall> call = weak.lock()) calls.push_back(std::move(call));
  }
  return calls;
}

void OpenCalls::end_all(std::chrono::milliseconds grace) {
  std::vector<std::shared_ptr<OpenCall>> calls;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    calls = list();
  }
  // Not under the mutex: a call that ends removes itself.
  for (const std::shared_ptr<OpenCall>& call : calls) call->server_ends();
  {
    std::unique_lock lock(mutex_);
    if (removed_.wait_for(lock, grace, [this] { return calls_.empty(); })) return;
    calls = list();
  }
  for (const std::shared_ptr<OpenCall>& call : calls) call->give_up();
}

}  // namespace kurrentlite::server
