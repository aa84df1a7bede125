#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>

#include "engine/access.hpp"
#include "server/engine_thread.hpp"

namespace kurrentlite::server {

/// What all services of one server share.
struct Database {
  Database(EngineOptions options, bool is_secure)
      : engine(options), secure(is_secure), append_size_max_bytes(options.append_size_max_bytes) {}

  EngineThread engine;
  /// Callers must say who they are, and access lists hold.
  bool secure;
  /// What one append may bring; no more is kept while it comes in.
  std::uint64_t append_size_max_bytes;
};

/// Errors: MaxAppendSizeExceeded, when an append that is still coming in has become too large.
[[nodiscard]] Result<void> check_incoming(const Database& database, std::uint64_t bytes);

/// Who calls. Empty: the system account, which may do everything.
using Caller = std::optional<Principal>;

/// The caller by the `authorization` header. Without security everybody is the system account. Errors are gRPC's:
/// UNAUTHENTICATED for a wrong password; nobody at all is the user without a name, whom access lists refuse.
[[nodiscard]] grpc::Status identify(const Database& database, const grpc::CallbackServerContext& context, Caller& caller);

/// Errors: AccessDenied. On the engine's thread.
[[nodiscard]] Result<void> allow(const Engine& engine, const Caller& caller, std::string_view stream, Action action);

}  // namespace kurrentlite::server
