#pragma once

#include "server/database.hpp"
#include "v2_streams.grpc.pb.h"

namespace kurrentlite::server {

/// `kurrentdb.protocol.v2.streams.StreamsService`: appends to several streams at once.
class V2StreamsService final : public ::kurrentdb::protocol::v2::streams::StreamsService::CallbackService {
 public:
  explicit V2StreamsService(Database& database) : database_(database) {}

  grpc::ServerReadReactor<::kurrentdb::protocol::v2::streams::AppendRequest>* AppendSession(
      grpc::CallbackServerContext* context,
      ::kurrentdb::protocol::v2::streams::AppendSessionResponse* response) override;
  grpc::ServerUnaryReactor* AppendRecords(grpc::CallbackServerContext* context,
                                          const ::kurrentdb::protocol::v2::streams::AppendRecordsRequest* request,
                                          ::kurrentdb::protocol::v2::streams::AppendRecordsResponse* response) override;

 private:
  Database& database_;
};

}  // namespace kurrentlite::server
