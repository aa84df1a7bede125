#pragma once

#include <span>
#include <string_view>

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
};

/// `admin` of `$admins` and `ops` of `$ops`, both with the password `changeit`, as on a fresh KurrentDB.
[[nodiscard]] std::span<const Account> default_accounts();

/// Who the credentials stand for. Logins and passwords are compared exactly.
/// Errors: AccessDenied   unknown login or wrong password; the text does not say which, nor does it repeat the password
[[nodiscard]] Result<Principal> authenticate(const Credentials& credentials);

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
