#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/user_management.hpp"
#include "kurrentlite/result.hpp"

namespace kurrentlite::server {

/// A user of a users file.
struct UserEntry {
  std::string login;
  std::string password;
  std::optional<std::string> full_name;
  std::optional<std::vector<std::string>> groups;
};

/// Reads a users file: a JSON array of `{"login", "password", "fullName"?, "groups"?}`.
/// Errors: InvalidArgument   one line, which begins with the line (of what is no JSON) or the entry, counted from 1
[[nodiscard]] Result<std::vector<UserEntry>> read_users_file(std::string_view content);

/// Who there is from the beginning.
class FirstUsers {
 public:
  /// Hashes the passwords, each in about a millisecond.
  explicit FirstUsers(const std::vector<UserEntry>& entries);

  /// Stores them in a fresh database. A default account gets its password, and name and groups where the entry has any.
  /// On the engine's thread.
  Result<void> store(Engine& engine) const;

 private:
  struct FirstUser {
    NewUser user;
    bool has_full_name;
    bool has_groups;
  };
  std::vector<FirstUser> users_;
};

}  // namespace kurrentlite::server
