#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/event.hpp"
#include "kurrentlite/result.hpp"

namespace kurrentlite {

class Engine;

/// What someone wants to do to a stream. Reading `$all` is reading the stream of that name.
enum class Action : std::uint8_t { Read, Write, Delete, MetaRead, MetaWrite };

/// Who acts. Where there is none the system account acts, which may do everything.
struct Principal {
  std::string login;
  std::vector<std::string> groups;
};

/// Logins and groups that may do something; the role `$all` is everybody, an empty list nobody but administrators.
using Roles = std::vector<std::string>;

/// Who may do what to a stream. Empty: whatever the default says.
struct Acl {
  std::optional<Roles> read;
  std::optional<Roles> write;
  std::optional<Roles> remove;
  std::optional<Roles> meta_read;
  std::optional<Roles> meta_write;

  [[nodiscard]] const std::optional<Roles>& roles_for(Action action) const;
  bool operator==(const Acl&) const = default;
};

/// What holds for streams whose own list says nothing. What is empty here too falls to KurrentDB's built-in rule:
/// everybody for user streams, group `$admins` for system streams.
struct DefaultAcls {
  Acl user_streams;
  Acl system_streams;

  bool operator==(const DefaultAcls&) const = default;
};

/// The `$acl` of a stream's metadata; empty when there is none or when the metadata as a whole are void, which
/// `parse_retention` judges by the same rules.
[[nodiscard]] Acl parse_acl(ContentType content_type, std::string_view metadata);

/// The default lists in the data of an event of stream `$settings`. KurrentDB looks at the bytes alone, not at the type
/// or content type of the event. A wrong JSON type or an unknown key inside a list voids all of it.
[[nodiscard]] DefaultAcls parse_default_acls(std::string_view settings);

/// True for user `admin` and members of `$admins`, who may do everything that can be done.
[[nodiscard]] bool is_administrator(const Principal& who);

/// Whether `who` may do `action` to the stream of that name, whose own list is `acl`. Role by role the stream's list
/// counts, then the default for its kind of stream, then the built-in rule.
[[nodiscard]] bool allows(const Acl& acl, const DefaultAcls& defaults, std::string_view stream, const Principal& who,
                          Action action);

/// Asks `engine` for the lists that hold now and answers whether `who` may do `action` to `stream`. For `$$s` reading
/// and writing become MetaRead and MetaWrite of `s`; an empty name means `$all`. Costs two look-ups and the parsing of
/// what they find, for administrators nothing. Subscriptions ask again when the streams of `decides_access` change.
/// Errors: AccessDenied   names user, action and stream. Nobody may write or delete `$all` or delete a `$$` stream.
[[nodiscard]] Result<void> check_access(const Engine& engine, const Principal& who, std::string_view stream,
                                        Action action);

/// True when an event written to `changed` may change who may read `stream`: `$settings` or the stream's metadata.
[[nodiscard]] bool decides_access(std::string_view changed, std::string_view stream);

}  // namespace kurrentlite
