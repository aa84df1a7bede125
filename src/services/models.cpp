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

const char* to_string(Access access) {
  switch (access) {
    case Access::Read: return "read";
    case Access::Write: return "write";
    case Access::Admin: return "admin";
  }
  return "admin";
}

const char* to_string(DocumentChange change) {
  switch (change) {
    case DocumentChange::Created: return "created";
    case DocumentChange::Updated: return "updated";
    case DocumentChange::Patched: return "patched";
    case DocumentChange::Tagged: return "tagged";
    case DocumentChange::PermissionsChanged: return "permissions-changed";
    case DocumentChange::OwnerChanged: return "owner-changed";
    case DocumentChange::Archived: return "archived";
    case DocumentChange::Restored: return "restored";
    case DocumentChange::Deleted: return "deleted";
    case DocumentChange::Other: return "other";
  }
  return "other";
}

const char* to_string(DocumentField field) {
  switch (field) {
    case DocumentField::Kind: return "kind";
    case DocumentField::Name: return "name";
    case DocumentField::Description: return "description";
    case DocumentField::Data: return "data";
    case DocumentField::Tags: return "tags";
    case DocumentField::Owner: return "owner";
    case DocumentField::Permissions: return "permissions";
    case DocumentField::Status: return "status";
  }
  return "status";
}

const char* to_string(DocumentDifference::Kind kind) {
  switch (kind) {
    case DocumentDifference::Kind::Added: return "added";
    case DocumentDifference::Kind::Removed: return "removed";
    case DocumentDifference::Kind::Replaced: return "replaced";
  }
  return "replaced";
}

const char* to_string(CircuitState state) {
  switch (state) {
    case CircuitState::Closed: return "closed";
    case CircuitState::Open: return "open";
    case CircuitState::HalfOpen: return "half-open";
  }
  return "closed";
}

const char* to_string(Probe probe) {
  switch (probe) {
    case Probe::Connection: return "connection";
    case Probe::Authentication: return "authentication";
    case Probe::Read: return "read";
    case Probe::Write: return "write";
    case Probe::Sync: return "sync";
  }
  return "sync";
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
