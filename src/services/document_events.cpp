#include "services/document_events.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite::services {

Task<Result<void>> read_document_events(ServiceRuntime& runtime, std::string id, DocumentEventReader& reader) {
  constexpr std::uint64_t kPageSize = 500;
  ReadStreamOptions options;
  options.max_count = kPageSize;
  StreamRevision next;
  while (true) {
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime.read_stream(document_stream_name(id), options);
    const Result<std::vector<ResolvedEvent>> page = co_await std::move(reading);
    if (!page.ok()) {
      const ErrorCode code = page.error().code;
      if (code != ErrorCode::StreamNotFound && code != ErrorCode::StreamDeleted) co_return page.error();
      co_return document_not_found(id);
    }
    for (const ResolvedEvent& resolved : *page) {
      if (!resolved.event) continue;
      next = StreamRevision{resolved.event->revision.value + 1};
      if (!reader.add(*resolved.event)) co_return Result<void>();
    }
    if (page->size() < kPageSize) co_return Result<void>();
    options.from = next;
  }
}

// Not in the unnamed namespace: clang 14 makes the destructor of a local type that a coroutine calls last a tail call,
// which WebAssembly does not have.

/// Folds the whole stream of document `id`.
struct DocumentLoader final : DocumentEventReader {
  DocumentLoader(const std::string& document_id, const std::vector<Uuid>& event_ids, std::optional<std::uint64_t> version)
      : id(document_id), looked_for(event_ids), base_version(version) {}
  bool add(const RecordedEvent& event) override {
    loaded.fold.apply(id, event);
    if (base_version == loaded.fold.next_revision) loaded.base = loaded.fold.document;
    loaded.seen = event.position;
    loaded.holds_event =
        loaded.holds_event || std::find(looked_for.begin(), looked_for.end(), event.id) != looked_for.end();
    return true;
  }
  const std::string& id;
  const std::vector<Uuid>& looked_for;
  std::optional<std::uint64_t> base_version;
  LoadedDocument loaded;
};

Task<Result<LoadedDocument>> load_document(ServiceRuntime& runtime, std::string id, std::vector<Uuid> looked_for,
                                           std::optional<std::uint64_t> base_version) {
  DocumentLoader loader(id, looked_for, base_version);
  Task<Result<void>> reading = read_document_events(runtime, id, loader);
  Result<void> read = co_await std::move(reading);
  if (read.ok()) co_return std::move(loader.loaded);
  if (read.error().code != ErrorCode::NotFound) co_return std::move(read).error();
  co_return LoadedDocument{};
}

Error document_not_found(const std::string& id) {
  return {ErrorCode::NotFound, "There is no document \"" + id + "\".", {{"id", id}}};
}

}  // namespace kurrentlite::services
