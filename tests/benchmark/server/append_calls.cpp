#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <utility>

#include "benchmark/server/calls.hpp"
#include "benchmark/server/timing.hpp"
#include "streams.grpc.pb.h"

namespace kurrentlite::benchmark {
namespace {

using event_store::client::streams::AppendReq;
using event_store::client::streams::AppendResp;
using event_store::client::streams::Streams;

/// Numbers that two runs do not share, so that no event is taken for one that is there already.
std::int64_t id_base() {
  static const std::int64_t base =
      static_cast<std::int64_t>(std::random_device()()) << 31 | std::random_device()() >> 1;
  return base;
}

AppendReq options_of(const std::string& stream) {
  AppendReq request;
  request.mutable_options()->mutable_stream_identifier()->set_stream_name(stream);
  request.mutable_options()->mutable_any();
  return request;
}

/// About 200 bytes of JSON and small metadata: what the benchmark of the package appends.
AppendReq order_placed(std::uint64_t i) {
  const std::string number = std::to_string(i);
  AppendReq request;
  auto& event = *request.mutable_proposed_message();
  event.mutable_id()->mutable_structured()->set_most_significant_bits(id_base());
  event.mutable_id()->mutable_structured()->set_least_significant_bits(static_cast<std::int64_t>(i));
  (*event.mutable_metadata())["type"] = "OrderPlaced";
  (*event.mutable_metadata())["content-type"] = "application/json";
  event.set_data(
      R"({"orderId":"order-)" + number +
      R"(","customer":{"name":"Ada Lovelace","city":"London","loyal":true},"currency":"EUR","total":)" +
      std::to_string(1999 + i % 100) +
      R"(,"lines":3,"note":"Ring twice, the bell is shy. Leave it at the door.","placedAt":"2026-11-23T10:15:00Z"})");
  event.set_custom_metadata(R"({"$correlationId":"c-)" + number + R"(","user":"ada"})");
  return request;
}

std::string stream_of(std::uint64_t i) { return "order-" + std::to_string(i % 1000); }

/// Makes one append after another, each once the one before is done. gRPC calls it back.
class Appender final : public grpc::ClientWriteReactor<AppendReq> {
 public:
  Appender(Streams::Stub& stub, Tickets& tickets) : stub_(stub), tickets_(tickets) {}

  void next() {
    std::uint64_t i = 0;
    if (!tickets_.take(i)) return;
    options_ = options_of(stream_of(i));
    event_ = order_placed(i);
    context_.emplace();
    stub_.async()->Append(&*context_, &answer_, this);
    StartWrite(&options_, grpc::WriteOptions().set_buffer_hint());
    StartCall();
  }
  void OnWriteDone(bool ok) override {
    expect(ok, "An append broke off");
    if (!std::exchange(event_sent_, true)) StartWriteLast(&event_, grpc::WriteOptions());
  }
  void OnDone(const grpc::Status& status) override {
    if (!status.ok()) give_up("An append failed:", status.error_message());
    expect(answer_.has_success(), "An append was refused");
    event_sent_ = false;
    next();
  }

 private:
  Streams::Stub& stub_;
  Tickets& tickets_;
  std::optional<grpc::ClientContext> context_;
  AppendReq options_;
  AppendReq event_;
  AppendResp answer_;
  bool event_sent_ = false;
};

/// Appends by a call that blocks.
template <class EventOf>
AppendResp append_once(Streams::Stub& stub, const std::string& stream, std::uint64_t count, EventOf event_of) {
  grpc::ClientContext context;
  AppendResp answer;
  const auto writer = stub.Append(&context, &answer);
  bool ok = writer->Write(options_of(stream), grpc::WriteOptions().set_buffer_hint());
  for (std::uint64_t i = 0; ok && i < count; ++i) {
    grpc::WriteOptions how;
    if (i + 1 < count) {
      how.set_buffer_hint();
    } else {
      how.set_last_message();
    }
    ok = writer->Write(event_of(i), how);
  }
  const grpc::Status status = writer->Finish();
  if (!status.ok()) give_up("An append failed:", status.error_message());
  expect(answer.has_success(), "An append was refused");
  return answer;
}

}  // namespace

Measured append(const Channel& channel, std::uint64_t count, std::uint64_t in_flight) {
  const auto stub = Streams::NewStub(channel);
  const AppendResp answer = append_once(*stub, "warm-up", 1, [&](std::uint64_t) { return order_placed(count); });
  Measured result{count, 0, options_of(stream_of(0)).ByteSizeLong() + order_placed(0).ByteSizeLong(),
                  answer.ByteSizeLong()};
  const Stopwatch watch;
  if (in_flight == 1) {
    for (std::uint64_t i = 0; i < count; ++i) {
      append_once(*stub, stream_of(i), 1, [i](std::uint64_t) { return order_placed(i); });
    }
  } else {
    Tickets tickets(count, in_flight);
    std::deque<Appender> appenders;
    for (std::uint64_t i = 0; i < in_flight; ++i) appenders.emplace_back(*stub, tickets).next();
    tickets.wait();
  }
  result.elapsed_ns = watch.elapsed_ns();
  return result;
}

Measured fill(const Channel& channel, const std::string& stream, std::uint64_t count) {
  constexpr std::uint64_t kBatch = 100;
  const auto stub = Streams::NewStub(channel);
  const Stopwatch watch;
  for (std::uint64_t from = 0; from < count; from += kBatch) {
    append_once(*stub, stream, std::min(kBatch, count - from),
                [from](std::uint64_t i) { return order_placed(from + i); });
  }
  return {count, watch.elapsed_ns(), order_placed(0).ByteSizeLong(), 0};
}

}  // namespace kurrentlite::benchmark
