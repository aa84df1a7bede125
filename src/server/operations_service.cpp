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
using event_store::client::Empty;

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

/// A call that asks the node to end, which it does once the reply has been sent.
class ShutdownCall final : public grpc::ServerUnaryReactor {
 public:
  explicit ShutdownCall(std::function<void()> shut_down) : shut_down_(std::move(shut_down)) {}
  /// The caller may do it.
  void grant() { granted_ = true; }

  void OnDone() override {
    if (granted_ && shut_down_) shut_down_();
    delete this;
  }

 private:
  std::function<void()> shut_down_;
  bool granted_ = false;
};

}  // namespace

template <class Act>
grpc::ServerUnaryReactor* OperationsService::run(grpc::CallbackServerContext* context, Act act) {
  return answer(database_, context, [context, act = std::move(act)](Engine& engine, const Caller& caller) {
    return may_operate(caller) ? act(engine) : denied(*context);
  });
}

grpc::ServerUnaryReactor* OperationsService::accept(grpc::CallbackServerContext* context) {
  return run(context, [](Engine&) { return grpc::Status::OK; });
}

grpc::ServerUnaryReactor* OperationsService::StartScavenge(grpc::CallbackServerContext* context,
                                                           const wire::StartScavengeReq*, wire::ScavengeResp* response) {
  return run(context, [this, response](Engine& engine) {
    response->set_scavenge_id(scavenge(engine, node_));
    response->set_scavenge_result(wire::ScavengeResp::Started);
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* OperationsService::StopScavenge(grpc::CallbackServerContext* context,
                                                          const wire::StopScavengeReq*, wire::ScavengeResp*) {
  return run(context, [context](Engine&) {
    context->AddTrailingMetadata("exception", "scavenge-not-found");
    context->AddTrailingMetadata("scavenge-id", "");
    return grpc::Status(grpc::NOT_FOUND, "Scavenge id was invalid.");
  });
}

grpc::ServerUnaryReactor* OperationsService::Shutdown(grpc::CallbackServerContext* context, const Empty*, Empty*) {
  auto* const call = new ShutdownCall(shut_down_);
  answer_by(call, database_, context, [context, call](Engine&, const Caller& caller) {
    if (!may_operate(caller)) return denied(*context);
    log::write(log::Level::Info, "shutting down as a client asks");
    call->grant();
    return grpc::Status::OK;
  });
  return call;
}

grpc::ServerUnaryReactor* OperationsService::MergeIndexes(grpc::CallbackServerContext* context, const Empty*, Empty*) {
  return accept(context);
}

grpc::ServerUnaryReactor* OperationsService::ResignNode(grpc::CallbackServerContext* context, const Empty*, Empty*) {
  return accept(context);
}

grpc::ServerUnaryReactor* OperationsService::SetNodePriority(grpc::CallbackServerContext* context,
                                                             const wire::SetNodePriorityReq*, Empty*) {
  return accept(context);
}

grpc::ServerUnaryReactor* OperationsService::RestartPersistentSubscriptions(grpc::CallbackServerContext* context,
                                                                            const Empty*, Empty*) {
  return accept(context);
}

}  // namespace kurrentlite::server
