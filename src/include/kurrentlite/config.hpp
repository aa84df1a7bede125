#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kurrentlite/client.hpp"
#include "kurrentlite/result.hpp"

namespace kurrentlite {

enum class Environment : std::uint8_t { Dev, Staging, Test, Mainnet };
inline constexpr std::size_t kEnvironmentCount = 4;
/// "dev", "staging", "test" or "mainnet".
[[nodiscard]] const char* to_string(Environment environment);
/// Also accepts "development" (dev) and "production" (mainnet); case does not matter.
[[nodiscard]] std::optional<Environment> parse_environment(std::string_view text);

struct Endpoints {
  std::string grpc;  ///< host:port
  std::string http;  ///< host:port
  std::optional<std::string> ws;
  bool operator==(const Endpoints&) const = default;
};

/// Login and password of the environment's account. `secret_key` never appears in errors, logs or `describe`.
struct EnvironmentCredentials {
  std::optional<std::string> api_key;
  std::optional<std::string> secret_key;
  bool operator==(const EnvironmentCredentials&) const = default;
};

struct ConnectionOptions {
  std::uint32_t max_concurrent_streams = 100;
  std::uint32_t keep_alive_timeout_ms = 10'000;
  std::uint32_t retry_delay_ms = 100;  ///< first pause before a retry; doubles up to 30 s
  /// Pauses are drawn evenly from nothing to that length, so that clients which failed together do not return together.
  bool jitter = true;
  bool operator==(const ConnectionOptions&) const = default;
};

/// When calls are no longer sent because the database cannot be reached. After `threshold` operations in a row found it
/// so, calls fail at once for `cooldown_ms`; then one is sent as a trial. Its failure doubles the time, up to
/// `cooldown_max_ms`; any success ends all that. `connect`, `reconnect` and health checks are sent all the same.
struct CircuitBreakerOptions {
  std::uint32_t threshold = 5;  ///< 0: calls are always sent
  std::uint32_t cooldown_ms = 1000;
  std::uint32_t cooldown_max_ms = 30'000;
  bool operator==(const CircuitBreakerOptions&) const = default;
};

/// Milliseconds from which on a passed probe of a health check counts as slow, which makes the health degraded. 0: never.
struct HealthThresholds {
  std::uint32_t connection_ms = 2000;
  std::uint32_t authentication_ms = 2000;
  std::uint32_t read_ms = 2000;
  std::uint32_t write_ms = 2000;
  std::uint32_t sync_ms = 2000;
  bool operator==(const HealthThresholds&) const = default;
};

/// Deadlines of single operations in milliseconds, by their names in metrics: "createStream", "metrics" …
using OperationTimeouts = std::vector<std::pair<std::string, std::uint32_t>>;

/// How to reach and use one environment's database.
struct DatabaseConfig {
  bool enabled = true;
  Environment environment = Environment::Dev;
  std::uint32_t sync_interval_ms = 5000;  ///< how often health, metrics and lists are refreshed
  std::uint32_t max_retries = 3;
  std::uint32_t timeout_ms = 30'000;  ///< deadline of one operation, retries included
  Endpoints endpoints;
  EnvironmentCredentials credentials;
  ConnectionOptions options;
  CircuitBreakerOptions circuit_breaker;
  HealthThresholds health_thresholds;
  OperationTimeouts timeouts;  ///< in the place of `timeout_ms`
  bool operator==(const DatabaseConfig&) const = default;

  /// Lower-case host:port of the gRPC endpoint: names the in-process database.
  [[nodiscard]] std::string authority() const;
  /// Credentials to send with each call, when both parts are set.
  [[nodiscard]] std::optional<Credentials> call_credentials() const;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

/// The documented values of one environment: dev 5000 ms / 3 retries / 30 s / localhost:2113, and so on.
[[nodiscard]] DatabaseConfig default_config(Environment environment);

/// Reads VITE_KURRENT_DB_* from a plain map; other keys are ignored, an empty value counts as unset.
/// `environment` wins over VITE_KURRENT_DB_ENVIRONMENT when given (switching at run time).
/// Errors: InvalidConfig with a violation for every bad value at once, each naming the variable, the value (never a key's
///         or secret's) and what is allowed.
[[nodiscard]] Result<DatabaseConfig> config_from_variables(const Variables& variables,
                                                           std::optional<Environment> environment = std::nullopt);

/// Sentences to show once: in a browser, secret keys of staging or mainnet given by VITE_ variables are public.
[[nodiscard]] std::vector<std::string> config_warnings(const Variables& variables, bool in_browser);

}  // namespace kurrentlite
