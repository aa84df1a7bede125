#include "services/document.hpp"

#include <utility>

#include "base/json_diff.hpp"
#include "kurrentlite/ports.hpp"
#include "services/fields.hpp"

namespace kurrentlite::services {

namespace {

void write_texts(json::Writer& writer, std::string_view key, const std::vector<std::string>& texts) {
  writer.key(key).begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

void write_permissions(json::Writer& writer, const PermissionsPatch& permissions) {
  writer.key("permissions").begin_object();
  if (permissions.read) write_texts(writer, "read", *permissions.read);
  if (permissions.write) write_texts(writer, "write", *permissions.write);
  if (permissions.admin) write_texts(writer, "admin", *permissions.admin);
  writer.end_object();
}

/// What a new document grants: everybody reads, its owner does the rest.
PermissionsPatch with_defaults(std::optional<PermissionsPatch> given, const std::string& owner) {
  PermissionsPatch all = given ? std::move(*given) : PermissionsPatch{};
  if (!all.read) all.read = {"*"};
  if (!all.write) all.write = {owner};
  if (!all.admin) all.admin = {owner};
  return all;
}

EventData json_event(Uuid id, std::string_view type, json::Writer& writer) {
  EventData event;
  event.id = id;
  event.type = type;
  event.data = writer.take();
  return event;
}

/// Everything a created or updated event may say.
struct Content {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<Json> data;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> owner;
  PermissionsPatch permissions;
};

/// Empty when the event is not what its type promises.
std::optional<Content> parse_content(std::string_view text) {
  const std::optional<Fields> fields = Fields::parse(text);
  if (!fields) return std::nullopt;
  Content content;
  if (!fields->read("name", content.name) || !fields->read("description", content.description) ||
      !fields->read("tags", content.tags) || !fields->read("owner", content.owner)) {
    return std::nullopt;
  }
  if (const json::Value* data = fields->find("data")) content.data = Json(data->raw());
  if (const json::Value* value = fields->find("permissions")) {
    const std::optional<Fields> permissions = Fields::of(*value);
    if (!permissions || !permissions->read("read", content.permissions.read) ||
        !permissions->read("write", content.permissions.write) ||
        !permissions->read("admin", content.permissions.admin)) {
      return std::nullopt;
    }
  }
  return content;
}

void merge_permissions(Permissions& permissions, PermissionsPatch patch) {
  if (patch.read) permissions.read = std::move(*patch.read);
  if (patch.write) permissions.write = std::move(*patch.write);
  if (patch.admin) permissions.admin = std::move(*patch.admin);
}

std::optional<Stream> created_document(std::string_view id, const RecordedEvent& event) {
  std::optional<Content> content = parse_content(event.data);
  if (!content || !content->name || !content->data) return std::nullopt;
  Stream document;
  document.id = id;
  document.name = std::move(*content->name);
  document.description = std::move(content->description);
  document.data = std::move(*content->data);
  if (content->tags) document.metadata.tags = std::move(*content->tags);
  document.metadata.owner = content->owner ? std::move(*content->owner) : std::string(kDefaultOwner);
  document.metadata.created_at_ms = event.created_ticks / kTicksPerMillisecond;
  document.metadata.updated_at_ms = document.metadata.created_at_ms;
  PermissionsPatch permissions = with_defaults(std::move(content->permissions), document.metadata.owner);
  merge_permissions(document.permissions, std::move(permissions));
  return document;
}

void note(DocumentEffect* effect, DocumentField field, bool changed) {
  if (effect != nullptr && changed) effect->fields.push_back(field);
}

void note_creation(DocumentEffect* effect, const Stream& document) {
  if (effect == nullptr) return;
  effect->change = DocumentChange::Created;
  note(effect, DocumentField::Name, true);
  note(effect, DocumentField::Description, document.description.has_value());
  note(effect, DocumentField::Data, true);
  note(effect, DocumentField::Tags, !document.metadata.tags.empty());
  note(effect, DocumentField::Owner, true);
  note(effect, DocumentField::Permissions, true);
}

bool update_document(Stream& document, const RecordedEvent& event, DocumentEffect* effect) {
  std::optional<Content> content = parse_content(event.data);
  if (!content) return false;
  if (content->description) {
    note(effect, DocumentField::Description, document.description != content->description);
    document.description = std::move(content->description);
  }
  if (content->data) {
    note(effect, DocumentField::Data, effect != nullptr && !json::same(document.data, *content->data));
    document.data = std::move(*content->data);
  }
  if (content->tags) {
    note(effect, DocumentField::Tags, document.metadata.tags != *content->tags);
    document.metadata.tags = std::move(*content->tags);
  }
  Permissions permissions = document.permissions;
  merge_permissions(permissions, std::move(content->permissions));
  note(effect, DocumentField::Permissions, permissions != document.permissions);
  document.permissions = std::move(permissions);
  return true;
}

/// The change that an event of type `type` makes to a document that is there.
DocumentChange change_of(std::string_view type) {
  if (type == kDocumentUpdated) return DocumentChange::Updated;
  if (type == kDocumentArchived) return DocumentChange::Archived;
  if (type == kDocumentRestored) return DocumentChange::Restored;
  if (type == kDocumentDeleted) return DocumentChange::Deleted;
  return DocumentChange::Other;
}

/// False when the event says nothing about the document.
bool change_document(Stream& document, const RecordedEvent& event, DocumentEffect* effect) {
  if (document.status == StreamStatus::Deleted) return false;
  const StreamStatus before = document.status;
  const DocumentChange change = change_of(event.type);
  switch (change) {
    case DocumentChange::Updated:
      if (!update_document(document, event, effect)) return false;
      break;
    case DocumentChange::Archived: document.status = StreamStatus::Archived; break;
    case DocumentChange::Restored: document.status = StreamStatus::Active; break;
    case DocumentChange::Deleted: document.status = StreamStatus::Deleted; break;
    case DocumentChange::Created:
    case DocumentChange::Other: return false;
  }
  note(effect, DocumentField::Status, document.status != before);
  if (effect != nullptr) effect->change = change;
  return true;
}

}  // namespace

EventData document_created(Uuid event_id, std::string_view id, const CreateStreamRequest& request) {
  const std::string owner = request.owner.value_or(std::string(kDefaultOwner));
  json::Writer writer;
  writer.begin_object().key("id").string(id).key("name").string(request.name);
  if (request.description) writer.key("description").string(*request.description);
  writer.key("data").raw(json::Value(request.data).raw());
  write_texts(writer, "tags", request.tags.value_or(std::vector<std::string>{}));
  writer.key("owner").string(owner);
  write_permissions(writer, with_defaults(request.permissions, owner));
  writer.end_object();
  return json_event(event_id, kDocumentCreated, writer);
}

EventData document_updated(Uuid event_id, const UpdateStreamRequest& request) {
  json::Writer writer;
  writer.begin_object();
  if (request.description) writer.key("description").string(*request.description);
  if (request.data) writer.key("data").raw(json::Value(*request.data).raw());
  if (request.tags) write_texts(writer, "tags", *request.tags);
  if (request.permissions) write_permissions(writer, *request.permissions);
  writer.end_object();
  return json_event(event_id, kDocumentUpdated, writer);
}

EventData document_marked(Uuid event_id, std::string_view type) {
  json::Writer writer;
  writer.begin_object().end_object();
  return json_event(event_id, type, writer);
}

std::string comparable_text(const Stream& document) {
  json::Writer writer;
  writer.begin_object().key("name").string(document.name);
  if (document.description) writer.key("description").string(*document.description);
  writer.key("data").raw(document.data);
  writer.key("metadata").begin_object();
  write_texts(writer, "tags", document.metadata.tags);
  writer.key("owner").string(document.metadata.owner).end_object();
  writer.key("status").string(to_string(document.status));
  const Permissions& permissions = document.permissions;
  write_permissions(writer, {permissions.read, permissions.write, permissions.admin});
  writer.end_object();
  return writer.take();
}

void DocumentFold::apply(std::string_view id, const RecordedEvent& event, DocumentEffect* effect) {
  if (event.type == kStreamTombstone) {
    document.reset();
    next_revision = kDeletedRevision;
    return;
  }
  next_revision = event.revision.value + 1;
  if (!document) {
    if (event.type == kDocumentCreated) document = created_document(id, event);
    if (document) note_creation(effect, *document);
  } else if (change_document(*document, event, effect)) {
    document->metadata.updated_at_ms = event.created_ticks / kTicksPerMillisecond;
  }
  if (document) document->metadata.version = next_revision;
}

const Stream* DocumentFold::live() const {
  return document && document->status != StreamStatus::Deleted ? &*document : nullptr;
}

}  // namespace kurrentlite::services
