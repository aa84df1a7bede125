#pragma once

#include <grpcpp/grpcpp.h>

#include <utility>

#include "server/database.hpp"

namespace kurrentlite::server {

/// A call of one request and one response: on the engine's thread, once the caller is known, `act(engine, caller)` does the
/// work and answers how the call ends. Request and response live until then. `act` must be copyable.
template <class Act>
void answer_by(grpc::ServerUnaryReactor* reactor, Database& database, grpc::CallbackServerContext* context, Act act) {
  database.engine.post([reactor, claim = claim_of(database, *context), act = std::move(act)](Engine& engine) mutable {
    Caller caller;
    const grpc::Status known = identify(engine, claim, caller);
    reactor->Finish(known.ok() ? act(engine, caller) : known);
  });
}

/// The same for those who need not know when the call is over.
template <class Act>
grpc::ServerUnaryReactor* answer(Database& database, grpc::CallbackServerContext* context, Act act) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  answer_by(reactor, database, context, std::move(act));
  return reactor;
}

}  // namespace kurrentlite::server
