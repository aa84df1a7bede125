// Environments, VITE_KURRENT_DB_* variables, and what is said about bad or dangerous ones.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "config/endpoint.hpp"
#include "config/variables.hpp"
#include "kurrentlite/config.hpp"

namespace kurrentlite {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

DatabaseConfig parsed(const Variables& variables, std::optional<Environment> environment = std::nullopt) {
  const Result<DatabaseConfig> config = config_from_variables(variables, environment);
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().message);
  return config.ok() ? *config : DatabaseConfig{};
}

/// The only violation of a set of variables.
Violation only_violation(const Variables& variables) {
  const Result<DatabaseConfig> config = config_from_variables(variables);
  if (config.ok()) return {"", "was accepted"};
  EXPECT_EQ(config.error().code, ErrorCode::InvalidConfig);
  EXPECT_THAT(config.error().violations, SizeIs(1));
  return config.error().violations.front();
}

bool accepts(const std::string& name, const std::string& value) {
  return config_from_variables({{"VITE_KURRENT_DB_" + name, value}}).ok();
}

TEST(Config, EachEnvironmentHasItsDefaults) {
  struct Expected {
    Environment environment;
    const char* name;
    std::uint32_t sync_interval_ms, max_retries, timeout_ms;
    const char* endpoint;
  };
  for (const Expected& expected : {Expected{Environment::Dev, "dev", 5000, 3, 30000, "localhost:2113"},
                                   Expected{Environment::Staging, "staging", 10000, 5, 45000, "localhost:2114"},
                                   Expected{Environment::Test, "test", 3000, 2, 15000, "localhost:2115"},
                                   Expected{Environment::Mainnet, "mainnet", 15000, 10, 60000, "localhost:2116"}}) {
    SCOPED_TRACE(expected.name);
    const DatabaseConfig config = parsed({{"VITE_KURRENT_DB_ENVIRONMENT", expected.name}});
    EXPECT_EQ(config, default_config(expected.environment));
    EXPECT_STREQ(to_string(config.environment), expected.name);
    EXPECT_TRUE(config.enabled);
    EXPECT_EQ(config.sync_interval_ms, expected.sync_interval_ms);
    EXPECT_EQ(config.max_retries, expected.max_retries);
    EXPECT_EQ(config.timeout_ms, expected.timeout_ms);
    EXPECT_EQ(config.endpoints.grpc, expected.endpoint);
    EXPECT_EQ(config.endpoints.http, expected.endpoint);
    EXPECT_EQ(config.endpoints.ws, std::nullopt);
    EXPECT_EQ(config.authority(), expected.endpoint);
    EXPECT_EQ(config.call_credentials(), (Credentials{"admin", "changeit"}));
  }
}

TEST(Config, WithoutVariablesItIsDev) { EXPECT_EQ(parsed({}), default_config(Environment::Dev)); }

TEST(Config, EnvironmentsHaveOtherNames) {
  EXPECT_EQ(parse_environment("development"), Environment::Dev);
  EXPECT_EQ(parse_environment("production"), Environment::Mainnet);
  EXPECT_EQ(parse_environment("Staging"), Environment::Staging);
  EXPECT_EQ(parse_environment("prod"), std::nullopt);
  EXPECT_EQ(parse_environment(""), std::nullopt);
}

TEST(Config, VariablesReplaceDefaults) {
  const DatabaseConfig config = parsed({{"VITE_KURRENT_DB_ENABLED", "0"},
                                        {"VITE_KURRENT_DB_ENVIRONMENT", "production"},
                                        {"VITE_KURRENT_DB_SYNC_INTERVAL", "1"},
                                        {"VITE_KURRENT_DB_MAX_RETRIES", "0"},
                                        {"VITE_KURRENT_DB_TIMEOUT", "2147483647"},
                                        {"VITE_KURRENT_DB_MAINNET_GRPC", "Db.Example.com:443"},
                                        {"VITE_KURRENT_DB_MAINNET_HTTP", "https://db.example.com:8443"},
                                        {"VITE_KURRENT_DB_MAINNET_WS", "wss://db.example.com:9443"},
                                        {"VITE_KURRENT_DB_MAINNET_API_KEY", "ops"},
                                        {"VITE_KURRENT_DB_MAINNET_SECRET_KEY", "s3cret"}});
  EXPECT_FALSE(config.enabled);
  EXPECT_EQ(config.environment, Environment::Mainnet);
  EXPECT_EQ(config.sync_interval_ms, 1u);
  EXPECT_EQ(config.max_retries, 0u);
  EXPECT_EQ(config.timeout_ms, 2147483647u);
  EXPECT_EQ(config.endpoints,
            (Endpoints{"Db.Example.com:443", "https://db.example.com:8443", "wss://db.example.com:9443"}));
  EXPECT_EQ(config.authority(), "db.example.com:443");
  EXPECT_EQ(config.call_credentials(), (Credentials{"ops", "s3cret"}));
}

TEST(Config, OtherEnvironmentsValuesDoNotMatter) {
  const DatabaseConfig config =
      parsed({{"VITE_KURRENT_DB_STAGING_GRPC", "staging:1"}, {"VITE_KURRENT_DB_STAGING_API_KEY", "x"}});
  EXPECT_EQ(config, default_config(Environment::Dev));
}

TEST(Config, TheCallersEnvironmentWins) {
  const DatabaseConfig config =
      parsed({{"VITE_KURRENT_DB_ENVIRONMENT", "staging"}, {"VITE_KURRENT_DB_TEST_GRPC", "t:1"}}, Environment::Test);
  EXPECT_EQ(config.environment, Environment::Test);
  EXPECT_EQ(config.endpoints.grpc, "t:1");
  EXPECT_EQ(config.timeout_ms, 15000u);
}

TEST(Config, EmptyAndBlankValuesCountAsUnset) {
  EXPECT_EQ(parsed({{"VITE_KURRENT_DB_ENABLED", ""},
                    {"VITE_KURRENT_DB_ENVIRONMENT", "  "},
                    {"VITE_KURRENT_DB_TIMEOUT", ""},
                    {"VITE_KURRENT_DB_DEV_GRPC", "\t"},
                    {"VITE_KURRENT_DB_DEV_API_KEY", ""},
                    {"VITE_KURRENT_DB_DEV_SECRET_KEY", ""}}),
            default_config(Environment::Dev));
}

TEST(Config, WhiteSpaceAroundValuesIsIgnoredAndTheLastValueWins) {
  const DatabaseConfig config =
      parsed({{"VITE_KURRENT_DB_TIMEOUT", "7"}, {"VITE_KURRENT_DB_TIMEOUT", " 8\r"}, {"OTHER", "x"}});
  EXPECT_EQ(config.timeout_ms, 8u);
}

TEST(Config, AnApiKeyOfOnesOwnDropsTheDefaultSecret) {
  EXPECT_EQ(parsed({{"VITE_KURRENT_DB_DEV_API_KEY", "me"}}).call_credentials(), std::nullopt);
  EXPECT_EQ(parsed({{"VITE_KURRENT_DB_DEV_SECRET_KEY", "new"}}).call_credentials(), (Credentials{"admin", "new"}));
}

TEST(Config, FlagsAreTrueFalse1Or0) {
  for (const char* good : {"true", "false", "1", "0"}) EXPECT_TRUE(accepts("ENABLED", good)) << good;
  for (const char* bad : {"yes", "TRUE", "2", "-1", "truefalse"}) EXPECT_FALSE(accepts("ENABLED", bad)) << bad;
}

TEST(Config, NumbersAreWholeAndInRange) {
  for (const char* name : {"SYNC_INTERVAL", "TIMEOUT", "MAX_RETRIES"}) {
    SCOPED_TRACE(name);
    for (const char* good : {"1", "007", "2147483647"}) EXPECT_TRUE(accepts(name, good)) << good;
    for (const char* bad :
         {"-1", "+1", "1.5", "1e3", "0x10", "5s", "2147483648", "99999999999999999999", "ten", "1 2"}) {
      EXPECT_FALSE(accepts(name, bad)) << bad;
    }
  }
  EXPECT_TRUE(accepts("MAX_RETRIES", "0"));
  EXPECT_FALSE(accepts("SYNC_INTERVAL", "0"));
  EXPECT_FALSE(accepts("TIMEOUT", "0"));
}

TEST(Config, EndpointsAreHostAndPort) {
  for (const char* good :
       {"localhost:2113", "a:1", "db-1.example.com:65535", "127.0.0.1:80", "[::1]:2113", "node_1:5"}) {
    EXPECT_TRUE(accepts("DEV_GRPC", good)) << good;
    EXPECT_TRUE(accepts("DEV_HTTP", good)) << good;
    EXPECT_TRUE(accepts("DEV_WS", good)) << good;
  }
  for (const char* bad : {"localhost", "localhost:", ":2113", "localhost:0", "localhost:65536", "localhost:123456",
                          "a b:1", "a:1/path", "a:+1", "a:1,b:2", "::1:2113", "[]:1", "[::1]", "[:::1", "-a:1", ".a:1",
                          "ä:1", "ftp://a:1", "kurrentdb://a:1"}) {
    EXPECT_FALSE(accepts("DEV_GRPC", bad)) << bad;
    EXPECT_FALSE(accepts("DEV_HTTP", bad)) << bad;
    EXPECT_FALSE(accepts("DEV_WS", bad)) << bad;
  }
}

TEST(Config, OnlyHttpAndWsEndpointsMayHaveASchemeOfTheirs) {
  EXPECT_TRUE(accepts("DEV_HTTP", "http://a:1"));
  EXPECT_TRUE(accepts("DEV_HTTP", "HTTPS://a:1"));
  EXPECT_TRUE(accepts("DEV_WS", "ws://a:1"));
  EXPECT_TRUE(accepts("DEV_WS", "wss://a:1"));
  EXPECT_FALSE(accepts("DEV_HTTP", "ws://a:1"));
  EXPECT_FALSE(accepts("DEV_WS", "http://a:1"));
  EXPECT_FALSE(accepts("DEV_GRPC", "http://a:1"));
}

TEST(Config, AViolationNamesVariableValueAndWhatIsAllowed) {
  EXPECT_EQ(only_violation({{"VITE_KURRENT_DB_ENABLED", "maybe"}}),
            (Violation{"VITE_KURRENT_DB_ENABLED", "\"maybe\" is not allowed; give true, false, 1 or 0."}));
  EXPECT_EQ(only_violation({{"VITE_KURRENT_DB_TIMEOUT", "0"}}),
            (Violation{"VITE_KURRENT_DB_TIMEOUT",
                       "\"0\" is not allowed; give a whole number of milliseconds from 1 to 2147483647."}));
  EXPECT_EQ(
      only_violation({{"VITE_KURRENT_DB_DEV_WS", "http://a:1"}}),
      (Violation{"VITE_KURRENT_DB_DEV_WS",
                 "\"http://a:1\" is not allowed; give host:port with a port from 1 to 65535, optionally after ws:// "
                 "or wss://."}));
  EXPECT_EQ(only_violation({{"VITE_KURRENT_DB_ENVIRONMENT", "prod"}}).problem,
            "\"prod\" is not allowed; give dev, staging, test or mainnet (also development, production).");
}

TEST(Config, EveryBadValueIsReportedAtOnce) {
  const Result<DatabaseConfig> config = config_from_variables({{"VITE_KURRENT_DB_TIMEOUT", "soon"},
                                                               {"VITE_KURRENT_DB_ENABLED", "maybe"},
                                                               {"VITE_KURRENT_DB_ENVIRONMENT", "moon"},
                                                               {"VITE_KURRENT_DB_SYNC_INTERVAL", "-5"},
                                                               {"VITE_KURRENT_DB_MAX_RETRIES", "many"},
                                                               {"VITE_KURRENT_DB_MAINNET_GRPC", "nowhere"},
                                                               {"VITE_KURRENT_DB_TEST_HTTP", "nowhere"},
                                                               {"VITE_KURRENT_DB_STAGING_WS", "nowhere"}});
  ASSERT_FALSE(config.ok());
  std::vector<std::string> fields;
  for (const Violation& violation : config.error().violations) {
    fields.push_back(violation.field);
    EXPECT_THAT(config.error().message, HasSubstr(violation.field + ": " + violation.problem));
  }
  EXPECT_THAT(fields,
              ElementsAre("VITE_KURRENT_DB_ENVIRONMENT", "VITE_KURRENT_DB_ENABLED", "VITE_KURRENT_DB_SYNC_INTERVAL",
                          "VITE_KURRENT_DB_MAX_RETRIES", "VITE_KURRENT_DB_TIMEOUT", "VITE_KURRENT_DB_STAGING_WS",
                          "VITE_KURRENT_DB_TEST_HTTP", "VITE_KURRENT_DB_MAINNET_GRPC"));
}

TEST(Config, SecretsAreNeverShown) {
  const Result<DatabaseConfig> config = config_from_variables({{"VITE_KURRENT_DB_DEV_GRPC", "admin:hunter2@host:2113"},
                                                               {"VITE_KURRENT_DB_DEV_SECRET_KEY", "hunter2"},
                                                               {"VITE_KURRENT_DB_DEV_API_KEY", "hunter2"}});
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(config.error().message, AllOf(HasSubstr("VITE_KURRENT_DB_DEV_GRPC"), Not(HasSubstr("hunter2"))));
  for (const std::string& warning : config_warnings({{"VITE_KURRENT_DB_STAGING_SECRET_KEY", "hunter2"}}, true)) {
    EXPECT_THAT(warning, Not(HasSubstr("hunter2")));
  }
}

TEST(Config, LongValuesAreCutBetweenCharacters) {
  std::string value = "x";
  for (int i = 0; i < 100; ++i) value += "ä";
  const std::string problem = only_violation({{"VITE_KURRENT_DB_TIMEOUT", value}}).problem;
  EXPECT_THAT(problem, HasSubstr("ä\"… is not allowed"));
  EXPECT_LT(problem.size(), 200u);
}

TEST(Config, AuthorityIsTheLowerCaseFirstHost) {
  EXPECT_EQ(config::authority_of("LocalHost:2113"), "localhost:2113");
  EXPECT_EQ(config::authority_of("localhost"), "localhost:2113");
  EXPECT_EQ(config::authority_of("[::1]"), "[::1]:2113");
  EXPECT_EQ(config::authority_of("kurrentdb://admin:changeit@A:1,b:2?tls=false"), "a:1");
  EXPECT_EQ(config::authority_of("kurrentdb+discover://cluster.local/?x"), "cluster.local:2113");
}

TEST(ConfigWarnings, AreRareByDefault) {
  EXPECT_THAT(config_warnings({}, true), IsEmpty());
  EXPECT_THAT(config_warnings({{"VITE_KURRENT_DB_TIMEOUT", "1"}, {"VITE_OTHER", "x"}, {"MODE", "dev"}}, true),
              IsEmpty());
}

TEST(ConfigWarnings, SecretsThatABrowserPublishesAreNamedOnce) {
  const Variables variables{{"VITE_KURRENT_DB_STAGING_SECRET_KEY", "a"},
                            {"VITE_KURRENT_DB_MAINNET_SECRET_KEY", "b"},
                            {"VITE_KURRENT_DB_DEV_SECRET_KEY", "c"}};
  EXPECT_THAT(config_warnings(variables, true),
              ElementsAre(AllOf(HasSubstr("VITE_KURRENT_DB_STAGING_SECRET_KEY and VITE_KURRENT_DB_MAINNET_SECRET_KEY"),
                                Not(HasSubstr("_DEV_")))));
  EXPECT_THAT(config_warnings(variables, false), IsEmpty());
  EXPECT_THAT(config_warnings({{"VITE_KURRENT_DB_STAGING_SECRET_KEY", " "}}, true), IsEmpty());
}

TEST(ConfigWarnings, UnknownNamesComeWithTheNearestKnownOne) {
  const std::vector<std::string> warnings = config_warnings({{"VITE_KURRENT_DB_TIMEOT", "1"},
                                                             {"VITE_KURRENT_DB_STAGING_GRPCC", "a:1"},
                                                             {"VITE_KURRENT_DB_MAX_RETRY", "1"},
                                                             {"VITE_KURRENT_DB_TIMEOT", "2"}},
                                                            false);
  EXPECT_THAT(warnings,
              ElementsAre(AllOf(HasSubstr("VITE_KURRENT_DB_TIMEOT "), HasSubstr("VITE_KURRENT_DB_TIMEOUT?")),
                          HasSubstr("VITE_KURRENT_DB_STAGING_GRPC?"), HasSubstr("VITE_KURRENT_DB_MAX_RETRIES?")));
}

TEST(ConfigWarnings, EveryKnownNameIsKnown) {
  EXPECT_THAT(config::known_variables(), SizeIs(25));
  for (const std::string& name : config::known_variables())
    EXPECT_THAT(config_warnings({{name, "1"}}, false), IsEmpty());
}

}  // namespace
}  // namespace kurrentlite
