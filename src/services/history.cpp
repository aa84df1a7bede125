#include "services/history.hpp"

#include <array>
#include <utility>
#include <vector>

#include "base/json_diff.hpp"
#include "services/access.hpp"
#include "services/document.hpp"
#include "services/document_events.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

Error no_such_version(const std::string& id, std::uint64_t version, std::uint64_t latest) {
  return {ErrorCode::NotFound,
          "Document \"" + id + "\" has no version " + std::to_string(version) + " yet; its latest is " +
              std::to_string(latest) + ".",
          {{"id", id}, {"version", version}, {"latestVersion", latest}}};
}

}  // namespace

// Types that live in coroutines are not in the unnamed namespace, see stream_service.cpp.

/// Looks at a document's past as its events go by.
class PastReader : public DocumentEventReader {
 public:
  /// There are no more events. Answers what is wrong with the question, now that the whole of the past is known.
  [[nodiscard]] virtual std::optional<Error> finish() = 0;
  /// The document as it is now, once all events went by; nothing when there never was one.
  [[nodiscard]] const std::optional<Stream>& document() const { return fold_.document; }

 protected:
  explicit PastReader(std::string id) : id_(std::move(id)) {}
  ~PastReader() = default;

  std::string id_;
  DocumentFold fold_;
};

/// Makes one page of a history while the whole of it goes by.
class HistoryReader final : public PastReader {
 public:
  HistoryReader(std::string id, HistoryOptions options) : PastReader(std::move(id)), options_(options) {}

  bool add(const RecordedEvent& event) override {
    const bool is_wanted = !options_.from || event.revision.value < *options_.from;
    DocumentEffect effect;
    fold_.apply(id_, event, is_wanted ? &effect : nullptr);
    ++total_;
    if (!is_wanted) return true;
    HistoryEntry entry;
    entry.version = fold_.next_revision;
    entry.change = effect.change;
    entry.event_type = event.type;
    entry.event_id = event.id;
    entry.time_ms = event.created_ticks / kTicksPerMillisecond;
    entry.fields = std::move(effect.fields);
    const std::size_t place = wanted_++ % options_.limit;
    if (place < newest_.size()) {
      newest_[place] = std::move(entry);
    } else {
      newest_.push_back(std::move(entry));
    }
    return true;
  }
  std::optional<Error> finish() override { return std::nullopt; }

  HistoryPage take() {
    HistoryPage page;
    page.total = total_;
    for (std::size_t i = 1; i <= newest_.size(); ++i) {
      page.items.push_back(std::move(newest_[(wanted_ - i) % options_.limit]));
    }
    if (wanted_ > newest_.size()) page.next = page.items.back().version - 1;
    return page;
  }

 private:
  HistoryOptions options_;
  std::vector<HistoryEntry> newest_;  ///< of those wanted: a ring that holds one page
  std::size_t wanted_ = 0;
  std::uint64_t total_ = 0;
};

/// Sees a document at two moments, in one pass over its events.
class MomentReader final : public PastReader {
 public:
  /// With an `actor` all events are looked at: what it may see is up to the document as it is now.
  MomentReader(std::string id, Moment first, Moment second, const Actor& actor)
      : PastReader(std::move(id)),
        views_{View{first, false, {}}, View{second, false, {}}},
        needs_all_(actor.has_value()) {}

  bool add(const RecordedEvent& event) override {
    bool needs_more = false;
    for (View& view : views_) {
      if (is_after(event, view.moment)) reach(view);
      needs_more = needs_more || !view.is_reached;
    }
    // Only the events can tell a document that was not there yet from one that never was.
    if (!needs_more && !needs_all_ && fold_.document) return false;
    fold_.apply(id_, event);
    return true;
  }
  /// Every moment up to now is reached; versions to come are none.
  std::optional<Error> finish() override {
    for (View& view : views_) {
      const std::uint64_t version = view.moment.version.value_or(0);
      if (!view.is_reached && version > fold_.next_revision) return no_such_version(id_, version, fold_.next_revision);
      reach(view);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Stream>& first() { return views_[0].document; }
  [[nodiscard]] std::optional<Stream>& second() { return views_[1].document; }

 private:
  struct View {
    Moment moment;
    bool is_reached = false;
    std::optional<Stream> document;
  };

  static bool is_after(const RecordedEvent& event, const Moment& moment) {
    if (moment.version) return event.revision.value >= *moment.version;
    return event.created_ticks / kTicksPerMillisecond > moment.time_ms;
  }
  void reach(View& view) {
    if (!view.is_reached) view.document = fold_.document;
    view.is_reached = true;
  }

  std::array<View, 2> views_;
  bool needs_all_;
};

namespace {

DocumentDifference::Kind kind_of(json::Difference::Kind kind) {
  switch (kind) {
    case json::Difference::Kind::Added: return DocumentDifference::Kind::Added;
    case json::Difference::Kind::Removed: return DocumentDifference::Kind::Removed;
    case json::Difference::Kind::Replaced: return DocumentDifference::Kind::Replaced;
  }
  return DocumentDifference::Kind::Replaced;
}

/// What differs between two versions of a document, of which either may not be there.
DocumentDiff diff_documents(const std::optional<Stream>& before, const std::optional<Stream>& after) {
  const std::string before_text = before ? comparable_text(*before) : "{}";
  const std::string after_text = after ? comparable_text(*after) : "{}";
  json::Differences found = json::diff(before_text, after_text);
  DocumentDiff diff;
  diff.truncated = found.truncated;
  diff.changes.reserve(found.items.size());
  for (json::Difference& each : found.items) {
    DocumentDifference change;
    change.kind = kind_of(each.kind);
    change.path = std::move(each.path);
    change.before = each.before;
    change.after = each.after;
    diff.changes.push_back(std::move(change));
  }
  return diff;
}

/// `invalid` is what is wrong with the question before anything is read.
Task<Result<void>> look_back(ServiceRuntime& runtime, std::string id, std::optional<Error> invalid,
                             PastReader& reader) {
  if (invalid) co_return std::move(*invalid);
  runtime.begin_operation();
  const Actor actor = runtime.actor();
  Task<Result<void>> reading = read_document_events(runtime, id, reader);
  Result<void> read = co_await std::move(reading);
  if (!read.ok()) co_return std::move(read);
  if (!reader.document()) co_return document_not_found(id);
  if (std::optional<Error> refused = refusal(actor, Access::Read, *reader.document())) co_return std::move(*refused);
  if (std::optional<Error> unanswerable = reader.finish()) co_return std::move(*unanswerable);
  co_return Result<void>();
}

}  // namespace

Task<Result<HistoryPage>> document_history(ServiceRuntime& runtime, std::string id, HistoryOptions options) {
  HistoryReader reader(id, options);
  Task<Result<void>> looking = look_back(runtime, id, validate_history(id, options), reader);
  Result<void> looked = co_await std::move(looking);
  if (!looked.ok()) co_return std::move(looked).error();
  co_return reader.take();
}

Task<Result<std::optional<Stream>>> document_at(ServiceRuntime& runtime, std::string id, Moment moment) {
  std::optional<Error> invalid = validate_document_id(id);
  if (!invalid && moment.version == 0u) invalid = validation_failed("version", "must be at least 1.");
  MomentReader reader(id, moment, moment, runtime.actor());
  Task<Result<void>> looking = look_back(runtime, id, std::move(invalid), reader);
  Result<void> looked = co_await std::move(looking);
  if (!looked.ok()) co_return std::move(looked).error();
  co_return std::move(reader.first());
}

Task<Result<DocumentDiff>> document_diff(ServiceRuntime& runtime, std::string id, std::uint64_t from,
                                         std::uint64_t to) {
  MomentReader reader(id, Moment::of(from), Moment::of(to), runtime.actor());
  Task<Result<void>> looking = look_back(runtime, id, validate_document_id(id), reader);
  Result<void> looked = co_await std::move(looking);
  if (!looked.ok()) co_return std::move(looked).error();
  DocumentDiff diff = diff_documents(reader.first(), reader.second());
  diff.from = from;
  diff.to = to;
  co_return std::move(diff);
}

}  // namespace kurrentlite::services
