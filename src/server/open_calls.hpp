#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace kurrentlite::server {

class OpenCalls;

/// A call that stays open for as long as its client likes.
class OpenCall {
 public:
  explicit OpenCall(grpc::CallbackServerContext& context) : context_(context) {}
  virtual ~OpenCall() = default;
  OpenCall(const OpenCall&) = delete;
  OpenCall& operator=(const OpenCall&) = delete;

  /// The server ends. What has been accepted is still done and told; then the call ends as `protocol::server_ends()` says.
  /// From any thread, also when the call has ended meanwhile.
  virtual void server_ends() = 0;
  /// The server waits no longer: the client is told the same at once, past all that it has not read. (gRPC, which cancels
  /// what is open in the end, closes the connection with an error, and clients see only that.) From any thread.
  void give_up();

 protected:
  /// gRPC is done with the call: to be called by `OnDone`.
  void is_over(OpenCalls& calls);

  grpc::CallbackServerContext& context_;  // until then

 private:
  std::mutex over_mutex_;
  bool over_ = false;
};

/// All such calls of one server. From any thread.
class OpenCalls {
 public:
  /// Until it is removed. When the server ends already, the call is told so at once.
  void add(const std::shared_ptr<OpenCall>& call);
  /// Before the call is gone.
  void remove(const OpenCall* call);
  /// The server ends: so does every call, and whichever is added later. Those whose clients do not read get so much time.
  void end_all(std::chrono::milliseconds grace);

 private:
  /// Under the mutex.
  [[nodiscard]] std::vector<std::shared_ptr<OpenCall>> list() const;

  std::mutex mutex_;
  std::condition_variable removed_;
  std::map<const OpenCall*, std::weak_ptr<OpenCall>> calls_;
  bool ending_ = false;
};

}  // namespace kurrentlite::server
