#pragma once

#include <map>
#include <memory>

#include "control.grpc.pb.h"
#include "server/database.hpp"
#include "server/single_request.hpp"

namespace kurrentlite::server {

/// `kurrentlite.Control`: what tests in any language want of a database. With security it takes an administrator.
class ControlService final : public SingleRequestService<kurrentlite::Control::Service> {
 public:
  explicit ControlService(Database& database);

 private:
  void reset(const Unary<ResetReq, ResetResp>& call);
  void snapshot(const Unary<SnapshotReq, SnapshotResp>& call);
  void restore(const Unary<RestoreReq, RestoreResp>& call);
  void drop_snapshot(const Unary<DropSnapshotReq, DropSnapshotResp>& call);
  void advance_clock(const Unary<AdvanceClockReq, AdvanceClockResp>& call);
  void inject_fault(const Unary<InjectFaultReq, InjectFaultResp>& call);
  void remove_fault(const Unary<RemoveFaultReq, RemoveFaultResp>& call);
  void clear_faults(const Unary<ClearFaultsReq, ClearFaultsResp>& call);
  /// Runs `act(engine)`, which answers a status, on the engine's thread.
  template <class Request, class Response, class Act>
  void run(const Unary<Request, Response>& call, Act act);

  Database& database_;
  // On the engine's thread
  std::map<std::uint64_t, std::unique_ptr<Engine>> snapshots_;
  std::uint64_t last_snapshot_ = 0;
};

}  // namespace kurrentlite::server
