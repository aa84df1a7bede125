#include "engine/user_management.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/sha1.hpp"
#include "engine/password_memo.hpp"
#include "engine/users.hpp"

namespace kurrentlite {
namespace {

constexpr std::string_view kUsersStream = "$users";
constexpr std::string_view kNotificationsStream = "$users-password-notifications";
constexpr std::string_view kNotificationsMetadata = R"({"$maxAge":3600})";
constexpr std::string_view kEntryType = "$User";

std::string metastream_of(std::string_view stream) { return std::string("$$").append(stream); }

Error not_found(std::string_view login) {
  return {ErrorCode::NotFound, "User '" + std::string(login) + "' is not found.", {{"login", std::string(login)}}};
}

Error conflict(std::string_view login) {
  return {ErrorCode::Conflict, "User '" + std::string(login) + "' exists already, or was changed meanwhile.",
          {{"login", std::string(login)}}};
}

Error unusable(std::string_view stream) {
  return {ErrorCode::Unknown, "Stream '" + std::string(stream) + "' is deleted for good, or holds no account.", {}};
}

/// The account as KurrentDB writes it: indented, and without what is false.
std::string text_of(const StoredUser& user) {
  std::string text = "{\n  \"loginName\": ";
  json::append_string(text, user.login);
  text += ",\n  \"fullName\": ";
  json::append_string(text, user.full_name);
  text += ",\n  \"groups\": [";
  for (std::size_t i = 0; i < user.groups.size(); ++i) {
    text += i == 0 ? "\n    " : ",\n    ";
    json::append_string(text, user.groups[i]);
  }
  text += user.groups.empty() ? "]" : "\n  ]";
  text += ",\n  \"hash\": ";
  json::append_string(text, user.hash);
  text += ",\n  \"salt\": ";
  json::append_string(text, user.salt);
  if (user.disabled) text += ",\n  \"disabled\": true";
  return text + "\n}";
}

/// Appends one event. Errors: Conflict for whatever state the stream is in, `unusable` when it is tombstoned.
Result<void> write(Engine& engine, std::string_view login, std::string_view stream, std::string_view type,
                   std::string_view data, ContentType content_type, const ExpectedState& expected) {
  const EventView event{engine.system_event_id(), type, content_type, data, {}, 0};
  Result<AppendResult> written = engine.append(stream, {&event, 1}, expected);
  if (written) return {};
  if (written.error().code == ErrorCode::WrongExpectedVersion) return conflict(login);
  if (written.error().code == ErrorCode::StreamDeleted) return unusable(stream);
  return std::move(written).error();
}

/// Tells other nodes, and whoever else listens, that what they know of the login is void.
Result<void> notify(Engine& engine, std::string_view login) {
  if (!engine.last_event(kNotificationsStream)) {
    // Whether that works does not matter, as on the server.
    (void)write(engine, login, metastream_of(kNotificationsStream), "$metadata", kNotificationsMetadata, ContentType::Json,
                Any{});
  }
  std::string data = "{\n  \"loginName\": ";
  json::append_string(data, login);
  return write(engine, login, kNotificationsStream, "$PasswordChanged", data + "\n}", ContentType::Json, Any{});
}

struct Found {
  StoredUser user;
  Record event;
};

Result<Found> find(const Engine& engine, std::string_view login) {
  const std::string stream = user_stream(login);
  const std::optional<Record> event = engine.last_event(stream);
  if (!event) return not_found(login);
  std::optional<StoredUser> user = read_user(engine, *event);
  if (!user) return unusable(stream);
  return Found{*std::move(user), *event};
}

/// Writes the account as `edit(user)` leaves it. Errors: also what `edit` answers.
template <class Edit>
Result<void> change(Engine& engine, std::string_view login, bool notifies, Edit edit) {
  Result<Found> found = find(engine, login);
  if (!found) return std::move(found).error();
  if (Result<void> edited = edit(found->user); !edited) return edited;
  Result<void> written = write(engine, login, user_stream(login), "$UserUpdated", text_of(found->user), ContentType::Json,
                               found->event.revision);
  return written && notifies ? notify(engine, login) : written;
}

Result<void> set_password(StoredUser& user, const PasswordHash& next) {
  user.hash = next.hash;
  user.salt = next.salt;
  return {};
}

Result<void> set_disabled(Engine& engine, std::string_view login, bool disabled) {
  return change(engine, login, disabled, [=](StoredUser& user) {
    user.disabled = disabled;
    return Result<void>();
  });
}

UserDetails details_of(Found found) {
  StoredUser& user = found.user;
  return {std::move(user.login), std::move(user.full_name), std::move(user.groups), user.disabled,
          found.event.created_ticks};
}

}  // namespace

PasswordHash hash_password(std::string_view password, const PasswordSalt& salt) {
  const std::string_view salt_bytes(reinterpret_cast<const char*>(salt.data()), salt.size());
  const Sha1Digest digest = pbkdf2_sha1(password, salt_bytes, kPasswordRounds);
  return {base64::encode({reinterpret_cast<const char*>(digest.data()), digest.size()}), base64::encode(salt_bytes)};
}

Result<void> create_user(Engine& engine, const NewUser& user) {
  const std::string stream = user_stream(user.login);
  if (engine.last_event(stream)) {
    const Result<Found> found = find(engine, user.login);
    if (!found) return found.error();
    return is_password_of(engine, found->user, user.password) ? Result<void>() : conflict(user.login);
  }
  const std::optional<StreamRevision> last = engine.last_revision(stream);
  // In the server's order. A deleted account's metadata are replaced, so that its events can be read again.
  Result<void> written =
      write(engine, user.login, metastream_of(stream), "$metadata", kAccountAcl, ContentType::Json, Any{});
  if (!written) return written;
  const StoredUser account{user.login, user.full_name, user.groups, user.hashed.hash, user.hashed.salt, false};
  written = write(engine, user.login, stream, "$UserCreated", text_of(account), ContentType::Json,
                  last ? ExpectedState(*last) : ExpectedState(NoStream{}));
  if (!written) return written;
  return write(engine, user.login, kUsersStream, kEntryType, user.login, ContentType::Binary, Any{});
}

Result<void> update_user(Engine& engine, std::string_view login, std::string_view full_name,
                         const std::vector<std::string>& groups) {
  return change(engine, login, true, [&](StoredUser& user) {
    user.full_name = full_name;
    user.groups = groups;
    return Result<void>();
  });
}

Result<void> disable_user(Engine& engine, std::string_view login) { return set_disabled(engine, login, true); }
Result<void> enable_user(Engine& engine, std::string_view login) { return set_disabled(engine, login, false); }

Result<void> delete_user(Engine& engine, std::string_view login) {
  const Result<Found> found = find(engine, login);
  if (!found) return found.error();
  Result<DeleteResult> deleted = engine.delete_stream(user_stream(login), found->event.revision);
  if (deleted) return notify(engine, login);
  return deleted.error().code == ErrorCode::WrongExpectedVersion ? conflict(login) : std::move(deleted).error();
}

Result<void> change_password(Engine& engine, std::string_view login, std::string_view current, const PasswordHash& next) {
  return change(engine, login, true, [&](StoredUser& user) {
    if (is_password_of(engine, user, current)) return set_password(user, next);
    return Result<void>(Error{ErrorCode::AccessDenied, "The current password is wrong.", {}});
  });
}

Result<void> reset_password(Engine& engine, std::string_view login, const PasswordHash& next) {
  return change(engine, login, true, [&](StoredUser& user) { return set_password(user, next); });
}

Result<UserDetails> user_details(const Engine& engine, std::string_view login) {
  Result<Found> found = find(engine, login);
  if (!found) return std::move(found).error();
  return details_of(std::move(found).value());
}

Result<std::vector<UserDetails>> all_users(const Engine& engine) {
  Result<StreamCursor> cursor = engine.open_stream(kUsersStream, Direction::Forwards, Start{});
  if (!cursor) return cursor.error().code == ErrorCode::StreamNotFound ? not_found({}) : unusable(kUsersStream);
  std::vector<UserDetails> users;
  while (const std::optional<Record> entry = engine.next(*cursor)) {
    if (engine.type_name(entry->type) != kEntryType) continue;
    const std::string login = engine.data_of(*entry);
    const bool is_known = std::any_of(users.begin(), users.end(), [&](const auto& each) { return each.login == login; });
    if (is_known || !engine.open_stream(user_stream(login), Direction::Backwards, End{})) continue;  // or deleted
    if (!engine.last_event(user_stream(login))) {
      users.push_back({login, {}, {}, true, std::nullopt});
      continue;
    }
    Result<Found> found = find(engine, login);
    if (!found) return std::move(found).error();
    users.push_back(details_of(std::move(found).value()));
  }
  std::sort(users.begin(), users.end(), [](const auto& a, const auto& b) { return a.login < b.login; });
  return users;
}

}  // namespace kurrentlite
