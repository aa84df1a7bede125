#pragma once

#include <string>

#include "gossip.grpc.pb.h"
#include "kurrentlite/uuid.hpp"
#include "server_features.grpc.pb.h"

namespace kurrentlite::server {

/// What clients ask a node before anything else: which methods it has.
class ServerFeaturesService final : public event_store::client::server_features::ServerFeatures::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetSupportedMethods(
      grpc::CallbackServerContext* context, const event_store::client::Empty* request,
      event_store::client::server_features::SupportedMethods* response) override;
};

/// A cluster of one node, which leads it.
class GossipService final : public event_store::client::gossip::Gossip::CallbackService {
 public:
  /// Where clients reach the node.
  void advertise(std::string address, std::uint32_t port) {
    address_ = std::move(address);
    port_ = port;
  }
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context, const event_store::client::Empty* request,
                                 event_store::client::gossip::ClusterInfo* response) override;

 private:
  std::string address_;
  std::uint32_t port_ = 0;
  Uuid instance_;
};

}  // namespace kurrentlite::server
