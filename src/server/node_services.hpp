#pragma once

#include <string>

#include "gossip.grpc.pb.h"
#include "kurrentlite/uuid.hpp"
#include "server/ids.hpp"
#include "server/single_request.hpp"
#include "server_features.grpc.pb.h"

namespace kurrentlite::server {

/// What clients ask a node before anything else: which methods it has.
class ServerFeaturesService final
    : public SingleRequestService<event_store::client::server_features::ServerFeatures::Service> {
 public:
  ServerFeaturesService();

 private:
  void tell(const Unary<event_store::client::Empty, event_store::client::server_features::SupportedMethods>& call);
};

/// A cluster of one node, which leads it.
class GossipService final : public SingleRequestService<event_store::client::gossip::Gossip::Service> {
 public:
  GossipService();
  /// Where clients reach the node.
  void advertise(std::string address, std::uint32_t port) {
    address_ = std::move(address);
    port_ = port;
  }

 private:
  void tell(const Unary<event_store::client::Empty, event_store::client::gossip::ClusterInfo>& call);

  std::string address_;
  std::uint32_t port_ = 0;
  Uuid instance_ = new_id();
};

}  // namespace kurrentlite::server
