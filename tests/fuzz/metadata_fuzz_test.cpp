// Stream metadata of every kind: what hides events and who may do what are read by one set of rules (reference: streams
// 3.9), so both are void or neither is; and an independent reading over nlohmann/json comes to the same result.
#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "engine/access.hpp"
#include "engine/stream_metadata.hpp"

namespace kurrentlite {
namespace {

std::uint64_t seed_of_run() {
  const char* given = std::getenv("KURRENTLITE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

std::string pick(Prng& prng, const std::vector<const char*>& from) { return from[prng.below(from.size())]; }

std::string random_roles(Prng& prng) {
  if (prng.chance(0.05)) return pick(prng, {"null", "1", "{}", "[1]", "[null]", "[[\"a\"]]", "true"});
  static const std::vector<const char*> kRoles = {R"("$all")", R"("$admins")", R"("anna")", R"("")", R"("\u00fc")"};
  if (prng.chance(0.5)) return pick(prng, kRoles);
  std::string list = "[";
  for (std::uint64_t roles = prng.below(3); roles > 0; --roles) list += pick(prng, kRoles) + (roles > 1 ? " , " : "");
  return list + "]";
}

std::string random_acl(Prng& prng) {
  if (prng.chance(0.05)) return pick(prng, {"null", "\"$userStreamAcl\"", "[]", "1", "false"});
  std::string acl = "{";
  for (const char* key : {"$r", "$w", "$d", "$mr", "$mw", "$x"}) {
    if (!prng.chance(key[1] == 'x' ? 0.02 : 0.4)) continue;
    acl += (acl.size() > 1 ? ",\"" : "\"") + std::string(key) + "\":" + random_roles(prng);
  }
  return acl + "}";
}

std::string random_number(Prng& prng) {
  if (prng.chance(0.1)) return pick(prng, {"\"1\"", "null", "true", "{}", "[1]", "1.0", "1e2", "2.5", "1E400"});
  return pick(prng, {"0", "1", "7", "-1", "-0", "3600", "922337203685", "922337203686", "-922337203686",
                     "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"});
}

/// An object in which no key comes twice.
std::string random_metadata(Prng& prng) {
  std::string text = "{";
  const auto member = [&](const char* key, const std::string& value) {
    text += (text.size() > 1 ? " ,\"" : "\"") + std::string(key) + "\" : " + value;
  };
  if (prng.chance(0.4)) member("$maxCount", random_number(prng));
  if (prng.chance(0.3)) member("$maxAge", random_number(prng));
  if (prng.chance(0.5)) member("$acl", random_acl(prng));
  if (prng.chance(0.2)) member("$tmp", prng.chance(0.8) ? "true" : random_number(prng));
  if (prng.chance(0.4)) member(prng.chance(0.5) ? "$tb" : "\\u0024tb", random_number(prng));
  if (prng.chance(0.2)) member("$cacheControl", random_number(prng));
  if (prng.chance(0.3)) member("mine", prng.chance(0.5) ? random_acl(prng) : random_number(prng));
  return text + "}";
}

// ---- the independent reading

using Json = nlohmann::json;

struct Reading {
  bool is_void = false;
  Retention retention;
  Acl acl;
};

std::uint64_t number(const Json& value, std::int64_t least, std::uint64_t most, Reading& reading) {
  if (value.is_number_float() || !value.is_number_integer()) return reading.is_void = true, 0;
  if (value.is_number_unsigned()) {
    const auto positive = value.get<std::uint64_t>();
    if (positive > most) reading.is_void = true;
    return positive >= static_cast<std::uint64_t>(least) ? positive : 0;
  }
  if (value.get<std::int64_t>() < -static_cast<std::int64_t>(most) - (most == kDeletedRevision ? 1 : 0)) {
    reading.is_void = true;
  }
  return 0;
}

std::optional<Roles> roles(const Json& acl, const char* key, Reading& reading) {
  if (!acl.contains(key)) return std::nullopt;
  const Json& value = acl[key];
  if (value.is_string()) return Roles{value.get<std::string>()};
  Roles list;
  if (!value.is_array()) reading.is_void = true;
  for (const Json& role : value) {
    if (role.is_string()) {
      list.push_back(role.get<std::string>());
    } else {
      reading.is_void = true;
    }
  }
  return list;
}

Reading read_independently(const std::string& text) {
  constexpr std::uint64_t kSecondsMax = 922'337'203'685;
  Reading reading;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return reading.is_void = true, reading;
  for (const auto& [key, value] : json.items()) {
    if (key == "$maxCount") reading.retention.max_count = number(value, 1, kDeletedRevision, reading);
    if (key == "$tb") reading.retention.truncate_before = number(value, 0, kDeletedRevision, reading);
    if (key == "$maxAge") reading.retention.max_age_s = number(value, 1, kSecondsMax, reading);
    if (key == "$cacheControl") (void)number(value, 1, kSecondsMax, reading);
    if (key == "$tmp" && !value.is_boolean()) reading.is_void = true;
    if (key != "$acl") continue;
    if (!value.is_object()) return reading.is_void = true, reading;
    for (const auto& [acl_key, list] : value.items()) {
      const bool known = acl_key == "$r" || acl_key == "$w" || acl_key == "$d" || acl_key == "$mr" || acl_key == "$mw";
      if (!known) reading.is_void = true;
    }
    reading.acl = {roles(value, "$r", reading), roles(value, "$w", reading), roles(value, "$d", reading),
                   roles(value, "$mr", reading), roles(value, "$mw", reading)};
  }
  return reading;
}

void expect_retention(const Retention& actual, const Retention& expected) {
  ASSERT_EQ(actual.truncate_before, expected.truncate_before);
  ASSERT_EQ(actual.max_count, expected.max_count);
  ASSERT_EQ(actual.max_age_s, expected.max_age_s);
}

TEST(MetadataFuzz, AgreesWithAnIndependentReading) {
  Prng prng(seed_of_run());
  int voids = 0;
  int lists = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = random_metadata(prng);
    if (text.find("1E400") != std::string::npos) continue;  // no number to nlohmann/json
    SCOPED_TRACE(text);
    const Reading expected = read_independently(text);
    ASSERT_EQ(read_stream_metadata(ContentType::Json, text).has_value(), !expected.is_void);
    expect_retention(parse_retention(ContentType::Json, text), expected.is_void ? Retention{} : expected.retention);
    const Acl acl = parse_acl(ContentType::Json, text);
    ASSERT_EQ(acl, expected.is_void ? Acl{} : expected.acl);
    voids += expected.is_void ? 1 : 0;
    lists += acl == Acl{} ? 0 : 1;
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(voids, 3'000);
  EXPECT_GT(lists, 3'000);
}

TEST(MetadataFuzz, BothAreVoidOrNeitherIs) {
  Prng prng(seed_of_run() + 1);
  static const std::string kBytes = "{}[]\":,$0129-+.eE\\u \ntruefalsn\x80\xff";
  // Last of their keys, these two show whether the text was taken.
  static const std::string kMark = R"("$tb":5,"$acl":{"$r":"mark"}})";
  int taken = 0;
  int refused = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = random_metadata(prng);
    for (std::uint64_t changes = prng.below(3); changes > 0; --changes) {
      const std::uint64_t at = prng.below(text.size());
      const std::uint64_t kind = prng.below(4);
      const char byte = kBytes[prng.below(kBytes.size())];
      if (kind == 0) text[at] = byte;
      if (kind == 1) text.insert(at, 1, byte);
      if (kind == 2) text.erase(at, 1 + prng.below(3));
      if (kind == 3) text.insert(at, text.substr(prng.below(text.size()), prng.below(12)));
      if (text.empty()) text = "{";
    }
    text.pop_back();
    text += (text.size() > 1 ? "," : "") + kMark;
    SCOPED_TRACE(::testing::PrintToString(text));
    const Retention retention = parse_retention(ContentType::Json, text);
    const Acl acl = parse_acl(ContentType::Json, text);
    const bool has_list = acl == Acl{Roles{"mark"}, {}, {}, {}, {}};
    ASSERT_EQ(retention.truncate_before == 5, has_list);
    ASSERT_TRUE(has_list || acl == Acl{});
    expect_retention(parse_retention(ContentType::Binary, text), Retention{});
    ASSERT_EQ(parse_acl(ContentType::Binary, text), Acl{});
    (void)parse_default_acls(text);
    (has_list ? taken : refused) += 1;
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(taken, 5'000);
  EXPECT_GT(refused, 5'000);
}

TEST(MetadataFuzz, DefaultListsAreVoidAsAWhole) {
  Prng prng(seed_of_run() + 2);
  for (int round = 0; round < 15'000; ++round) {
    const std::string users = random_acl(prng);
    const std::string systems = random_acl(prng);
    SCOPED_TRACE(users + " " + systems);
    const Reading first = read_independently("{\"$acl\":" + users + "}");
    const Reading second = read_independently("{\"$acl\":" + systems + "}");
    const DefaultAcls read =
        parse_default_acls("{\"$userStreamAcl\":" + users + ",\"$systemStreamAcl\":" + systems + "}");
    const bool is_void = first.is_void || second.is_void;
    ASSERT_EQ(read, is_void ? DefaultAcls{} : (DefaultAcls{first.acl, second.acl}));
  }
}

}  // namespace
}  // namespace kurrentlite
