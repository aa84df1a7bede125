// The accounts of a fresh database (reference: streams 3.7, last paragraph, and 3.13).
#include "engine/users.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "unit/engine_support.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ManualClock;
using ::testing::Not;

// ---- PBKDF2 with HMAC-SHA-1 (RFC 8018), as small as it gets, to prove that the stored hashes are real ones.

using Digest = std::array<std::uint8_t, 20>;

std::uint32_t rotate(std::uint32_t value, unsigned by) { return value << by | value >> (32U - by); }

Digest sha1(std::string text) {
  const std::uint64_t bits = text.size() * 8;
  text.push_back('\x80');
  while (text.size() % 64 != 56) text.push_back('\0');
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(bits >> shift));
  std::array<std::uint32_t, 5> h = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t block = 0; block < text.size(); block += 64) {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t i = 0; i < 64; ++i) w[i / 4] = w[i / 4] << 8U | static_cast<std::uint8_t>(text[block + i]);
    for (std::size_t i = 16; i < 80; ++i) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = h;
    for (std::size_t i = 0; i < 80; ++i) {
      const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                                  : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                                  : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                           : (b ^ c ^ d) + 0xCA62C1D6;
      const std::uint32_t next = rotate(a, 5) + mixed + e + w[i];
      e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
  }
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(h[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

std::string as_text(const Digest& digest) { return std::string(digest.begin(), digest.end()); }

Digest hmac(const std::string& key, const std::string& text) {
  std::string inner(64, '\x36');
  std::string outer(64, '\x5c');
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  return sha1(outer + as_text(sha1(inner + text)));
}

std::string pbkdf2(const std::string& password, const std::string& salt, int rounds) {
  Digest round = hmac(password, salt + std::string("\0\0\0\1", 4));
  Digest sum = round;
  for (int i = 1; i < rounds; ++i) {
    round = hmac(password, as_text(round));
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] = static_cast<std::uint8_t>(sum[j] ^ round[j]);
  }
  return as_text(sum);
}

std::string from_base64(std::string_view text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char digit : text) {
    if (digit == '=') break;
    bits = bits << 6U | static_cast<std::uint32_t>(kDigits.find(digit));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held & 0xFFU));
  }
  return bytes;
}

TEST(Pbkdf2, AgreesWithTheTestVectorsOfRfc6070) {
  EXPECT_EQ(pbkdf2("password", "salt", 1), from_base64("DGDID5YfDnHzqbUkr2ASBi/gN6Y="));
  EXPECT_EQ(pbkdf2("password", "salt", 2), from_base64("6mwBTcctb4zNHtkqzh1B8NjeiVc="));
}

// ---- accounts

TEST(Authenticate, KnowsTheDefaultAccounts) {
  const Result<Principal> admin = authenticate({"admin", "changeit"});
  ASSERT_TRUE(admin);
  EXPECT_EQ(admin->login, "admin");
  EXPECT_THAT(admin->groups, ElementsAre("$admins"));
  EXPECT_TRUE(is_administrator(*admin));
  const Result<Principal> ops = authenticate({"ops", "changeit"});
  ASSERT_TRUE(ops);
  EXPECT_THAT(ops->groups, ElementsAre("$ops"));
  EXPECT_FALSE(is_administrator(*ops));
}

TEST(Authenticate, RefusesEverythingElseWithoutRepeatingThePassword) {
  for (const Credentials& wrong :
       {Credentials{"admin", "hunter2!"}, Credentials{"admin", ""}, Credentials{"admin", "Changeit"},
        Credentials{"admin", "changeit "}, Credentials{"Admin", "changeit"}, Credentials{"", "changeit"},
        Credentials{"anna", "hunter2!"}, Credentials{std::string("admin\0", 6), "changeit"}, Credentials{"", ""}}) {
    const Result<Principal> refused = authenticate(wrong);
    ASSERT_FALSE(refused) << wrong.login;
    EXPECT_EQ(refused.error().code, ErrorCode::AccessDenied);
    EXPECT_THAT(refused.error().message, HasSubstr("\"" + wrong.login + "\""));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("hunter2!")));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("changeit")));
  }
}

// ---- events

class FreshDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const SystemEvent& each : fresh_database_events()) {
      ASSERT_TRUE(engine_.append(each.stream, {&each.event, 1}, Any{})) << each.stream;
    }
  }
  ManualClock clock_;
  Engine engine_{clock_};
};

TEST_F(FreshDatabase, HoldsTheAccountsInTheServersOrder) {
  std::vector<std::string> lines;
  std::set<std::string> ids;
  for (const RecordedEvent& each : testing::everything(engine_)) {
    lines.push_back(each.stream + "@" + std::to_string(each.revision.value) + " " + each.type +
                    (each.content_type == ContentType::Json ? " json" : " binary"));
    ids.insert(each.id.to_string());
    EXPECT_TRUE(each.metadata.empty());
    EXPECT_EQ(each.id.bytes[6] >> 4U, 4) << "a random-style id";
  }
  EXPECT_THAT(lines, ElementsAre("$$$user-admin@0 $metadata json", "$$$user-ops@0 $metadata json",
                                 "$user-admin@0 $UserCreated json", "$user-ops@0 $UserCreated json",
                                 "$users@0 $User binary", "$users@1 $User binary"));
  EXPECT_EQ(ids.size(), lines.size());
  EXPECT_EQ(testing::read(engine_, "$users").at(0).data, "admin");
  EXPECT_EQ(testing::read(engine_, "$users").at(1).data, "ops");
}

TEST_F(FreshDatabase, IsTheSameEveryTime) {
  Engine other(clock_);
  for (const SystemEvent& each : fresh_database_events()) {
    ASSERT_TRUE(other.append(each.stream, {&each.event, 1}, Any{}));
  }
  EXPECT_EQ(testing::contents(engine_), testing::contents(other));
}

TEST_F(FreshDatabase, StoresAccountsAsTheServerDoes) {
  for (const Account& account : default_accounts()) {
    const std::vector<RecordedEvent> created = testing::read(engine_, "$user-" + std::string(account.login));
    ASSERT_EQ(created.size(), 1u);
    const std::string& text = created[0].data;
    ASSERT_FALSE(json::check(text)) << text;
    const json::Value user(text);
    std::vector<std::string> keys;
    for (const json::Member& member : user.members()) keys.push_back(member.key);
    EXPECT_THAT(keys, ElementsAre("loginName", "fullName", "groups", "hash", "salt"));
    EXPECT_EQ(user.find("loginName")->string(), account.login);
    EXPECT_EQ(user.find("fullName")->string(), account.full_name);
    ASSERT_EQ(user.find("groups")->elements().size(), 1u);
    EXPECT_EQ(user.find("groups")->elements()[0].string(), account.group);
    const std::string salt = from_base64(*user.find("salt")->string());
    EXPECT_EQ(salt.size(), 16u);
    EXPECT_EQ(pbkdf2(std::string(account.password), salt, 1000), from_base64(*user.find("hash")->string()));
    EXPECT_TRUE(authenticate({std::string(account.login), std::string(account.password)}));
  }
}

TEST_F(FreshDatabase, OnlyAdministratorsTouchTheAccounts) {
  const Principal admin = authenticate({"admin", "changeit"}).value();
  const Principal ops = authenticate({"ops", "changeit"}).value();
  const Acl expected{{}, Roles{"$admins"}, Roles{"$admins"}, {}, Roles{"$admins"}};
  for (const char* stream : {"$user-admin", "$user-ops"}) {
    const std::vector<RecordedEvent> metadata = testing::read(engine_, "$$" + std::string(stream));
    ASSERT_EQ(metadata.size(), 1u);
    EXPECT_EQ(parse_acl(metadata[0].content_type, metadata[0].data), expected);
    EXPECT_TRUE(check_access(engine_, admin, stream, Action::Write));
    EXPECT_FALSE(check_access(engine_, ops, stream, Action::Write));
    EXPECT_FALSE(check_access(engine_, ops, stream, Action::Read));
  }
}

}  // namespace
}  // namespace kurrentlite
