#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "kurrentlite/result.hpp"

/// What administrators do to accounts, as events in the streams where KurrentDB keeps them (reference: admin 3). Who may do
/// it is the caller's business. A user who is neither stored nor deleted is not found, the default accounts included.
///
/// Errors of all of them: NotFound (login), Conflict (login), OutOfMemory, and Unknown where a stream that accounts need has
/// been tombstoned or holds something else.
namespace kurrentlite {

/// What is kept of a password, in base64.
struct PasswordHash {
  std::string hash;
  std::string salt;
};

/// 16 bytes of good randomness, new for each password.
using PasswordSalt = std::array<std::uint8_t, 16>;

/// Takes about a millisecond and needs no database: any thread may do it.
[[nodiscard]] PasswordHash hash_password(std::string_view password, const PasswordSalt& salt);

struct NewUser {
  std::string login;
  std::string full_name;
  std::vector<std::string> groups;
  std::string password;
  PasswordHash hashed;  ///< of `password`
};

struct UserDetails {
  std::string login;
  std::string full_name;
  std::vector<std::string> groups;
  bool disabled = false;
  /// 100 ns since 1970; empty where no event of the account can be read.
  std::optional<std::int64_t> last_updated_ticks;
};

/// Writes the access list of the account, the account, and its entry in `$users`. For a login that is taken: success when it
/// has just this password, and nothing is changed; else Conflict.
Result<void> create_user(Engine& engine, const NewUser& user);
/// Sets name and groups; the password stays.
Result<void> update_user(Engine& engine, std::string_view login, std::string_view full_name,
                         const std::vector<std::string>& groups);
/// Nobody can log in as a disabled user.
Result<void> disable_user(Engine& engine, std::string_view login);
Result<void> enable_user(Engine& engine, std::string_view login);
/// The login may be created again. A soft delete: what was written stays.
Result<void> delete_user(Engine& engine, std::string_view login);
/// Errors: AccessDenied   `current` is not the password
Result<void> change_password(Engine& engine, std::string_view login, std::string_view current, const PasswordHash& next);
Result<void> reset_password(Engine& engine, std::string_view login, const PasswordHash& next);

[[nodiscard]] Result<UserDetails> user_details(const Engine& engine, std::string_view login);
/// All users that `$users` names and that are not deleted, by login. Errors: NotFound (there is no `$users`).
[[nodiscard]] Result<std::vector<UserDetails>> all_users(const Engine& engine);

}  // namespace kurrentlite
