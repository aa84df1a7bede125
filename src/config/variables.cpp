#include "config/variables.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "config/endpoint.hpp"

namespace kurrentlite {

namespace config {

namespace {

constexpr std::array<Environment, kEnvironmentCount> kEnvironments{Environment::Dev, Environment::Staging,
                                                                   Environment::Test, Environment::Mainnet};
constexpr std::array<std::string_view, 5> kGeneralSettings{"ENABLED", "ENVIRONMENT", "SYNC_INTERVAL", "MAX_RETRIES",
                                                           "TIMEOUT"};
constexpr std::array<std::string_view, 5> kEnvironmentSettings{"API_KEY", "SECRET_KEY", "GRPC", "HTTP", "WS"};

}  // namespace

const std::vector<std::string>& known_variables() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(kGeneralSettings.size() + kEnvironmentCount * kEnvironmentSettings.size());
    for (const std::string_view setting : kGeneralSettings) all.push_back(std::string(kPrefix).append(setting));
    for (const Environment environment : kEnvironments) {
      for (const std::string_view setting : kEnvironmentSettings) {
        all.push_back(environment_variable(environment, setting));
      }
    }
    return all;
  }();
  return names;
}

std::string environment_variable(Environment environment, std::string_view setting) {
  std::string name(kPrefix);
  for (const char* letter = to_string(environment); *letter != '\0'; ++letter) {
    name.push_back(static_cast<char>(*letter - 'a' + 'A'));
  }
  return name.append("_").append(setting);
}

std::optional<std::string_view> value_of(const Variables& variables, std::string_view name) {
  const auto found =
      std::find_if(variables.rbegin(), variables.rend(), [&](const auto& variable) { return variable.first == name; });
  if (found == variables.rend()) return std::nullopt;
  constexpr std::string_view kBlank = " \t\r\n";
  const std::string_view value = found->second;
  const std::size_t begin = value.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return std::nullopt;
  return value.substr(begin, value.find_last_not_of(kBlank) - begin + 1);
}

namespace {

// Timers of JavaScript hosts hold 31 bits; a longer one would fire at once.
constexpr std::uint32_t kNumberMax = 2'147'483'647;
constexpr std::size_t kShownValueBytesMax = 80;

/// The value in quotes, cut when long. What may hold a password is not repeated.
std::string shown(std::string_view value) {
  if (value.find('@') != std::string_view::npos) return "a value with '@' (not shown, it may hold a password)";
  std::string text;
  if (value.size() <= kShownValueBytesMax) {
    json::append_string(text, value);
    return text;
  }
  std::size_t end = kShownValueBytesMax;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0u) == 0x80u) --end;  // between two characters
  json::append_string(text, value.substr(0, end));
  return text + "…";
}

/// Takes values out of variables and remembers everything that was wrong with them.
class VariableReader {
 public:
  explicit VariableReader(const Variables& variables) : variables_(variables) {}

  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const { return value_of(variables_, name); }

  void read_flag(const std::string& name, bool& out) {
    const auto value = text(name);
    if (!value) return;
    if (*value == "true" || *value == "1") {
      out = true;
    } else if (*value == "false" || *value == "0") {
      out = false;
    } else {
      reject(name, *value, "true, false, 1 or 0");
    }
  }

  void read_number(const std::string& name, std::uint32_t min, const char* what, std::uint32_t& out) {
    const auto value = text(name);
    if (!value) return;
    std::uint64_t number = 0;
    const char* const end = value->data() + value->size();
    const auto parsed = std::from_chars(value->data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end && number >= min && number <= kNumberMax) {
      out = static_cast<std::uint32_t>(number);
      return;
    }
    reject(name, *value, std::string(what) + " from " + std::to_string(min) + " to " + std::to_string(kNumberMax));
  }

  /// An endpoint, kept as given. `schemes` may stand in front of it.
  std::optional<std::string> read_endpoint(const std::string& name, std::initializer_list<std::string_view> schemes) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    if (is_host_and_port(without_scheme(*value, schemes))) return std::string(*value);
    std::string allowed = "host:port with a port from 1 to 65535";
    const char* separator = ", optionally after ";
    for (const std::string_view scheme : schemes) {
      allowed.append(std::exchange(separator, " or ")).append(scheme).append("://");
    }
    reject(name, *value, allowed);
    return std::nullopt;
  }

  void reject(const std::string& name, std::string_view value, const std::string& allowed) {
    violations_.push_back({name, shown(value) + " is not allowed; give " + allowed + "."});
  }

  [[nodiscard]] std::vector<Violation> take_violations() { return std::move(violations_); }

 private:
  const Variables& variables_;
  std::vector<Violation> violations_;
};

struct EnvironmentValues {
  std::optional<std::string> grpc;
  std::optional<std::string> http;
  std::optional<std::string> ws;
};

EnvironmentValues read_endpoints(VariableReader& reader, Environment environment) {
  EnvironmentValues values;
  values.grpc = reader.read_endpoint(environment_variable(environment, "GRPC"), {});
  values.http = reader.read_endpoint(environment_variable(environment, "HTTP"), {"http", "https"});
  values.ws = reader.read_endpoint(environment_variable(environment, "WS"), {"ws", "wss"});
  return values;
}

void take_credentials(const VariableReader& reader, DatabaseConfig& config) {
  const auto api_key = reader.text(environment_variable(config.environment, "API_KEY"));
  const auto secret_key = reader.text(environment_variable(config.environment, "SECRET_KEY"));
  if (api_key) {
    config.credentials.api_key = std::string(*api_key);
    // The default password belongs to the default account: another account's secret comes from elsewhere.
    config.credentials.secret_key.reset();
  }
  if (secret_key) config.credentials.secret_key = std::string(*secret_key);
}

Error invalid_config(std::vector<Violation> violations) {
  Error error{ErrorCode::InvalidConfig, "The configuration of KurrentDB is not valid."};
  for (const Violation& violation : violations) error.message += " " + violation.field + ": " + violation.problem;
  error.violations = std::move(violations);
  return error;
}

}  // namespace

}  // namespace config

Result<DatabaseConfig> config_from_variables(const Variables& variables, std::optional<Environment> environment) {
  using config::environment_variable;
  const std::string prefix(config::kPrefix);
  config::VariableReader reader(variables);

  Environment chosen = Environment::Dev;
  const std::string environment_name = prefix + "ENVIRONMENT";
  if (const auto text = reader.text(environment_name)) {
    const auto named = parse_environment(*text);
    if (!named) reader.reject(environment_name, *text, "dev, staging, test or mainnet (also development, production)");
    chosen = named.value_or(chosen);
  }
  chosen = environment.value_or(chosen);

  DatabaseConfig result = default_config(chosen);
  reader.read_flag(prefix + "ENABLED", result.enabled);
  reader.read_number(prefix + "SYNC_INTERVAL", 1, "a whole number of milliseconds", result.sync_interval_ms);
  reader.read_number(prefix + "MAX_RETRIES", 0, "a whole number", result.max_retries);
  reader.read_number(prefix + "TIMEOUT", 1, "a whole number of milliseconds", result.timeout_ms);
  // Every environment is checked, so that switching later brings no surprise.
  for (const Environment each : config::kEnvironments) {
    config::EnvironmentValues endpoints = config::read_endpoints(reader, each);
    if (each != chosen) continue;
    if (endpoints.grpc) result.endpoints.grpc = std::move(*endpoints.grpc);
    if (endpoints.http) result.endpoints.http = std::move(*endpoints.http);
    if (endpoints.ws) result.endpoints.ws = std::move(endpoints.ws);
  }
  config::take_credentials(reader, result);

  std::vector<Violation> violations = reader.take_violations();
  if (!violations.empty()) return config::invalid_config(std::move(violations));
  return result;
}

}  // namespace kurrentlite
