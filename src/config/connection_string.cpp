#include "config/connection_string.hpp"

#include <utility>

#include "base/utf8.hpp"

namespace kurrentlite {

namespace config {

namespace {

constexpr std::int64_t kRecommendedKeepAliveMs = 10'000;

/// The grammar leaves the slash of `localhost/?tls=false` where it found it.
std::string bare_address(std::string_view address) {
  return std::string(trimmed(address.substr(0, address.find('/'))));
}

std::optional<std::string> refusal_of_keep_alive(const char* name, std::int64_t value) {
  if (value >= -1) return std::nullopt;
  return "Invalid " + std::string(name) + " \"" + std::to_string(value) +
         "\". Please provide a positive integer, or -1 to disable.";
}

/// What both parsers accept, and nobody can mean.
std::optional<std::string> refusal_of_times(ConnectionSettings& settings) {
  if (auto refusal = refusal_of_keep_alive("keepAliveInterval", settings.keep_alive_interval_ms)) return refusal;
  if (auto refusal = refusal_of_keep_alive("keepAliveTimeout", settings.keep_alive_timeout_ms)) return refusal;
  const std::int64_t interval = settings.keep_alive_interval_ms;
  if (interval > -1 && interval < kRecommendedKeepAliveMs) {
    settings.warnings.push_back("Specified KeepAliveInterval of " + std::to_string(interval) +
                                " is less than recommended 10_000 ms.");
  }
  if (settings.default_deadline_ms > 0) return std::nullopt;
  return "Invalid defaultDeadline \"" + std::to_string(settings.default_deadline_ms) +
         "\". Please provide a positive integer.";
}

bool is_given(const std::optional<std::string>& file) { return file.has_value() && !file->empty(); }

}  // namespace

Error connection_string_error(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message), {{"field", "connectionString"}}};
}

}  // namespace config

const char* to_string(NodePreference preference) {
  switch (preference) {
    case NodePreference::Leader: return "leader";
    case NodePreference::Follower: return "follower";
    case NodePreference::ReadOnlyReplica: return "read_only_replica";
    case NodePreference::Random: return "random";
  }
  return "leader";
}

Result<ConnectionSettings> parse_connection_string(std::string_view text) {
  using config::connection_string_error;
  if (!utf8::valid(text)) return connection_string_error("The connection string is not valid UTF-8.");
  Result<config::ParsedConnectionString> parsed = config::parse_by_grammar(text);
  if (!parsed) return std::move(parsed).error();
  ConnectionSettings settings = std::move(parsed->settings);
  if (config::is_given(settings.user_cert_file) != config::is_given(settings.user_key_file)) {
    return connection_string_error("userCertFile must be given with accompanying userKeyFile");
  }
  if (auto refusal = config::refusal_of_bridge(text)) return connection_string_error(std::move(*refusal));
  // The two parsers find different hosts in a text such as `kdb://a?connectionName=x@b:99999`.
  if (parsed->has_impossible_port) return connection_string_error(std::string(text));
  if (auto refusal = config::refusal_of_times(settings)) return connection_string_error(std::move(*refusal));
  for (NodeAddress& node : settings.hosts) node.host = config::bare_address(node.host);
  const NodeAddress& first = settings.hosts.front();
  settings.authority = utf8::ascii_lower(first.host) + ":" + std::to_string(first.port);
  return settings;
}

}  // namespace kurrentlite
