#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/models.hpp"

/// Documents as events. The events of `document-{id}` are JSON objects that hold only what changed:
///
/// | type | data |
/// |---|---|
/// | `document-created` | `{id, kind?, name, description?, data, tags, owner, permissions: {read, write, admin}}` |
/// | `document-updated` | `{name?, description?, data?, tags?, permissions?: {read?, write?, admin?}}` |
/// | `document-patched` | `{data}`, a JSON merge patch (RFC 7396) |
/// | `document-tagged` | `{add, remove}` |
/// | `document-permissions-changed` | `{permissions: {read?, write?, admin?}}` |
/// | `document-owner-changed` | `{owner}`, who also takes the place of the former owner in the permissions |
/// | `document-archived`, `document-restored`, `document-deleted` | `{}` |
///
/// A user's `data` stands in the event byte for byte. Times are those at which the database recorded the events.
namespace kurrentlite::services {

inline constexpr std::string_view kDocumentPrefix = "document-";
inline constexpr std::string_view kDocumentCreated = "document-created";
inline constexpr std::string_view kDocumentUpdated = "document-updated";
inline constexpr std::string_view kDocumentPatched = "document-patched";
inline constexpr std::string_view kDocumentTagged = "document-tagged";
inline constexpr std::string_view kDocumentPermissionsChanged = "document-permissions-changed";
inline constexpr std::string_view kDocumentOwnerChanged = "document-owner-changed";
inline constexpr std::string_view kDocumentArchived = "document-archived";
inline constexpr std::string_view kDocumentRestored = "document-restored";
inline constexpr std::string_view kDocumentDeleted = "document-deleted";

/// Written to a stream that is deleted for good, as its last event.
inline constexpr std::string_view kStreamTombstone = "$streamDeleted";
/// Who owns a document when the request names nobody.
inline constexpr std::string_view kDefaultOwner = "anonymous";

/// `request` must be valid; `id` is the document's.
[[nodiscard]] EventData document_created(Uuid event_id, std::string_view id, const CreateStreamRequest& request);
[[nodiscard]] EventData document_updated(Uuid event_id, const UpdateStreamRequest& request);
/// `patch` is a JSON merge patch of the document's data.
[[nodiscard]] EventData document_patched(Uuid event_id, const Json& patch);
[[nodiscard]] EventData document_tagged(Uuid event_id, const TagChanges& changes);
[[nodiscard]] EventData document_permissions_changed(Uuid event_id, const PermissionsPatch& permissions);
[[nodiscard]] EventData document_owner_changed(Uuid event_id, const std::string& owner);
/// `tags` without those to remove, followed by those to add that are not there yet.
[[nodiscard]] std::vector<std::string> with_tags(std::vector<std::string> tags, const TagChanges& changes);
/// An event without content: archived, restored or deleted.
[[nodiscard]] EventData document_marked(Uuid event_id, std::string_view type);

/// The document as JSON, in the shape in which TypeScript sees it, without what changes with every version: the text that
/// two versions are compared by. The user's data stand in it byte for byte.
[[nodiscard]] std::string comparable_text(const Stream& document);

/// What one event did to its document.
struct DocumentEffect {
  DocumentChange change = DocumentChange::Other;
  std::vector<DocumentField> fields;  ///< as in HistoryEntry
};

/// One document's stream as far as it has been read.
struct DocumentFold {
  /// Empty while no event has made a document. A deleted one stays, with that status.
  std::optional<Stream> document;
  /// Revision of the last event seen + 1; the document's version.
  std::uint64_t next_revision = 0;

  /// Takes the next event of the stream of document `id`. What is foreign or malformed counts as a revision and changes
  /// nothing else, and so does anything after a deletion. `effect` (new) is told what happened when somebody wants to
  /// know: that costs a comparison.
  void apply(std::string_view id, const RecordedEvent& event, DocumentEffect* effect = nullptr);
  /// The document, unless there is none or it is deleted.
  [[nodiscard]] const Stream* live() const;
};

}  // namespace kurrentlite::services
