#include "server/first_users.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "server/passwords.hpp"

namespace kurrentlite::server {
namespace {

Error bad(std::string problem) { return {ErrorCode::InvalidArgument, std::move(problem), {{"field", std::string("users")}}}; }

/// A text that is not empty.
std::optional<std::string> name_of(const json::Value& value) {
  std::optional<std::string> text = value.string();
  return text && !text->empty() ? text : std::nullopt;
}

std::optional<std::vector<std::string>> names_of(const json::Value& value) {
  if (!value.is(json::Kind::Array)) return std::nullopt;
  std::vector<std::string> names;
  for (const json::Value& element : value.elements()) {
    std::optional<std::string> name = name_of(element);
    if (!name) return std::nullopt;
    names.push_back(*std::move(name));
  }
  return names;
}

/// Reads one member into `user`. Errors: the problem with it.
std::optional<std::string> read_member(const json::Member& member, UserEntry& user) {
  const auto& [key, raw_key, value] = member;
  if (key == "login") {
    user.login = name_of(value).value_or(std::string());
    if (user.login.empty()) return "\"login\" must be a text that is not empty";
    if (user.login.find(':') != std::string::npos) return "\"login\" must not hold a colon: nobody could log in with it";
    return std::nullopt;
  }
  if (key == "password") {
    user.password = name_of(value).value_or(std::string());
    if (user.password.empty()) return "\"password\" must be a text that is not empty";
    return std::nullopt;
  }
  if (key == "fullName") {
    user.full_name = value.string();
    if (!user.full_name) return "\"fullName\" must be a text";
    return std::nullopt;
  }
  if (key == "groups") {
    user.groups = names_of(value);
    if (!user.groups) return "\"groups\" must be an array of texts that are not empty";
    return std::nullopt;
  }
  return std::string(raw_key) + " is none of \"login\", \"password\", \"fullName\" and \"groups\"";
}

/// Reads one entry. Errors: the problem with it.
std::optional<std::string> read_entry(const json::Value& entry, UserEntry& user) {
  if (!entry.is(json::Kind::Object)) return "must be an object with \"login\" and \"password\"";
  for (const json::Member& member : entry.members()) {
    if (std::optional<std::string> problem = read_member(member, user)) return problem;
  }
  if (user.login.empty()) return "\"login\" is missing";
  if (user.password.empty()) return "\"password\" is missing";
  return std::nullopt;
}

}  // namespace

Result<std::vector<UserEntry>> read_users_file(std::string_view content) {
  if (const std::optional<json::Fault> fault = json::check(content)) {
    const auto line = std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(fault->offset), '\n') + 1;
    return bad("line " + std::to_string(line) + ": " + fault->problem);
  }
  const json::Value file(content);
  if (!file.is(json::Kind::Array)) return bad("must be an array of users, each with \"login\" and \"password\"");
  std::vector<UserEntry> users;
  for (const json::Value& entry : file.elements()) {
    const std::string place = "entry " + std::to_string(users.size() + 1) + ": ";
    UserEntry user;
    if (const std::optional<std::string> problem = read_entry(entry, user)) return bad(place + *problem);
    const auto twin = std::find_if(users.begin(), users.end(), [&](const UserEntry& each) { return each.login == user.login; });
    if (twin != users.end()) {
      std::string quoted;
      json::append_string(quoted, user.login);
      return bad(place + "\"login\" " + quoted + " is that of entry " + std::to_string(twin - users.begin() + 1) + ", too");
    }
    users.push_back(std::move(user));
  }
  return users;
}

FirstUsers::FirstUsers(const std::vector<UserEntry>& entries) {
  for (const UserEntry& entry : entries) {
    users_.push_back({{entry.login, entry.full_name.value_or(std::string()),
                       entry.groups.value_or(std::vector<std::string>()), entry.password,
                       hash_new_password(entry.password)},
                      entry.full_name.has_value(),
                      entry.groups.has_value()});
  }
}

Result<void> FirstUsers::store(Engine& engine) const {
  for (const auto& [user, has_full_name, has_groups] : users_) {
    const Result<UserDetails> there = user_details(engine, user.login);
    Result<void> stored = there ? reset_password(engine, user.login, user.hashed) : create_user(engine, user);
    if (stored && there && (has_full_name || has_groups)) {
      stored = update_user(engine, user.login, has_full_name ? user.full_name : there->full_name,
                           has_groups ? user.groups : there->groups);
    }
    if (!stored) return stored;
  }
  return {};
}

}  // namespace kurrentlite::server
