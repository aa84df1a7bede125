#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <optional>
#include <string>

#include "engine/access.hpp"
#include "server/engine_thread.hpp"
#include "server/first_users.hpp"
#include "server/open_calls.hpp"
#include "simulation/faults.hpp"

namespace kurrentlite::server {

/// The injected fault that strikes a call; empty for nearly all.
using Struck = std::optional<Fault>;

/// What all services of one server share.
struct Database {
  Database(EngineOptions options, bool is_secure, const std::vector<UserEntry>& users)
      : engine(options), secure(is_secure), append_size_max_bytes(options.append_size_max_bytes), first_users(users) {}

  /// Runs `work(engine, fault)` on the engine's thread, as a call of that operation: injected faults count it, may strike it,
  /// and may have kept it waiting. From any thread.
  void post(Operation operation, std::function<void(Engine&, const Struck&)> work);

  /// Outlives what the engine still does for them.
  OpenCalls open_calls;
  EngineThread engine;
  /// Of all clients' calls. On the engine's thread only.
  Faults faults;
  /// Callers must say who they are, and access lists hold.
  bool secure;
  /// What one append may bring; no more is kept while it comes in.
  std::uint64_t append_size_max_bytes;
  /// To be stored when the server starts and after each reset.
  FirstUsers first_users;
};

/// What comes of `act()`, which answers a Result, when `fault` strikes: nothing is done, or the reply is lost.
template <class Act>
[[nodiscard]] auto as_struck(const Struck& fault, Act act) -> decltype(act()) {
  if (fault && fault->effect == Fault::Effect::Refuse) return fault->error;
  auto result = act();
  if (fault) return fault->error;
  return result;
}

/// Errors: MaxAppendSizeExceeded, when an append that is still coming in has become too large.
[[nodiscard]] Result<void> check_incoming(const Database& database, std::uint64_t bytes);

/// Who calls. Empty: the system account, which may do everything.
using Caller = std::optional<Principal>;

/// What a call says of who makes it.
struct Claim {
  bool is_trusted = false;                 ///< without security everybody is the system account
  std::optional<Credentials> credentials;  ///< none: nobody
};

/// The claim in the `authorization` header; what cannot be decoded is none (reference: streams 2.1).
[[nodiscard]] Claim claim_of(const Database& database, const grpc::CallbackServerContext& context);

/// Who that is. Errors are gRPC's: UNAUTHENTICATED for who is unknown or disabled and for a wrong password; nobody at all is
/// the user without a name, whom access lists refuse. On the engine's thread.
[[nodiscard]] grpc::Status identify(const Engine& engine, const Claim& claim, Caller& caller);

/// For calls that go on meanwhile: `done` gets what `identify` finds, on the engine's thread and before anything that is
/// posted later; at once where nobody has to be looked up.
void identify_first(Database& database, const Claim& claim, std::function<void(const grpc::Status&, Caller)> done);

/// Errors: AccessDenied. On the engine's thread.
[[nodiscard]] Result<void> allow(const Engine& engine, const Caller& caller, std::string_view stream, Action action);

}  // namespace kurrentlite::server
