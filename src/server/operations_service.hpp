#pragma once

#include <functional>

#include "operations.grpc.pb.h"
#include "server/database.hpp"

namespace kurrentlite::server {

/// `event_store.client.operations.Operations`: what the operator of a node asks of it. With security it takes a member of
/// `$ops` or `$admins`.
class OperationsService final : public event_store::client::operations::Operations::CallbackService {
 public:
  /// `shut_down` runs once the reply to Shutdown has been sent, on a thread of gRPC's.
  OperationsService(Database& database, std::function<void()> shut_down)
      : database_(database), shut_down_(std::move(shut_down)) {}
  /// How scavenges name the node, `host:port`. Before the first call.
  void advertise(std::string node) { node_ = std::move(node); }

  /// Answers when the scavenge has come to its end: none is ever under way when another one, or a stop, is asked for.
  grpc::ServerUnaryReactor* StartScavenge(grpc::CallbackServerContext* context,
                                          const event_store::client::operations::StartScavengeReq* request,
                                          event_store::client::operations::ScavengeResp* response) override;
  grpc::ServerUnaryReactor* StopScavenge(grpc::CallbackServerContext* context,
                                         const event_store::client::operations::StopScavengeReq* request,
                                         event_store::client::operations::ScavengeResp* response) override;
  grpc::ServerUnaryReactor* Shutdown(grpc::CallbackServerContext* context, const event_store::client::Empty* request,
                                     event_store::client::Empty* response) override;
  // The rest is for what this server does not have: index files, other nodes, consumer groups.
  grpc::ServerUnaryReactor* MergeIndexes(grpc::CallbackServerContext* context, const event_store::client::Empty* request,
                                         event_store::client::Empty* response) override;
  grpc::ServerUnaryReactor* ResignNode(grpc::CallbackServerContext* context, const event_store::client::Empty* request,
                                       event_store::client::Empty* response) override;
  grpc::ServerUnaryReactor* SetNodePriority(grpc::CallbackServerContext* context,
                                            const event_store::client::operations::SetNodePriorityReq* request,
                                            event_store::client::Empty* response) override;
  grpc::ServerUnaryReactor* RestartPersistentSubscriptions(grpc::CallbackServerContext* context,
                                                           const event_store::client::Empty* request,
                                                           event_store::client::Empty* response) override;

 private:
  /// Runs `act(engine)`, which answers a status, on the engine's thread when the caller may operate the node.
  template <class Act>
  grpc::ServerUnaryReactor* run(grpc::CallbackServerContext* context, Act act);
  /// There is nothing to do.
  grpc::ServerUnaryReactor* accept(grpc::CallbackServerContext* context);

  Database& database_;
  std::function<void()> shut_down_;
  std::string node_;
};

}  // namespace kurrentlite::server
