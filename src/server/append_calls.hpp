#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kurrentlite/client.hpp"
#include "protocol/convert.hpp"
#include "server/collecting_call.hpp"
#include "server/database.hpp"

namespace kurrentlite::server {

/// Appends on the engine's thread: checks who may, then writes.
[[nodiscard]] Result<AppendResult> append_now(Engine& engine, const Caller& caller, const StreamName& stream,
                                              const std::vector<EventData>& events, const ExpectedState& expected);

/// One Append: options, then events, answered when the client has sent them all.
class AppendCall final : public CollectingCall {
 public:
  AppendCall(Database& database, grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
      : CollectingCall(database, context), response_(response) {}

 private:
  [[nodiscard]] grpc::Status take(grpc::ByteBuffer& bytes) override;
  [[nodiscard]] grpc::Status answer(Engine& engine, const Struck& fault) override;
  [[nodiscard]] grpc::Status refusal(const Error& error);

  grpc::ByteBuffer& response_;
  protocol::v1::streams::AppendReq request_;
  std::optional<StreamName> stream_;
  ExpectedState expected_;
  std::vector<EventData> events_;
  std::uint64_t bytes_ = 0;
};

/// One BatchAppend: many appends on one call, told apart by their correlation ids, answered as they finish (reference:
/// streams 3.14).
class BatchAppendCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                              public OpenCall,
                              public std::enable_shared_from_this<BatchAppendCall> {
 public:
  using Request = protocol::v1::streams::BatchAppendReq;
  using Response = protocol::v1::streams::BatchAppendResp;

  static BatchAppendCall* start(Database& database, grpc::CallbackServerContext& context);
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void server_ends() override;

 private:
  using Time = std::chrono::system_clock::time_point;
  /// What has come of one append so far.
  struct Pending {
    StreamName stream;
    ExpectedState expected;
    Time deadline;
    std::vector<EventData> events;
    std::uint64_t bytes = 0;  // as the limit of one append counts them
    std::uint64_t held_bytes = 0;  // what `events` cost
    std::optional<Error> error;
  };

  BatchAppendCall(Database& database, grpc::CallbackServerContext& context) : OpenCall(context), database_(database) {}
  /// Errors end the call: RESOURCE_EXHAUSTED, when too much has been begun and not finished.
  [[nodiscard]] grpc::Status take();
  void begin(const std::string& key);
  void collect(Pending& pending);
  void append(Pending pending);
  void answer(const Response& response);
  /// No request is taken any more: the call ends with `status` once all is answered.
  void take_no_more(const grpc::Status& status);
  void write_next();
  /// Ends the call and all that is under way on it, as a connection that breaks would.
  void fail(const grpc::Status& status);
  void finish(const grpc::Status& status);

  Database& database_;
  std::shared_ptr<BatchAppendCall> self_;
  std::optional<Caller> caller_;  // on the engine's thread; empty while unknown, and for strangers
  grpc::ByteBuffer bytes_read_;
  Request request_;
  std::map<std::string, Pending> pending_;
  std::uint64_t held_bytes_ = 0;  // of all of them

  std::mutex mutex_;
  std::deque<grpc::ByteBuffer> answers_;
  std::size_t under_way_ = 0;
  bool reading_ = false;
  bool headers_sent_ = false;
  bool writing_ = false;
  bool half_closed_ = false;
  bool finished_ = false;
  grpc::Status last_;  // to finish with once all is answered
  std::optional<grpc::Status> failure_;  // to finish with as soon as nothing is being written
};

}  // namespace kurrentlite::server
