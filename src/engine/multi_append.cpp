#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "engine/append_rules.hpp"
#include "engine/transaction.hpp"

// Appends to several streams at once (reference: streams 3.11).
namespace kurrentlite {
namespace {

// States as the wire numbers them.
constexpr std::int64_t kNoStreamState = -1;
constexpr std::int64_t kAnyState = -2;
constexpr std::int64_t kExistsState = -4;
constexpr std::int64_t kSoftDeletedState = -5;
constexpr std::int64_t kTombstonedState = -6;

std::int64_t state_number(const CheckedState& state) {
  if (const StreamRevision* revision = std::get_if<StreamRevision>(&state)) {
    return static_cast<std::int64_t>(revision->value);
  }
  constexpr std::int64_t kNumbers[] = {kNoStreamState, kExistsState, kSoftDeletedState, kTombstonedState};
  return kNumbers[state.index()];
}

Error invalid(const char* field, std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message), {{"field", std::string(field)}}};
}

std::optional<Error> check_schema_name(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter_or_digit || static_cast<unsigned char>(c) >= 0x80 || std::string_view("_.$:-").find(c) != std::string_view::npos;
  });
  if (!name.empty() && plain && utf8::valid(name)) return std::nullopt;
  return invalid("type", "The event type \"" + std::string(name) +
                             "\" of a multi-stream append may hold only letters, digits and _ . $ : -");
}

std::uint64_t varint_size(std::uint64_t value) {
  std::uint64_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}
std::uint64_t field_size(std::uint64_t size) { return 1 + varint_size(size) + size; }

/// What `name: text` takes in a google.protobuf.Struct.
std::uint64_t property_size(std::uint64_t name_size, std::uint64_t text_size) {
  return field_size(field_size(name_size) + field_size(field_size(text_size)));
}

/// The metadata of one record as they are stored, and how large KurrentDB counts the record.
struct Prepared {
  std::string metadata;
  std::uint64_t size = 0;
};

Result<Prepared> prepare(const EventView& event) {
  if (std::optional<Error> error = check_schema_name(event.type)) return *std::move(error);
  const std::string_view given = event.metadata.empty() ? "{}" : event.metadata;
  if (!is_json_object(given)) return invalid("metadata", "The metadata of a multi-stream append must be a JSON object.");
  const std::string_view format = event.content_type == ContentType::Json ? "Json" : "Bytes";
  Prepared result;
  for (const json::Member& member : json::Value(given).members()) {
    const std::optional<std::string> text = member.value.string();
    if (member.key.empty() || !text) {
      return invalid("metadata", "The metadata of a multi-stream append must map names to texts.");
    }
    result.size += property_size(member.key.size(), text->size());
  }
  if (event.content_type != ContentType::Json) {
    result.size += property_size(std::string_view("$schema.format").size(), format.size());
  }
  result.size += event.data.size() + event.type.size();
  json::Writer schema;
  schema.begin_object().key("$schema.name").string(event.type).key("$schema.format").string(format).end_object();
  result.metadata = json::merge_top_level(given, schema.take());
  return result;
}

std::optional<Error> check_record_size(const EngineOptions& options, std::string_view stream, const EventView& event,
                                       std::uint64_t size) {
  if (size <= options.event_size_max_bytes) return std::nullopt;
  return Error{ErrorCode::AppendRecordSizeExceeded,
               "The size of record " + event.id.to_string() + " (" + std::to_string(size) +
                   " bytes) exceeds the maximum of " + std::to_string(options.event_size_max_bytes) + " bytes.",
               {{"stream", std::string(stream)},
                {"recordId", event.id.to_string()},
                {"size", size},
                {"maxSize", options.event_size_max_bytes}}};
}

std::optional<Error> check_transaction_size(const EngineOptions& options, std::uint64_t size) {
  if (size <= options.append_size_max_bytes) return std::nullopt;
  return Error{ErrorCode::TransactionMaxSizeExceeded,
               "The total size of the append (" + std::to_string(size) + " bytes) exceeds the maximum of " +
                   std::to_string(options.append_size_max_bytes) + " bytes.",
               {{"size", size}, {"maxSize", options.append_size_max_bytes}}};
}

/// Events with the metadata they are stored with.
class PreparedEvents {
 public:
  explicit PreparedEvents(std::size_t count) {
    events_.reserve(count);
    metadata_.reserve(count);  // views point into it
  }
  std::optional<Error> add(const EngineOptions& options, std::string_view stream, const EventView& event) {
    Result<Prepared> prepared = prepare(event);
    if (!prepared) return std::move(prepared).error();
    if (std::optional<Error> error = check_record_size(options, stream, event, prepared->size)) return error;
    size_ += prepared->size;
    if (std::optional<Error> error = check_transaction_size(options, size_)) return error;
    metadata_.push_back(std::move(prepared->metadata));
    events_.push_back(event);
    events_.back().metadata = metadata_.back();
    events_.back().metadata_checked = true;
    return std::nullopt;
  }
  [[nodiscard]] const EventView& operator[](std::size_t i) const { return events_[i]; }

 private:
  std::vector<EventView> events_;
  std::vector<std::string> metadata_;
  std::uint64_t size_ = 0;
};

/// One stream that is written to.
struct Written {
  std::string_view stream;
  std::vector<const EventView*> events;
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

MultiAppendResult repeated(const std::vector<Written>& written, const std::vector<Verdict>& verdicts) {
  MultiAppendResult result;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const AppendResult& repeat = *std::get_if<AppendResult>(&verdicts[i]);
    result.revisions.push_back({StreamName(written[i].stream), repeat.revision.value_or(StreamRevision{})});
    if (repeat.position > result.position) result.position = repeat.position;
  }
  return result;
}

bool is_repeat(const Verdict& verdict) { return std::holds_alternative<AppendResult>(verdict); }

std::set<std::string_view> names_of(const std::vector<Written>& written) {
  std::set<std::string_view> names;
  for (const Written& each : written) names.insert(each.stream);
  return names;
}

/// Writes events in the order of `order`, each with the index of its stream in `written`.
Result<MultiAppendResult> write(Engine::State& state, const std::vector<Written>& written,
                                const std::vector<std::pair<const EventView*, std::uint32_t>>& order) {
  Transaction transaction(state);
  for (const Written& each : written) (void)transaction.add_stream(each.stream);
  for (const auto& [event, stream] : order) transaction.add(stream, *event);
  const std::set<std::string_view> names = names_of(written);
  for (std::uint32_t i = 0; i < written.size(); ++i) {
    // Metastreams have no metadata of their own, whatever is written to `$$$$s`.
    const bool sets_metadata =
        !is_metastream(written[i].stream) && names.count("$$" + std::string(written[i].stream)) > 0;
    if (!sets_metadata) transaction.revive(i, written[i].events.back()->data);
  }
  if (Result<void> result = transaction.commit(); !result) return std::move(result).error();
  MultiAppendResult result;
  for (std::uint32_t i = 0; i < written.size(); ++i) {
    result.revisions.push_back({StreamName(written[i].stream), {transaction.count_of(i) - 1}});
  }
  result.position = transaction.last_position();
  state.announce();
  return result;
}

/// What a stream is, as far as a check that did not hold says.
std::int64_t actual_state(const StreamEntry& entry, bool tombstoned) {
  if (tombstoned) return kTombstonedState;
  return entry.count == 0 ? kNoStreamState : static_cast<std::int64_t>(entry.count) - 1;
}

}  // namespace

/// The checks of one `append_records` (result matrix in reference: streams 3.11).
class CheckJudge {
 public:
  CheckJudge(const Engine::State& state, std::span<const StateCheck> checks) : state_(state), checks_(checks) {
    for (const StateCheck& check : checks) by_stream_.emplace(check.stream, &check);
  }

  /// Judges the streams written; a stream without a check may be in any state.
  void judge_written(const std::vector<Written>& written) {
    for (const Written& each : written) {
      const StateCheck* const check = check_of(each.stream);
      verdicts_.push_back(judge_written_stream(each, check));
    }
  }
  [[nodiscard]] const std::vector<Verdict>& verdicts() const { return verdicts_; }

  /// Everything that stands in the way, in the order of the checks.
  [[nodiscard]] std::vector<CheckViolation> violations(const std::vector<Written>& written) const {
    std::vector<CheckViolation> result;
    const bool mixed = std::any_of(verdicts_.begin(), verdicts_.end(), is_repeat);
    std::uint32_t implicit = static_cast<std::uint32_t>(checks_.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
      const StateCheck* const check = check_of(written[i].stream);
      const std::uint32_t index = check != nullptr ? static_cast<std::uint32_t>(check - checks_.data()) : implicit++;
      const bool fails = std::holds_alternative<Error>(verdicts_[i]) || (mixed && is_repeat(verdicts_[i]));
      if (fails) result.push_back(violation(index, written[i].stream, check));
    }
    const std::set<std::string_view> names = names_of(written);
    for (const StateCheck& check : checks_) {
      if (names.count(check.stream) > 0 || holds(check, false)) continue;
      result.push_back(violation(static_cast<std::uint32_t>(&check - checks_.data()), check.stream, &check));
    }
    std::sort(result.begin(), result.end(),
              [](const CheckViolation& a, const CheckViolation& b) { return a.check_index < b.check_index; });
    return result;
  }

 private:
  [[nodiscard]] const StateCheck* check_of(std::string_view stream) const {
    const auto found = by_stream_.find(stream);
    return found == by_stream_.end() ? nullptr : found->second;
  }

  [[nodiscard]] Verdict judge_written_stream(const Written& written, const StateCheck* check) const {
    const Error failed{ErrorCode::ConsistencyViolation, {}};
    ExpectedState expected = Any{};
    if (check != nullptr) {
      if (!holds(*check, true) && !may_be_repeat(check->expected)) return failed;
      if (std::holds_alternative<NoStream>(check->expected)) expected = NoStream{};
      if (std::holds_alternative<StreamExists>(check->expected)) expected = StreamExists{};
      if (const StreamRevision* revision = std::get_if<StreamRevision>(&check->expected)) expected = *revision;
    }
    return AppendJudge(state_, written.stream, written.events, expected).judge();
  }

  /// For these, a state that is past the expected one may still be that of an idempotent repeat.
  [[nodiscard]] static bool may_be_repeat(const CheckedState& expected) {
    return std::holds_alternative<NoStream>(expected) || std::holds_alternative<StreamRevision>(expected);
  }

  [[nodiscard]] bool holds(const StateCheck& check, bool is_written) const {
    const StreamEntry entry = state_.entry_of(check.stream);
    const bool soft_deleted = entry.retention.soft_deleted();
    if (state_.is_tombstoned(check.stream, entry)) {
      const bool asks = std::holds_alternative<Tombstoned>(check.expected) || std::holds_alternative<NoStream>(check.expected);
      return asks && !is_written;
    }
    if (std::holds_alternative<NoStream>(check.expected)) return entry.count == 0 || soft_deleted;
    if (std::holds_alternative<StreamExists>(check.expected)) {
      return !soft_deleted && (entry.count > 0 || state_.has_metadata(entry));
    }
    if (std::holds_alternative<SoftDeleted>(check.expected)) return soft_deleted;
    if (std::holds_alternative<Tombstoned>(check.expected)) return false;
    return entry.count > 0 && std::get_if<StreamRevision>(&check.expected)->value == entry.count - 1;
  }

  [[nodiscard]] CheckViolation violation(std::uint32_t index, std::string_view stream, const StateCheck* check) const {
    const StreamEntry entry = state_.entry_of(stream);
    CheckViolation result{index, std::string(stream), check == nullptr ? kAnyState : state_number(check->expected),
                          actual_state(entry, state_.is_tombstoned(stream, entry))};
    const bool asks_exists = check != nullptr && std::holds_alternative<StreamExists>(check->expected);
    if (asks_exists && entry.retention.soft_deleted() && result.actual_state != kTombstonedState) {
      result.actual_state = kSoftDeletedState;
    }
    return result;
  }

  const Engine::State& state_;
  std::span<const StateCheck> checks_;
  std::map<std::string_view, const StateCheck*> by_stream_;
  std::vector<Verdict> verdicts_;
};

Result<MultiAppendResult> Engine::append_session(std::span<const StreamAppend> requests) {
  State& state = *state_;
  if (requests.empty()) return invalid("requests", "A multi-stream append needs at least one request.");
  std::size_t count = 0;
  std::map<std::string, std::size_t> seen;
  for (const StreamAppend& request : requests) {
    if (std::optional<Error> error = check_writable(request.stream)) return *std::move(error);
    if (request.events.empty()) {
      return invalid("events", "The request for stream \"" + std::string(request.stream) + "\" holds no events.");
    }
    if (!seen.emplace(lower_case(request.stream), 0).second) {
      return Error{ErrorCode::StreamAlreadyInAppendSession,
                   "Stream \"" + std::string(request.stream) + "\" is named twice in one multi-stream append.",
                   {{"stream", std::string(request.stream)}}};
    }
    count += request.events.size();
  }
  PreparedEvents events(count);
  std::vector<Written> written;
  std::vector<std::pair<const EventView*, std::uint32_t>> order;
  for (const StreamAppend& request : requests) {
    written.push_back({request.stream, {}});
    for (const EventView& event : request.events) {
      if (std::optional<Error> error = events.add(state.options, request.stream, event)) return *std::move(error);
      const EventView* const prepared = &events[order.size()];
      written.back().events.push_back(prepared);
      order.push_back({prepared, static_cast<std::uint32_t>(written.size() - 1)});
    }
  }
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < written.size(); ++i) {
    verdicts.push_back(AppendJudge(state, written[i].stream, written[i].events, requests[i].expected).judge());
  }
  if (std::all_of(verdicts.begin(), verdicts.end(), is_repeat)) return repeated(written, verdicts);
  const bool mixed = std::any_of(verdicts.begin(), verdicts.end(), is_repeat);
  const auto fails = [&](const Verdict& verdict) {
    return std::holds_alternative<Error>(verdict) || (mixed && is_repeat(verdict));
  };
  const auto first = std::find_if(verdicts.begin(), verdicts.end(), fails);
  if (first == verdicts.end()) return write(state, written, order);

  const std::size_t failed = static_cast<std::size_t>(first - verdicts.begin());
  const std::string_view stream = written[failed].stream;
  const bool any_deleted = std::any_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) {
    const Error* const error = std::get_if<Error>(&verdict);
    return error != nullptr && error->code == ErrorCode::StreamDeleted;
  });
  // KurrentDB names the first failing stream, whichever of them is deleted (reference: streams 3.11).
  if (any_deleted) {
    return Error{ErrorCode::StreamTombstoned, "Stream '" + std::string(stream) + "' has been tombstoned.",
                 {{"stream", std::string(stream)}}};
  }
  if (Error* const error = std::get_if<Error>(&*first)) return std::move(*error);
  const StreamEntry entry = state.entry_of(stream);
  return errors::wrong_expected_version(stream, requests[failed].expected, entry.count - 1);
}

Result<MultiAppendResult> Engine::append_records(std::span<const RecordView> records,
                                                 std::span<const StateCheck> checks) {
  State& state = *state_;
  if (records.empty()) return invalid("records", "appendRecords needs at least one record.");
  std::map<std::string, std::size_t> checked;
  for (const StateCheck& check : checks) {
    if (check.stream.empty() || check.stream == "$$" || !utf8::valid(check.stream)) {
      return invalid("checks", "A check must name a stream.");
    }
    if (!checked.emplace(lower_case(check.stream), 0).second) {
      return invalid("checks", "Stream \"" + check.stream + "\" is checked twice.");
    }
  }
  PreparedEvents events(records.size());
  std::vector<Written> written;
  std::vector<std::pair<const EventView*, std::uint32_t>> order;
  std::map<std::string_view, std::uint32_t> numbers;
  for (const RecordView& record : records) {
    if (std::optional<Error> error = check_writable(record.stream)) return *std::move(error);
    if (std::optional<Error> error = events.add(state.options, record.stream, record.event)) return *std::move(error);
    const auto [found, is_new] = numbers.emplace(record.stream, static_cast<std::uint32_t>(written.size()));
    if (is_new) written.push_back({record.stream, {}});
    const EventView* const prepared = &events[order.size()];
    written[found->second].events.push_back(prepared);
    order.push_back({prepared, found->second});
  }
  CheckJudge judge(state, checks);
  judge.judge_written(written);
  // When everything is there already, checks on other streams no longer matter (reference: streams 3.5).
  if (std::all_of(judge.verdicts().begin(), judge.verdicts().end(), is_repeat)) {
    return repeated(written, judge.verdicts());
  }
  std::vector<CheckViolation> violations = judge.violations(written);
  if (violations.empty()) return write(state, written, order);
  Error error{ErrorCode::ConsistencyViolation,
              "The append did not happen: " + std::to_string(violations.size()) + " of its consistency checks failed."};
  error.check_violations = std::move(violations);
  return error;
}

}  // namespace kurrentlite
