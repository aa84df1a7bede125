// Accounts: what is written, who can log in afterwards, what is refused (reference: admin 3).
#include "engine/user_management.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/base64.hpp"
#include "base/sha1.hpp"
#include "engine/password_memo.hpp"
#include "engine/users.hpp"
#include "unit/engine_support.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A salt that is another one for each password; nothing here is a secret.
PasswordHash hashed(std::string_view password) {
  PasswordSalt salt{};
  const Sha1Digest digest = sha1(password);
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = digest[i];
  return hash_password(password, salt);
}

NewUser anna(std::string password = "secret", std::vector<std::string> groups = {"readers"}) {
  return {"anna", "Anna A.", std::move(groups), password, hashed(password)};
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode::CorruptData : result.error().code;  // CorruptData: none of these errors
}

class UserManagement : public ::testing::Test {
 protected:
  bool can_log_in(const std::string& login, const std::string& password) {
    return authenticate(engine_, {login, password}).ok();
  }
  /// `type data` of the events of a stream.
  std::vector<std::string> lines(std::string_view stream) {
    std::vector<std::string> found;
    for (const RecordedEvent& each : testing::read(engine_, stream)) found.push_back(each.type + " " + each.data);
    return found;
  }
  std::vector<std::string> types(std::string_view stream) {
    std::vector<std::string> found;
    for (const RecordedEvent& each : testing::read(engine_, stream)) found.push_back(each.type);
    return found;
  }
  std::vector<std::string> logins() {
    std::vector<std::string> found;
    const Result<std::vector<UserDetails>> all = all_users(engine_);
    for (const UserDetails& each : *all) found.push_back(each.login);
    return found;
  }
  /// Nothing may be written meanwhile.
  template <class Operation>
  ErrorCode refusal(Operation operation) {
    const Position before = engine_.head();
    const Result<void> result = operation();
    EXPECT_EQ(engine_.head(), before);
    return code_of(result);
  }

  testing::ManualClock clock_;
  Engine engine_{clock_, {.fresh_events = true}};
};

TEST_F(UserManagement, ACreatedUserLogsIn) {
  ASSERT_TRUE(create_user(engine_, anna()));
  const Result<Principal> who = authenticate(engine_, {"anna", "secret"});
  ASSERT_TRUE(who);
  EXPECT_EQ(who->login, "anna");
  EXPECT_THAT(who->groups, ElementsAre("readers"));
  EXPECT_FALSE(can_log_in("anna", "Secret"));
  EXPECT_FALSE(can_log_in("anna", ""));
  EXPECT_FALSE(can_log_in("Anna", "secret"));
}

TEST_F(UserManagement, ACreatedUserIsStoredAsTheServerDoes) {
  const std::size_t before = testing::everything(engine_).size();
  const PasswordHash hash = hash_password("secret", PasswordSalt{1, 2, 3});
  ASSERT_TRUE(create_user(engine_, {"anna", "Anna \"A.\"", {"a", "b"}, "secret", hash}));
  const std::vector<RecordedEvent> all = testing::everything(engine_);
  ASSERT_EQ(all.size(), before + 3);
  EXPECT_EQ(all[before].stream, "$$$user-anna");
  EXPECT_EQ(all[before].data, R"({"$acl":{"$w":"$admins","$d":"$admins","$mw":"$admins"}})");
  EXPECT_EQ(all[before + 1].stream, "$user-anna");
  EXPECT_EQ(all[before + 1].type, "$UserCreated");
  EXPECT_EQ(all[before + 1].content_type, ContentType::Json);
  EXPECT_EQ(all[before + 1].data,
            "{\n  \"loginName\": \"anna\",\n  \"fullName\": \"Anna \\\"A.\\\"\",\n  \"groups\": [\n    \"a\",\n    \"b\"\n  ],\n"
            "  \"hash\": \"" + hash.hash + "\",\n  \"salt\": \"" + hash.salt + "\"\n}");
  EXPECT_EQ(base64::decode(hash.salt), std::string("\1\2\3") + std::string(13, '\0'));
  EXPECT_EQ(all[before + 2].stream, "$users");
  EXPECT_EQ(all[before + 2].type, "$User");
  EXPECT_EQ(all[before + 2].content_type, ContentType::Binary);
  EXPECT_EQ(all[before + 2].data, "anna");
  EXPECT_THAT(types("$users-password-notifications"), IsEmpty());
}

TEST_F(UserManagement, ATakenLoginIsAConflictUnlessThePasswordIsTheSame) {
  ASSERT_TRUE(create_user(engine_, anna("secret", {"readers"})));
  EXPECT_EQ(refusal([&] { return create_user(engine_, anna("other")); }), ErrorCode::Conflict);
  EXPECT_EQ(refusal([&] { return create_user(engine_, anna("secret", {"writers"})); }), ErrorCode::CorruptData);
  EXPECT_THAT(user_details(engine_, "anna")->groups, ElementsAre("readers"));
  EXPECT_EQ(create_user(engine_, {"admin", "", {}, "other", hashed("other")}).error().text("login"), "admin");
  EXPECT_TRUE(create_user(engine_, {"admin", "", {}, "changeit", hashed("changeit")}));
}

TEST_F(UserManagement, AnUpdateSetsNameAndGroupsAndKeepsThePassword) {
  ASSERT_TRUE(create_user(engine_, anna()));
  clock_.advance_s(60);
  ASSERT_TRUE(update_user(engine_, "anna", "Anna B.", {}));
  EXPECT_THAT(types("$user-anna"), ElementsAre("$UserCreated", "$UserUpdated"));
  EXPECT_THAT(lines("$users-password-notifications"), ElementsAre("$PasswordChanged {\n  \"loginName\": \"anna\"\n}"));
  const UserDetails details = user_details(engine_, "anna").value();
  EXPECT_EQ(details.full_name, "Anna B.");
  EXPECT_THAT(details.groups, IsEmpty());
  EXPECT_EQ(details.last_updated_ticks, clock_.ticks);
  EXPECT_THAT(authenticate(engine_, {"anna", "secret"})->groups, IsEmpty());
}

TEST_F(UserManagement, GroupsHoldInAccessListsAtOnce) {
  ASSERT_TRUE(create_user(engine_, anna("secret", {})));
  ASSERT_TRUE(testing::append(engine_, "s", {testing::event(1)}));
  ASSERT_TRUE(testing::set_metadata(engine_, 2, "s", R"({"$acl":{"$r":["readers"],"$w":["anna"]}})"));
  const auto may = [&](Action action) {
    return check_access(engine_, authenticate(engine_, {"anna", "secret"}).value(), "s", action).ok();
  };
  EXPECT_FALSE(may(Action::Read));
  EXPECT_TRUE(may(Action::Write));
  ASSERT_TRUE(update_user(engine_, "anna", "", {"readers"}));
  EXPECT_TRUE(may(Action::Read));
  ASSERT_TRUE(update_user(engine_, "anna", "", {"$admins"}));
  EXPECT_TRUE(is_administrator(authenticate(engine_, {"anna", "secret"}).value()));
}

TEST_F(UserManagement, ADisabledUserIsOutUntilEnabled) {
  ASSERT_TRUE(create_user(engine_, anna()));
  ASSERT_TRUE(can_log_in("anna", "secret"));
  ASSERT_TRUE(disable_user(engine_, "anna"));
  EXPECT_FALSE(can_log_in("anna", "secret"));
  EXPECT_TRUE(user_details(engine_, "anna")->disabled);
  EXPECT_THAT(testing::read(engine_, "$user-anna").back().data, ::testing::HasSubstr("\"disabled\": true"));
  EXPECT_THAT(types("$users-password-notifications"), ElementsAre("$PasswordChanged"));
  ASSERT_TRUE(enable_user(engine_, "anna"));
  EXPECT_TRUE(can_log_in("anna", "secret"));
  EXPECT_FALSE(user_details(engine_, "anna")->disabled);
  EXPECT_THAT(testing::read(engine_, "$user-anna").back().data, ::testing::Not(::testing::HasSubstr("disabled")));
  EXPECT_THAT(types("$users-password-notifications"), ElementsAre("$PasswordChanged"));
}

TEST_F(UserManagement, APasswordIsChangedByWhoKnowsIt) {
  ASSERT_TRUE(create_user(engine_, anna()));
  ASSERT_TRUE(can_log_in("anna", "secret"));
  EXPECT_EQ(refusal([&] { return change_password(engine_, "anna", "wrong", hashed("next")); }), ErrorCode::AccessDenied);
  ASSERT_TRUE(change_password(engine_, "anna", "secret", hashed("next")));
  EXPECT_FALSE(can_log_in("anna", "secret"));
  EXPECT_TRUE(can_log_in("anna", "next"));
  EXPECT_EQ(refusal([&] { return change_password(engine_, "anna", "secret", hashed("third")); }), ErrorCode::AccessDenied);
  EXPECT_THAT(user_details(engine_, "anna")->groups, ElementsAre("readers"));
  EXPECT_THAT(types("$users-password-notifications"), ElementsAre("$PasswordChanged"));
}

TEST_F(UserManagement, APasswordIsResetByWhoDoesNot) {
  ASSERT_TRUE(reset_password(engine_, "ops", hashed("next")));
  EXPECT_FALSE(can_log_in("ops", "changeit"));
  EXPECT_TRUE(can_log_in("ops", "next"));
  EXPECT_TRUE(can_log_in("admin", "changeit"));
}

TEST_F(UserManagement, ADeletedUserIsGoneAndMayBeCreatedAgain) {
  ASSERT_TRUE(create_user(engine_, anna()));
  ASSERT_TRUE(can_log_in("anna", "secret"));
  ASSERT_TRUE(delete_user(engine_, "anna"));
  EXPECT_FALSE(can_log_in("anna", "secret"));
  EXPECT_EQ(code_of(user_details(engine_, "anna")), ErrorCode::NotFound);
  EXPECT_THAT(logins(), ElementsAre("admin", "ops"));
  EXPECT_THAT(types("$users-password-notifications"), ElementsAre("$PasswordChanged"));
  ASSERT_TRUE(create_user(engine_, anna("again", {"writers"})));
  EXPECT_FALSE(can_log_in("anna", "secret"));
  EXPECT_THAT(authenticate(engine_, {"anna", "again"})->groups, ElementsAre("writers"));
  EXPECT_EQ(engine_.last_revision("$user-anna"), StreamRevision{1});
  EXPECT_THAT(logins(), ElementsAre("admin", "anna", "ops"));
}

TEST_F(UserManagement, ADeletedAdminIsNoLongerADefaultAccount) {
  ASSERT_TRUE(delete_user(engine_, "admin"));
  EXPECT_FALSE(can_log_in("admin", "changeit"));
  EXPECT_THAT(logins(), ElementsAre("ops"));
}

TEST_F(UserManagement, WhoIsNotThereIsNotFound) {
  EXPECT_EQ(refusal([&] { return update_user(engine_, "anna", "", {}); }), ErrorCode::NotFound);
  EXPECT_EQ(refusal([&] { return disable_user(engine_, "anna"); }), ErrorCode::NotFound);
  EXPECT_EQ(refusal([&] { return enable_user(engine_, "anna"); }), ErrorCode::NotFound);
  EXPECT_EQ(refusal([&] { return delete_user(engine_, "anna"); }), ErrorCode::NotFound);
  EXPECT_EQ(refusal([&] { return change_password(engine_, "anna", "", hashed("")); }), ErrorCode::NotFound);
  EXPECT_EQ(refusal([&] { return reset_password(engine_, "anna", hashed("")); }), ErrorCode::NotFound);
  const Result<UserDetails> details = user_details(engine_, "anna");
  ASSERT_FALSE(details);
  EXPECT_EQ(details.error().code, ErrorCode::NotFound);
  EXPECT_EQ(details.error().text("login"), "anna");
  EXPECT_EQ(details.error().message, "User 'anna' is not found.");
}

TEST_F(UserManagement, DetailsOfAllAreSortedAndToldOnce) {
  for (const char* login : {"zoe", "anna", "bob"}) {
    ASSERT_TRUE(create_user(engine_, {login, "", {}, "p", hashed("p")}));
  }
  ASSERT_TRUE(delete_user(engine_, "bob"));
  ASSERT_TRUE(create_user(engine_, {"bob", "again", {}, "p", hashed("p")}));
  ASSERT_TRUE(testing::append(engine_, "$users", {testing::event(1, "other", "eve")}));
  EXPECT_THAT(logins(), ElementsAre("admin", "anna", "bob", "ops", "zoe"));
  const UserDetails admin = all_users(engine_)->front();
  EXPECT_EQ(admin.full_name, "KurrentDB Administrator");
  EXPECT_THAT(admin.groups, ElementsAre("$admins"));
  EXPECT_FALSE(admin.disabled);
  EXPECT_EQ(admin.last_updated_ticks, clock_.ticks);
}

TEST_F(UserManagement, AnAccountWhoseEventsAreHiddenIsListedAsDisabled) {
  ASSERT_TRUE(create_user(engine_, anna()));
  ASSERT_TRUE(testing::set_metadata(engine_, 1, "$user-anna", R"({"$tb":5})"));
  EXPECT_FALSE(can_log_in("anna", "secret"));
  const UserDetails listed = all_users(engine_)->at(1);
  EXPECT_EQ(listed.login, "anna");
  EXPECT_TRUE(listed.disabled);
  EXPECT_FALSE(listed.last_updated_ticks);
}

TEST_F(UserManagement, WithoutTheListOfUsersNobodyIsFound) {
  Engine empty(clock_);
  EXPECT_EQ(code_of(all_users(empty)), ErrorCode::NotFound);
  ASSERT_TRUE(create_user(empty, anna()));
  EXPECT_EQ(all_users(empty)->size(), 1u);
}

TEST_F(UserManagement, OtherPeoplesEventsInAnAccountLetNobodyIn) {
  for (const char* data : {"", "[]", "no json", "{}", R"({"loginName":"anna"})", R"({"loginName":1,"hash":[],"salt":{}})",
                           R"({"loginName":"anna","hash":"","salt":""})", R"({"loginName":"anna","hash":"?","salt":"?"})"}) {
    Engine engine(clock_, {.fresh_events = true});
    ASSERT_TRUE(testing::append(engine, "$user-anna", {testing::event(1, "$UserCreated", data)}));
    EXPECT_FALSE(authenticate(engine, {"anna", ""})) << data;
    EXPECT_FALSE(authenticate(engine, {"anna", "secret"})) << data;
  }
}

TEST_F(UserManagement, AnAccountOfAnotherLoginLetsNobodyIn) {
  ASSERT_TRUE(create_user(engine_, anna()));
  const std::string data = testing::read(engine_, "$user-anna").at(0).data;
  ASSERT_TRUE(testing::append(engine_, "$user-eve", {testing::event(1, "$UserCreated", data)}));
  EXPECT_FALSE(can_log_in("eve", "secret"));
}

TEST_F(UserManagement, AnAccountWrittenByHandCounts) {
  const PasswordHash hash = hashed("secret");
  const std::string data =
      R"({"salt":")" + hash.salt + R"(","hash":")" + hash.hash + R"(","loginName":"anna","groups":null,"disabled":false,"x":1})";
  ASSERT_TRUE(testing::append(engine_, "$user-anna", {testing::event(1, "whatever", data)}));
  EXPECT_TRUE(can_log_in("anna", "secret"));
  EXPECT_THAT(logins(), ElementsAre("admin", "ops"));
}

TEST_F(UserManagement, ATombstonedAccountStaysGone) {
  ASSERT_TRUE(create_user(engine_, anna()));
  ASSERT_TRUE(engine_.tombstone_stream("$user-anna", Any{}));
  EXPECT_FALSE(can_log_in("anna", "secret"));
  EXPECT_EQ(refusal([&] { return create_user(engine_, anna()); }), ErrorCode::Unknown);
  EXPECT_EQ(refusal([&] { return disable_user(engine_, "anna"); }), ErrorCode::NotFound);
  EXPECT_THAT(logins(), ElementsAre("admin", "ops"));
}

TEST_F(UserManagement, NotificationsExpireAfterAnHourAndSaySoAgain) {
  ASSERT_TRUE(reset_password(engine_, "ops", hashed("1")));
  ASSERT_TRUE(reset_password(engine_, "ops", hashed("2")));
  EXPECT_EQ(types("$users-password-notifications").size(), 2u);
  EXPECT_THAT(lines("$$$users-password-notifications"), ElementsAre(R"($metadata {"$maxAge":3600})"));
  clock_.advance_s(3601);
  EXPECT_THAT(types("$users-password-notifications"), IsEmpty());
  ASSERT_TRUE(reset_password(engine_, "ops", hashed("3")));
  EXPECT_EQ(types("$users-password-notifications").size(), 1u);
  EXPECT_EQ(engine_.last_revision("$$$users-password-notifications"), StreamRevision{1});
}

TEST_F(UserManagement, AResetForgetsUsers) {
  ASSERT_TRUE(create_user(engine_, anna()));
  ASSERT_TRUE(reset_password(engine_, "admin", hashed("next")));
  ASSERT_TRUE(can_log_in("anna", "secret"));
  ASSERT_TRUE(can_log_in("admin", "next"));
  engine_.reset();
  EXPECT_FALSE(can_log_in("anna", "secret"));
  EXPECT_FALSE(can_log_in("admin", "next"));
  EXPECT_TRUE(can_log_in("admin", "changeit"));
}

TEST_F(UserManagement, AForkKnowsTheUsersOfItsTime) {
  ASSERT_TRUE(create_user(engine_, anna()));
  const auto fork = engine_.fork(clock_);
  ASSERT_TRUE(delete_user(engine_, "anna"));
  EXPECT_TRUE(authenticate(*fork, {"anna", "secret"}));
  EXPECT_FALSE(can_log_in("anna", "secret"));
  engine_.adopt(*fork);
  EXPECT_TRUE(can_log_in("anna", "secret"));
}

TEST(PasswordMemo, RemembersWhatWasRightAndNothingElse) {
  PasswordMemo memo;
  const PasswordHash hash = hashed("secret");
  EXPECT_FALSE(memo.matches("wrong", hash.hash, hash.salt));
  EXPECT_EQ(memo.size(), 0u);
  EXPECT_TRUE(memo.matches("secret", hash.hash, hash.salt));
  EXPECT_TRUE(memo.matches("secret", hash.hash, hash.salt));
  EXPECT_EQ(memo.size(), 1u);
  // Known as it is, it is right with no other hash and no other salt.
  const PasswordHash other = hashed("other");
  EXPECT_FALSE(memo.matches("secret", other.hash, other.salt));
  EXPECT_FALSE(memo.matches("secret", other.hash, hash.salt));
  EXPECT_FALSE(memo.matches("secret", hash.hash, other.salt));
  EXPECT_EQ(memo.size(), 1u);
}

TEST(PasswordMemo, KeepsNoMoreThanItsRoomAndStaysRight) {
  PasswordMemo memo;
  std::vector<PasswordHash> hashes;
  for (std::size_t i = 0; i < PasswordMemo::kSizeMax + 10; ++i) {
    hashes.push_back(hashed(std::to_string(i)));
    EXPECT_TRUE(memo.matches(std::to_string(i), hashes[i].hash, hashes[i].salt));
  }
  EXPECT_EQ(memo.size(), PasswordMemo::kSizeMax);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    EXPECT_TRUE(memo.matches(std::to_string(i), hashes[i].hash, hashes[i].salt));
    EXPECT_FALSE(memo.matches(std::to_string(i + 1), hashes[i].hash, hashes[i].salt));
  }
  EXPECT_EQ(memo.size(), PasswordMemo::kSizeMax);
}

}  // namespace
}  // namespace kurrentlite
