#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>

#include "server/database.hpp"

namespace kurrentlite::server {

/// A call that brings many messages of an append and is answered once, when they have all come. They are taken in while the engine finds
/// out who calls; a stranger's call ends as soon as that is known. Owns itself until gRPC is done with it.
class CollectingCall : public grpc::ServerReadReactor<grpc::ByteBuffer>,
                       public OpenCall,
                       public std::enable_shared_from_this<CollectingCall> {
 public:
  /// Begins `call`, which gRPC gets from here.
  static CollectingCall* start(std::shared_ptr<CollectingCall> call);

  void OnReadDone(bool ok) override;
  void OnDone() override;
  void server_ends() override;

 protected:
  CollectingCall(Database& database, grpc::CallbackServerContext& context) : OpenCall(context), database_(database) {}

  /// Takes one message, on a thread of gRPC. Anything but OK ends the call.
  [[nodiscard]] virtual grpc::Status take(grpc::ByteBuffer& bytes) = 0;
  /// All have come: does the work, on the engine's thread, where `caller` is known.
  [[nodiscard]] virtual grpc::Status answer(Engine& engine, const Struck& fault) = 0;

  Database& database_;
  Caller caller_;

 private:
  void read_next();
  void finish(const grpc::Status& status);

  std::shared_ptr<CollectingCall> self_;
  grpc::ByteBuffer bytes_read_;
  std::mutex mutex_;
  bool has_all_ = false;
  bool finished_ = false;
};

}  // namespace kurrentlite::server
