#include <cassert>
#include <utility>

#include "services/access.hpp"
#include "services/document.hpp"
#include "services/document_events.hpp"
#include "services/history.hpp"
#include "services/query.hpp"
#include "services/runtime.hpp"
#include "services/validation.hpp"

namespace kurrentlite {

using services::document_not_found;
using services::DocumentFold;

// Not in the unnamed namespace: clang 14 makes the destructor of a local type that a coroutine calls last a tail call,
// which WebAssembly does not have.

/// A document as its stream tells it.
struct LoadedDocument {
  DocumentFold fold;
  std::optional<Position> seen;  ///< of the last event
  bool holds_event = false;      ///< the event that was looked for is on the stream
};

/// Folds the whole stream of document `id`.
struct DocumentLoader final : services::DocumentEventReader {
  DocumentLoader(const std::string& document_id, Uuid event_id) : id(document_id), looked_for(event_id) {}
  bool add(const RecordedEvent& event) override {
    loaded.fold.apply(id, event);
    loaded.seen = event.position;
    loaded.holds_event = loaded.holds_event || event.id == looked_for;
    return true;
  }
  const std::string& id;
  Uuid looked_for;
  LoadedDocument loaded;
};

namespace {

Error id_taken(const std::string& id) { return {ErrorCode::Conflict, "The id \"" + id + "\" is taken.", {{"id", id}}}; }

Error stale(const std::string& id, std::uint64_t expected, std::uint64_t actual) {
  return {ErrorCode::Conflict,
          "Document \"" + id + "\" has version " + std::to_string(actual) + ", not " + std::to_string(expected) +
              " as expected.",
          {{"id", id}, {"expectedVersion", expected}, {"actualVersion", actual}}};
}

/// What the database itself has to say about the size of an event is about our `data`.
Error write_error(Error error) {
  const bool too_large =
      error.code == ErrorCode::MaxAppendEventSizeExceeded || error.code == ErrorCode::MaxAppendSizeExceeded;
  return too_large ? services::validation_failed("data", "is too large for the database: " + error.message)
                   : std::move(error);
}

/// Reads and folds the whole stream of document `id`; a missing stream is an empty fold.
Task<Result<LoadedDocument>> load(ServiceRuntime& runtime, std::string id, Uuid looked_for) {
  DocumentLoader loader(id, looked_for);
  Task<Result<void>> reading = services::read_document_events(runtime, id, loader);
  Result<void> read = co_await std::move(reading);
  if (read.ok()) co_return std::move(loader.loaded);
  if (read.error().code != ErrorCode::NotFound) co_return std::move(read).error();
  co_return LoadedDocument{};
}

/// Answers what was read; the lists shall not be behind it.
Stream answer(ServiceRuntime& runtime, std::uint64_t epoch, const std::string& id, LoadedDocument loaded) {
  runtime.show_document(epoch, id, loaded.fold, loaded.seen);
  return std::move(*loaded.fold.document);
}

/// Folds the event that was just written onto what was there before, and shows the outcome in the lists.
Stream settle(ServiceRuntime& runtime, std::uint64_t epoch, const std::string& id, DocumentFold fold,
              const ServiceRuntime::Written& written) {
  std::optional<DocumentFold> before;
  if (written.time_is_guess) before = fold;
  fold.apply(id, written.event);
  runtime.show_document(epoch, id, fold, written.position, std::move(before));
  assert(fold.document && "our own events make sense to us");
  return std::move(*fold.document);
}

Task<Result<Stream>> create_document(ServiceRuntime& runtime, CreateStreamRequest request) {
  if (std::optional<Error> invalid = services::validate_create(request)) co_return std::move(*invalid);
  const Uuid event_id = runtime.next_id();
  const std::string id = request.id ? *request.id : runtime.next_id().to_string();
  EventData event = services::document_created(event_id, id, request);
  const bool is_mostly_data = !request.description || request.description->size() <= request.data.size();
  const char* const largest = is_mostly_data ? "data" : "description";
  if (std::optional<Error> invalid = services::validate_event_size(event, largest)) co_return std::move(*invalid);
  request = {};  // its bytes are in the event now

  runtime.begin_operation();
  const std::uint64_t epoch = runtime.epoch();
  const ExpectedState expected = NoStream{};
  Task<Result<ServiceRuntime::Written>> appending =
      runtime.append(document_stream_name(id), std::move(event), expected);
  Result<ServiceRuntime::Written> written = co_await std::move(appending);
  if (!written.ok()) {
    const ErrorCode code = written.error().code;
    if (code == ErrorCode::WrongExpectedVersion || code == ErrorCode::StreamDeleted) co_return id_taken(id);
    co_return write_error(std::move(written).error());
  }
  co_return settle(runtime, epoch, id, DocumentFold{}, *written);
}

Task<Result<std::optional<Stream>>> get_document(ServiceRuntime& runtime, std::string id) {
  if (std::optional<Error> invalid = services::validate_document_id(id)) co_return std::move(*invalid);
  runtime.begin_operation();
  const std::uint64_t epoch = runtime.epoch();
  Task<Result<LoadedDocument>> loading = load(runtime, id, Uuid{});
  Result<LoadedDocument> loaded = co_await std::move(loading);
  if (!loaded.ok()) co_return std::move(loaded).error();
  std::optional<Stream> found;
  if (loaded->fold.live() != nullptr) found = answer(runtime, epoch, id, std::move(*loaded));
  co_return std::move(found);
}

/// One change to a document: the event that makes it, and when it is needed.
struct Change {
  EventData event;
  std::optional<std::uint64_t> expected_version;
  /// A document in this status needs no change.
  std::optional<StreamStatus> fulfilled_by;
};

/// Reads the document, appends the change at the revision that was read, and begins again when somebody else was
/// faster: so no update is lost. The event id stays the same throughout, so none is doubled either.
Task<Result<Stream>> change_document(ServiceRuntime& runtime, std::string id, Change change) {
  runtime.begin_operation();
  const std::uint64_t epoch = runtime.epoch();
  std::optional<std::uint64_t> refused_at;
  while (true) {
    Task<Result<LoadedDocument>> loading = load(runtime, id, change.event.id);
    Result<LoadedDocument> loaded = co_await std::move(loading);
    if (!loaded.ok()) co_return std::move(loaded).error();
    DocumentFold& fold = loaded->fold;
    if (loaded->holds_event && fold.document) {  // an attempt did get through
      co_return answer(runtime, epoch, id, std::move(*loaded));
    }
    if (fold.live() == nullptr) co_return document_not_found(id);
    const std::uint64_t version = fold.next_revision;
    if (change.expected_version && *change.expected_version != version) {
      co_return stale(id, *change.expected_version, version);
    }
    // Refused twice at the same revision: the stream's end cannot be seen with these permissions.
    if (refused_at == version) co_return stale(id, version, version + 1);
    if (change.fulfilled_by == fold.document->status) co_return answer(runtime, epoch, id, std::move(*loaded));

    const ExpectedState expected = StreamRevision{version - 1};
    Task<Result<ServiceRuntime::Written>> appending = runtime.append(document_stream_name(id), change.event, expected);
    Result<ServiceRuntime::Written> written = co_await std::move(appending);
    if (written.ok()) co_return settle(runtime, epoch, id, std::move(fold), *written);
    if (written.error().code == ErrorCode::StreamDeleted) co_return document_not_found(id);
    if (written.error().code != ErrorCode::WrongExpectedVersion) co_return write_error(std::move(written).error());
    refused_at = version;
  }
}

Task<Result<Stream>> update_document(ServiceRuntime& runtime, std::string id, UpdateStreamRequest request) {
  if (std::optional<Error> invalid = services::validate_update(id, request)) co_return std::move(*invalid);
  Change change;
  change.event = services::document_updated(runtime.next_id(), request);
  change.expected_version = request.expected_version;
  const bool is_mostly_data = request.data && request.data->size() >= request.description.value_or("").size();
  if (auto invalid = services::validate_event_size(change.event, is_mostly_data ? "data" : "description")) {
    co_return std::move(*invalid);
  }
  Task<Result<Stream>> changing = change_document(runtime, std::move(id), std::move(change));
  co_return co_await std::move(changing);
}

Task<Result<Stream>> mark_document(ServiceRuntime& runtime, std::string id, std::string_view type,
                                   std::optional<StreamStatus> fulfilled_by) {
  if (std::optional<Error> invalid = services::validate_document_id(id)) co_return std::move(*invalid);
  Change change;
  change.event = services::document_marked(runtime.next_id(), type);
  change.fulfilled_by = fulfilled_by;
  Task<Result<Stream>> changing = change_document(runtime, std::move(id), std::move(change));
  co_return co_await std::move(changing);
}

Task<Result<void>> delete_document(ServiceRuntime& runtime, std::string id) {
  Task<Result<Stream>> marking = mark_document(runtime, std::move(id), services::kDocumentDeleted, std::nullopt);
  Result<Stream> marked = co_await std::move(marking);
  if (!marked.ok()) co_return std::move(marked).error();
  co_return Result<void>();
}

Task<Result<StreamPage>> list_documents(ServiceRuntime& runtime, StreamFilter filter) {
  if (std::optional<Error> invalid = services::validate_filter(filter)) co_return std::move(*invalid);
  runtime.begin_operation();
  const Actor actor = runtime.actor();
  Task<Result<void>> waiting = runtime.feed().ready();
  Result<void> ready = co_await std::move(waiting);
  if (!ready.ok()) co_return std::move(ready).error();
  std::vector<const Stream*> documents = runtime.model().documents();
  std::erase_if(documents, [&](const Stream* each) { return !services::may(actor, Access::Read, *each); });
  co_return services::select(documents, filter);
}

}  // namespace

Task<Result<Stream>> StreamService::create(CreateStreamRequest request) {
  return runtime_.run("createStream", create_document(runtime_, std::move(request)));
}

Task<Result<std::optional<Stream>>> StreamService::get(std::string id) {
  return runtime_.run("getStream", get_document(runtime_, std::move(id)));
}

Task<Result<Stream>> StreamService::update(std::string id, UpdateStreamRequest request) {
  return runtime_.run("updateStream", update_document(runtime_, std::move(id), std::move(request)));
}

Task<Result<void>> StreamService::remove(std::string id) {
  return runtime_.run("deleteStream", delete_document(runtime_, std::move(id)));
}

Task<Result<Stream>> StreamService::archive(std::string id) {
  return runtime_.run("archiveStream",
                      mark_document(runtime_, std::move(id), services::kDocumentArchived, StreamStatus::Archived));
}

Task<Result<Stream>> StreamService::restore(std::string id) {
  return runtime_.run("restoreStream",
                      mark_document(runtime_, std::move(id), services::kDocumentRestored, StreamStatus::Active));
}

Task<Result<StreamPage>> StreamService::list(StreamFilter filter) {
  return runtime_.run("listStreams", list_documents(runtime_, std::move(filter)));
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

void StreamService::on_change(std::function<void()> listener) { runtime_.on_documents_change(std::move(listener)); }

}  // namespace kurrentlite
