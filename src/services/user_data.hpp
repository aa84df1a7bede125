#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kurrentlite/models.hpp"

/// User data as events. Each event of `user-{userId}-{type}[-{category}]` carries the whole state, so the last one
/// suffices:
///
/// | type | data |
/// |---|---|
/// | `user-data-stored`, `user-data-updated` | `{userId, type, category?, data, isPublic, createdAt?}` |
/// | `user-data-deleted` | `{userId, type, category?}` |
///
/// `createdAt` (milliseconds) is missing from the first event, which is what sets it.
namespace kurrentlite::services {

inline constexpr std::string_view kUserPrefix = "user-";
inline constexpr std::string_view kUserDataStored = "user-data-stored";
inline constexpr std::string_view kUserDataUpdated = "user-data-updated";
inline constexpr std::string_view kUserDataDeleted = "user-data-deleted";

/// Appends one part of a stream name, its `-` and `%` percent-encoded: what separates parts never stands inside one.
void append_name_part(std::string& name, std::string_view part);
/// `user-{user_id}-`: the names of all streams of one user begin with it.
[[nodiscard]] std::string user_stream_prefix(std::string_view user_id);
/// The key whose stream has this very name; empty for names `user_stream_name` never makes.
[[nodiscard]] std::optional<UserStreamKey> parse_user_stream_name(std::string_view name);

/// `state.data` must be JSON. A new state (version 0) leaves the time of creation to the database.
[[nodiscard]] EventData user_data_event(Uuid event_id, std::string_view type, const UserStream& state);
[[nodiscard]] EventData user_data_deleted(Uuid event_id, const UserStreamKey& key);

/// True for our event types, whatever the event holds.
[[nodiscard]] bool is_user_data_event(std::string_view type);

/// What a user stream holds after an event; an empty `state` is nothing.
struct UserDataChange {
  std::optional<UserStream> state;
};
/// Empty when the event is foreign or malformed: then it changes nothing but the version.
[[nodiscard]] std::optional<UserDataChange> parse_user_data(const UserStreamKey& key, const RecordedEvent& event);

}  // namespace kurrentlite::services
