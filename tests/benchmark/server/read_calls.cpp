#include <thread>

#include "benchmark/server/calls.hpp"
#include "benchmark/server/timing.hpp"
#include "streams.grpc.pb.h"

namespace kurrentlite::benchmark {
namespace {

using event_store::client::streams::ReadReq;
using event_store::client::streams::ReadResp;
using event_store::client::streams::Streams;

ReadReq request_of(const std::string& stream) {
  ReadReq request;
  auto& options = *request.mutable_options();
  options.mutable_stream()->mutable_stream_identifier()->set_stream_name(stream);
  options.mutable_stream()->mutable_start();
  options.mutable_no_filter();
  options.mutable_uuid_option()->mutable_structured();
  options.mutable_control_option()->set_compatibility(1);
  return request;
}

/// One Read that is under way.
struct Reading {
  Reading(Streams::Stub& stub, const ReadReq& request) : reader(stub.Read(&context, request)) {}

  /// Until the event of revision `count - 1`; checks that none is missing, and adds up their sizes.
  void take(std::uint64_t count) {
    for (std::uint64_t next = 0; next < count;) {
      if (!reader->Read(&message)) give_up("A read broke off:", reader->Finish().error_message());
      if (!message.has_event()) continue;
      expect(message.event().event().stream_revision() == next++, "Events come in a wrong order");
      bytes += message.ByteSizeLong();
    }
  }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<ReadResp>> reader;
  ReadResp message;
  std::uint64_t bytes = 0;
};

Measured take_all(Streams::Stub& stub, const ReadReq& request, std::uint64_t count) {
  const Stopwatch watch;
  Reading reading(stub, request);
  reading.take(count);
  const std::int64_t elapsed_ns = watch.elapsed_ns();
  reading.context.TryCancel();
  return {count, elapsed_ns, request.ByteSizeLong(), reading.bytes / count};
}

}  // namespace

Measured read(const Channel& channel, const std::string& stream, std::uint64_t count) {
  ReadReq request = request_of(stream);
  request.mutable_options()->set_count(count);
  return take_all(*Streams::NewStub(channel), request, count);
}

Measured catch_up(const Channel& channel, const std::string& stream, std::uint64_t count) {
  ReadReq request = request_of(stream);
  request.mutable_options()->mutable_subscription();
  return take_all(*Streams::NewStub(channel), request, count);
}

Measured live(const Channel& channel, const std::string& stream, std::uint64_t count) {
  const auto stub = Streams::NewStub(channel);
  ReadReq request = request_of(stream);
  request.mutable_options()->mutable_subscription();
  Reading reading(*stub, request);
  while (reading.reader->Read(&reading.message) && !reading.message.has_caught_up()) {
  }
  expect(reading.message.has_caught_up(), "The subscription did not catch up");
  const Stopwatch watch;
  std::thread appender([&] { fill(channel, stream, count); });
  reading.take(count);
  const std::int64_t elapsed_ns = watch.elapsed_ns();
  appender.join();
  reading.context.TryCancel();
  return {count, elapsed_ns, request.ByteSizeLong(), reading.bytes / count};
}

}  // namespace kurrentlite::benchmark
