#include "server/control_service.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "server/unary.hpp"

namespace kurrentlite::server {
namespace {

/// As far as a clock may be moved at once: 10,000 years.
constexpr std::uint64_t kAdvanceMaxMs = 315'576'000'000'000;

grpc::Status no_snapshot(std::uint64_t id) {
  return {grpc::NOT_FOUND, "There is no snapshot " + std::to_string(id) + "."};
}

}  // namespace

template <class Act>
grpc::ServerUnaryReactor* ControlService::run(grpc::CallbackServerContext* context, Act act) {
  return answer(database_, context, [act = std::move(act)](Engine& engine, const Caller& caller) -> grpc::Status {
    if (caller && !is_administrator(*caller)) return {grpc::PERMISSION_DENIED, "Only administrators may do this."};
    return act(engine);
  });
}

grpc::ServerUnaryReactor* ControlService::Reset(grpc::CallbackServerContext* context, const ResetReq*, ResetResp*) {
  return run(context, [this](Engine& engine) {
    engine.reset();
    const Result<void> stored = database_.first_users.store(engine);
    engine.announce();
    return stored ? grpc::Status::OK : grpc::Status(grpc::RESOURCE_EXHAUSTED, stored.error().message);
  });
}

grpc::ServerUnaryReactor* ControlService::Snapshot(grpc::CallbackServerContext* context, const SnapshotReq*,
                                                   SnapshotResp* response) {
  return run(context, [this, response](Engine& engine) {
    response->set_id(++last_snapshot_);
    snapshots_[last_snapshot_] = engine.fork(database_.engine.clock());
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* ControlService::Restore(grpc::CallbackServerContext* context, const RestoreReq* request,
                                                  RestoreResp*) {
  return run(context, [this, request](Engine& engine) {
    const auto found = snapshots_.find(request->id());
    if (found == snapshots_.end()) return no_snapshot(request->id());
    engine.adopt(*found->second->fork(database_.engine.clock()));
    engine.announce();
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* ControlService::DropSnapshot(grpc::CallbackServerContext* context,
                                                       const DropSnapshotReq* request, DropSnapshotResp*) {
  return run(context, [this, request](Engine&) {
    return snapshots_.erase(request->id()) > 0 ? grpc::Status::OK : no_snapshot(request->id());
  });
}

grpc::ServerUnaryReactor* ControlService::AdvanceClock(grpc::CallbackServerContext* context,
                                                       const AdvanceClockReq* request, AdvanceClockResp*) {
  return run(context, [this, request](Engine&) {
    const std::uint64_t ms = std::min(request->milliseconds(), kAdvanceMaxMs);
    database_.engine.clock().advance(static_cast<std::int64_t>(ms) * kTicksPerMillisecond);
    return grpc::Status::OK;
  });
}

}  // namespace kurrentlite::server
