#pragma once

#include <memory>

#include "monitoring.grpc.pb.h"
#include "server/database.hpp"
#include "server/node_statistics.hpp"

namespace kurrentlite::server {

/// `event_store.client.monitoring.Monitoring`: figures of this node, a sample at once and then one a period. Everybody may
/// ask, as on KurrentDB. A reader that is slower than its period misses samples.
class MonitoringService final : public event_store::client::monitoring::Monitoring::CallbackService {
 public:
  explicit MonitoringService(Database& database) : database_(database) {}

  grpc::ServerWriteReactor<event_store::client::monitoring::StatsResp>* Stats(
      grpc::CallbackServerContext* context, const event_store::client::monitoring::StatsReq* request) override;

 private:
  Database& database_;
  std::shared_ptr<NodeStatistics> statistics_ = std::make_shared<NodeStatistics>();
};

}  // namespace kurrentlite::server
