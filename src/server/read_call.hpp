#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "engine/catch_up.hpp"
#include "protocol/convert.hpp"
#include "server/database.hpp"
#include "server/single_request.hpp"

namespace kurrentlite::server {

/// One Read: a finite read or a subscription. Messages are made on the engine's thread, a page at a time and only when the
/// page before has been written: a client that stops reading costs one page.
class ReadCall final : public SingleRequestCall, public OpenCall {
 public:
  using Message = protocol::v1::streams::ReadResp;

  ReadCall(Database& database, grpc::CallbackServerContext& context)
      : SingleRequestCall(context), OpenCall(context), database_(database) {}

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void server_ends() override;

 private:
  using SingleRequestCall::context_;
  void begin(grpc::ByteBuffer& request) override;
  void finish(const grpc::Status& status) override;
  [[nodiscard]] std::shared_ptr<ReadCall> shared() { return std::static_pointer_cast<ReadCall>(shared_from_this()); }

  // On the engine's thread
  void open(Engine& engine, const Struck& fault);
  /// What a reader of old asks for: where a stream begins whose first events are gone, or ends that was read beyond.
  void tell_first(Engine& engine, StreamCursor cursor);
  void produce(Engine& engine);
  void produce_stream(Engine& engine, StreamCursor& cursor);
  void produce_all(Engine& engine, AllCursor& cursor);
  void produce_subscription(Engine& engine, CatchUp& source);
  void refuse(const Error& error);
  void news();
  void end_listening();
  [[nodiscard]] Message& add();

  [[nodiscard]] bool has_ended();

  // Under the mutex
  /// How it ends once all is written.
  void conclude(const grpc::Status& status);
  void write_page();
  void write_next();
  void end(const grpc::Status& status);

  Database& database_;
  Claim claim_;
  std::optional<Error> malformed_;  // instead of a request
  protocol::ReadRequest request_;
  Caller caller_;

  std::variant<std::monostate, StreamCursor, AllCursor, CatchUp> source_;
  std::optional<FilterJudge> judge_;
  std::uint64_t left_ = 0;
  std::uint64_t listener_ = 0;
  bool idle_ = false;  // a subscription that waits for news
  std::deque<Message> page_;
  std::size_t page_bytes_ = 0;

  std::mutex mutex_;
  std::deque<Message> queue_;
  grpc::ByteBuffer bytes_;  // being written
  bool writing_ = false;
  bool finished_ = false;
  bool cancelled_ = false;
  bool server_ends_ = false;  // nothing more is written but what is being written
  std::optional<grpc::Status> last_;  // to finish with once the queue is empty
};

}  // namespace kurrentlite::server
