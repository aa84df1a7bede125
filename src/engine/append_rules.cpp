#include "engine/append_rules.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "engine/shape_code.hpp"

namespace kurrentlite {

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

/// Bytes of data and metadata, as JSON where they are shape code.
static std::uint64_t json_size_of(const EventView& event, const Shapes& shapes) {
  const auto size = [&](bool is_shaped, std::string_view head, std::string_view rest) {
    if (!is_shaped) return std::uint64_t{rest.size()};
    std::string json;
    shape_code::append_json(json, std::string(head).append(rest), shapes);
    return std::uint64_t{json.size()};
  };
  return size(event.data_shaped, event.data_head, event.data) +
         size(event.metadata_shaped, event.metadata_head, event.metadata);
}

std::optional<Error> check_events(std::span<const EventView> events, const EngineOptions& options, const Shapes& shapes) {
  std::uint64_t total = 0;
  std::uint64_t stored = 0;
  std::uint64_t stored_max = 0;
  for (const EventView& event : events) {
    const std::uint64_t each = event.data_size() + event.metadata_size();
    stored += each;
    stored_max = std::max(stored_max, each);
  }
  // Shape code that is small is within the limits however much it grows.
  const bool is_small = stored_max * shape_code::kGrowthMax <= options.event_size_max_bytes &&
                        stored * shape_code::kGrowthMax <= options.append_size_max_bytes;
  for (const EventView& event : events) {
    if (event.type.empty() || !utf8::valid(event.type)) {
      return Error{ErrorCode::InvalidArgument, "The event type must be non-empty UTF-8 text.",
                   {{"field", std::string("type")}}};
    }
    const std::uint64_t size = (is_small ? event.data_size() + event.metadata_size() : json_size_of(event, shapes)) +
                               2 * utf8::utf16_length(event.type);
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

Verdict AppendJudge::judge() const {
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

Error AppendJudge::conflict() const {
  return errors::wrong_expected_version(
      name_, expected_, entry_.count == 0 ? std::nullopt : std::optional<std::uint64_t>(entry_.count - 1));
}

/// Any and StreamExists: a repeat when every id is on the stream already, wherever.
Verdict AppendJudge::weak_repeat() const {
  Record last;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const RecordAddress address = state_.log.find(events_[i]->id);
    const bool known = address != 0 && state_.log.read(address).stream == stream_;
    if (!known) return i == 0 ? Verdict{} : Verdict(conflict());
    last = state_.log.read(address);
  }
  return events_.empty() ? Verdict{} : Verdict(repeated(last));
}

/// NoStream and a revision below the head: a repeat when just these ids stand at `first` and after it.
Verdict AppendJudge::strong_repeat(std::uint64_t first) const {
  if (events_.empty() || first < entry_.floor || first + events_.size() > entry_.count) return conflict();
  Record last;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    last = state_.event_at(entry_, first + i);
    if (!(last.id == events_[i]->id)) return conflict();
  }
  return repeated(last);
}

AppendResult AppendJudge::repeated(const Record& last) const {
  AppendResult result;
  result.revision = last.revision;
  if (state_.is_readable(entry_, last)) result.position = last.position();
  return result;
}

}  // namespace kurrentlite
