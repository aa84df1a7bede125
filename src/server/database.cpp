#include "server/database.hpp"

#include <chrono>
#include <utility>

#include "base/base64.hpp"
#include "engine/users.hpp"

namespace kurrentlite::server {
namespace {

/// Also as a bearer's token, which some clients make of a login and a password.
std::optional<Credentials> credentials_of(std::string_view header) {
  for (const std::string_view scheme : {"Basic ", "Bearer "}) {
    if (header.substr(0, scheme.size()) != scheme) continue;
    const std::optional<std::string> decoded = base64::decode(header.substr(scheme.size()));
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon != std::string::npos) return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
  }
  return std::nullopt;
}

}  // namespace

void Database::post(Operation operation, std::function<void(Engine&, const Struck&)> work) {
  engine.post([this, operation, work = std::move(work)](Engine& at) mutable {
    if (faults.empty()) return work(at, {});
    const Struck fault = faults.strike(operation);
    if (!fault || fault->effect != Fault::Effect::Delay) return work(at, fault);
    const std::chrono::milliseconds delay(static_cast<std::int64_t>(fault->delay_ms));
    engine.post_after(delay, [work = std::move(work)](Engine& later) { work(later, {}); });
  });
}

Claim claim_of(const Database& database, const grpc::CallbackServerContext& context) {
  if (!database.secure) return {true, std::nullopt};
  const auto header = context.client_metadata().find("authorization");
  if (header == context.client_metadata().end()) return {};
  return {false, credentials_of({header->second.data(), header->second.size()})};
}

grpc::Status identify(const Engine& engine, const Claim& claim, Caller& caller) {
  caller = claim.is_trusted ? Caller() : Caller(Principal{});
  if (!claim.credentials) return grpc::Status::OK;
  Result<Principal> who = authenticate(engine, *claim.credentials);
  if (!who) return {grpc::UNAUTHENTICATED, "Unauthenticated"};
  caller = std::move(who).value();
  return grpc::Status::OK;
}

void identify_first(Database& database, const Claim& claim, std::function<void(const grpc::Status&, Caller)> done) {
  if (!claim.credentials) return done(grpc::Status::OK, claim.is_trusted ? Caller() : Caller(Principal{}));
  database.engine.post([claim, done = std::move(done)](Engine& engine) {
    Caller caller;
    const grpc::Status known = identify(engine, claim, caller);
    done(known, std::move(caller));
  });
}

Result<void> check_incoming(const Database& database, std::uint64_t bytes) {
  if (bytes <= database.append_size_max_bytes) return {};
  return Error{ErrorCode::MaxAppendSizeExceeded,
               "Maximum Append Size of " + std::to_string(database.append_size_max_bytes) + " Exceeded.",
               {{"maxAppendSize", database.append_size_max_bytes}}};
}

Result<void> allow(const Engine& engine, const Caller& caller, std::string_view stream, Action action) {
  if (!caller) return {};
  if (caller->login.empty()) return Error{ErrorCode::AccessDenied, "Nobody without credentials may do this.", {}};
  return check_access(engine, *caller, stream, action);
}

}  // namespace kurrentlite::server
