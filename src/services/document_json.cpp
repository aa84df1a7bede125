#include "services/document_json.hpp"

namespace kurrentlite::services {

namespace {

void write_texts(json::Writer& out, const char* name, const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const std::string& text : texts) out.string(text);
  out.end_array();
}

}  // namespace

void write_document(json::Writer& out, const Stream& document) {
  out.begin_object().key("id").string(document.id);
  if (document.kind) out.key("kind").string(*document.kind);
  out.key("name").string(document.name);
  if (document.description) out.key("description").string(*document.description);
  out.key("data").raw(document.data);
  out.key("metadata").begin_object();
  out.key("createdAt").integer(document.metadata.created_at_ms);
  out.key("updatedAt").integer(document.metadata.updated_at_ms);
  out.key("version").unsigned_integer(document.metadata.version);
  write_texts(out, "tags", document.metadata.tags);
  out.key("owner").string(document.metadata.owner).end_object();
  out.key("status").string(to_string(document.status));
  out.key("permissions").begin_object();
  write_texts(out, "read", document.permissions.read);
  write_texts(out, "write", document.permissions.write);
  write_texts(out, "admin", document.permissions.admin);
  out.end_object().end_object();
}

std::string document_json(const Stream& document) {
  json::Writer out;
  write_document(out, document);
  return out.take();
}

}  // namespace kurrentlite::services
