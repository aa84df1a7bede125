#include "kurrentlite/models.hpp"

#include "services/user_data.hpp"

namespace kurrentlite {

const char* to_string(StreamStatus status) {
  switch (status) {
    case StreamStatus::Active: return "active";
    case StreamStatus::Archived: return "archived";
    case StreamStatus::Deleted: return "deleted";
  }
  return "active";
}

std::optional<StreamStatus> parse_stream_status(std::string_view text) {
  for (const StreamStatus status : {StreamStatus::Active, StreamStatus::Archived, StreamStatus::Deleted}) {
    if (text == to_string(status)) return status;
  }
  return std::nullopt;
}

const char* to_string(HealthStatus status) {
  switch (status) {
    case HealthStatus::Healthy: return "healthy";
    case HealthStatus::Degraded: return "degraded";
    case HealthStatus::Unhealthy: return "unhealthy";
  }
  return "unhealthy";
}

std::string document_stream_name(std::string_view id) { return std::string("document-").append(id); }

std::string user_stream_name(const UserStreamKey& key) {
  std::string name = services::user_stream_prefix(key.user_id);
  services::append_name_part(name, key.type);
  if (key.category) {
    name.push_back('-');
    services::append_name_part(name, *key.category);
  }
  return name;
}

}  // namespace kurrentlite
