#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/models.hpp"

/// Every rule for what users hand to the services. Each function answers ValidationFailed with all violations at once,
/// or nothing; it runs before anything is written.
namespace kurrentlite::services {

inline constexpr std::size_t kTextLengthMax = 256;  ///< of names and ids, in UTF-16 units as JavaScript counts
inline constexpr std::size_t kEventSizeMaxBytes = 16ull << 20;  ///< what KurrentDB accepts as one event
inline constexpr std::uint32_t kPageSizeMax = 1000;

[[nodiscard]] std::optional<Error> validate_create(const CreateStreamRequest& request);
[[nodiscard]] std::optional<Error> validate_update(std::string_view id, const UpdateStreamRequest& request);
[[nodiscard]] std::optional<Error> validate_document_patch(std::string_view id, const PatchStreamRequest& request);
[[nodiscard]] std::optional<Error> validate_tag_changes(std::string_view id, const TagChanges& changes);
[[nodiscard]] std::optional<Error> validate_permissions(std::string_view id, const PermissionsPatch& permissions);
[[nodiscard]] std::optional<Error> validate_owner(std::string_view id, std::string_view owner);
/// A document that grew by patches must still fit into one event.
[[nodiscard]] std::optional<Error> validate_document_size(const Stream& document);
[[nodiscard]] std::optional<Error> validate_document_id(std::string_view id);
[[nodiscard]] std::optional<Error> validate_filter(const StreamFilter& filter, std::uint32_t limit_max = kPageSizeMax);
[[nodiscard]] std::optional<Error> validate_history(std::string_view id, const HistoryOptions& options);

[[nodiscard]] std::optional<Error> validate_user_key(const UserStreamKey& key);
[[nodiscard]] std::optional<Error> validate_user_id(std::string_view user_id);
[[nodiscard]] std::optional<Error> validate_store(const UserStreamKey& key, const Json& data);
/// As `validate_store`, and `patch` must be an object.
[[nodiscard]] std::optional<Error> validate_patch(const UserStreamKey& key, const Json& patch);

/// Whether the finished event fits the database; `field` is its largest part.
[[nodiscard]] std::optional<Error> validate_event_size(const EventData& event, const char* field);

/// How many steps a transaction may have.
[[nodiscard]] std::optional<Error> validate_step_count(std::size_t count);

/// One bad field, or several, as a whole error.
[[nodiscard]] Error validation_failed(std::string field, std::string problem);
[[nodiscard]] Error validation_failed(std::vector<Violation> violations);

}  // namespace kurrentlite::services
