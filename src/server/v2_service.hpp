#pragma once

#include "server/database.hpp"
#include "server/single_request.hpp"
#include "v2_streams.grpc.pb.h"

namespace kurrentlite::server {

/// Sessions come as bytes, as `read_message` explains.
using V2StreamsBase =
    SingleRequestService<::kurrentdb::protocol::v2::streams::StreamsService::WithRawCallbackMethod_AppendSession<
        ::kurrentdb::protocol::v2::streams::StreamsService::Service>>;

/// `kurrentdb.protocol.v2.streams.StreamsService`: appends to several streams at once.
class V2StreamsService final : public V2StreamsBase {
 public:
  explicit V2StreamsService(Database& database);

  grpc::ServerReadReactor<grpc::ByteBuffer>* AppendSession(grpc::CallbackServerContext* context,
                                                           grpc::ByteBuffer* response) override;

 private:
  void append_records(const Unary<::kurrentdb::protocol::v2::streams::AppendRecordsRequest,
                                  ::kurrentdb::protocol::v2::streams::AppendRecordsResponse>& call);

  Database& database_;
};

}  // namespace kurrentlite::server
