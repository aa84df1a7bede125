#include "server/streams_service.hpp"

#include "protocol/convert.hpp"
#include "protocol/status.hpp"
#include "server/append_calls.hpp"
#include "server/read_call.hpp"
#include "server/unary.hpp"

namespace kurrentlite::server {
namespace {

namespace wire = event_store::client::streams;

/// Delete and Tombstone differ in what the engine does.
template <class Request, class Response, class Act>
grpc::ServerUnaryReactor* remove(Database& database, grpc::CallbackServerContext* context, const Request* request,
                                 Response* response, const char* operation, Act act) {
  return answer(database, context, [=](Engine& engine, const Caller& caller) -> grpc::Status {
    const std::optional<ExpectedState> expected = protocol::expected_of(request->options());
    if (!expected) return {grpc::INVALID_ARGUMENT, "The expected stream revision is missing."};
    const std::string& stream = request->options().stream_identifier().stream_name();
    Result<void> allowed = allow(engine, caller, stream, Action::Delete);
    Result<DeleteResult> result = allowed ? act(engine, stream, *expected) : Result<DeleteResult>(allowed.error());
    if (!result) {
      return protocol::to_status(result.error(), operation, [&](const auto& name, const auto& text) {
        context->AddTrailingMetadata(name, text);
      });
    }
    response->mutable_position()->set_commit_position(result->position.commit);
    response->mutable_position()->set_prepare_position(result->position.prepare);
    return grpc::Status::OK;
  });
}

}  // namespace

StreamsService::StreamsService(Database& database) : database_(database) {
  constexpr int kRead = 0;
  single_request(kRead, [&database](grpc::CallbackServerContext* context) {
    return SingleRequestCall::start(std::make_shared<ReadCall>(database, *context));
  });
}

grpc::ServerReadReactor<grpc::ByteBuffer>* StreamsService::Append(grpc::CallbackServerContext* context,
                                                                  grpc::ByteBuffer* response) {
  return CollectingCall::start(std::make_shared<AppendCall>(database_, *context, *response));
}

grpc::ServerUnaryReactor* StreamsService::Delete(grpc::CallbackServerContext* context, const wire::DeleteReq* request,
                                                 wire::DeleteResp* response) {
  return remove(database_, context, request, response, "Delete",
                [](Engine& engine, const std::string& stream, const ExpectedState& expected) {
                  return engine.delete_stream(stream, expected);
                });
}

grpc::ServerUnaryReactor* StreamsService::Tombstone(grpc::CallbackServerContext* context,
                                                    const wire::TombstoneReq* request, wire::TombstoneResp* response) {
  return remove(database_, context, request, response, "Tombstone",
                [](Engine& engine, const std::string& stream, const ExpectedState& expected) {
                  return engine.tombstone_stream(stream, expected);
                });
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamsService::BatchAppend(
    grpc::CallbackServerContext* context) {
  return BatchAppendCall::start(database_, *context);
}

}  // namespace kurrentlite::server
