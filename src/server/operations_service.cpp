#include "server/operations_service.hpp"

#include <algorithm>
#include <utility>

#include "protocol/status.hpp"
#include "server/log.hpp"
#include "server/scavenge_log.hpp"
#include "server/unary.hpp"

namespace kurrentlite::server {
namespace {

namespace wire = event_store::client::operations;

enum Method {
  kStartScavenge,
  kStopScavenge,
  kShutdown,
  kMergeIndexes,
  kResignNode,
  kSetNodePriority,
  kRestartPersistentSubscriptions
};

constexpr std::string_view kOpsGroup = "$ops";

bool may_operate(const Caller& caller) {
  if (!caller || is_administrator(*caller)) return true;
  return std::find(caller->groups.begin(), caller->groups.end(), kOpsGroup) != caller->groups.end();
}

grpc::Status denied(grpc::CallbackServerContext& context) {
  return protocol::to_status({ErrorCode::AccessDenied, {}}, "Operation", [&](const auto& name, const auto& text) {
    context.AddTrailingMetadata(name, text);
  });
}

}  // namespace

OperationsService::OperationsService(Database& database, std::function<void()> shut_down)
    : database_(database), shut_down_(std::move(shut_down)) {
  unary(kStartScavenge, &OperationsService::start_scavenge);
  unary(kStopScavenge, &OperationsService::stop_scavenge);
  unary(kShutdown, &OperationsService::shut_down);
  unary(kMergeIndexes, &OperationsService::accept);
  unary(kResignNode, &OperationsService::accept);
  unary(kSetNodePriority, &OperationsService::accept_priority);
  unary(kRestartPersistentSubscriptions, &OperationsService::accept);
}

template <class Request, class Response, class Act>
void OperationsService::run(const Unary<Request, Response>& call, Act act) {
  answer(database_, call, [call, act = std::move(act)](Engine& engine, const Caller& caller) {
    return may_operate(caller) ? act(engine) : denied(call->context());
  });
}

void OperationsService::start_scavenge(const Unary<wire::StartScavengeReq, wire::ScavengeResp>& call) {
  run(call, [this, call](Engine& engine) {
    call->response().set_scavenge_id(scavenge(engine, node_));
    call->response().set_scavenge_result(wire::ScavengeResp::Started);
    return grpc::Status::OK;
  });
}

void OperationsService::stop_scavenge(const Unary<wire::StopScavengeReq, wire::ScavengeResp>& call) {
  run(call, [call](Engine&) {
    call->context().AddTrailingMetadata("exception", "scavenge-not-found");
    call->context().AddTrailingMetadata("scavenge-id", "");
    return grpc::Status(grpc::NOT_FOUND, "Scavenge id was invalid.");
  });
}

void OperationsService::shut_down(const Unary<Empty, Empty>& call) {
  run(call, [this, call](Engine&) {
    log::write(log::Level::Info, "shutting down as a client asks");
    call->when_done(shut_down_);
    return grpc::Status::OK;
  });
}

void OperationsService::accept(const Unary<Empty, Empty>& call) {
  run(call, [](Engine&) { return grpc::Status::OK; });
}

void OperationsService::accept_priority(const Unary<wire::SetNodePriorityReq, Empty>& call) {
  run(call, [](Engine&) { return grpc::Status::OK; });
}

}  // namespace kurrentlite::server
