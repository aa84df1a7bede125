#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/access.hpp"
#include "engine/record.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/result.hpp"

namespace kurrentlite {

/// A user of a fresh database.
struct Account {
  std::string_view login;
  std::string_view full_name;
  std::string_view group;
  std::string_view password;
  /// What the fresh database keeps of the password, in base64.
  std::string_view hash;
  std::string_view salt;
};

/// `admin` of `$admins` and `ops` of `$ops`, both with the password `changeit`, as on a fresh KurrentDB.
[[nodiscard]] std::span<const Account> default_accounts();

/// A user as the last event of `$user-<login>` tells of it (reference: admin 3).
struct StoredUser {
  std::string login;
  std::string full_name;
  std::vector<std::string> groups;
  std::string hash;
  std::string salt;
  bool disabled = false;
};

/// The access list of streams that hold accounts, as metadata.
inline constexpr std::string_view kAccountAcl = R"({"$acl":{"$w":"$admins","$d":"$admins","$mw":"$admins"}})";

/// `$user-<login>`.
[[nodiscard]] std::string user_stream(std::string_view login);

/// What the event of an account says; empty when its data are no JSON object.
[[nodiscard]] std::optional<StoredUser> read_user(const Engine& engine, const Record& event);

/// Whether the password is the user's. Remembers right ones: see PasswordMemo.
[[nodiscard]] bool is_password_of(const Engine& engine, const StoredUser& user, std::string_view password);

/// Who the credentials stand for, by the accounts that the database holds at this moment. Where it has never had an account
/// of that name, the default accounts count. Logins and passwords are compared exactly. The first time that a password of
/// an account is right costs about a millisecond, and so does each wrong one.
/// Errors: AccessDenied   unknown, deleted or disabled user or wrong password; the text does not say which, nor does it
///                        repeat the password
[[nodiscard]] Result<Principal> authenticate(const Engine& engine, const Credentials& credentials);

/// An event that a fresh database holds, and the stream it belongs to. Its bytes live as long as the program.
struct SystemEvent {
  std::string_view stream;
  EventView event;
};

/// What a fresh secure KurrentDB holds, in log order: for each default account its access list (`$$$user-<login>`), the
/// account (`$user-<login>`, `$UserCreated` with salt and hash of the password) and its entry in `$users`. Ids, salts
/// and hashes are fixed, so that every fresh database begins with the same bytes.
[[nodiscard]] std::span<const SystemEvent> fresh_database_events();

}  // namespace kurrentlite
