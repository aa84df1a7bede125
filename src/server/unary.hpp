#pragma once

#include <utility>

#include "server/database.hpp"
#include "server/single_request.hpp"

namespace kurrentlite::server {

/// Does the work of a call on the engine's thread, once the caller is known: `act(engine, caller)` answers how it ends.
template <class Request, class Response, class Act>
void answer(Database& database, const Unary<Request, Response>& call, Act act) {
  database.engine.post([call, claim = claim_of(database, call->context()), act = std::move(act)](Engine& engine) {
    Caller caller;
    const grpc::Status known = identify(engine, claim, caller);
    call->finish(known.ok() ? act(engine, caller) : known);
  });
}

/// The same for what an injected fault may strike: `act(engine, caller, fault)`.
template <class Request, class Response, class Act>
void answer(Database& database, Operation operation, const Unary<Request, Response>& call, Act act) {
  database.post(operation, [call, claim = claim_of(database, call->context()), act = std::move(act)](
                               Engine& engine, const Struck& fault) {
    Caller caller;
    const grpc::Status known = identify(engine, claim, caller);
    call->finish(known.ok() ? act(engine, caller, fault) : known);
  });
}

}  // namespace kurrentlite::server
