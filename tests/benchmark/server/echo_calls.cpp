#include <deque>
#include <optional>

#include "benchmark/server/calls.hpp"
#include "benchmark/server/timing.hpp"
#include "echo.grpc.pb.h"

namespace kurrentlite::benchmark {
namespace {

void check(const grpc::Status& status, const Payload& answer, const Payload& request) {
  if (!status.ok()) give_up("An echo failed:", status.error_message());
  expect(answer.content().size() == request.answer_bytes(), "An echo has a wrong size");
}

/// Makes one call after another, each once the one before is done. gRPC calls it back.
class Caller {
 public:
  Caller(Echo::Stub& stub, const Payload& request, Tickets& tickets)
      : stub_(stub), request_(request), tickets_(tickets) {}

  void next() {
    std::uint64_t i = 0;
    if (!tickets_.take(i)) return;
    context_.emplace();
    stub_.async()->Once(&*context_, &request_, &answer_, [this](const grpc::Status& status) {
      check(status, answer_, request_);
      next();
    });
  }

 private:
  Echo::Stub& stub_;
  const Payload& request_;
  Tickets& tickets_;
  std::optional<grpc::ClientContext> context_;
  Payload answer_;
};

}  // namespace

Measured echo_once(const Channel& channel, std::uint64_t count, std::uint64_t in_flight, std::uint32_t request_bytes,
                   std::uint32_t answer_bytes) {
  const auto stub = Echo::NewStub(channel);
  Payload request;
  request.set_content(std::string(request_bytes, 'x'));
  request.set_answer_bytes(answer_bytes);
  const auto call = [&] {
    grpc::ClientContext context;
    Payload answer;
    check(stub->Once(&context, request, &answer), answer, request);
  };
  call();
  const Stopwatch watch;
  if (in_flight == 1) {
    for (std::uint64_t i = 0; i < count; ++i) call();
    return {count, watch.elapsed_ns(), request_bytes, answer_bytes};
  }
  Tickets tickets(count, in_flight);
  std::deque<Caller> callers;
  for (std::uint64_t i = 0; i < in_flight; ++i) callers.emplace_back(*stub, request, tickets).next();
  tickets.wait();
  return {count, watch.elapsed_ns(), request_bytes, answer_bytes};
}

Measured echo_stream(const Channel& channel, std::uint32_t count, std::uint32_t answer_bytes) {
  const auto stub = Echo::NewStub(channel);
  Payload request;
  request.set_answer_bytes(answer_bytes);
  request.set_answers(count);
  Payload answer;
  std::uint32_t answers = 0;
  grpc::ClientContext context;
  const Stopwatch watch;
  const auto reader = stub->Stream(&context, request);
  while (reader->Read(&answer)) ++answers;
  const std::int64_t elapsed_ns = watch.elapsed_ns();
  check(reader->Finish(), answer, request);
  expect(answers == count, "Echoes are missing");
  return {count, elapsed_ns, request.ByteSizeLong(), answer_bytes};
}

}  // namespace kurrentlite::benchmark
