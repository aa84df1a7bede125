#include "benchmark/server/echo_server.hpp"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <string>

#include "echo.grpc.pb.h"

namespace kurrentlite::benchmark {
namespace {

/// Writes the same message again and again, as fast as it is taken.
class Stream final : public grpc::ServerWriteReactor<Payload> {
 public:
  explicit Stream(const Payload& request) : left_(request.answers()) {
    answer_.set_content(std::string(request.answer_bytes(), 'x'));
    next();
  }
  void OnWriteDone(bool ok) override { ok ? next() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void next() {
    if (left_ == 0) return Finish(grpc::Status::OK);
    --left_;
    StartWrite(&answer_);
  }

  Payload answer_;
  std::uint32_t left_;
};

class Service final : public Echo::CallbackService {
 public:
  grpc::ServerUnaryReactor* Once(grpc::CallbackServerContext* context, const Payload* request,
                                 Payload* answer) override {
    answer->set_content(std::string(request->answer_bytes(), 'x'));
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<Payload>* Stream(grpc::CallbackServerContext*, const Payload* request) override {
    return new benchmark::Stream(*request);
  }
};

}  // namespace

int serve_echo() {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("127.0.0.1:%d\n", port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace kurrentlite::benchmark
