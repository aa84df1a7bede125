#pragma once

#include <optional>

#include "kurrentlite/models.hpp"

/// Who may do what: the one place that judges.
namespace kurrentlite::services {

/// Whether `actor` may do that with `document`.
[[nodiscard]] bool may(const Actor& actor, Access access, const Stream& document);
/// User data are their user's; public ones may be read by everybody.
[[nodiscard]] bool may(const Actor& actor, Access access, const UserStreamKey& key, bool is_public);

/// Why `actor` may not; nothing when it may. AccessDenied with the facts `id`, `user` and `needed`.
[[nodiscard]] std::optional<Error> refusal(const Actor& actor, Access needed, const Stream& document);
[[nodiscard]] std::optional<Error> refusal(const Actor& actor, Access needed, const UserStreamKey& key, bool is_public);
/// Nobody but the program itself makes documents that belong to others.
[[nodiscard]] std::optional<Error> refusal_to_own(const Actor& actor, const std::string& owner);

}  // namespace kurrentlite::services
