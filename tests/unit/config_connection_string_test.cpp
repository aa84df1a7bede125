// Connection strings in C++: the table that TypeScript reads, too, and what the table cannot hold.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kurrentlite/connection_string.hpp"
#include "support/result_matchers.hpp"

namespace kurrentlite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::json;

const Json& table() {
  static const Json parsed = [] {
    std::ifstream file(KURRENTLITE_CONNECTION_STRINGS);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return Json::parse(text, nullptr, false);
  }();
  return parsed;
}

/// Settings in the words of the table; those without a value are absent.
Json in_words(const ConnectionSettings& settings) {
  Json words = {{"authority", settings.authority},
                {"hosts", Json::array()},
                {"discover", settings.discover},
                {"tls", settings.tls},
                {"tlsVerifyCert", settings.tls_verify_cert},
                {"maxDiscoverAttempts", settings.max_discover_attempts},
                {"discoveryInterval", settings.discovery_interval_ms},
                {"gossipTimeout", settings.gossip_timeout_s},
                {"nodePreference", to_string(settings.node_preference)},
                {"throwOnAppendFailure", settings.throw_on_append_failure},
                {"keepAliveInterval", settings.keep_alive_interval_ms},
                {"keepAliveTimeout", settings.keep_alive_timeout_ms},
                {"defaultDeadline", settings.default_deadline_ms}};
  for (const NodeAddress& node : settings.hosts) words["hosts"].push_back(Json::array({node.host, node.port}));
  if (settings.credentials) {
    words["credentials"] = Json::array({settings.credentials->login, settings.credentials->password});
  }
  if (settings.tls_ca_file) words["tlsCAFile"] = *settings.tls_ca_file;
  if (settings.user_cert_file) words["userCertFile"] = *settings.user_cert_file;
  if (settings.user_key_file) words["userKeyFile"] = *settings.user_key_file;
  if (settings.connection_name) words["connectionName"] = *settings.connection_name;
  return words;
}

Json warnings_of(const Json& each) { return each.contains("warnings") ? each["warnings"] : Json::array(); }

TEST(ConnectionString, IsAcceptedAsTheTableSays) {
  ASSERT_FALSE(table().is_discarded()) << KURRENTLITE_CONNECTION_STRINGS;
  ASSERT_GT(table()["accepted"].size(), 70U);
  for (const Json& each : table()["accepted"]) {
    const auto text = each["text"].get<std::string>();
    SCOPED_TRACE(text);
    const Result<ConnectionSettings> settings = parse_connection_string(text);
    if (!settings) {
      ADD_FAILURE() << settings.error().message;
      continue;
    }
    Json expected = table()["defaults"];
    expected.update(each["settings"]);
    EXPECT_EQ(in_words(*settings), expected);
    EXPECT_EQ(Json(settings->warnings), warnings_of(each));
  }
}

TEST(ConnectionString, IsRefusedAsTheTableSays) {
  ASSERT_FALSE(table().is_discarded()) << KURRENTLITE_CONNECTION_STRINGS;
  ASSERT_GT(table()["refused"].size(), 100U);
  for (const Json& each : table()["refused"]) {
    const auto text = each["text"].get<std::string>();
    SCOPED_TRACE(text);
    const Result<ConnectionSettings> settings = parse_connection_string(text);
    if (settings) {
      ADD_FAILURE() << "was accepted: " << in_words(*settings);
      continue;
    }
    const Error& error = settings.error();
    EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
    EXPECT_EQ(error.message, each["message"].get<std::string>());
    EXPECT_EQ(error.text("field"), "connectionString");
    const bool has_place = each.contains("location");
    EXPECT_EQ(error.number("from").has_value(), has_place);
    if (!has_place) continue;
    EXPECT_EQ(Json::array({error.number("from").value_or(0), error.number("to").value_or(0)}), each["location"]);
    EXPECT_THAT(error.message, HasSubstr(", expected " + error.text("expected") + "."));
  }
}

/// The settings of a text that must be accepted.
ConnectionSettings settings_of(std::string_view text) {
  const Result<ConnectionSettings> settings = parse_connection_string(text);
  EXPECT_THAT(settings, IsOk()) << text;
  return settings ? *settings : ConnectionSettings{};
}

std::string refusal_of(std::string_view text) {
  const Result<ConnectionSettings> settings = parse_connection_string(text);
  return settings ? "was accepted" : settings.error().message;
}

TEST(ConnectionString, FillsInTheDocumentedDefaults) {
  const ConnectionSettings settings = settings_of("kurrentdb://db.example");
  ConnectionSettings expected;
  expected.authority = "db.example:2113";
  expected.hosts = {{"db.example", 2113}};
  EXPECT_EQ(settings, expected);
}

TEST(ConnectionString, NamesFilesWithoutOpeningThem) {
  const ConnectionSettings settings =
      settings_of("kdb://h?tlsCAFile=/no/ca.crt&userCertFile=no%20such.crt&userKeyFile=no.key");
  EXPECT_EQ(settings.tls_ca_file, "/no/ca.crt");
  EXPECT_EQ(settings.user_cert_file, "no such.crt");
  EXPECT_EQ(settings.user_key_file, "no.key");
}

TEST(ConnectionString, OfBytesThatAreNoTextIsRefused) {
  for (const std::string_view text : {"\xFF", "kdb://\xC3", "kdb://h?connectionName=\xED\xA0\x80", "kdb://u:\x80@h"}) {
    EXPECT_THAT(parse_connection_string(text), FailsWith(ErrorCode::InvalidArgument));
    EXPECT_EQ(refusal_of(text), "The connection string is not valid UTF-8.");
  }
}

TEST(ConnectionString, MayHoldNulInItsName) {
  using namespace std::string_view_literals;
  EXPECT_EQ(settings_of("kdb://h?connectionName=a%00b"sv).connection_name, "a\0b"sv);
  EXPECT_EQ(settings_of("kdb://h?connectionName=a\0b"sv).connection_name, "a\0b"sv);
  EXPECT_EQ(refusal_of("kdb://a\0b"sv), "kdb://a\0b"sv);
}

TEST(ConnectionString, ShowsNoHalfOfACharacter) {
  EXPECT_THAT(refusal_of("\U0001F600"), HasSubstr("Unexpected \"\uFFFD\" at position 0, expected kurrentdb://"));
  EXPECT_EQ(refusal_of("kdb:// :a/\U0001F600:-1"),
            "Unexpected \"\uFFFD:-1\" at position 11, expected , or ?key=value.");
}

TEST(ConnectionString, HoldsNumbersOfAnySize) {
  const ConnectionSettings settings =
      settings_of("kdb://h?max_discover_attempts=99999999999999999999&discovery_interval=-99999999999999999999");
  EXPECT_EQ(settings.max_discover_attempts, INT64_MAX);
  EXPECT_EQ(settings.discovery_interval_ms, -INT64_MAX);
  EXPECT_EQ(settings_of("kdb://h?gossipTimeout=18446744073709551615").gossip_timeout_s, INT64_MAX);
}

TEST(ConnectionString, KeepsItsWarningsInOrder) {
  const ConnectionSettings settings = settings_of("esdb://h?keepAliveInterval=5&x=1");
  EXPECT_THAT(settings.warnings,
              ElementsAre(HasSubstr("'esdb'"), HasSubstr("\"x\""), HasSubstr("KeepAliveInterval of 5")));
  EXPECT_THAT(settings_of("kdb://h?keepAliveInterval=10000").warnings, IsEmpty());
}

TEST(ConnectionString, MayBeLong) {
  std::string hosts = "kdb://h0";
  for (int index = 1; index < 20'000; ++index) hosts += ",h" + std::to_string(index);
  EXPECT_EQ(settings_of(hosts).hosts.size(), 20'000U);
  for (const std::string_view part : {"/", ":", "a:", "@", "?", ","}) {
    std::string text = "kdb://h";
    for (int index = 0; index < 200'000; ++index) text += part;
    EXPECT_THAT(parse_connection_string(text + ";"), FailsWith(ErrorCode::InvalidArgument)) << part;
  }
}

}  // namespace
}  // namespace kurrentlite
