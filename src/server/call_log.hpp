#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <vector>

namespace kurrentlite::server {

/// Writes a line to the log for each call as it ends: method, peer, status, milliseconds. Costs each call a little, so only
/// for servers that log that much.
[[nodiscard]] std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> call_log();

}  // namespace kurrentlite::server
