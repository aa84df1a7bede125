#include <array>
#include <utility>

#include "base/utf8.hpp"
#include "config/endpoint.hpp"
#include "kurrentlite/config.hpp"

namespace kurrentlite {

namespace {

struct EnvironmentDefaults {
  std::uint32_t sync_interval_ms;
  std::uint32_t max_retries;
  std::uint32_t timeout_ms;
  const char* endpoint;  // a port each, so that each environment has an in-process database of its own
};

constexpr std::array<EnvironmentDefaults, kEnvironmentCount> kDefaults{{
    {5'000, 3, 30'000, "localhost:2113"},
    {10'000, 5, 45'000, "localhost:2114"},
    {3'000, 2, 15'000, "localhost:2115"},
    {15'000, 10, 60'000, "localhost:2116"},
}};

}  // namespace

const char* to_string(Environment environment) {
  switch (environment) {
    case Environment::Dev: return "dev";
    case Environment::Staging: return "staging";
    case Environment::Test: return "test";
    case Environment::Mainnet: return "mainnet";
  }
  return "dev";
}

std::optional<Environment> parse_environment(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Environment>, 6> kNames{{
      {"dev", Environment::Dev},
      {"development", Environment::Dev},
      {"staging", Environment::Staging},
      {"test", Environment::Test},
      {"mainnet", Environment::Mainnet},
      {"production", Environment::Mainnet},
  }};
  const std::string name = utf8::ascii_lower(text);
  for (const auto& [known, environment] : kNames) {
    if (known == name) return environment;
  }
  return std::nullopt;
}

DatabaseConfig default_config(Environment environment) {
  const EnvironmentDefaults& defaults = kDefaults[static_cast<std::size_t>(environment)];
  DatabaseConfig config;
  config.environment = environment;
  config.sync_interval_ms = defaults.sync_interval_ms;
  config.max_retries = defaults.max_retries;
  config.timeout_ms = defaults.timeout_ms;
  config.endpoints.grpc = defaults.endpoint;
  config.endpoints.http = defaults.endpoint;
  config.credentials.api_key = "admin";
  config.credentials.secret_key = "changeit";
  return config;
}

std::string DatabaseConfig::authority() const { return config::authority_of(endpoints.grpc); }

std::optional<Credentials> DatabaseConfig::call_credentials() const {
  if (!credentials.api_key || !credentials.secret_key) return std::nullopt;
  return Credentials{*credentials.api_key, *credentials.secret_key};
}

}  // namespace kurrentlite
