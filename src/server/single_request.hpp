#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include <functional>
#include <memory>
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
    // Answering something at once matters to clients that keep Nagle's algorithm on, as the official Rust client does, and
    // with it Node's reads: the request follows its headers only when these have been acknowledged, for which the kernel
    // would else wait 40 ms. What is sent brings the acknowledgement along.
    raw->StartSendInitialMetadata();
    raw->StartRead(&raw->request_bytes_);
    return raw;
  }

  void OnReadDone(bool ok) final {
    if (ok && !has_request_) {
      has_request_ = true;
      return StartRead(&further_);
    }
    if (!ok && context_.IsCancelled()) return finish(grpc::Status::CANCELLED);
    if (!ok && has_request_) return begin(request_bytes_);
    finish({grpc::INTERNAL, ok ? "Additional data after the message received." : "Incomplete message."});
  }

  void OnDone() override { self_.reset(); }

 protected:
  explicit SingleRequestCall(grpc::CallbackServerContext& context) : context_(context) {}

  /// The request is complete. On a thread of gRPC; must lead to an end of the call.
  virtual void begin(grpc::ByteBuffer& request) = 0;
  /// Ends the call.
  virtual void finish(const grpc::Status& status) = 0;

  grpc::CallbackServerContext& context_;

 private:
  std::shared_ptr<SingleRequestCall> self_;
  grpc::ByteBuffer request_bytes_;
  grpc::ByteBuffer further_;
  bool has_request_ = false;
};

/// Such a call that is answered by one message.
template <class Request, class Response>
class UnaryCall final : public SingleRequestCall {
 public:
  using Handler = std::function<void(const std::shared_ptr<UnaryCall>& call)>;

  UnaryCall(grpc::CallbackServerContext& context, Handler handler, std::size_t bytes_max)
      : SingleRequestCall(context), handler_(std::move(handler)), bytes_max_(bytes_max) {}

  [[nodiscard]] grpc::CallbackServerContext& context() { return context_; }
  [[nodiscard]] const Request& request() const { return request_; }
  /// To be filled before the call is finished with OK.
  [[nodiscard]] Response& response() { return response_; }
  /// `act` runs when the call is over and its answer sent, or lost. Before it is finished.
  void when_done(std::function<void()> act) { when_done_ = std::move(act); }
  /// From any thread, once.
  void finish(const grpc::Status& status) override {
    if (!status.ok()) return Finish(status);
    bytes_ = bytes_of(response_);
    StartWriteAndFinish(&bytes_, {}, status);
  }

  void OnDone() override {
    const std::function<void()> act = std::move(when_done_);
    SingleRequestCall::OnDone();
    if (act) act();
  }

 private:
  void begin(grpc::ByteBuffer& bytes) override {
    if (const grpc::Status read = read_message(bytes, request_, bytes_max_); !read.ok()) return finish(read);
    handler_(std::static_pointer_cast<UnaryCall>(shared_from_this()));
  }

  Handler handler_;
  std::function<void()> when_done_;
  std::size_t bytes_max_;
  Request request_;
  Response response_;
  grpc::ByteBuffer bytes_;
};

template <class Request, class Response>
using Unary = std::shared_ptr<UnaryCall<Request, Response>>;

/// A generated service whose methods of one request go to SingleRequestCalls, whatever else the protocol says of them.
/// Methods are numbered in the order of their definition.
template <class Generated>
class SingleRequestService : public Generated {
 protected:
  /// `start(context)` answers the reactor for a call.
  template <class Start>
  void single_request(int method, Start start) {
    this->MarkMethodStreamed(method, nullptr);  // gRPC's own way to let a server see the end of one request
    this->MarkMethodCallback(method,
                             new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(std::move(start)));
  }

  /// `(service->*handler)(call)` begins the work of a call of one response.
  template <class Service, class Request, class Response>
  void unary(int method, void (Service::*handler)(const Unary<Request, Response>&), std::size_t bytes_max = kMessageBytesMax) {
    Service* const service = static_cast<Service*>(this);
    single_request(method, [=](grpc::CallbackServerContext* context) {
      return SingleRequestCall::start(std::make_shared<UnaryCall<Request, Response>>(
          *context, [=](const Unary<Request, Response>& call) { (service->*handler)(call); }, bytes_max));
    });
  }
};

}  // namespace kurrentlite::server
