#include "services/user_data.hpp"

#include <utility>
#include <vector>

#include "kurrentlite/ports.hpp"
#include "services/fields.hpp"

namespace kurrentlite::services {

namespace {

void write_key(json::Writer& writer, const UserStreamKey& key) {
  writer.key("userId").string(key.user_id).key("type").string(key.type);
  if (key.category) writer.key("category").string(*key.category);
}

/// Empty when `text` holds a percent sign that `append_name_part` did not write.
std::optional<std::string> decode_name_part(std::string_view text) {
  std::string part;
  while (!text.empty()) {
    if (text.front() != '%') {
      part.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    const std::string_view code = text.substr(0, 3);
    if (code != "%2D" && code != "%25") return std::nullopt;
    part.push_back(code == "%2D" ? '-' : '%');
    text.remove_prefix(3);
  }
  return part;
}

}  // namespace

void append_name_part(std::string& name, std::string_view part) {
  for (const char c : part) {
    if (c == '-') {
      name += "%2D";
    } else if (c == '%') {
      name += "%25";
    } else {
      name.push_back(c);
    }
  }
}

std::string user_stream_prefix(std::string_view user_id) {
  std::string name(kUserPrefix);
  append_name_part(name, user_id);
  name.push_back('-');
  return name;
}

std::optional<UserStreamKey> parse_user_stream_name(std::string_view name) {
  if (name.substr(0, kUserPrefix.size()) != kUserPrefix) return std::nullopt;
  name.remove_prefix(kUserPrefix.size());
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dash = name.find('-');
    std::optional<std::string> part = decode_name_part(name.substr(0, dash));
    if (!part || part->empty()) return std::nullopt;
    parts.push_back(std::move(*part));
    if (dash == std::string_view::npos) break;
    name.remove_prefix(dash + 1);
  }
  if (parts.size() != 2 && parts.size() != 3) return std::nullopt;
  UserStreamKey key;
  key.user_id = std::move(parts[0]);
  key.type = std::move(parts[1]);
  if (parts.size() == 3) key.category = std::move(parts[2]);
  return key;
}

EventData user_data_event(Uuid event_id, std::string_view type, const UserStream& state) {
  json::Writer writer;
  writer.begin_object();
  write_key(writer, {state.user_id, state.type, state.category});
  writer.key("data").raw(json::Value(state.data).raw()).key("isPublic").boolean(state.is_public);
  if (state.version > 0) writer.key("createdAt").integer(state.created_at_ms);
  writer.end_object();
  EventData event;
  event.id = event_id;
  event.type = type;
  event.data = writer.take();
  return event;
}

EventData user_data_deleted(Uuid event_id, const UserStreamKey& key) {
  json::Writer writer;
  writer.begin_object();
  write_key(writer, key);
  writer.end_object();
  EventData event;
  event.id = event_id;
  event.type = kUserDataDeleted;
  event.data = writer.take();
  return event;
}

bool is_user_data_event(std::string_view type) {
  return type == kUserDataStored || type == kUserDataUpdated || type == kUserDataDeleted;
}

std::optional<UserDataChange> parse_user_data(const UserStreamKey& key, const RecordedEvent& event) {
  if (!is_user_data_event(event.type)) return std::nullopt;
  if (event.type == kUserDataDeleted) return UserDataChange{};
  const std::optional<Fields> fields = Fields::parse(event.data);
  if (!fields) return std::nullopt;
  const json::Value* data = fields->find("data");
  if (data == nullptr) return std::nullopt;

  UserStream state;
  state.user_id = key.user_id;
  state.type = key.type;
  state.category = key.category;
  state.data = data->raw();
  if (const json::Value* is_public = fields->find("isPublic")) {
    const std::optional<bool> value = is_public->boolean();
    if (!value) return std::nullopt;
    state.is_public = *value;
  }
  state.updated_at_ms = event.created_ticks / kTicksPerMillisecond;
  state.created_at_ms = state.updated_at_ms;
  if (const json::Value* created_at = fields->find("createdAt")) {
    const std::optional<std::int64_t> value = created_at->integer();
    if (!value) return std::nullopt;
    state.created_at_ms = *value;
  }
  state.version = event.revision.value + 1;
  UserDataChange change;
  change.state = std::move(state);
  return change;
}

}  // namespace kurrentlite::services
