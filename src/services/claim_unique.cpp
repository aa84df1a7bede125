#include "services/claim_unique.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "async/time_slice.hpp"
#include "services/constraints.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

constexpr std::uint64_t kPageSize = 500;
/// Streams that one append writes to.
constexpr std::size_t kBatchSize = 100;

}  // namespace

// Not in the unnamed namespace, see document_events.cpp.

/// One stream of a unique value: what its events tell, and which documents have the value.
struct ValueStream {
  std::optional<StreamRevision> last;  ///< empty: none, or it was soft-deleted
  std::optional<std::string> holder;
  bool is_closed = false;  ///< tombstoned
  struct Wanted {
    std::int64_t created_ms = 0;
    Claim claim;
  };
  std::vector<Wanted> wanted;
};

/// Goes over all values of one kind, round after round, until a round finds nothing more to write: what others write
/// meanwhile is seen by the next one.
class UniqueClaimer {
 public:
  UniqueClaimer(ServiceRuntime& runtime, std::string kind)
      : runtime_(runtime), kind_(std::move(kind)), prefix_(unique_stream_prefix(kind_)) {}

  Task<Result<UniqueClaims>> run() {
    runtime_.begin_operation();
    std::uint64_t claimed = 0;
    std::uint64_t released = 0;
    while (true) {
      report_ = {};
      requests_.clear();
      Task<Result<void>> looking = look();
      const Result<void> looked = co_await std::move(looking);
      if (!looked.ok()) co_return looked.error();
      decide();
      if (requests_.empty()) {
        report_.claimed = claimed;
        report_.held -= std::min(report_.held, claimed);  // the last round finds those of the earlier ones
        report_.released = released;
        co_return std::move(report_);
      }
      for (std::size_t begin = 0; begin < requests_.size(); begin += kBatchSize) {
        const std::size_t end = std::min(requests_.size(), begin + kBatchSize);
        std::vector<AppendStreamRequest> batch(requests_.begin() + static_cast<std::ptrdiff_t>(begin),
                                               requests_.begin() + static_cast<std::ptrdiff_t>(end));
        std::uint64_t claims = 0;
        for (const AppendStreamRequest& each : batch) if (each.events.back().type == kValueClaimed) ++claims;
        const std::uint64_t releases = batch.size() - claims;
        Task<Result<ServiceRuntime::WrittenStreams>> appending = runtime_.append(std::move(batch));
        const Result<ServiceRuntime::WrittenStreams> written = co_await std::move(appending);
        if (!written.ok() && !is_overtaken(written.error().code)) co_return written.error();
        if (!written.ok()) continue;  // somebody was faster: the next round looks again
        claimed += claims;
        released += releases;
      }
    }
  }

 private:
  static bool is_overtaken(ErrorCode code) {
    return code == ErrorCode::WrongExpectedVersion || code == ErrorCode::StreamTombstoned || code == ErrorCode::StreamDeleted;
  }

  /// Who holds what, and who should.
  Task<Result<void>> look() {
    streams_.clear();
    Task<Result<void>> reading = read_holders();
    Result<void> read = co_await std::move(reading);
    if (!read.ok()) co_return std::move(read);
    // Only then the documents: whoever claimed a value by then has written its document in the same append.
    Task<Result<void>> waiting = lists_are_new();
    Result<void> waited = co_await std::move(waiting);
    if (!waited.ok()) co_return std::move(waited);
    std::vector<std::string> ids;
    for (const auto& each : runtime_.model().places()) ids.push_back(each.first);
    TimeSlice slice(runtime_.scheduler());
    for (const std::string& id : ids) {
      if (slice.spent()) {
        co_await slice.pause();
        slice.restart();
      }
      const auto place = runtime_.model().places().find(id);
      if (place == runtime_.model().places().end()) continue;  // the lists were read anew
      const Stream* document = place->second.fold.live();
      if (document == nullptr || (kind_ != "*" && document->kind != kind_)) continue;
      ++report_.documents;
      for (Claim& claim : runtime_.constraints().claims(document, kind_)) {
        std::vector<ValueStream::Wanted>& wanted = streams_[claim.stream].wanted;
        wanted.push_back({document->metadata.created_at_ms, std::move(claim)});
      }
    }
    co_return Result<void>();
  }

  Task<Result<void>> read_holders() {
    std::optional<Position> seen;
    while (true) {
      ReadAllOptions options;
      if (seen) options.from = *seen;
      options.max_count = kPageSize;
      options.filter.emplace();
      options.filter->prefixes = {prefix_, "$$" + prefix_};
      options.call = runtime_.caller().options();
      Task<Result<std::vector<ResolvedEvent>>> reading = runtime_.caller().call<std::vector<ResolvedEvent>>(
          Operation::Read, [this, &options] { return runtime_.caller().client().read_all(options); });
      const Result<std::vector<ResolvedEvent>> page = co_await std::move(reading);
      if (!page.ok()) co_return page.error();
      const std::optional<Position> before = seen;
      for (const ResolvedEvent& each : *page) {
        if (!each.event || (before && !(*before < each.event->position))) continue;
        seen = each.event->position;
        take(*each.event);
      }
      if (page->size() < kPageSize || seen == before) co_return Result<void>();
    }
  }

  void take(const RecordedEvent& event) {
    if (is_metastream(event.stream)) {
      if (!is_soft_delete(event)) return;
      ValueStream& stream = streams_[event.stream.substr(2)];
      stream.last.reset();
      stream.holder.reset();
      return;
    }
    ValueStream& stream = streams_[event.stream];
    stream.is_closed = event.type == kStreamTombstone;
    stream.last = event.revision;
    stream.holder = holder_of(event);
  }

  /// Waits until the lists show everything that is there now.
  Task<Result<void>> lists_are_new() {
    ReadAllOptions options;
    options.direction = Direction::Backwards;
    options.from = End{};
    options.max_count = 1;
    options.filter = ReadModel::filter();
    options.call = runtime_.caller().options();
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime_.caller().call<std::vector<ResolvedEvent>>(
        Operation::Read, [this, &options] { return runtime_.caller().client().read_all(options); });
    const Result<std::vector<ResolvedEvent>> last = co_await std::move(reading);
    if (!last.ok()) co_return last.error();
    Task<Result<void>> preparing = runtime_.feed().ready();
    Result<void> ready = co_await std::move(preparing);
    if (!ready.ok() || last->empty() || !last->front().event) co_return std::move(ready);
    Task<Result<void>> waiting = runtime_.feed().has_seen(last->front().event->position);
    co_return co_await std::move(waiting);
  }

  void decide() {
    for (auto& [name, stream] : streams_) {
      std::stable_sort(stream.wanted.begin(), stream.wanted.end(),
                       [](const auto& left, const auto& right) { return left.created_ms < right.created_ms; });
      decide(name, stream);
    }
  }

  void decide(const StreamName& name, const ValueStream& stream) {
    const std::vector<ValueStream::Wanted>& wanted = stream.wanted;
    if (stream.is_closed) {
      for (const ValueStream::Wanted& each : wanted) report(each.claim, std::nullopt);
      return;
    }
    const bool is_held = std::any_of(wanted.begin(), wanted.end(),
                                     [&](const auto& each) { return each.claim.document == stream.holder; });
    if (!is_held && (stream.holder || !wanted.empty())) {
      AppendStreamRequest request;
      request.stream = name;
      request.expected = stream.last ? ExpectedState(*stream.last) : ExpectedState(NoStream{});
      if (stream.holder) {
        Claim stale;
        stale.document = *stream.holder;
        request.events.push_back(value_released(runtime_.next_id(), stale));
      }
      if (!wanted.empty()) request.events.push_back(value_claimed(runtime_.next_id(), wanted.front().claim));
      requests_.push_back(std::move(request));
    }
    if (is_held) ++report_.held;
    for (const ValueStream::Wanted& each : wanted) {
      if (is_held && each.claim.document != stream.holder) report(each.claim, stream.holder);
    }
  }

  void report(const Claim& claim, const std::optional<std::string>& holder) {
    UniqueConflict conflict;
    conflict.name = claim.name;
    conflict.path = claim.path;
    conflict.value = claim.value;
    conflict.document = claim.document;
    conflict.holder = holder;
    conflict.stream = claim.stream;
    report_.conflicts.push_back(std::move(conflict));
  }

  ServiceRuntime& runtime_;
  std::string kind_;
  std::string prefix_;
  std::map<StreamName, ValueStream> streams_;
  std::vector<AppendStreamRequest> requests_;
  UniqueClaims report_;
};

Task<Result<UniqueClaims>> claim_unique(ServiceRuntime& runtime, std::string kind) {
  if (!runtime.constraints().has_unique(kind)) {
    co_return validation_failed("kind", "has no unique values: declare those of \"" + kind + "\" before they are claimed.");
  }
  if (const Actor& actor = runtime.actor()) {
    co_return Error{ErrorCode::AccessDenied,
                    "\"" + *actor + "\" cannot claim unique values, since that goes over documents of all users; use "
                    "services for which nobody acts.",
                    {{"id", kind}, {"user", *actor}, {"needed", to_string(Access::Admin)}}};
  }
  UniqueClaimer claimer(runtime, std::move(kind));
  Task<Result<UniqueClaims>> running = claimer.run();
  co_return co_await std::move(running);
}

}  // namespace kurrentlite::services
