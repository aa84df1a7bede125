#include "server/node_services.hpp"

#include <chrono>
#include <initializer_list>
#include <utility>

#include "protocol/convert.hpp"

namespace kurrentlite::server {
namespace {

namespace features = event_store::client::server_features;

/// What official clients take for the server's version: it opens all of their code paths.
constexpr const char* kVersion = "26.1.0";

struct Method {
  const char* service;
  const char* name;
  std::initializer_list<const char*> features = {};
};

/// Exactly what is implemented: clients take anything else for absent (reference: streams 1.9).
const Method kMethods[] = {
    {"event_store.client.streams.streams", "read", {"position", "events"}},
    {"event_store.client.streams.streams", "append"},
    {"event_store.client.streams.streams", "delete"},
    {"event_store.client.streams.streams", "tombstone"},
    {"event_store.client.streams.streams", "batchappend", {"deadline_duration"}},
    {"event_store.client.server_features.serverfeatures", "getsupportedmethods"},
    {"event_store.client.gossip.gossip", "read"},
    {"event_store.client.users.users", "create"},
    {"event_store.client.users.users", "update"},
    {"event_store.client.users.users", "delete"},
    {"event_store.client.users.users", "disable"},
    {"event_store.client.users.users", "enable"},
    {"event_store.client.users.users", "details"},
    {"event_store.client.users.users", "changepassword"},
    {"event_store.client.users.users", "resetpassword"},
    {"event_store.client.operations.operations", "startscavenge"},
    {"event_store.client.operations.operations", "stopscavenge"},
    {"event_store.client.operations.operations", "shutdown"},
    {"event_store.client.operations.operations", "mergeindexes"},
    {"event_store.client.operations.operations", "resignnode"},
    {"event_store.client.operations.operations", "setnodepriority"},
    {"event_store.client.operations.operations", "restartpersistentsubscriptions"},
    {"event_store.client.monitoring.monitoring", "stats"},
    {"kurrentdb.protocol.v2.streams.streamsservice", "appendsession"},
    {"kurrentdb.protocol.v2.streams.streamsservice", "appendrecords"},
};

}  // namespace

ServerFeaturesService::ServerFeaturesService() { unary(0, &ServerFeaturesService::tell); }

void ServerFeaturesService::tell(const Unary<event_store::client::Empty, features::SupportedMethods>& call) {
  features::SupportedMethods& response = call->response();
  response.set_event_store_server_version(kVersion);
  for (const Method& method : kMethods) {
    features::SupportedMethod* const supported = response.add_methods();
    supported->set_service_name(method.service);
    supported->set_method_name(method.name);
    for (const char* feature : method.features) supported->add_features(feature);
  }
  call->finish(grpc::Status::OK);
}

GossipService::GossipService() { unary(0, &GossipService::tell); }

void GossipService::tell(const Unary<event_store::client::Empty, event_store::client::gossip::ClusterInfo>& call) {
  event_store::client::gossip::MemberInfo* const member = call->response().add_members();
  protocol::to_wire(instance_, protocol::UuidForm::Structured, *member->mutable_instance_id());
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  member->set_time_stamp(std::chrono::duration_cast<Ticks>(now).count());
  member->set_state(event_store::client::gossip::MemberInfo::Leader);
  member->set_is_alive(true);
  member->mutable_http_end_point()->set_address(address_);
  member->mutable_http_end_point()->set_port(port_);
  call->finish(grpc::Status::OK);
}

}  // namespace kurrentlite::server
