#include "services/changes.hpp"

#include <utility>

#include "services/document.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

/// Makes the change of each kind of step; the event's size is judged afterwards, by what holds the most of it.
class Planner {
 public:
  Planner(ServiceRuntime& runtime, std::string id) : runtime_(runtime) { change_.id = std::move(id); }

  Result<Change> operator()(CreateStreamRequest& request) {
    if (!request.owner && runtime_.actor()) request.owner = runtime_.actor();
    if (std::optional<Error> invalid = validate_create(request)) return std::move(*invalid);
    change_.id = request.id ? *request.id : runtime_.next_id().to_string();
    change_.creates = true;
    change_.owner = request.owner.value_or(std::string(kDefaultOwner));
    change_.event = document_created(runtime_.next_id(), change_.id, request);
    const bool is_mostly_data = !request.description || request.description->size() <= request.data.size();
    return finish(is_mostly_data ? "data" : "description");
  }

  Result<Change> operator()(UpdateStreamRequest& request) {
    if (std::optional<Error> invalid = validate_update(change_.id, request)) return std::move(*invalid);
    change_.event = document_updated(runtime_.next_id(), request);
    change_.expected_version = request.expected_version;
    if (request.permissions) change_.needed = Access::Admin;
    const bool is_mostly_data = request.data && request.data->size() >= request.description.value_or("").size();
    return finish(is_mostly_data ? "data" : "description");
  }

  Result<Change> operator()(PatchStreamRequest& request) {
    if (std::optional<Error> invalid = validate_document_patch(change_.id, request)) return std::move(*invalid);
    change_.event = document_patched(runtime_.next_id(), request.patch);
    change_.expected_version = request.expected_version;
    return finish("data");
  }

  Result<Change> operator()(TagChanges& changes) {
    if (std::optional<Error> invalid = validate_tag_changes(change_.id, changes)) return std::move(*invalid);
    change_.event = document_tagged(runtime_.next_id(), changes);
    change_.is_idle_without_effect = true;
    return finish("tags");
  }

  Result<Change> operator()(PermissionsPatch& permissions) {
    if (std::optional<Error> invalid = validate_permissions(change_.id, permissions)) return std::move(*invalid);
    change_.event = document_permissions_changed(runtime_.next_id(), permissions);
    change_.needed = Access::Admin;
    change_.is_idle_without_effect = true;
    return finish("permissions");
  }

  Result<Change> operator()(NewOwner& next) {
    if (std::optional<Error> invalid = validate_owner(change_.id, next.owner)) return std::move(*invalid);
    change_.event = document_owner_changed(runtime_.next_id(), next.owner);
    change_.needed = Access::Admin;
    change_.is_idle_without_effect = true;
    return finish("owner");
  }

  Result<Change> operator()(StreamStatus status) {
    if (std::optional<Error> invalid = validate_document_id(change_.id)) return std::move(*invalid);
    change_.event = document_marked(runtime_.next_id(), event_type(status));
    if (status == StreamStatus::Deleted) change_.needed = Access::Admin;
    change_.is_idle_without_effect = true;
    return finish("id");
  }

 private:
  static std::string_view event_type(StreamStatus status) {
    switch (status) {
      case StreamStatus::Active: return kDocumentRestored;
      case StreamStatus::Archived: return kDocumentArchived;
      case StreamStatus::Deleted: return kDocumentDeleted;
    }
    return kDocumentRestored;
  }

  Result<Change> finish(const char* largest) {
    if (std::optional<Error> invalid = validate_event_size(change_.event, largest)) return std::move(*invalid);
    return std::move(change_);
  }

  ServiceRuntime& runtime_;
  Change change_;
};

}  // namespace

Result<Change> plan(ServiceRuntime& runtime, TransactionStep step) {
  return std::visit(Planner(runtime, std::move(step.id)), step.action);
}

}  // namespace kurrentlite::services
