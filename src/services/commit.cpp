#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

#include "services/access.hpp"
#include "services/constraints.hpp"
#include "services/changes.hpp"
#include "services/document_events.hpp"
#include "services/document_json.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

Error id_taken(const std::string& id) { return {ErrorCode::Conflict, "The id \"" + id + "\" is taken.", {{"id", id}}}; }

Error stale(const std::string& id, std::uint64_t expected, std::uint64_t actual, const std::optional<Stream>& base,
            const std::optional<Stream>& theirs) {
  Error error{ErrorCode::Conflict,
              "Document \"" + id + "\" has version " + std::to_string(actual) + ", not " + std::to_string(expected) +
                  " as expected.",
              {{"id", id}, {"expectedVersion", expected}, {"actualVersion", actual}}};
  if (base) error.facts.push_back({"base", document_json(*base)});
  if (theirs) error.facts.push_back({"theirs", document_json(*theirs)});
  return error;
}

/// What the database itself has to say about the size of an event is about our `data`.
Error write_error(Error error) {
  const bool too_large = error.code == ErrorCode::MaxAppendEventSizeExceeded ||
                         error.code == ErrorCode::MaxAppendSizeExceeded ||
                         error.code == ErrorCode::AppendRecordSizeExceeded;
  return too_large ? validation_failed("data", "is too large for the database: " + error.message) : std::move(error);
}

RecordedEvent recorded(const EventData& event, StreamRevision revision, std::int64_t created_ticks, Position position) {
  RecordedEvent recorded;
  recorded.id = event.id;
  recorded.type = event.type;
  recorded.data = event.data;
  recorded.revision = revision;
  recorded.created_ticks = created_ticks;
  recorded.position = position;
  return recorded;
}

}  // namespace

// Types that live in coroutines are not in the unnamed namespace, see document_events.cpp.

/// What a commit does to one document.
struct AffectedDocument {
  std::string id;
  std::vector<Uuid> event_ids;                ///< of all changes to it
  std::optional<std::uint64_t> base_version;  ///< that a change expects
  bool is_new = false;                        ///< the first change creates it
  LoadedDocument loaded;
  DocumentFold after;             ///< the changes made
  std::vector<EventData> events;  ///< that make them
};

/// A unique value that changes hands: who gives it back, and who claims it.
struct Handover {
  std::optional<Claim> from;
  std::optional<Claim> to;
};

/// A unique value as its stream tells.
struct HeldValue {
  std::optional<std::string> by;
  ExpectedState expected = NoStream{};  ///< of the next event
  bool is_closed = false;               ///< it was tombstoned
};

/// One commit, over as many attempts as it takes.
class Commit {
 public:
  Commit(ServiceRuntime& runtime, std::vector<Change> changes)
      : runtime_(runtime), changes_(std::move(changes)), actor_(runtime.actor()), epoch_(runtime.epoch()) {
    for (const Change& change : changes_) {
      AffectedDocument* known = find(change.id);
      if (known == nullptr) {
        documents_.push_back({});
        known = &documents_.back();
        known->id = change.id;
        known->is_new = change.creates;
      }
      known->event_ids.push_back(change.event.id);
      if (change.expected_version) known->base_version = change.expected_version;
    }
  }

  Task<Result<std::vector<Stream>>> run() {
    runtime_.begin_operation();
    while (true) {
      Task<Result<void>> loading = load();
      Result<void> loaded = co_await std::move(loading);
      if (!loaded.ok()) co_return std::move(loaded).error();
      if (got_through()) co_return answer_what_was_read();
      if (std::optional<Error> refused = make_changes()) co_return std::move(*refused);
      Task<Result<void>> reserving = reserve();
      Result<void> reserved = co_await std::move(reserving);
      if (!reserved.ok()) co_return std::move(reserved).error();
      std::vector<AppendStreamRequest> requests = writes();
      if (requests.empty()) co_return answer_what_was_read();
      expected_.clear();
      for (const AppendStreamRequest& each : requests) expected_.push_back(each.expected);
      Task<Result<ServiceRuntime::WrittenStreams>> appending = runtime_.append(std::move(requests));
      Result<ServiceRuntime::WrittenStreams> written = co_await std::move(appending);
      if (written.ok()) {
        settle(*written);
        co_return answer();
      }
      if (std::optional<Error> lost = give_up(std::move(written).error())) co_return std::move(*lost);
    }
  }

 private:
  AffectedDocument* find(const std::string& id) {
    const auto found = std::find_if(documents_.begin(), documents_.end(),
                                    [&](const AffectedDocument& each) { return each.id == id; });
    return found == documents_.end() ? nullptr : &*found;
  }

  /// What is to be created is believed not to be there until the database says otherwise.
  Task<Result<void>> load() {
    for (AffectedDocument& document : documents_) {
      document.events.clear();
      if (!document.is_new || refused_) {
        Task<Result<LoadedDocument>> loading =
            load_document(runtime_, document.id, document.event_ids, document.base_version);
        Result<LoadedDocument> loaded = co_await std::move(loading);
        if (!loaded.ok()) co_return std::move(loaded).error();
        document.loaded = std::move(*loaded);
      }
      document.after = document.loaded.fold;
    }
    co_return Result<void>();
  }

  /// An attempt that was reported as failed did get through: all of it or none, so one event tells.
  [[nodiscard]] bool got_through() const {
    bool holds_event = false;
    for (const AffectedDocument& each : documents_) {
      if (!each.loaded.fold.document && !each.is_new) return false;
      holds_event = holds_event || (each.loaded.holds_event && each.loaded.fold.document);
    }
    return holds_event;
  }

  std::optional<Error> make_changes() {
    for (const Change& change : changes_) {
      AffectedDocument& document = *find(change.id);
      if (std::optional<Error> refused = judge(change, document)) return refused;
      DocumentFold& fold = document.after;
      const RecordedEvent event = recorded(change.event, StreamRevision{fold.next_revision},
                                           runtime_.clock().now_ticks(), Position{});
      if (change.is_idle_without_effect && !has_effect(fold, document.id, event)) continue;
      fold.apply(document.id, event);
      assert(fold.document && "our own events make sense to us");
      if (std::optional<Error> invalid = validate_document_size(*fold.document)) return invalid;
      document.events.push_back(change.event);
    }
    std::vector<Violation> violations;
    for (const AffectedDocument& each : documents_) {
      const Stream* live = each.events.empty() ? nullptr : each.after.live();
      if (live == nullptr) continue;
      for (Violation& violation : runtime_.constraints().violations(*live)) violations.push_back(std::move(violation));
    }
    if (!violations.empty()) return validation_failed(std::move(violations));
    return std::nullopt;
  }

  /// Finds out what must be written for unique values to change hands.
  Task<Result<void>> reserve() {
    reservations_.clear();
    reserved_.clear();
    std::map<StreamName, Handover> handovers;
    std::vector<Violation> violations;
    for (const AffectedDocument& document : documents_) {
      if (document.events.empty()) continue;
      std::map<StreamName, Handover> changed;
      for (Claim& each : runtime_.constraints().claims(document.loaded.fold.live())) {
        changed[each.stream].from = std::move(each);
      }
      for (Claim& each : runtime_.constraints().claims(document.after.live())) changed[each.stream].to = std::move(each);
      for (auto& [stream, change] : changed) {
        if (change.from && change.to) continue;  // stays where it is
        Handover& handover = handovers[stream];
        if (change.to && handover.to) violations.push_back(taken(*change.to));
        if (change.from) handover.from = std::move(change.from);
        if (change.to) handover.to = std::move(change.to);
      }
    }
    for (const auto& [stream, handover] : handovers) {
      Task<Result<HeldValue>> reading = read_holder(stream);
      const Result<HeldValue> held = co_await std::move(reading);
      if (!held.ok()) co_return held.error();
      plan_handover(stream, handover, *held, violations);
    }
    if (!violations.empty()) co_return validation_failed(std::move(violations));
    co_return Result<void>();
  }

  Task<Result<HeldValue>> read_holder(StreamName stream) {
    ReadStreamOptions options;
    options.direction = Direction::Backwards;
    options.from = End{};
    options.max_count = 1;
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime_.read_stream(std::move(stream), options);
    const Result<std::vector<ResolvedEvent>> read = co_await std::move(reading);
    HeldValue held;
    held.is_closed = !read.ok() && read.error().code == ErrorCode::StreamDeleted;
    if (held.is_closed) co_return std::move(held);
    if (!read.ok() && read.error().code != ErrorCode::StreamNotFound) co_return read.error();
    if (!read.ok() || read->empty() || !read->front().event) co_return std::move(held);
    held.expected = read->front().event->revision;
    held.by = holder_of(*read->front().event);
    co_return std::move(held);
  }

  void plan_handover(const StreamName& stream, const Handover& handover, HeldValue held,
                     std::vector<Violation>& violations) {
    if (held.is_closed) {  // nothing to give back either
      if (handover.to) violations.push_back(closed(*handover.to));
      return;
    }
    AppendStreamRequest request;
    request.stream = stream;
    request.expected = held.expected;
    // What was written before the constraint was declared holds nothing.
    if (handover.from && held.by == handover.from->document) {
      request.events.push_back(value_released(id_for(stream + " from"), *handover.from));
      held.by.reset();
    }
    if (handover.to && held.by != handover.to->document) {
      if (held.by) violations.push_back(taken(*handover.to));
      request.events.push_back(value_claimed(id_for(stream + " to"), *handover.to));
    }
    if (request.events.empty()) return;
    reservations_.push_back(std::move(request));
    reserved_.push_back(handover.to ? *handover.to : *handover.from);
  }

  /// The same at every attempt.
  Uuid id_for(const std::string& purpose) {
    const auto found = ids_.find(purpose);
    return found != ids_.end() ? found->second : ids_.emplace(purpose, runtime_.next_id()).first->second;
  }

  /// Why `change` must not be made to `document`.
  [[nodiscard]] std::optional<Error> judge(const Change& change, const AffectedDocument& document) const {
    if (change.creates) {
      if (document.after.document) return id_taken(document.id);
      return refusal_to_own(actor_, change.owner);
    }
    const Stream* live = document.after.live();
    if (live == nullptr) return document_not_found(document.id);
    if (std::optional<Error> refused = refusal(actor_, change.needed, *live)) return refused;
    const DocumentFold& before = document.loaded.fold;
    if (!change.expected_version || *change.expected_version == before.next_revision) return std::nullopt;
    return stale(document.id, *change.expected_version, before.next_revision, document.loaded.base, before.document);
  }

  static bool has_effect(DocumentFold fold, const std::string& id, const RecordedEvent& event) {
    DocumentEffect effect;
    fold.apply(id, event, &effect);
    return !effect.fields.empty();
  }

  [[nodiscard]] std::vector<AppendStreamRequest> writes() const {
    std::vector<AppendStreamRequest> requests;
    for (const AffectedDocument& document : documents_) {
      if (document.events.empty()) continue;
      AppendStreamRequest request;
      request.stream = document_stream_name(document.id);
      request.events = document.events;
      request.expected = NoStream{};
      if (!document.is_new) request.expected = StreamRevision{document.loaded.fold.next_revision - 1};
      requests.push_back(std::move(request));
    }
    requests.insert(requests.end(), reservations_.begin(), reservations_.end());
    return requests;
  }

  /// Folds the events that were just written onto what was there before, and shows the outcome in the lists.
  void settle(const ServiceRuntime::WrittenStreams& written) {
    std::size_t index = 0;
    for (AffectedDocument& document : documents_) {
      if (document.events.empty()) continue;
      // The time is that of the first stream: to ask for the others' would be a read for each of up to 1000 documents.
      // It is the same append, so they differ by microseconds if at all; the feed sets them right.
      const bool is_guess = written.time_is_guess || index > 0;
      std::uint64_t revision = written.last[index++].value + 1 - document.events.size();
      DocumentFold fold = std::move(document.loaded.fold);
      std::optional<DocumentFold> before;
      for (const EventData& event : document.events) {
        if (is_guess && &event == &document.events.back()) before = fold;
        fold.apply(document.id, recorded(event, StreamRevision{revision++}, written.created_ticks,
                                         written.position.value_or(Position{})));
      }
      runtime_.show_document(epoch_, document.id, fold, written.position, std::move(before));
      document.after = std::move(fold);
    }
  }

  /// The lists shall not be behind what was read.
  std::vector<Stream> answer_what_was_read() {
    for (AffectedDocument& document : documents_) {
      runtime_.show_document(epoch_, document.id, document.loaded.fold, document.loaded.seen);
      document.after = std::move(document.loaded.fold);
    }
    return answer();
  }

  std::vector<Stream> answer() {
    std::vector<Stream> all;
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      std::optional<Stream>& document = find(changes_[i].id)->after.document;
      assert(document && "who answers has found or made it");
      const bool is_last = i + 1 == changes_.size();
      all.push_back(is_last ? std::move(*document) : *document);
    }
    return all;
  }

  /// Why another attempt would be in vain; nothing when it may succeed.
  std::optional<Error> give_up(Error error) {
    const bool is_closed = error.code == ErrorCode::StreamDeleted || error.code == ErrorCode::StreamTombstoned;
    if (!is_closed && error.code != ErrorCode::WrongExpectedVersion) return write_error(std::move(error));
    if (const Claim* claim = reserved_on(error.text("stream"))) {
      if (refused_ == expected_) return validation_failed({hidden(*claim)});
      refused_ = expected_;
      return std::nullopt;  // the next look at the stream tells what became of it
    }
    const AffectedDocument& document = about(error.text("stream"));
    if (is_closed) return document.is_new ? id_taken(document.id) : document_not_found(document.id);
    // Refused twice at the same revisions: the stream's end cannot be seen with these permissions.
    if (refused_ == expected_) {
      const std::uint64_t version = document.loaded.fold.next_revision;
      return document.is_new ? id_taken(document.id)
                             : stale(document.id, version, version + 1, std::nullopt, document.loaded.fold.document);
    }
    refused_ = expected_;
    return std::nullopt;
  }

  /// What changes hands on `stream`; null when that holds no unique value.
  [[nodiscard]] const Claim* reserved_on(const StreamName& stream) const {
    const auto found = std::find_if(reserved_.begin(), reserved_.end(), [&](const Claim& each) { return each.stream == stream; });
    return found == reserved_.end() ? nullptr : &*found;
  }

  /// The document whose stream was not as expected; the first that was written to when the database does not say.
  [[nodiscard]] const AffectedDocument& about(const StreamName& stream) const {
    const AffectedDocument* first = nullptr;
    for (const AffectedDocument& each : documents_) {
      if (document_stream_name(each.id) == stream) return each;
      if (first == nullptr && !each.events.empty()) first = &each;
    }
    assert(first != nullptr && "something was written");
    return *first;
  }

  ServiceRuntime& runtime_;
  std::vector<Change> changes_;
  Actor actor_;
  std::uint64_t epoch_;
  std::vector<AffectedDocument> documents_;         ///< in the order of their first change
  std::vector<AppendStreamRequest> reservations_;  ///< of unique values
  std::vector<Claim> reserved_;                    ///< what each of them is about
  std::map<std::string, Uuid> ids_;                ///< of their events
  std::vector<ExpectedState> expected_;      ///< what the last attempt expected
  std::optional<std::vector<ExpectedState>> refused_;
};

Task<Result<std::vector<Stream>>> commit(ServiceRuntime& runtime, std::vector<Change> changes) {
  Commit work(runtime, std::move(changes));
  Task<Result<std::vector<Stream>>> running = work.run();
  co_return co_await std::move(running);
}

}  // namespace kurrentlite::services
