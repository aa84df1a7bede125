#pragma once

#include "server/database.hpp"
#include "server/single_request.hpp"
#include "streams.grpc.pb.h"

namespace kurrentlite::server {

/// All methods by callbacks; what clients stream comes as bytes, as `read_message` explains.
using StreamsBase = SingleRequestService<
    event_store::client::streams::Streams::WithRawCallbackMethod_Append<
        event_store::client::streams::Streams::WithCallbackMethod_Delete<
            event_store::client::streams::Streams::WithCallbackMethod_Tombstone<
                event_store::client::streams::Streams::WithRawCallbackMethod_BatchAppend<
                    event_store::client::streams::Streams::Service>>>>>;

/// `event_store.client.streams.Streams`.
class StreamsService final : public StreamsBase {
 public:
  explicit StreamsService(Database& database);

  grpc::ServerReadReactor<grpc::ByteBuffer>* Append(grpc::CallbackServerContext* context,
                                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Delete(grpc::CallbackServerContext* context,
                                   const event_store::client::streams::DeleteReq* request,
                                   event_store::client::streams::DeleteResp* response) override;
  grpc::ServerUnaryReactor* Tombstone(grpc::CallbackServerContext* context,
                                      const event_store::client::streams::TombstoneReq* request,
                                      event_store::client::streams::TombstoneResp* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* BatchAppend(
      grpc::CallbackServerContext* context) override;

 private:
  Database& database_;
};

}  // namespace kurrentlite::server
