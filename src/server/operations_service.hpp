#pragma once

#include <functional>
#include <string>
#include <utility>

#include "operations.grpc.pb.h"
#include "server/database.hpp"
#include "server/single_request.hpp"

namespace kurrentlite::server {

/// `event_store.client.operations.Operations`: what the operator of a node asks of it. With security it takes a member of
/// `$ops` or `$admins`.
class OperationsService final : public SingleRequestService<event_store::client::operations::Operations::Service> {
 public:
  /// `shut_down` runs once the reply to Shutdown has been sent, on a thread of gRPC's.
  OperationsService(Database& database, std::function<void()> shut_down);
  /// How scavenges name the node, `host:port`. Before the first call.
  void advertise(std::string node) { node_ = std::move(node); }

 private:
  using Empty = event_store::client::Empty;

  /// Answers when the scavenge has come to its end: none is ever under way when another one, or a stop, is asked for.
  void start_scavenge(const Unary<event_store::client::operations::StartScavengeReq,
                                  event_store::client::operations::ScavengeResp>& call);
  void stop_scavenge(const Unary<event_store::client::operations::StopScavengeReq,
                                 event_store::client::operations::ScavengeResp>& call);
  void shut_down(const Unary<Empty, Empty>& call);
  /// For what this server does not have: index files, other nodes, consumer groups.
  void accept(const Unary<Empty, Empty>& call);
  void accept_priority(const Unary<event_store::client::operations::SetNodePriorityReq, Empty>& call);
  /// Runs `act(engine)`, which answers a status, on the engine's thread when the caller may operate the node.
  template <class Request, class Response, class Act>
  void run(const Unary<Request, Response>& call, Act act);

  Database& database_;
  std::function<void()> shut_down_;
  std::string node_;
};

}  // namespace kurrentlite::server
