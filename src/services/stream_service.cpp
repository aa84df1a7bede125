#include <utility>

#include "services/access.hpp"
#include "services/changes.hpp"
#include "services/claim_unique.hpp"
#include "services/document_events.hpp"
#include "services/history.hpp"
#include "services/runtime.hpp"
#include "services/validation.hpp"

namespace kurrentlite {

using services::LoadedDocument;

namespace {

Task<Result<std::optional<Stream>>> get_document(ServiceRuntime& runtime, std::string id) {
  if (std::optional<Error> invalid = services::validate_document_id(id)) co_return std::move(*invalid);
  runtime.begin_operation();
  const Actor actor = runtime.actor();
  const std::uint64_t epoch = runtime.epoch();
  Task<Result<LoadedDocument>> loading = services::load_document(runtime, id);
  Result<LoadedDocument> loaded = co_await std::move(loading);
  if (!loaded.ok()) co_return std::move(loaded).error();
  std::optional<Stream> found;
  if (const Stream* live = loaded->fold.live()) {
    if (std::optional<Error> refused = services::refusal(actor, Access::Read, *live)) co_return std::move(*refused);
    runtime.show_document(epoch, id, loaded->fold, loaded->seen);  // the lists shall not be behind what was read
    found = std::move(*loaded->fold.document);
  }
  co_return std::move(found);
}

Task<Result<Stream>> change_document(ServiceRuntime& runtime, TransactionStep step) {
  std::vector<services::Change> changes;
  {
    Result<services::Change> change = services::plan(runtime, std::move(step));
    if (!change.ok()) co_return std::move(change).error();
    changes.push_back(std::move(*change));
  }
  Task<Result<std::vector<Stream>>> committing = services::commit(runtime, std::move(changes));
  Result<std::vector<Stream>> committed = co_await std::move(committing);
  if (!committed.ok()) co_return std::move(committed).error();
  co_return std::move(committed->front());
}

Task<Result<Stream>> update_document(ServiceRuntime& runtime, std::string id, UpdateStreamRequest request,
                                     StreamService::Merge merge) {
  while (true) {
    const std::optional<std::uint64_t> expected = request.expected_version;
    Task<Result<Stream>> changing = change_document(runtime, {id, std::move(request)});
    Result<Stream> changed = co_await std::move(changing);
    if (changed.ok() || changed.error().code != ErrorCode::Conflict || !merge || !expected) co_return std::move(changed);
    const std::uint64_t actual = changed.error().number("actualVersion").value_or(0);
    StreamConflict conflict;
    conflict.expected_version = *expected;
    Task<Result<LoadedDocument>> loading = services::load_document(runtime, id, {}, expected);
    Result<LoadedDocument> loaded = co_await std::move(loading);
    if (!loaded.ok()) co_return std::move(loaded).error();
    if (loaded->fold.live() == nullptr || loaded->fold.next_revision < actual) co_return std::move(changed);
    conflict.base = std::move(loaded->base);
    conflict.theirs = std::move(*loaded->fold.document);
    std::optional<UpdateStreamRequest> merged = merge(conflict);
    if (!merged) co_return std::move(changed);
    request = std::move(*merged);
    request.expected_version = conflict.theirs.metadata.version;
  }
}

Task<Result<void>> delete_document(ServiceRuntime& runtime, std::string id) {
  Task<Result<Stream>> changing = change_document(runtime, {std::move(id), StreamStatus::Deleted});
  Result<Stream> changed = co_await std::move(changing);
  if (!changed.ok()) co_return std::move(changed).error();
  co_return Result<void>();
}

/// A step's violations are told apart by the step.
Error about_step(std::size_t index, bool creates, Error error) {
  if (error.violations.empty()) return error;
  const std::string prefix = "steps[" + std::to_string(index) + "]." + (creates ? "create." : "");
  std::vector<Violation> violations = std::move(error.violations);
  for (Violation& each : violations) each.field = prefix + each.field;
  return services::validation_failed(std::move(violations));
}

Task<Result<std::vector<Stream>>> run_transaction(ServiceRuntime& runtime, std::vector<TransactionStep> steps) {
  if (std::optional<Error> invalid = services::validate_step_count(steps.size())) co_return std::move(*invalid);
  std::vector<services::Change> changes;
  for (TransactionStep& step : steps) {
    const bool creates = std::holds_alternative<CreateStreamRequest>(step.action);
    Result<services::Change> change = services::plan(runtime, std::move(step));
    if (!change.ok()) co_return about_step(changes.size(), creates, std::move(change).error());
    changes.push_back(std::move(*change));
  }
  steps.clear();
  Task<Result<std::vector<Stream>>> committing = services::commit(runtime, std::move(changes));
  co_return co_await std::move(committing);
}

}  // namespace

Task<Result<Stream>> StreamService::create(CreateStreamRequest request) {
  return runtime_.run("createStream", change_document(runtime_, {std::string(), std::move(request)}));
}

Task<Result<std::optional<Stream>>> StreamService::get(std::string id) {
  return runtime_.run("getStream", get_document(runtime_, std::move(id)));
}

Task<Result<Stream>> StreamService::update(std::string id, UpdateStreamRequest request) {
  return update(std::move(id), std::move(request), nullptr);
}

Task<Result<Stream>> StreamService::update(std::string id, UpdateStreamRequest request, Merge merge) {
  return runtime_.run("updateStream",
                      update_document(runtime_, std::move(id), std::move(request), std::move(merge)));
}

Task<Result<Stream>> StreamService::patch(std::string id, PatchStreamRequest request) {
  return runtime_.run("patchStream", change_document(runtime_, {std::move(id), std::move(request)}));
}

Task<Result<Stream>> StreamService::tag(std::string id, TagChanges changes) {
  return runtime_.run("tagStream", change_document(runtime_, {std::move(id), std::move(changes)}));
}

Task<Result<Stream>> StreamService::set_permissions(std::string id, PermissionsPatch permissions) {
  return runtime_.run("setStreamPermissions", change_document(runtime_, {std::move(id), std::move(permissions)}));
}

Task<Result<Stream>> StreamService::transfer_owner(std::string id, std::string owner) {
  return runtime_.run("transferStream", change_document(runtime_, {std::move(id), NewOwner{std::move(owner)}}));
}

Task<Result<std::vector<Stream>>> StreamService::transaction(std::vector<TransactionStep> steps) {
  return runtime_.run("runStreamTransaction", run_transaction(runtime_, std::move(steps)));
}

Task<Result<void>> StreamService::remove(std::string id) {
  return runtime_.run("deleteStream", delete_document(runtime_, std::move(id)));
}

Task<Result<Stream>> StreamService::archive(std::string id) {
  return runtime_.run("archiveStream", change_document(runtime_, {std::move(id), StreamStatus::Archived}));
}

Task<Result<Stream>> StreamService::restore(std::string id) {
  return runtime_.run("restoreStream", change_document(runtime_, {std::move(id), StreamStatus::Active}));
}

Task<Result<HistoryPage>> StreamService::history(std::string id, HistoryOptions options) {
  return runtime_.run("getStreamHistory", services::document_history(runtime_, std::move(id), options));
}

Task<Result<std::optional<Stream>>> StreamService::at_version(std::string id, std::uint64_t version) {
  return runtime_.run("getStreamAt", services::document_at(runtime_, std::move(id), services::Moment::of(version)));
}

Task<Result<std::optional<Stream>>> StreamService::at_time(std::string id, std::int64_t time_ms) {
  return runtime_.run("getStreamAt", services::document_at(runtime_, std::move(id), services::Moment::at(time_ms)));
}

Task<Result<DocumentDiff>> StreamService::diff(std::string id, std::uint64_t from, std::uint64_t to) {
  return runtime_.run("diffStream", services::document_diff(runtime_, std::move(id), from, to));
}

Result<void> StreamService::declare_kind(DocumentKind kind) {
  return runtime_.constraints().declare(std::move(kind), runtime_.regexes());
}

Task<Result<UniqueClaims>> StreamService::claim_unique(std::string kind) {
  return runtime_.run("claimStreamValues", services::claim_unique(runtime_, std::move(kind)));
}

void StreamService::on_change(std::function<void()> listener) { runtime_.on_documents_change(std::move(listener)); }

}  // namespace kurrentlite
