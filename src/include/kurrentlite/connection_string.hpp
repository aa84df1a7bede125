#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/client.hpp"
#include "kurrentlite/result.hpp"

namespace kurrentlite {

/// The kind of node a cluster's client would rather talk to.
enum class NodePreference : std::uint8_t { Leader, Follower, ReadOnlyReplica, Random };
/// "leader", "follower", "read_only_replica" or "random".
[[nodiscard]] const char* to_string(NodePreference preference);

/// One node, or the name under which a cluster is found.
struct NodeAddress {
  std::string host;
  std::uint16_t port = 2113;
  bool operator==(const NodeAddress&) const = default;
};

/// What a connection string asks for, with every default filled in. Numbers too large for their type are the largest it has.
struct ConnectionSettings {
  std::string authority;                   ///< host:port of the first host in lower case: names an in-process database
  std::vector<NodeAddress> hosts;          ///< at least one; several are nodes of one cluster
  bool discover = false;                   ///< the first host stands for a cluster whose nodes it knows
  std::optional<Credentials> credentials;  ///< sent with calls that bring none of their own
  bool tls = true;
  bool tls_verify_cert = true;
  std::optional<std::string> tls_ca_file;
  std::optional<std::string> user_cert_file;  ///< never without `user_key_file`
  std::optional<std::string> user_key_file;
  std::optional<std::string> connection_name;
  std::int64_t max_discover_attempts = 10;
  std::int64_t discovery_interval_ms = 100;
  std::int64_t gossip_timeout_s = 5;
  NodePreference node_preference = NodePreference::Leader;
  bool throw_on_append_failure = true;
  std::int64_t keep_alive_interval_ms = 10'000;  ///< -1: never
  std::int64_t keep_alive_timeout_ms = 10'000;   ///< -1: never
  std::int64_t default_deadline_ms = 10'000;     ///< for calls that name no deadline; above zero
  std::vector<std::string> warnings;             ///< to show once: unknown options, the old scheme, a hasty keep-alive
  bool operator==(const ConnectionSettings&) const = default;
};

/// Reads a connection string as the official Node client does, quirks and messages included:
///
///     scheme "://" [ user ":" password "@" ] host [ ":" port ] { "," host [ ":" port ] }
///         [ "?" key "=" value { "&" key "=" value } ]
///
/// with one of the schemes kurrentdb, kurrent, kdb and esdb, each also with `+discover`. Files are named, not opened.
/// Errors: InvalidArgument  with the official message and the facts field = "connectionString" and, when the grammar
///                          refuses the text, from and to (UTF-16 code units of the text without white space around it)
///                          and expected
[[nodiscard]] Result<ConnectionSettings> parse_connection_string(std::string_view text);

}  // namespace kurrentlite
