#pragma once

#include <grpcpp/grpcpp.h>

#include <utility>

#include "server/database.hpp"

namespace kurrentlite::server {

/// A call of one request and one response: on the engine's thread, once the caller is known, `act(engine, caller)` does the
/// work and answers how the call ends. Request and response live until then. `act` must be copyable.
template <class Act>
grpc::ServerUnaryReactor* answer(Database& database, grpc::CallbackServerContext* context, Act act) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  database.engine.post([reactor, claim = claim_of(database, *context), act = std::move(act)](Engine& engine) mutable {
    Caller caller;
    const grpc::Status known = identify(engine, claim, caller);
    reactor->Finish(known.ok() ? act(engine, caller) : known);
  });
  return reactor;
}

}  // namespace kurrentlite::server
