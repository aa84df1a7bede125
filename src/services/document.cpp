#include "services/document.hpp"

#include <algorithm>
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
  std::optional<std::string> kind;
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
  if (!fields->read("kind", content.kind) || !fields->read("name", content.name) || 
      !fields->read("description", content.description) || !fields->read("tags", content.tags) || !fields->read("owner", content.owner)) {
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
  document.kind = std::move(content->kind);
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
  note(effect, DocumentField::Kind, document.kind.has_value());
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
  if (content->name) {
    note(effect, DocumentField::Name, document.name != *content->name);
    document.name = std::move(*content->name);
  }
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

bool patch_document(Stream& document, const RecordedEvent& event, DocumentEffect* effect) {
  const std::optional<Fields> fields = Fields::parse(event.data);
  const json::Value* patch = fields ? fields->find("data") : nullptr;
  if (patch == nullptr) return false;
  Json patched = json::merge_patch(document.data, patch->raw());
  note(effect, DocumentField::Data, effect != nullptr && !json::same(document.data, patched));
  document.data = std::move(patched);
  return true;
}

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool tag_document(Stream& document, const RecordedEvent& event, DocumentEffect* effect) {
  const std::optional<Fields> fields = Fields::parse(event.data);
  std::optional<std::vector<std::string>> added;
  std::optional<std::vector<std::string>> removed;
  if (!fields || !fields->read("add", added) || !fields->read("remove", removed)) return false;
  std::vector<std::string> tags = with_tags(document.metadata.tags, {added.value_or(std::vector<std::string>{}),
                                                                     removed.value_or(std::vector<std::string>{})});
  note(effect, DocumentField::Tags, tags != document.metadata.tags);
  document.metadata.tags = std::move(tags);
  return true;
}

bool change_permissions(Stream& document, const RecordedEvent& event, DocumentEffect* effect) {
  std::optional<Content> content = parse_content(event.data);
  if (!content) return false;
  Permissions permissions = document.permissions;
  merge_permissions(permissions, std::move(content->permissions));
  note(effect, DocumentField::Permissions, permissions != document.permissions);
  document.permissions = std::move(permissions);
  return true;
}

void replace_user(std::vector<std::string>& users, const std::string& before, const std::string& after) {
  if (before == after || !contains(users, before)) return;
  if (contains(users, after)) {
    users.erase(std::remove(users.begin(), users.end(), before), users.end());
  } else {
    std::replace(users.begin(), users.end(), before, after);
  }
}

bool change_owner(Stream& document, const RecordedEvent& event, DocumentEffect* effect) {
  std::optional<Content> content = parse_content(event.data);
  if (!content || !content->owner) return false;
  const std::string before = std::exchange(document.metadata.owner, *content->owner);
  Permissions permissions = document.permissions;
  for (std::vector<std::string>* users : {&permissions.read, &permissions.write, &permissions.admin}) {
    replace_user(*users, before, document.metadata.owner);
  }
  note(effect, DocumentField::Owner, before != document.metadata.owner);
  note(effect, DocumentField::Permissions, permissions != document.permissions);
  document.permissions = std::move(permissions);
  return true;
}

/// The change that an event of type `type` makes to a document that is there.
DocumentChange change_of(std::string_view type) {
  if (type == kDocumentUpdated) return DocumentChange::Updated;
  if (type == kDocumentPatched) return DocumentChange::Patched;
  if (type == kDocumentTagged) return DocumentChange::Tagged;
  if (type == kDocumentPermissionsChanged) return DocumentChange::PermissionsChanged;
  if (type == kDocumentOwnerChanged) return DocumentChange::OwnerChanged;
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
    case DocumentChange::Patched:
      if (!patch_document(document, event, effect)) return false;
      break;
    case DocumentChange::Tagged:
      if (!tag_document(document, event, effect)) return false;
      break;
    case DocumentChange::PermissionsChanged:
      if (!change_permissions(document, event, effect)) return false;
      break;
    case DocumentChange::OwnerChanged:
      if (!change_owner(document, event, effect)) return false;
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
  writer.begin_object().key("id").string(id);
  if (request.kind) writer.key("kind").string(*request.kind);
  writer.key("name").string(request.name);
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
  if (request.name) writer.key("name").string(*request.name);
  if (request.description) writer.key("description").string(*request.description);
  if (request.data) writer.key("data").raw(json::Value(*request.data).raw());
  if (request.tags) write_texts(writer, "tags", *request.tags);
  if (request.permissions) write_permissions(writer, *request.permissions);
  writer.end_object();
  return json_event(event_id, kDocumentUpdated, writer);
}

EventData document_patched(Uuid event_id, const Json& patch) {
  json::Writer writer;
  writer.begin_object().key("data").raw(json::Value(patch).raw()).end_object();
  return json_event(event_id, kDocumentPatched, writer);
}

EventData document_tagged(Uuid event_id, const TagChanges& changes) {
  json::Writer writer;
  writer.begin_object();
  write_texts(writer, "add", changes.add);
  write_texts(writer, "remove", changes.remove);
  writer.end_object();
  return json_event(event_id, kDocumentTagged, writer);
}

EventData document_permissions_changed(Uuid event_id, const PermissionsPatch& permissions) {
  json::Writer writer;
  writer.begin_object();
  write_permissions(writer, permissions);
  writer.end_object();
  return json_event(event_id, kDocumentPermissionsChanged, writer);
}

EventData document_owner_changed(Uuid event_id, const std::string& owner) {
  json::Writer writer;
  writer.begin_object().key("owner").string(owner).end_object();
  return json_event(event_id, kDocumentOwnerChanged, writer);
}

std::vector<std::string> with_tags(std::vector<std::string> tags, const TagChanges& changes) {
  std::erase_if(tags, [&](const std::string& tag) { return contains(changes.remove, tag); });
  for (const std::string& tag : changes.add) {
    if (!contains(tags, tag)) tags.push_back(tag);
  }
  return tags;
}

EventData document_marked(Uuid event_id, std::string_view type) {
  json::Writer writer;
  writer.begin_object().end_object();
  return json_event(event_id, type, writer);
}

std::string comparable_text(const Stream& document) {
  json::Writer writer;
  writer.begin_object();
  if (document.kind) writer.key("kind").string(*document.kind);
  writer.key("name").string(document.name);
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
