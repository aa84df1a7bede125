#include "engine/users.hpp"

#include <array>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "engine/engine.hpp"
#include "engine/password_memo.hpp"
#include "engine/stream_metadata.hpp"

namespace kurrentlite {
namespace {

constexpr std::array<Account, 2> kAccounts = {{
    {"admin", "KurrentDB Administrator", "$admins", "changeit", "tvbRELjelcS6mUHAsN/H5gPEO4Q=", "yj5FspaAelfYdCV//6qP/Q=="},
    {"ops", "KurrentDB Operations", "$ops", "changeit", "vbt/lVzo89POZVrPNNk+T41ocC0=", "dRNYTI+CH2HK4xj1FoQOkQ=="},
}};

// The server writes these texts with line breaks, camel case, and without members that are false.
constexpr std::string_view kAdminData = R"({
  "loginName": "admin",
  "fullName": "KurrentDB Administrator",
  "groups": [
    "$admins"
  ],
  "hash": "tvbRELjelcS6mUHAsN/H5gPEO4Q=",
  "salt": "yj5FspaAelfYdCV//6qP/Q=="
})";
constexpr std::string_view kOpsData = R"({
  "loginName": "ops",
  "fullName": "KurrentDB Operations",
  "groups": [
    "$ops"
  ],
  "hash": "vbt/lVzo89POZVrPNNk+T41ocC0=",
  "salt": "dRNYTI+CH2HK4xj1FoQOkQ=="
})";

static_assert(kAdminData.find(kAccounts[0].hash) != kAdminData.npos && kAdminData.find(kAccounts[0].salt) != kAdminData.npos);
static_assert(kOpsData.find(kAccounts[1].hash) != kOpsData.npos && kOpsData.find(kAccounts[1].salt) != kOpsData.npos);

// Version 4 ids, drawn once.
constexpr Uuid kAdminAclId{
    {0x2c, 0xe4, 0x6f, 0xd6, 0x36, 0xb1, 0x41, 0x11, 0x8b, 0xde, 0xd4, 0xf9, 0xda, 0x27, 0xac, 0xfb}};
constexpr Uuid kOpsAclId{
    {0xed, 0x51, 0xbd, 0xcf, 0xa7, 0x19, 0x43, 0x29, 0xa0, 0x1c, 0x56, 0x18, 0x51, 0x9f, 0x92, 0x01}};
constexpr Uuid kAdminId{
    {0x25, 0xe5, 0x47, 0xf1, 0x44, 0x79, 0x41, 0xa8, 0x90, 0x29, 0xed, 0xb3, 0xc0, 0xb5, 0xfa, 0xa9}};
constexpr Uuid kOpsId{{0x8b, 0xfc, 0x86, 0x48, 0xb1, 0xc7, 0x49, 0x01, 0xb8, 0x99, 0x86, 0xd2, 0xa1, 0xef, 0x0f, 0xb7}};
constexpr Uuid kAdminEntryId{
    {0x22, 0xd3, 0x6e, 0x04, 0xf2, 0x16, 0x47, 0x30, 0xa7, 0x80, 0x8f, 0x7d, 0x3a, 0x9e, 0x32, 0x0c}};
constexpr Uuid kOpsEntryId{
    {0x6a, 0xd1, 0xc1, 0x8c, 0x5b, 0x37, 0x46, 0x1d, 0x8d, 0x9d, 0xb0, 0x9f, 0x1a, 0xc6, 0x2c, 0xc6}};

// The server creates both accounts at once, each in three writes that wait for each other: hence the turns.
constexpr std::array<SystemEvent, 6> kEvents = {{
    {"$$$user-admin", {kAdminAclId, "$metadata", ContentType::Json, kAccountAcl, {}, 0}},
    {"$$$user-ops", {kOpsAclId, "$metadata", ContentType::Json, kAccountAcl, {}, 0}},
    {"$user-admin", {kAdminId, "$UserCreated", ContentType::Json, kAdminData, {}, 0}},
    {"$user-ops", {kOpsId, "$UserCreated", ContentType::Json, kOpsData, {}, 0}},
    {"$users", {kAdminEntryId, "$User", ContentType::Binary, "admin", {}, 0}},
    {"$users", {kOpsEntryId, "$User", ContentType::Binary, "ops", {}, 0}},
}};

}  // namespace

std::span<const Account> default_accounts() { return kAccounts; }

std::string user_stream(std::string_view login) { return std::string("$user-").append(login); }

std::optional<StoredUser> read_user(const Engine& engine, const Record& event) {
  const std::string data = engine.data_of(event);
  if (!is_json_object(data)) return std::nullopt;
  StoredUser user;
  for (const auto& [key, raw_key, value] : json::Value(data).members()) {
    std::string* const text = key == "loginName"  ? &user.login
                              : key == "fullName" ? &user.full_name
                              : key == "hash"     ? &user.hash
                              : key == "salt"     ? &user.salt
                                                  : nullptr;
    if (text != nullptr) *text = value.string().value_or(std::string());
    if (key == "disabled") user.disabled = value.boolean().value_or(false);
    if (key != "groups") continue;
    user.groups.clear();
    for (const json::Value& group : value.elements()) user.groups.push_back(group.string().value_or(std::string()));
  }
  return user;
}

bool is_password_of(const Engine& engine, const StoredUser& user, std::string_view password) {
  // What a fresh database holds needs no hashing.
  for (const Account& account : kAccounts) {
    if (user.hash == account.hash && user.salt == account.salt) return password == account.password;
  }
  return engine.passwords().matches(password, user.hash, user.salt);
}

Result<Principal> authenticate(const Engine& engine, const Credentials& credentials) {
  const auto& [login, password] = credentials;
  const std::string stream = user_stream(login);
  if (const std::optional<Record> event = engine.last_event(stream)) {
    std::optional<StoredUser> user = read_user(engine, *event);
    const bool is_open = user && user->login == login && !user->disabled;
    if (is_open && is_password_of(engine, *user, password)) return Principal{login, std::move(user->groups)};
  } else if (!engine.last_revision(stream)) {
    for (const Account& account : kAccounts) {
      if (login == account.login && password == account.password) return Principal{login, {std::string(account.group)}};
    }
  }
  return Error{ErrorCode::AccessDenied, "Login \"" + login + "\" is unknown or disabled, or its password is wrong. A "
                                       "fresh database knows the logins admin and ops."};
}

std::span<const SystemEvent> fresh_database_events() { return kEvents; }

}  // namespace kurrentlite
