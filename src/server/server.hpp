#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kurrentlite/result.hpp"
#include "server/first_users.hpp"

namespace kurrentlite::server {

struct ServerOptions {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 2113;  ///< 0: any that is free
  std::uint64_t append_size_max_bytes = 256ull << 20;
  /// PEM; without a certificate the server is insecure: no encryption, no users.
  std::string certificate;
  std::string private_key;
  std::string trusted_roots;  ///< who signs clients' certificates; empty: clients need none
  /// Who there is besides the default accounts, also after a reset.
  std::vector<UserEntry> users;
  /// A client has asked to shut down and has its reply: destroy the server, from another thread than this one.
  std::function<void()> on_shutdown = {};
};

/// A single-node KurrentDB over gRPC, in this process.
class Server {
 public:
  /// Errors: InvalidArgument (the port is taken, the certificate cannot be used), and what keeps users from being stored.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options);
  /// Ends all calls, then the server.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Such as `kurrentdb://127.0.0.1:2113?tls=false`.
  [[nodiscard]] std::string connection_string() const;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace kurrentlite::server
