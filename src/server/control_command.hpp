#pragma once

#include <string>

#include "kurrentlite/result.hpp"

namespace kurrentlite::server {

/// Where `kurrentlite ctl` finds the server, and as whom.
struct ControlTarget {
  std::string address;        ///< host:port
  std::string trusted_roots;  ///< PEM; empty: no encryption
  std::string login;
  std::string password;
};

/// Empties the database of a running server. Errors: Unavailable, AccessDenied, Unknown.
[[nodiscard]] Result<void> reset_database(const ControlTarget& target);

}  // namespace kurrentlite::server
