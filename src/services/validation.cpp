#include "services/validation.hpp"

#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace kurrentlite::services {

Error validation_failed(std::vector<Violation> violations) {
  Error error{ErrorCode::ValidationFailed, "The request is not valid."};
  for (const Violation& violation : violations) error.message += " `" + violation.field + "`: " + violation.problem;
  error.violations = std::move(violations);
  return error;
}

namespace {

/// Collects what is wrong with one request.
class Checker {
 public:
  /// A name or id: 1 to 256 characters of valid text.
  void check_name(const std::string& field, std::string_view text) {
    if (!check_text(field, text)) return;
    const std::uint64_t length = utf8::utf16_length(text);
    if (length >= 1 && length <= kTextLengthMax) return;
    add(field, "must have 1 to " + std::to_string(kTextLengthMax) + " characters, not " + std::to_string(length) + ".");
  }

  bool check_text(const std::string& field, std::string_view text) {
    if (utf8::valid(text)) return true;
    add(field, "must be valid Unicode text, without lone surrogates.");
    return false;
  }

  void check_names(const std::string& field, const std::optional<std::vector<std::string>>& texts) {
    if (!texts) return;
    for (std::size_t i = 0; i < texts->size(); ++i) check_name(field + "[" + std::to_string(i) + "]", (*texts)[i]);
  }

  void check_permissions(const std::optional<PermissionsPatch>& permissions) {
    if (!permissions) return;
    check_names("permissions.read", permissions->read);
    check_names("permissions.write", permissions->write);
    check_names("permissions.admin", permissions->admin);
  }

  bool check_json(const std::string& field, std::string_view text) {
    if (text.empty()) return add(field, "is required."), false;
    // Looked at before the content: a text that never fits need not be read.
    if (text.size() > kEventSizeMaxBytes) return add(field, too_large(text.size())), false;
    if (const auto fault = json::check(text)) {
      add(field, std::string("must be JSON: ") + fault->problem + " (at byte " + std::to_string(fault->offset) + ").");
      return false;
    }
    const auto hazard = json::find_hazard(text);
    if (!hazard) return true;
    const bool needs_dot = !hazard->path.empty() && hazard->path.front() != '[';
    add(field + (needs_dot ? "." : "") + hazard->path, std::string(hazard->problem) + ".");
    return false;
  }

  void check_patch(const std::string& field, std::string_view text, const char* otherwise) {
    if (check_json(field, text) && !json::Value(text).is(json::Kind::Object)) add(field, otherwise);
  }

  void check_limit(std::uint32_t limit, std::uint32_t limit_max = kPageSizeMax) {
    if (limit >= 1 && limit <= limit_max) return;
    add("limit", "must be 1 to " + std::to_string(limit_max) + ", not " + std::to_string(limit) + ".");
  }

  void check_key(const UserStreamKey& key) {
    check_name("userId", key.user_id);
    check_name("type", key.type);
    if (key.category) check_name("category", *key.category);
  }

  void add(std::string field, std::string problem) { violations_.push_back({std::move(field), std::move(problem)}); }

  [[nodiscard]] std::optional<Error> finish() {
    if (violations_.empty()) return std::nullopt;
    return validation_failed(std::move(violations_));
  }

  static std::string too_large(std::size_t size) {
    return "makes an event of " + std::to_string(size) + " bytes; at most " + std::to_string(kEventSizeMaxBytes) +
           " fit.";
  }

 private:
  std::vector<Violation> violations_;
};

}  // namespace

std::optional<Error> validate_create(const CreateStreamRequest& request) {
  Checker checker;
  if (request.id) checker.check_name("id", *request.id);
  if (request.kind) checker.check_name("kind", *request.kind);
  checker.check_name("name", request.name);
  if (request.description) checker.check_text("description", *request.description);
  checker.check_json("data", request.data);
  checker.check_names("tags", request.tags);
  if (request.owner) checker.check_name("owner", *request.owner);
  checker.check_permissions(request.permissions);
  return checker.finish();
}

std::optional<Error> validate_update(std::string_view id, const UpdateStreamRequest& request) {
  Checker checker;
  checker.check_name("id", id);
  if (request.name) checker.check_name("name", *request.name);
  if (request.description) checker.check_text("description", *request.description);
  if (request.data) checker.check_json("data", *request.data);
  checker.check_names("tags", request.tags);
  checker.check_permissions(request.permissions);
  return checker.finish();
}

std::optional<Error> validate_document_patch(std::string_view id, const PatchStreamRequest& request) {
  Checker checker;
  checker.check_name("id", id);
  checker.check_patch("with", request.patch, "must be an object, whose members are merged into the document's data.");
  return checker.finish();
}

std::optional<Error> validate_tag_changes(std::string_view id, const TagChanges& changes) {
  Checker checker;
  checker.check_name("id", id);
  checker.check_names("add", changes.add);
  checker.check_names("remove", changes.remove);
  return checker.finish();
}

std::optional<Error> validate_permissions(std::string_view id, const PermissionsPatch& permissions) {
  Checker checker;
  checker.check_name("id", id);
  checker.check_permissions(permissions);
  return checker.finish();
}

std::optional<Error> validate_owner(std::string_view id, std::string_view owner) {
  Checker checker;
  checker.check_name("id", id);
  checker.check_name("owner", owner);
  return checker.finish();
}

std::optional<Error> validate_document_size(const Stream& document) {
  if (document.data.size() <= kEventSizeMaxBytes) return std::nullopt;
  return validation_failed("data", Checker::too_large(document.data.size()));
}

std::optional<Error> validate_step_count(std::size_t count) {
  constexpr std::size_t kStepsMax = 1000;
  if (count >= 1 && count <= kStepsMax) return std::nullopt;
  return validation_failed("steps", "must be 1 to " + std::to_string(kStepsMax) + " steps, not " + std::to_string(count) + ".");
}

std::optional<Error> validate_document_id(std::string_view id) {
  Checker checker;
  checker.check_name("id", id);
  return checker.finish();
}

std::optional<Error> validate_filter(const StreamFilter& filter, std::uint32_t limit_max) {
  Checker checker;
  checker.check_limit(filter.limit, limit_max);
  return checker.finish();
}

std::optional<Error> validate_history(std::string_view id, const HistoryOptions& options) {
  Checker checker;
  checker.check_name("id", id);
  if (options.from == 0u) checker.add("from", "must be a version, and versions begin with 1.");
  checker.check_limit(options.limit);
  return checker.finish();
}

std::optional<Error> validate_user_key(const UserStreamKey& key) {
  Checker checker;
  checker.check_key(key);
  return checker.finish();
}

std::optional<Error> validate_user_id(std::string_view user_id) {
  Checker checker;
  checker.check_name("userId", user_id);
  return checker.finish();
}

std::optional<Error> validate_store(const UserStreamKey& key, const Json& data) {
  Checker checker;
  checker.check_key(key);
  checker.check_json("data", data);
  return checker.finish();
}

std::optional<Error> validate_patch(const UserStreamKey& key, const Json& patch) {
  Checker checker;
  checker.check_key(key);
  checker.check_patch("data", patch, "must be an object, whose keys are merged into what is stored.");
  return checker.finish();
}

std::optional<Error> validate_event_size(const EventData& event, const char* field) {
  // As KurrentDB counts: the type in UTF-16.
  const std::size_t size = event.data.size() + event.metadata.size() + 2 * event.type.size();
  if (size <= kEventSizeMaxBytes) return std::nullopt;
  return validation_failed(field, Checker::too_large(size));
}

Error validation_failed(std::string field, std::string problem) {
  std::vector<Violation> violations;
  violations.push_back({std::move(field), std::move(problem)});
  return validation_failed(std::move(violations));
}

}  // namespace kurrentlite::services
