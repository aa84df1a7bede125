#pragma once

#include <map>
#include <memory>

#include "control.grpc.pb.h"
#include "server/database.hpp"

namespace kurrentlite::server {

/// `kurrentlite.Control`: what tests in any language want of a database. With security it takes an administrator.
class ControlService final : public kurrentlite::Control::CallbackService {
 public:
  explicit ControlService(Database& database) : database_(database) {}

  grpc::ServerUnaryReactor* Reset(grpc::CallbackServerContext* context, const ResetReq* request,
                                  ResetResp* response) override;
  grpc::ServerUnaryReactor* Snapshot(grpc::CallbackServerContext* context, const SnapshotReq* request,
                                     SnapshotResp* response) override;
  grpc::ServerUnaryReactor* Restore(grpc::CallbackServerContext* context, const RestoreReq* request,
                                    RestoreResp* response) override;
  grpc::ServerUnaryReactor* DropSnapshot(grpc::CallbackServerContext* context, const DropSnapshotReq* request,
                                         DropSnapshotResp* response) override;
  grpc::ServerUnaryReactor* AdvanceClock(grpc::CallbackServerContext* context, const AdvanceClockReq* request,
                                         AdvanceClockResp* response) override;

 private:
  /// Runs `act(engine)`, which answers a status, on the engine's thread.
  template <class Act>
  grpc::ServerUnaryReactor* run(grpc::CallbackServerContext* context, Act act);

  Database& database_;
  // On the engine's thread
  std::map<std::uint64_t, std::unique_ptr<Engine>> snapshots_;
  std::uint64_t last_snapshot_ = 0;
};

}  // namespace kurrentlite::server
