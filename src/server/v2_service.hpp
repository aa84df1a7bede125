#pragma once

#include "server/database.hpp"
#include "v2_streams.grpc.pb.h"

namespace kurrentlite::server {

/// Sessions come as bytes, as `read_message` explains.
using V2StreamsBase = ::kurrentdb::protocol::v2::streams::StreamsService::WithRawCallbackMethod_AppendSession<
    ::kurrentdb::protocol::v2::streams::StreamsService::WithCallbackMethod_AppendRecords<
        ::kurrentdb::protocol::v2::streams::StreamsService::Service>>;

/// `kurrentdb.protocol.v2.streams.StreamsService`: appends to several streams at once.
class V2StreamsService final : public V2StreamsBase {
 public:
  explicit V2StreamsService(Database& database) : database_(database) {}

  grpc::ServerReadReactor<grpc::ByteBuffer>* AppendSession(grpc::CallbackServerContext* context,
                                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* AppendRecords(grpc::CallbackServerContext* context,
                                          const ::kurrentdb::protocol::v2::streams::AppendRecordsRequest* request,
                                          ::kurrentdb::protocol::v2::streams::AppendRecordsResponse* response) override;

 private:
  Database& database_;
};

}  // namespace kurrentlite::server
