#pragma once

#include "server/database.hpp"
#include "streams.grpc.pb.h"

namespace kurrentlite::server {

/// `event_store.client.streams.Streams`.
class StreamsService final : public event_store::client::streams::Streams::CallbackService {
 public:
  explicit StreamsService(Database& database) : database_(database) {}

  grpc::ServerWriteReactor<event_store::client::streams::ReadResp>* Read(
      grpc::CallbackServerContext* context, const event_store::client::streams::ReadReq* request) override;
  grpc::ServerReadReactor<event_store::client::streams::AppendReq>* Append(
      grpc::CallbackServerContext* context, event_store::client::streams::AppendResp* response) override;
  grpc::ServerUnaryReactor* Delete(grpc::CallbackServerContext* context,
                                   const event_store::client::streams::DeleteReq* request,
                                   event_store::client::streams::DeleteResp* response) override;
  grpc::ServerUnaryReactor* Tombstone(grpc::CallbackServerContext* context,
                                      const event_store::client::streams::TombstoneReq* request,
                                      event_store::client::streams::TombstoneResp* response) override;
  grpc::ServerBidiReactor<event_store::client::streams::BatchAppendReq, event_store::client::streams::BatchAppendResp>*
  BatchAppend(grpc::CallbackServerContext* context) override;

 private:
  Database& database_;
};

}  // namespace kurrentlite::server
