#include "server/streams_service.hpp"

#include "protocol/convert.hpp"
#include "protocol/status.hpp"
#include "server/append_calls.hpp"
#include "server/read_call.hpp"
#include "server/unary.hpp"

namespace kurrentlite::server {
namespace {

namespace wire = event_store::client::streams;

enum Method { kRead = 0, kDelete = 2, kTombstone = 3 };

/// Delete and Tombstone differ in what the engine does.
template <class Request, class Response, class Act>
void remove(Database& database, const Unary<Request, Response>& call, const char* operation, Act act) {
  answer(database, Operation::Delete, call,
         [=](Engine& engine, const Caller& caller, const Struck& fault) -> grpc::Status {
           const auto& options = call->request().options();
           const std::optional<ExpectedState> expected = protocol::expected_of(options);
           if (!expected) return {grpc::INVALID_ARGUMENT, "The expected stream revision is missing."};
           const std::string& stream = options.stream_identifier().stream_name();
           const Result<DeleteResult> result = as_struck(fault, [&]() -> Result<DeleteResult> {
             if (Result<void> allowed = allow(engine, caller, stream, Action::Delete); !allowed) return allowed.error();
             return act(engine, stream, *expected);
           });
           if (!result) {
             return protocol::to_status(result.error(), operation, [&](const auto& name, const auto& text) {
               call->context().AddTrailingMetadata(name, text);
             });
           }
           call->response().mutable_position()->set_commit_position(result->position.commit);
           call->response().mutable_position()->set_prepare_position(result->position.prepare);
           return grpc::Status::OK;
         });
}

}  // namespace

StreamsService::StreamsService(Database& database) : database_(database) {
  single_request(kRead, [&database](grpc::CallbackServerContext* context) {
    return SingleRequestCall::start(std::make_shared<ReadCall>(database, *context));
  });
  unary(kDelete, &StreamsService::delete_stream);
  unary(kTombstone, &StreamsService::tombstone_stream);
}

grpc::ServerReadReactor<grpc::ByteBuffer>* StreamsService::Append(grpc::CallbackServerContext* context,
                                                                  grpc::ByteBuffer* response) {
  return CollectingCall::start(std::make_shared<AppendCall>(database_, *context, *response));
}

void StreamsService::delete_stream(const Unary<wire::DeleteReq, wire::DeleteResp>& call) {
  remove(database_, call, "Delete", [](Engine& engine, const std::string& stream, const ExpectedState& expected) {
    return engine.delete_stream(stream, expected);
  });
}

void StreamsService::tombstone_stream(const Unary<wire::TombstoneReq, wire::TombstoneResp>& call) {
  remove(database_, call, "Tombstone", [](Engine& engine, const std::string& stream, const ExpectedState& expected) {
    return engine.tombstone_stream(stream, expected);
  });
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamsService::BatchAppend(
    grpc::CallbackServerContext* context) {
  return BatchAppendCall::start(database_, *context);
}

}  // namespace kurrentlite::server
