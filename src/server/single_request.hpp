#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include <memory>
#include <mutex>
#include <utility>

#include "server/messages.hpp"

namespace kurrentlite::server {

/// A call of one request, begun when the client has said that there is no more. gRPC itself would begin with the request, and
/// a quick answer would then be sent before the client's end is in: such an answer is followed by a reset of the call, which
/// the official Rust client (and with it Node's reads) now and then takes for a failure. KurrentDB waits for the end too.
/// Lives as long as gRPC or anybody else holds it.
class SingleRequestCall : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                          public std::enable_shared_from_this<SingleRequestCall> {
 public:
  /// Begins `call`, which gRPC gets from here.
  static SingleRequestCall* start(std::shared_ptr<SingleRequestCall> call) {
    SingleRequestCall* const raw = call.get();
    raw->self_ = std::move(call);
    raw->StartRead(&raw->request_bytes_);
    return raw;
  }

  void OnReadDone(bool ok) final {
    if (ok && !has_request_) {
      has_request_ = true;
      return StartRead(&further_);
    }
    if (!ok && has_request_) return begin(request_bytes_);
    finish({grpc::INTERNAL, ok ? "Additional data after the message received." : "Incomplete message."});
  }

  void OnDone() override { self_.reset(); }

 protected:
  /// The request is complete. On a thread of gRPC; must lead to an end of the call.
  virtual void begin(grpc::ByteBuffer& request) = 0;
  /// Ends the call, once.
  virtual void finish(const grpc::Status& status) = 0;

 private:
  std::shared_ptr<SingleRequestCall> self_;
  grpc::ByteBuffer request_bytes_;
  grpc::ByteBuffer further_;
  bool has_request_ = false;
};

/// A generated service whose methods of one request go to SingleRequestCalls, whatever else the protocol says of them.
template <class Generated>
class SingleRequestService : public Generated {
 protected:
  /// `start(context)` answers the reactor for a call of method number `index`, in the order of the definition.
  template <class Start>
  void single_request(int index, Start start) {
    this->MarkMethodStreamed(index, nullptr);  // as gRPC's own way to let a server see the end of one request
    this->MarkMethodCallback(index, new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(std::move(start)));
  }
};

}  // namespace kurrentlite::server
