#include "engine/users.hpp"

#include <array>
#include <string>

namespace kurrentlite {
namespace {

constexpr std::array<Account, 2> kAccounts = {{
    {"admin", "KurrentDB Administrator", "$admins", "changeit"},
    {"ops", "KurrentDB Operations", "$ops", "changeit"},
}};

constexpr std::string_view kAccountAcl = R"({"$acl":{"$w":"$admins","$d":"$admins","$mw":"$admins"}})";

// `hash` is PBKDF2 with HMAC-SHA-1, 1000 rounds and 20 bytes, of the password `changeit` with that salt.
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

Result<Principal> authenticate(const Credentials& credentials) {
  for (const Account& account : kAccounts) {
    if (credentials.login == account.login && credentials.password == account.password) {
      return Principal{credentials.login, {std::string(account.group)}};
    }
  }
  return Error{ErrorCode::AccessDenied, "Login \"" + credentials.login +
                                            "\" is unknown or its password is wrong. The in-process database knows the "
                                            "logins admin and ops."};
}

std::span<const SystemEvent> fresh_database_events() { return kEvents; }

}  // namespace kurrentlite
