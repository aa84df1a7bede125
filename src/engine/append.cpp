#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "engine/state.hpp"

namespace kurrentlite {
namespace {

constexpr std::string_view kMetadataType = "$metadata";
constexpr std::string_view kTombstoneType = "$streamDeleted";
constexpr std::string_view kSoftDeletedMetadata = R"({"$tb":9223372036854775807})";

std::optional<Error> check_writable(std::string_view stream) {
  if (stream.empty() || stream == "$$") {
    return Error{ErrorCode::InvalidArgument, "The stream name must not be empty.", {{"field", std::string("stream")}}};
  }
  if (!utf8::valid(stream)) {
    return Error{ErrorCode::InvalidArgument, "The stream name is not valid UTF-8.", {{"field", std::string("stream")}}};
  }
  if (stream == "$all") {
    return Error{ErrorCode::AccessDenied, "Stream \"$all\" cannot be written to.", {}};
  }
  return std::nullopt;
}

std::optional<Error> check_events(std::span<const EventView> events, const EngineOptions& options) {
  std::uint64_t total = 0;
  for (const EventView& event : events) {
    if (event.type.empty() || !utf8::valid(event.type)) {
      return Error{ErrorCode::InvalidArgument, "The event type must be non-empty UTF-8 text.",
                   {{"field", std::string("type")}}};
    }
    const std::uint64_t size = event.data.size() + event.metadata.size() + 2 * utf8::utf16_length(event.type);
    if (size > options.event_size_max_bytes) {
      return Error{ErrorCode::MaxAppendEventSizeExceeded,
                   "Event " + event.id.to_string() + " of " + std::to_string(size) + " bytes is larger than the " +
                       std::to_string(options.event_size_max_bytes) + " bytes allowed.",
                   {{"eventId", event.id.to_string()},
                    {"proposedEventSize", size},
                    {"maxAppendEventSize", options.event_size_max_bytes}}};
    }
    total += size;
    if (total > options.append_size_max_bytes) {
      return Error{ErrorCode::MaxAppendSizeExceeded,
                   "The append is larger than the " + std::to_string(options.append_size_max_bytes) +
                       " bytes allowed.",
                   {{"maxAppendSize", options.append_size_max_bytes}}};
    }
  }
  return std::nullopt;
}

/// What an append is to do: write, or answer that it happened already, or refuse.
using Verdict = std::variant<std::monostate, AppendResult, Error>;

}  // namespace

/// The rules of one append (reference: streams 3.4 and 3.5).
class AppendJudge {
 public:
  AppendJudge(const Engine::State& state, std::string_view name, std::span<const EventView> events,
              const ExpectedState& expected)
      : state_(state), name_(name), events_(events), expected_(expected), stream_(state.streams.find(name)),
        entry_(state.index.entry(stream_)) {}

  [[nodiscard]] Verdict judge() const {
    if (state_.is_tombstoned(name_, entry_)) return errors::stream_deleted(name_);
    if (std::holds_alternative<Any>(expected_)) return weak_repeat();
    if (std::holds_alternative<StreamExists>(expected_)) {
      if (entry_.retention.soft_deleted()) return errors::stream_deleted(name_);
      return entry_.count == 0 && !state_.has_metadata(entry_) ? Verdict(conflict()) : weak_repeat();
    }
    if (std::holds_alternative<NoStream>(expected_)) {
      if (entry_.count == 0) return {};
      Verdict verdict = strong_repeat(0);
      const bool recreates = entry_.retention.soft_deleted() && std::holds_alternative<Error>(verdict);
      return recreates ? Verdict{} : verdict;
    }
    const std::uint64_t revision = std::get<StreamRevision>(expected_).value;
    if (entry_.count == 0 || revision >= entry_.count) return conflict();
    return revision + 1 == entry_.count ? Verdict{} : strong_repeat(revision + 1);
  }

 private:
  [[nodiscard]] Error conflict() const {
    return errors::wrong_expected_version(
        name_, expected_, entry_.count == 0 ? std::nullopt : std::optional<std::uint64_t>(entry_.count - 1));
  }

  /// Any and StreamExists: a repeat when every id is on the stream already, wherever.
  [[nodiscard]] Verdict weak_repeat() const {
    Record last;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const RecordAddress address = state_.log.find(events_[i].id);
      const bool known = address != 0 && state_.log.read(address).stream == stream_;
      if (!known) return i == 0 ? Verdict{} : Verdict(conflict());
      last = state_.log.read(address);
    }
    return events_.empty() ? Verdict{} : Verdict(repeated(last));
  }

  /// NoStream and a revision below the head: a repeat when just these ids stand at `first` and after it.
  [[nodiscard]] Verdict strong_repeat(std::uint64_t first) const {
    if (events_.empty() || first + events_.size() > entry_.count) return conflict();
    Record last;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      last = state_.event_at(entry_, first + i);
      if (!(last.id == events_[i].id)) return conflict();
    }
    return repeated(last);
  }

  [[nodiscard]] AppendResult repeated(const Record& last) const {
    AppendResult result;
    result.revision = last.revision;
    if (state_.is_readable(entry_, last)) result.position = last.position();
    return result;
  }

  const Engine::State& state_;
  std::string_view name_;
  std::span<const EventView> events_;
  const ExpectedState& expected_;
  std::uint32_t stream_;
  StreamEntry entry_;
};

Result<AppendResult> Engine::append(std::string_view stream, std::span<const EventView> events,
                                    const ExpectedState& expected) {
  State& state = *state_;
  if (std::optional<Error> error = check_writable(stream)) return *std::move(error);
  if (std::optional<Error> error = check_events(events, state.options)) return *std::move(error);
  Verdict verdict = AppendJudge(state, stream, events, expected).judge();
  if (Error* error = std::get_if<Error>(&verdict)) return std::move(*error);
  if (AppendResult* repeat = std::get_if<AppendResult>(&verdict)) return *repeat;

  // A soft-deleted stream comes back: either it is written to, or its metadata are (reference: streams 3.4). The database
  // then adds the metadata that say so.
  const StreamEntry before = state.entry_of(stream);
  std::string revival;
  if (before.is_metastream != 0) {
    const StreamEntry original = state.index.entry(before.partner);
    if (original.retention.soft_deleted() && !events.empty() && is_json_object(events.back().data)) {
      revival = with_truncate_before(events.back().data, original.count);
    }
  } else if (before.retention.soft_deleted()) {
    const StreamEntry metadata = state.index.entry(before.partner);
    revival = with_truncate_before(state.data_of(state.event_at(metadata, metadata.count - 1)), before.count);
  }
  if (events.empty() && revival.empty()) {
    AppendResult nothing;
    if (before.count > 0) nothing.revision = StreamRevision{before.count - 1};
    nothing.position = head();
    return nothing;
  }
  return write(stream, events, revival);
}

/// Writes `events` to `stream` and, unless `revival` is empty, that text as further metadata: all of it or nothing.
Result<AppendResult> Engine::write(std::string_view stream, std::span<const EventView> events,
                                   std::string_view revival) {
  State& state = *state_;
  std::string metastream;
  EventView extra;
  std::span<const EventView> extras;
  if (!revival.empty()) {
    metastream = is_metastream(stream) ? std::string(stream) : "$$" + std::string(stream);
    extra = {state.system_event_id(), kMetadataType, ContentType::Json, revival, {}, 0};
    extras = {&extra, 1};
  }

  State::Reservation reservation(state);
  const std::uint32_t target = state.open_for_write(stream);
  const std::uint32_t metadata_target = extras.empty() ? target : state.open_for_write(metastream);
  state.type_ids.clear();
  const bool same = target == metadata_target;  // one row of the stream index then takes both
  const auto count = static_cast<std::uint32_t>(events.size());
  const auto extra_count = static_cast<std::uint32_t>(extras.size());
  if (target == 0 || metadata_target == 0 || !state.reserve(events, reservation) ||
      !state.reserve(extras, reservation) ||
      !state.index.reserve(target, same ? count + extra_count : count, reservation.index_begun) ||
      (!same && !state.index.reserve(metadata_target, extra_count, reservation.index_begun))) {
    std::uint64_t bytes = 0;
    for (const EventView& event : events) bytes += Log::size_max_of(event);
    return state.give_up(reservation, bytes);
  }
  state.pair_metastream(stream, target);
  if (!extras.empty()) state.pair_metastream(metastream, metadata_target);

  const std::int64_t now = state.clock->now_ticks();
  std::uint32_t head_count = state.index.entry(target).count;
  RecordAddress last = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::int64_t created = events[i].created_ticks != 0 ? events[i].created_ticks : now;
    last = state.place(target, events[i], state.type_ids[i], {head_count++}, created);
  }
  if (!extras.empty()) {
    state.place(metadata_target, extra, state.type_ids[events.size()], {state.index.entry(metadata_target).count}, now);
  }
  AppendResult result;
  if (head_count > 0) result.revision = StreamRevision{head_count - 1};
  result.position = events.empty() ? head() : position_of(last);
  state.announce();
  return result;
}

/// What deleting asks of the stream's state (reference: streams 3.10); a stream without events is refused unless
/// `absent_is_fine`.
static std::optional<Error> check_deletable(const StreamEntry& entry, bool has_metadata, std::string_view stream,
                                            const ExpectedState& expected, bool absent_is_fine) {
  const std::optional<std::uint64_t> actual =
      entry.count == 0 ? std::nullopt : std::optional<std::uint64_t>(entry.count - 1);
  const Error conflict = errors::wrong_expected_version(stream, expected, actual);
  if (const StreamRevision* revision = std::get_if<StreamRevision>(&expected)) {
    return actual == revision->value ? std::nullopt : std::optional<Error>(conflict);
  }
  if (std::holds_alternative<StreamExists>(expected)) {
    if (entry.retention.soft_deleted()) return errors::stream_deleted(stream);
    return actual || has_metadata ? std::nullopt : std::optional<Error>(conflict);
  }
  if (!actual) return has_metadata || absent_is_fine ? std::nullopt : std::optional<Error>(conflict);
  const bool refuses = std::holds_alternative<NoStream>(expected) && !entry.retention.soft_deleted();
  return refuses ? std::optional<Error>(conflict) : std::nullopt;
}

static std::optional<Error> check_delete_target(std::string_view stream) {
  if (std::optional<Error> error = check_writable(stream)) return error;
  if (!is_metastream(stream)) return std::nullopt;
  return Error{ErrorCode::AccessDenied,
               "Metadata stream \"" + std::string(stream) + "\" cannot be deleted; delete the stream it describes.",
               {}};
}

Result<DeleteResult> Engine::delete_stream(std::string_view stream, const ExpectedState& expected) {
  const State& state = *state_;
  if (std::optional<Error> error = check_delete_target(stream)) return *std::move(error);
  const StreamEntry entry = state.entry_of(stream);
  if (entry.tombstone != 0) return errors::stream_deleted(stream);
  if (std::optional<Error> error = check_deletable(entry, state.has_metadata(entry), stream, expected, false)) {
    return *std::move(error);
  }
  const EventView marker{state.system_event_id(), kMetadataType, ContentType::Json, kSoftDeletedMetadata, {}, 0};
  const Result<AppendResult> written = write("$$" + std::string(stream), {&marker, 1}, {});
  if (!written) return written.error();
  return DeleteResult{*written->position};
}

Result<DeleteResult> Engine::tombstone_stream(std::string_view stream, const ExpectedState& expected) {
  State& state = *state_;
  if (std::optional<Error> error = check_delete_target(stream)) return *std::move(error);
  const StreamEntry entry = state.entry_of(stream);
  if (entry.tombstone != 0) return errors::stream_deleted(stream);
  if (std::optional<Error> error = check_deletable(entry, state.has_metadata(entry), stream, expected, true)) {
    return *std::move(error);
  }
  const EventView marker{state.system_event_id(), kTombstoneType, ContentType::Binary, {}, {}, 0};
  State::Reservation reservation(state);
  const std::uint32_t target = state.open_for_write(stream);
  state.type_ids.clear();
  if (target == 0 || !state.reserve({&marker, 1}, reservation)) {
    return state.give_up(reservation, Log::size_max_of(marker));
  }
  const RecordAddress marked =
      state.place(target, marker, state.type_ids[0], {kDeletedRevision}, state.clock->now_ticks());
  state.announce();
  return DeleteResult{position_of(marked)};
}

Result<void> Engine::replay(std::string_view stream, const EventView& event, StreamRevision revision,
                            std::int64_t created_ticks) {
  State& state = *state_;
  const StreamEntry entry = state.entry_of(stream);
  const bool is_tombstone = revision.value == kDeletedRevision;
  const std::optional<Record> held = is_tombstone && entry.tombstone != 0 ? state.log.read(entry.tombstone)
                                     : revision.value < entry.count       ? state.event_at(entry, revision.value)
                                                                          : std::optional<Record>();
  if (held && held->id == event.id) return {};
  const bool follows = entry.tombstone == 0 && (is_tombstone || revision.value == entry.count);
  if (check_writable(stream) || event.type.empty() || !utf8::valid(event.type) || !follows) {
    return Error{ErrorCode::CorruptData,
                 "Event " + std::to_string(revision.value) + " of stream \"" + std::string(stream) +
                     "\" does not follow what the database holds.",
                 {{"stream", std::string(stream)}}};
  }
  State::Reservation reservation(state);
  const std::uint32_t target = state.open_for_write(stream);
  state.type_ids.clear();
  if (target == 0 || !state.reserve({&event, 1}, reservation) ||
      !state.index.reserve(target, 1, reservation.index_begun)) {
    return state.give_up(reservation, Log::size_max_of(event));
  }
  if (!is_tombstone) state.pair_metastream(stream, target);
  state.place(target, event, state.type_ids[0], revision, created_ticks);
  return {};
}

}  // namespace kurrentlite
