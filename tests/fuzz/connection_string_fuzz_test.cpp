// Random and mutated connection strings: nothing crashes, every answer keeps its promises, and what is written down from
// settings reads back as the same settings. (tests/web compares random texts with the official client.)
#include <gmock/gmock.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/utf8.hpp"
#include "kurrentlite/connection_string.hpp"

namespace kurrentlite {
namespace {

std::uint64_t seed_of_run() {
  const char* given = std::getenv("KURRENTLITE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

using Choices = std::vector<std::string>;

const Choices kSchemes{"kurrentdb://", "kdb://", "kurrent+discover://", "esdb://", "kdb+discover://",
                       " kdb://",      "kdb:/"};
const Choices kNames{"admin", "u ", "p%40", "%zz", "\u00FC", " ", "a:b", "x@y", "%F0%9F%98%80", "%F0%9F", "+", "a/b"};
const Choices kHosts{"localhost", "h",   "10.0.0.1", "\u00FC.x", "\U0001F600", " h ",
                     "[::1]",     "::1", "a^b",      "",         "u@h",        "H"};
const Choices kPorts{"", "", ":2113", ":1", ":70000", ":65535", ":x", ":21x", ":", ": 5", ":0x1", ":-1", ":1:2"};
const Choices kKeys{"tls",
                    "TLS",
                    "tls_verify-cert",
                    "throwOnAppendFailure",
                    "connectionName",
                    "tlsCAFile",
                    "userCertFile",
                    "userKeyFile",
                    "max_discover_attempts",
                    "maxDiscoverAttempts",
                    "gossipTimeout",
                    "dnsDiscover",
                    "keepAliveTimeout",
                    "keep_alive_interval",
                    "nodePreference",
                    "x",
                    "%74ls",
                    "",
                    "default_deadline",
                    "discoveryInterval"};
const Choices kValues{"true",
                      "false",
                      "TRUE",
                      " true ",
                      "1",
                      "0",
                      "-1",
                      "-2",
                      "5",
                      "12000",
                      "1.5",
                      "3abc",
                      "0x10",
                      "leader",
                      "any",
                      "READ_only-replica",
                      "a%20b",
                      "%",
                      "%C3",
                      "a,b",
                      "x#y",
                      "",
                      "+4",
                      "-",
                      "99999999999999999999",
                      "-99999999999999999999",
                      "\u00E9",
                      "a=b",
                      "a@b"};
const Choices kTokens{"/",
                      ":",
                      "@",
                      "?",
                      "&",
                      "=",
                      ",",
                      " ",
                      "%",
                      "#",
                      "+",
                      "-",
                      "_",
                      ";",
                      "[",
                      "]",
                      "\t",
                      "\n",
                      "\x80",
                      "\u00A0",
                      "\xC3",
                      "\xFF",
                      "\xED\xA0\x80",
                      "kdb://"};

std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

/// A connection string that asks for exactly these settings.
std::string written(const ConnectionSettings& settings) {
  std::string text = settings.discover ? "kurrentdb+discover://" : "kurrentdb://";
  if (settings.credentials) {
    text += escaped(settings.credentials->login) + ":" + escaped(settings.credentials->password) + "@";
  }
  for (const NodeAddress& node : settings.hosts) {
    text += (&node == settings.hosts.data() ? "" : ",") + node.host + ":" + std::to_string(node.port);
  }
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  const auto option = [&](const char* key, const std::string& value) { text.append(key).append("=").append(value); };
  option("?tls", flag(settings.tls));
  option("&tlsVerifyCert", flag(settings.tls_verify_cert));
  option("&throwOnAppendFailure", flag(settings.throw_on_append_failure));
  option("&maxDiscoverAttempts", std::to_string(settings.max_discover_attempts));
  option("&discoveryInterval", std::to_string(settings.discovery_interval_ms));
  option("&gossipTimeout", std::to_string(settings.gossip_timeout_s));
  option("&nodePreference", to_string(settings.node_preference));
  option("&keepAliveInterval", std::to_string(settings.keep_alive_interval_ms));
  option("&keepAliveTimeout", std::to_string(settings.keep_alive_timeout_ms));
  option("&defaultDeadline", std::to_string(settings.default_deadline_ms));
  if (settings.tls_ca_file) option("&tlsCAFile", escaped(*settings.tls_ca_file));
  if (settings.user_cert_file) option("&userCertFile", escaped(*settings.user_cert_file));
  if (settings.user_key_file) option("&userKeyFile", escaped(*settings.user_key_file));
  if (settings.connection_name) option("&connectionName", escaped(*settings.connection_name));
  return text;
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : prng_(seed) {}

  std::string any_text() {
    std::string text = prng_.chance(0.1) ? soup() : prng_.chance(0.4) ? written(settings()) : connection_string();
    for (std::uint64_t edits = prng_.chance(0.6) ? prng_.below(3) + 1 : 0; edits > 0; --edits) edit(text);
    return text;
  }

  /// Settings that can be written down; numbers that both parsers take.
  ConnectionSettings settings() {
    ConnectionSettings made;
    made.discover = prng_.chance(0.3);
    for (std::uint64_t count = prng_.below(4) + 1; count > 0; --count) {
      made.hosts.push_back({pick({"localhost", "h", "10.0.0.1", "\u00FC.x", "\U0001F600", "a-b_c"}),
                            static_cast<std::uint16_t>(prng_.below(65'536))});
    }
    made.authority = made.hosts.front().host + ":" + std::to_string(made.hosts.front().port);
    if (prng_.chance(0.5)) made.credentials = Credentials{any_name(), any_name()};
    made.tls = prng_.chance(0.5);
    made.tls_verify_cert = prng_.chance(0.5);
    if (prng_.chance(0.3)) made.tls_ca_file = any_name();
    if (prng_.chance(0.3)) {
      made.user_cert_file = any_name();
      made.user_key_file = any_name();
    }
    if (prng_.chance(0.5)) made.connection_name = any_name();
    made.max_discover_attempts = number(0);
    made.discovery_interval_ms = number(0);
    made.gossip_timeout_s = number(0);
    made.node_preference = static_cast<NodePreference>(prng_.below(4));
    made.throw_on_append_failure = prng_.chance(0.5);
    made.keep_alive_interval_ms = prng_.chance(0.2) ? -1 : number(10'000);
    made.keep_alive_timeout_ms = number(-1);
    made.default_deadline_ms = number(1);
    return made;
  }

  Prng& prng() { return prng_; }

 private:
  std::string pick(const Choices& choices) { return choices[prng_.below(choices.size())]; }
  std::int64_t number(std::int64_t min) {
    return std::max(min, static_cast<std::int64_t>(prng_.next() >> (1 + prng_.below(63))));
  }
  /// One to eight characters of any kind.
  std::string any_name() {
    std::string name;
    for (std::uint64_t size = prng_.below(8) + 1; size > 0; --size) {
      utf8::append(name, static_cast<std::uint32_t>(prng_.below(prng_.chance(0.6) ? 0x80 : 0x11'0000)));
    }
    return name;
  }
  std::string connection_string() {
    std::string text = pick(kSchemes);
    if (prng_.chance(0.3)) text += pick(kNames) + ":" + pick(kNames) + "@";
    for (std::uint64_t count = prng_.below(3) + 1; count > 0; --count) {
      text += pick(kHosts) + pick(kPorts) + (count > 1 ? "," : "");
    }
    text += pick({"", "", "", "/", "//", " "});
    const std::uint64_t count = prng_.below(5);
    for (std::uint64_t index = 0; index < count; ++index) {
      text += (index == 0 ? "?" : "&") + pick(kKeys) + "=" + pick(kValues);
    }
    return text;
  }
  std::string soup() {
    std::string text = prng_.chance(0.5) ? "kdb://" : "";
    for (std::uint64_t count = prng_.below(12); count > 0; --count) {
      if (prng_.chance(0.5)) {
        text += pick(kTokens);
      } else {
        text.push_back(static_cast<char>(prng_.below(256)));
      }
    }
    return text;
  }
  void edit(std::string& text) {
    const std::size_t at = prng_.below(text.size() + 1);
    switch (prng_.below(5)) {
      case 0: text.insert(at, pick(kTokens)); return;
      case 1: text.resize(at); return;
      case 2: text.erase(at, prng_.below(4)); return;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(prng_.below(256));
        return;
      default: text.insert(at, text.substr(prng_.below(text.size() + 1), prng_.below(8))); return;
    }
  }

  Prng prng_;
};

/// Reads a copy that ends where its memory ends, so that the address sanitizer sees a step too far.
Result<ConnectionSettings> parse_bounded(const std::string& text) {
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  std::memcpy(exact.get(), text.data(), text.size());
  return parse_connection_string({exact.get(), text.size()});
}

void expect_promises_kept(const ConnectionSettings& settings) {
  ASSERT_FALSE(settings.hosts.empty());
  ASSERT_EQ(settings.authority,
            utf8::ascii_lower(settings.hosts.front().host) + ":" + std::to_string(settings.hosts.front().port));
  for (const NodeAddress& node : settings.hosts) {
    ASSERT_EQ(node.host.find_first_of("/?&=,:;"), std::string::npos);
    ASSERT_TRUE(utf8::valid(node.host));
  }
  ASSERT_GE(settings.keep_alive_interval_ms, -1);
  ASSERT_GE(settings.keep_alive_timeout_ms, -1);
  ASSERT_GT(settings.default_deadline_ms, 0);
  ASSERT_EQ(settings.user_cert_file.has_value(), settings.user_key_file.has_value());
  for (const auto& text : {settings.connection_name, settings.tls_ca_file, settings.user_cert_file}) {
    ASSERT_TRUE(utf8::valid(text.value_or("")));
  }
}

void expect_promises_kept(const Error& error, const std::string& text) {
  ASSERT_EQ(error.code, ErrorCode::InvalidArgument);
  ASSERT_EQ(error.text("field"), "connectionString");
  ASSERT_TRUE(utf8::valid(error.message));
  ASSERT_FALSE(error.message.empty() && !text.empty());
  const auto from = error.number("from");
  const auto to = error.number("to");
  ASSERT_EQ(from.has_value(), to.has_value());
  if (!from) return;
  ASSERT_LE(*from, *to);
  ASSERT_LE(*to, utf8::utf16_length(text));
  ASSERT_NE(error.message.find(" at position " + std::to_string(*from) + ", expected "), std::string::npos);
}

TEST(ConnectionStringFuzz, AnyTextIsReadOrRefused) {
  Generator generator(seed_of_run());
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 100'000; ++round) {
    const std::string text = generator.any_text();
    SCOPED_TRACE("replay: KURRENTLITE_SEED=" + std::to_string(seed_of_run()) + ", round " + std::to_string(round) +
                 ", text " + testing::PrintToString(text));
    const Result<ConnectionSettings> settings = parse_bounded(text);
    if (settings) {
      expect_promises_kept(*settings);
      ++accepted;
    } else {
      expect_promises_kept(settings.error(), text);
      ++refused;
    }
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(accepted, 5'000);
  EXPECT_GT(refused, 50'000);
}

TEST(ConnectionStringFuzz, WrittenSettingsReadBack) {
  Generator generator(seed_of_run() + 1);
  for (int round = 0; round < 10'000; ++round) {
    const ConnectionSettings settings = generator.settings();
    const std::string text = written(settings);
    SCOPED_TRACE("replay: KURRENTLITE_SEED=" + std::to_string(seed_of_run()) + ", round " + std::to_string(round) +
                 ", text " + text);
    const Result<ConnectionSettings> read = parse_bounded(text);
    ASSERT_TRUE(read.ok()) << read.error().message;
    ASSERT_EQ(*read, settings);
    // Slashes and white space around, a repeated option and an unknown one change nothing but the warnings.
    Result<ConnectionSettings> padded =
        parse_bounded("\t " + text + "&tls=" + (settings.tls ? "true" : "false") + "&x=1/ \n");
    ASSERT_TRUE(padded.ok()) << padded.error().message;
    ASSERT_EQ(padded->warnings.size(), 1U);
    padded->warnings.clear();
    ASSERT_EQ(*padded, settings);
  }
}

}  // namespace
}  // namespace kurrentlite
