#include "services/document_events.hpp"

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

Error document_not_found(const std::string& id) {
  return {ErrorCode::NotFound, "There is no document \"" + id + "\".", {{"id", id}}};
}

}  // namespace kurrentlite::services
