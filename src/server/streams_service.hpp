#pragma once

#include "server/database.hpp"
#include "server/single_request.hpp"
#include "streams.grpc.pb.h"

namespace kurrentlite::server {

/// What clients stream comes as bytes, as `read_message` explains.
using StreamsBase = SingleRequestService<event_store::client::streams::Streams::WithRawCallbackMethod_Append<
    event_store::client::streams::Streams::WithRawCallbackMethod_BatchAppend<event_store::client::streams::Streams::Service>>>;

/// `event_store.client.streams.Streams`.
class StreamsService final : public StreamsBase {
 public:
  explicit StreamsService(Database& database);

  grpc::ServerReadReactor<grpc::ByteBuffer>* Append(grpc::CallbackServerContext* context,
                                                    grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* BatchAppend(
      grpc::CallbackServerContext* context) override;

 private:
  void delete_stream(
      const Unary<event_store::client::streams::DeleteReq, event_store::client::streams::DeleteResp>& call);
  void tombstone_stream(
      const Unary<event_store::client::streams::TombstoneReq, event_store::client::streams::TombstoneResp>& call);

  Database& database_;
};

}  // namespace kurrentlite::server
