#include <utility>

#include "base/utf8.hpp"
#include "engine/append_rules.hpp"
#include "engine/transaction.hpp"

namespace kurrentlite {
namespace {

constexpr std::string_view kTombstoneType = "$streamDeleted";
constexpr std::string_view kSoftDeletedMetadata = R"({"$tb":9223372036854775807})";

}  // namespace

Result<AppendResult> Engine::append(std::string_view stream, std::span<const EventView> events,
                                    const ExpectedState& expected) {
  State& state = *state_;
  if (std::optional<Error> error = check_writable(stream)) return *std::move(error);
  if (std::optional<Error> error = check_events(events, state.options, *state.shapes)) return *std::move(error);
  state.judged.clear();
  for (const EventView& event : events) state.judged.push_back(&event);
  const AppendJudge judge(state, stream, state.judged, expected);
  Verdict verdict = judge.judge();
  if (Error* error = std::get_if<Error>(&verdict)) return std::move(*error);
  if (AppendResult* repeat = std::get_if<AppendResult>(&verdict)) return *repeat;

  Transaction transaction(state);
  const std::uint32_t target = transaction.add_stream(stream);
  for (const EventView& event : events) transaction.add(target, event);
  transaction.revive(target, events.empty() ? std::string_view() : events.back().data);
  AppendResult result;
  if (transaction.empty()) {
    const std::uint32_t count = judge.entry().count;
    if (count > 0) result.revision = StreamRevision{count - 1};
    result.position = head();
    return result;
  }
  if (Result<void> written = transaction.commit(); !written) return std::move(written).error();
  const std::uint32_t count = transaction.count_of(target);
  if (count > 0) result.revision = StreamRevision{count - 1};
  result.position = transaction.last_position().value_or(head());
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
  State& state = *state_;
  if (std::optional<Error> error = check_delete_target(stream)) return *std::move(error);
  const StreamEntry entry = state.entry_of(stream);
  if (entry.tombstone != 0) return errors::stream_deleted(stream);
  if (std::optional<Error> error = check_deletable(entry, state.has_metadata(entry), stream, expected, false)) {
    return *std::move(error);
  }
  const EventView marker{state.system_event_id(), kMetadataType, ContentType::Json, kSoftDeletedMetadata, {}, 0};
  const std::string metastream = "$$" + std::string(stream);
  Transaction transaction(state);
  transaction.add(transaction.add_stream(metastream), marker);
  if (Result<void> written = transaction.commit(); !written) return std::move(written).error();
  state.announce();
  return DeleteResult{*transaction.last_position()};
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
                            std::int64_t created_ticks, const Gap& gap) {
  State& state = *state_;
  const StreamEntry entry = state.entry_of(stream);
  const bool is_tombstone = revision.value == kDeletedRevision;
  if (revision.value < entry.floor) return {};
  const std::optional<Record> held = is_tombstone && entry.tombstone != 0 ? state.log.read(entry.tombstone)
                                     : revision.value < entry.count       ? state.event_at(entry, revision.value)
                                                                          : std::optional<Record>();
  if (held && held->id == event.id) return {};
  const bool begins_later = gap.begins_stream && entry.count == 0 && !is_tombstone && revision.value < UINT32_MAX;
  const std::uint64_t end = state.log.end_position();
  const std::uint64_t position = gap.position == 0 ? end : gap.position;
  const bool follows = entry.tombstone == 0 && (is_tombstone || begins_later || revision.value == entry.count) &&
                       position >= end && position % 4 == 0 && position / 4 <= UINT32_MAX;
  if (check_writable(stream) || event.type.empty() || !utf8::valid(event.type) || !follows) {
    return Error{ErrorCode::CorruptData,
                 "Event " + std::to_string(revision.value) + " of stream \"" + std::string(stream) +
                     "\" does not follow what the database holds.",
                 {{"stream", std::string(stream)}}};
  }
  State::Reservation reservation(state);
  reservation.log_bytes = position - end;
  const std::uint32_t target = state.open_for_write(stream);
  state.type_ids.clear();
  if (target == 0 || !state.reserve({&event, 1}, reservation) ||
      !state.index.reserve(target, 1, reservation.index_begun)) {
    return state.give_up(reservation, Log::size_max_of(event));
  }
  if (!is_tombstone) state.pair_metastream(stream, target);
  if (begins_later && revision.value > 0) state.index.begin_at(target, static_cast<std::uint32_t>(revision.value));
  state.log.skip(position - end);
  state.place(target, event, state.type_ids[0], revision, created_ticks);
  return {};
}

}  // namespace kurrentlite
