#include "services/access.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace kurrentlite::services {

namespace {

bool names(const std::vector<std::string>& users, const std::string& user) {
  return std::any_of(users.begin(), users.end(), [&](const std::string& each) { return each == "*" || each == user; });
}

Error denied(const std::string& user, Access needed, std::string what, std::string id) {
  return {ErrorCode::AccessDenied,
          "\"" + user + "\" has no " + to_string(needed) + " access to " + std::move(what) + ".",
          {{"id", std::move(id)}, {"user", user}, {"needed", to_string(needed)}}};
}

}  // namespace

bool may(const Actor& actor, Access access, const Stream& document) {
  if (!actor || *actor == document.metadata.owner) return true;
  const Permissions& permissions = document.permissions;
  if (names(permissions.admin, *actor)) return true;
  if (access != Access::Admin && names(permissions.write, *actor)) return true;
  return access == Access::Read && names(permissions.read, *actor);
}

bool may(const Actor& actor, Access access, const UserStreamKey& key, bool is_public) {
  return !actor || *actor == key.user_id || (access == Access::Read && is_public);
}

std::optional<Error> refusal(const Actor& actor, Access needed, const Stream& document) {
  if (may(actor, needed, document)) return std::nullopt;
  return denied(*actor, needed, "document \"" + document.id + "\"", document.id);
}

std::optional<Error> refusal(const Actor& actor, Access needed, const UserStreamKey& key, bool is_public) {
  if (may(actor, needed, key, is_public)) return std::nullopt;
  return denied(*actor, needed, "the data of user \"" + key.user_id + "\"", user_stream_name(key));
}

std::optional<Error> refusal_to_own(const Actor& actor, const std::string& owner) {
  if (!actor || *actor == owner) return std::nullopt;
  return Error{ErrorCode::AccessDenied,
               "\"" + *actor + "\" cannot create a document that belongs to \"" + owner + "\"; create it and transfer it.",
               {{"user", *actor}, {"needed", to_string(Access::Admin)}}};
}

}  // namespace kurrentlite::services
