// The accounts of a fresh database (reference: streams 3.7, last paragraph, and 3.13).
#include "engine/users.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/sha1.hpp"
#include "engine/password_memo.hpp"
#include "unit/engine_support.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ManualClock;
using ::testing::Not;

// ---- accounts

/// On a database that holds their accounts, and on one that holds nothing.
class DefaultAccounts : public ::testing::TestWithParam<bool> {
 protected:
  ManualClock clock_;
  Engine engine_{clock_, {.fresh_events = GetParam()}};
};

INSTANTIATE_TEST_SUITE_P(Engine, DefaultAccounts, ::testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Stored" : "Absent"; });

TEST_P(DefaultAccounts, AreKnown) {
  const Result<Principal> admin = authenticate(engine_, {"admin", "changeit"});
  ASSERT_TRUE(admin);
  EXPECT_EQ(admin->login, "admin");
  EXPECT_THAT(admin->groups, ElementsAre("$admins"));
  EXPECT_TRUE(is_administrator(*admin));
  const Result<Principal> ops = authenticate(engine_, {"ops", "changeit"});
  ASSERT_TRUE(ops);
  EXPECT_THAT(ops->groups, ElementsAre("$ops"));
  EXPECT_FALSE(is_administrator(*ops));
}

TEST_P(DefaultAccounts, NobodyElseIsAndNoPasswordIsRepeated) {
  for (const Credentials& wrong :
       {Credentials{"admin", "hunter2!"}, Credentials{"admin", ""}, Credentials{"admin", "Changeit"},
        Credentials{"admin", "changeit "}, Credentials{"Admin", "changeit"}, Credentials{"", "changeit"},
        Credentials{"anna", "hunter2!"}, Credentials{std::string("admin\0", 6), "changeit"}, Credentials{"", ""}}) {
    const Result<Principal> refused = authenticate(engine_, wrong);
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
    EXPECT_EQ(user.find("salt")->string(), account.salt);
    EXPECT_EQ(user.find("hash")->string(), account.hash);
    const std::string salt = base64::decode(account.salt).value();
    EXPECT_EQ(salt.size(), 16u);
    const Sha1Digest hash = pbkdf2_sha1(account.password, salt, kPasswordRounds);
    EXPECT_EQ(std::string(hash.begin(), hash.end()), base64::decode(account.hash));
    EXPECT_TRUE(authenticate(engine_, {std::string(account.login), std::string(account.password)}));
  }
}

TEST_F(FreshDatabase, OnlyAdministratorsTouchTheAccounts) {
  const Principal admin = authenticate(engine_, {"admin", "changeit"}).value();
  const Principal ops = authenticate(engine_, {"ops", "changeit"}).value();
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
