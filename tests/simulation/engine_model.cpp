#include "engine_model.hpp"

#include <algorithm>

namespace kurrentlite::testing {
namespace {

using std::size_t;
using std::uint64_t;

std::string without_dollars(const std::string& metastream) { return metastream.substr(2); }

/// The number that a JSON integer says when int64 holds it.
std::optional<std::int64_t> integer_of(const std::string& raw) {
  const std::string digits = raw[0] == '-' ? raw.substr(1) : raw;
  if (digits.empty() || digits.size() > 19 || digits.find_first_not_of("0123456789") != std::string::npos) return {};
  __extension__ __int128 number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  if (raw[0] == '-') number = -number;
  if (number > INT64_MAX || number < INT64_MIN) return {};
  return static_cast<std::int64_t>(number);
}

ModelOutcome failure(ErrorCode code) {
  ModelOutcome outcome;
  outcome.error = code;
  return outcome;
}

/// The ASCII names and types of the simulation and a few others: good enough for a length in UTF-16.
uint64_t utf16_length(const std::string& text) {
  uint64_t length = 0;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    length += (byte & 0xc0) == 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
  }
  return length;
}

std::optional<ErrorCode> refuse_name(const std::string& stream) {
  if (stream.empty() || stream == "$$" || stream.find('\xff') != std::string::npos) return ErrorCode::InvalidArgument;
  if (stream == "$all") return ErrorCode::AccessDenied;
  return {};
}

std::optional<ErrorCode> refuse_events(const std::vector<ModelEvent>& events, const ModelLimits& limits) {
  uint64_t total = 0;
  for (const ModelEvent& event : events) {
    if (event.type.empty()) return ErrorCode::InvalidArgument;
    const uint64_t size = event.data.size() + event.metadata.size() + 2 * utf16_length(event.type);
    if (size > limits.event_size_max) return ErrorCode::MaxAppendEventSizeExceeded;
    total += size;
    if (total > limits.append_size_max) return ErrorCode::MaxAppendSizeExceeded;
  }
  return {};
}

}  // namespace

std::string render(const Fields& fields) {
  std::string text = "{";
  for (const auto& [key, value] : fields) text += (text.size() > 1 ? ",\"" : "\"") + key + "\":" + value;
  return text + "}";
}

std::vector<size_t> EngineModel::events_of(const std::string& stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? std::vector<size_t>{} : found->second;
}

bool EngineModel::tombstoned(const std::string& stream) const {
  return tombstones_.count(stream) > 0 || (is_metastream(stream) && tombstones_.count(without_dollars(stream)) > 0);
}

bool EngineModel::has_metadata(const std::string& stream) const {
  return !is_metastream(stream) && !events_of("$$" + stream).empty();
}

EngineModel::Bounds EngineModel::bounds_of(const std::string& stream) const {
  Bounds bounds;
  if (is_metastream(stream)) {
    bounds.max_count = 1;
    return bounds;
  }
  if (!has_metadata(stream)) return bounds;
  const ModelEvent& event = log[events_of("$$" + stream).back()];
  const auto fields = objects_->find(event.data);
  if (event.content_type != ContentType::Json || fields == objects_->end()) return bounds;
  for (const auto& [key, raw] : fields->second) {
    const std::optional<std::int64_t> number = integer_of(raw);
    if (key == "$tmp" && raw != "true" && raw != "false") return {};
    // The generator writes roles of `$acl` in these ways only.
    if (key == "$acl" && raw != R"({"$r":"a","$w":["b","c"]})" && raw != "{}") return {};
    if (key != "$tb" && key != "$maxCount" && key != "$maxAge" && key != "$cacheControl") continue;
    if (!number) return {};
    constexpr std::int64_t kSecondsMax = 922'337'203'685;  // of .NET's time span
    const bool is_time = key == "$maxAge" || key == "$cacheControl";
    if (is_time && (*number > kSecondsMax || *number < -kSecondsMax)) return {};
    if (key == "$tb" && *number >= 0) bounds.truncate_before = static_cast<uint64_t>(*number);
    if (key == "$maxCount" && *number > 0) bounds.max_count = static_cast<uint64_t>(*number);
    if (key == "$maxAge" && *number > 0) bounds.max_age_s = static_cast<uint64_t>(*number);
  }
  return bounds;
}

bool EngineModel::visible(const std::string& stream, size_t event, std::int64_t now) const {
  if (log[event].scavenged) return false;
  const Bounds bounds = bounds_of(stream);
  const uint64_t count = events_of(stream).size();
  const uint64_t revision = log[event].revision;
  if (revision < bounds.truncate_before) return false;
  if (bounds.max_count && count > *bounds.max_count && revision < count - *bounds.max_count) return false;
  if (!bounds.max_age_s) return true;
  __extension__ const __int128 oldest =
      static_cast<__int128>(now) - static_cast<__int128>(*bounds.max_age_s) * 10'000'000;
  return log[event].created_ticks >= oldest;
}

void EngineModel::put(const std::string& stream, ModelEvent event, std::int64_t now) {
  std::vector<size_t>& row = streams_[stream];
  event.stream = stream;
  event.revision = row.size();
  event.scavenged = false;  // it may be one written anew
  if (event.created_ticks == 0) event.created_ticks = now;  // else it was recorded elsewhere
  row.push_back(log.size());
  log.push_back(std::move(event));
}

void EngineModel::put_metadata_with_truncate_before(const std::string& metastream, Fields fields, uint64_t revision,
                                                    std::int64_t now) {
  const auto member = std::find_if(fields.begin(), fields.end(), [](const auto& each) { return each.first == "$tb"; });
  if (member != fields.end()) {
    member->second = std::to_string(revision);
  } else {
    fields.push_back({"$tb", std::to_string(revision)});
  }
  ModelEvent event;
  event.type = "$metadata";
  event.data = render(fields);
  objects_->insert({event.data, fields});
  put(metastream, std::move(event), now);
}

ModelOutcome EngineModel::conflict(const std::string& stream) const {
  ModelOutcome outcome = failure(ErrorCode::WrongExpectedVersion);
  const uint64_t count = events_of(stream).size();
  if (count > 0) outcome.actual = count - 1;
  return outcome;
}

ModelOutcome EngineModel::repeat_of(const std::string& stream, size_t event, std::int64_t now) const {
  ModelOutcome outcome;
  outcome.revision = log[event].revision;
  if (visible(stream, event, now)) outcome.event = event;
  return outcome;
}

std::optional<ModelOutcome> EngineModel::weak_repeat(const std::string& stream, const std::vector<ModelEvent>& events,
                                                     std::int64_t now) const {
  std::optional<size_t> last;
  for (size_t i = 0; i < events.size(); ++i) {
    std::optional<size_t> newest;
    for (size_t each = 0; each < log.size(); ++each) {
      if (log[each].id == events[i].id && !log[each].scavenged) newest = each;
    }
    const bool known = newest && log[*newest].stream == stream;
    if (!known && i == 0) return {};
    if (!known) return conflict(stream);
    last = newest;
  }
  return last ? std::optional<ModelOutcome>(repeat_of(stream, *last, now)) : std::nullopt;
}

ModelOutcome EngineModel::strong_repeat(const std::string& stream, const std::vector<ModelEvent>& events,
                                        uint64_t first, std::int64_t now) const {
  const std::vector<size_t> row = events_of(stream);
  if (events.empty()) return conflict(stream);
  for (size_t i = 0; i < events.size(); ++i) {
    if (first + i >= row.size()) return conflict(stream);
    const ModelEvent& held = log[row[first + i]];
    if (held.id != events[i].id || held.scavenged) return conflict(stream);
  }
  return repeat_of(stream, row[first + events.size() - 1], now);
}

/// Empty: write it.
std::optional<ModelOutcome> EngineModel::judge(const std::string& stream, const std::vector<ModelEvent>& events,
                                               const ExpectedState& expected, std::int64_t now) const {
  const uint64_t count = events_of(stream).size();
  if (tombstoned(stream)) return failure(ErrorCode::StreamDeleted);
  if (std::holds_alternative<Any>(expected)) return weak_repeat(stream, events, now);
  if (std::holds_alternative<StreamExists>(expected)) {
    if (soft_deleted(stream)) return failure(ErrorCode::StreamDeleted);
    if (count == 0 && !has_metadata(stream)) return conflict(stream);
    return weak_repeat(stream, events, now);
  }
  if (std::holds_alternative<NoStream>(expected)) {
    if (count == 0) return {};
    const ModelOutcome repeat = strong_repeat(stream, events, 0, now);
    if (repeat.error && soft_deleted(stream)) return {};
    return repeat;
  }
  const uint64_t revision = std::get<StreamRevision>(expected).value;
  if (count == 0 || revision > count - 1) return conflict(stream);
  if (revision == count - 1) return {};
  return strong_repeat(stream, events, revision + 1, now);
}

ModelOutcome EngineModel::append(const std::string& stream, const std::vector<ModelEvent>& events,
                                 const ExpectedState& expected, std::int64_t now) {
  if (const auto refused = refuse_name(stream)) return failure(*refused);
  if (const auto refused = refuse_events(events, limits)) return failure(*refused);
  if (std::optional<ModelOutcome> verdict = judge(stream, events, expected, now)) return *verdict;

  const bool revives = !is_metastream(stream) && soft_deleted(stream);
  const uint64_t next_revision = events_of(stream).size();
  const bool touches_deleted = is_metastream(stream) && soft_deleted(without_dollars(stream));
  ModelOutcome outcome;
  for (const ModelEvent& event : events) {
    outcome.event = log.size();
    put(stream, event, now);
  }
  if (revives) {
    const Fields fields = objects_->at(log[events_of("$$" + stream).back()].data);
    if (events.empty()) outcome.event = log.size();
    put_metadata_with_truncate_before("$$" + stream, fields, next_revision, now);
  } else if (touches_deleted && !events.empty() && objects_->count(events.back().data) > 0) {
    put_metadata_with_truncate_before(stream, objects_->at(events.back().data),
                                      events_of(without_dollars(stream)).size(), now);
  }
  outcome.at_head = events.empty();
  if (!events.empty()) outcome.revision = log[*outcome.event].revision;
  if (events.empty() && next_revision > 0) outcome.revision = next_revision - 1;
  return outcome;
}

std::optional<ModelOutcome> EngineModel::refuse_delete(const std::string& stream, const ExpectedState& expected,
                                                       bool absent_is_fine) const {
  if (const auto refused = refuse_name(stream)) return failure(*refused);
  if (is_metastream(stream)) return failure(ErrorCode::AccessDenied);
  if (tombstoned(stream)) return failure(ErrorCode::StreamDeleted);
  const uint64_t count = events_of(stream).size();
  const bool deleted = soft_deleted(stream);
  if (const auto* revision = std::get_if<StreamRevision>(&expected)) {
    if (count > 0 && revision->value == count - 1) return {};
    return conflict(stream);
  }
  if (std::holds_alternative<StreamExists>(expected)) {
    if (deleted) return failure(ErrorCode::StreamDeleted);
    if (count == 0 && !has_metadata(stream)) return conflict(stream);
    return {};
  }
  if (count == 0 && !has_metadata(stream) && !absent_is_fine) return conflict(stream);
  if (count > 0 && std::holds_alternative<NoStream>(expected) && !deleted) return conflict(stream);
  return {};
}

ModelOutcome EngineModel::remove(const std::string& stream, const ExpectedState& expected, std::int64_t now) {
  if (const auto refused = refuse_delete(stream, expected, false)) return *refused;
  ModelEvent event;
  event.type = "$metadata";
  event.data = R"({"$tb":9223372036854775807})";
  ModelOutcome outcome;
  outcome.event = log.size();
  put("$$" + stream, std::move(event), now);
  return outcome;
}

ModelOutcome EngineModel::tombstone(const std::string& stream, const ExpectedState& expected, std::int64_t now) {
  if (const auto refused = refuse_delete(stream, expected, true)) return *refused;
  ModelEvent event;
  event.stream = stream;
  event.revision = kDeletedRevision;
  event.type = "$streamDeleted";
  event.content_type = ContentType::Binary;
  event.created_ticks = now;
  ModelOutcome outcome;
  outcome.event = log.size();
  tombstones_[stream] = log.size();
  log.push_back(std::move(event));
  return outcome;
}

std::variant<ErrorCode, ModelCursor> EngineModel::open(const std::string& stream, Direction direction,
                                                       const ReadRevision& from) const {
  if (tombstoned(stream)) return ErrorCode::StreamDeleted;
  const uint64_t count = events_of(stream).size();
  if (count == 0 || soft_deleted(stream)) return ErrorCode::StreamNotFound;
  const auto* revision = std::get_if<StreamRevision>(&from);
  const bool end = std::holds_alternative<End>(from) || (revision != nullptr && revision->value == kNoLimit);
  if (end && direction == Direction::Forwards) return ErrorCode::Unknown;
  ModelCursor cursor;
  cursor.stream = stream;
  cursor.direction = direction;
  cursor.next = end ? count - 1 : revision != nullptr ? revision->value : 0;
  if (direction == Direction::Backwards) cursor.next = std::min(cursor.next, count - 1);
  return cursor;
}

std::variant<ErrorCode, ModelCursor> EngineModel::follow(const std::string& stream, const ReadRevision& from) const {
  if (tombstoned(stream)) return ErrorCode::StreamDeleted;
  const auto* revision = std::get_if<StreamRevision>(&from);
  const bool end = std::holds_alternative<End>(from) || (revision != nullptr && revision->value == kNoLimit);
  ModelCursor cursor;
  cursor.stream = stream;
  cursor.follows = true;
  if (end) cursor.next = *(cursor.live_from = events_of(stream).size());
  if (!end && revision != nullptr) cursor.next = revision->value + 1;
  return cursor;
}

std::optional<size_t> EngineModel::next(ModelCursor& cursor, std::int64_t now) const {
  if (cursor.done) return {};
  const std::vector<size_t> row = events_of(cursor.stream);
  if (cursor.direction == Direction::Backwards) {
    for (uint64_t revision = cursor.next + 1; revision-- > 0;) {
      if (!visible(cursor.stream, row[revision], now)) continue;
      cursor.done = revision == 0;
      cursor.next = revision == 0 ? 0 : revision - 1;
      return row[revision];
    }
    cursor.done = true;
    return {};
  }
  for (uint64_t revision = cursor.next; revision < row.size(); ++revision) {
    const bool live = cursor.live_from && revision >= *cursor.live_from;
    cursor.next = revision + 1;
    if (log[row[revision]].scavenged) continue;
    if (live || visible(cursor.stream, row[revision], now)) return row[revision];
  }
  if (!cursor.follows) return {};
  const bool was_live = cursor.live_from.has_value();
  if (!was_live) cursor.live_from = row.size();
  const auto tombstone = tombstones_.find(cursor.stream);
  if (tombstone == tombstones_.end()) return {};
  cursor.done = true;
  return was_live ? std::optional<size_t>(tombstone->second) : std::nullopt;
}

std::optional<size_t> EngineModel::resolve(size_t link, std::int64_t now) const {
  if (log[link].type != "$>") return link;
  const std::string& data = log[link].data;
  const size_t at = data.find('@');
  if (at == std::string::npos) return {};
  const std::optional<std::int64_t> revision = integer_of(data.substr(0, at) + (at == 0 ? "x" : ""));
  if (!revision) return link;
  const std::string target = data.substr(at + 1);
  const std::vector<size_t> row = events_of(target);
  if (row.empty() || tombstoned(target)) return {};
  const std::int64_t wanted = *revision == -1 ? static_cast<std::int64_t>(row.size()) - 1 : *revision;
  if (wanted < 0 || static_cast<uint64_t>(wanted) >= row.size()) return {};
  const size_t found = row[static_cast<size_t>(wanted)];
  return visible(target, found, now) ? std::optional<size_t>(found) : std::nullopt;
}

size_t EngineModel::scavenge(std::int64_t now) {
  size_t taken = 0;
  for (const auto& [stream, row] : streams_) {
    const bool all = tombstoned(stream);
    const Bounds bounds = bounds_of(stream);
    const bool counted = bounds.max_count && row.size() > *bounds.max_count;
    const uint64_t hidden = std::max(bounds.truncate_before, counted ? row.size() - *bounds.max_count : uint64_t{0});
    bool goes_on = true;
    for (size_t revision = 0; revision < row.size(); ++revision) {
      const bool is_last = revision + 1 == row.size();
      goes_on = goes_on && (revision < hidden || log[row[revision]].scavenged || !visible(stream, row[revision], now));
      if (log[row[revision]].scavenged || (!all && (is_last || !goes_on))) continue;
      log[row[revision]].scavenged = true;
      ++taken;
    }
  }
  return taken;
}

size_t EngineModel::streams_written() const {
  size_t count = 0;
  for (const auto& [stream, row] : streams_) {
    const bool holds = std::any_of(row.begin(), row.end(), [&](size_t event) { return !log[event].scavenged; });
    count += holds || tombstones_.count(stream) > 0 ? 1u : 0u;
  }
  for (const auto& [stream, event] : tombstones_) count += streams_.count(stream) == 0 ? 1u : 0u;
  return count;
}

size_t EngineModel::events_written() const {
  return static_cast<size_t>(std::count_if(log.begin(), log.end(), [](const ModelEvent& each) { return !each.scavenged; }));
}

}  // namespace kurrentlite::testing
