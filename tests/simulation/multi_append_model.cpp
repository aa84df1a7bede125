// Appends to several streams at once, as section 3.11 of the stream reference tells them.
#include <algorithm>
#include <set>

#include "engine_model.hpp"

namespace kurrentlite::testing {
namespace {

using std::size_t;
using std::uint64_t;

std::string lower_case(std::string text) {
  for (char& each : text) {
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each + 32);
  }
  return text;
}

/// A length-delimited protobuf field: one byte of tag, the length in groups of seven bits, the bytes.
uint64_t field_size(uint64_t size) {
  return 1 + (size < 128 ? 1 : size < 16'384 ? 2 : size < 2'097'152 ? 3 : 4) + size;
}

/// An entry of a google.protobuf.Struct.
uint64_t property_size(uint64_t key, uint64_t text) {
  return field_size(field_size(key) + field_size(field_size(text)));
}

void set_field(Fields& fields, const std::string& key, const std::string& raw) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& each) { return each.first == key; });
  if (found != fields.end()) {
    found->second = raw;
  } else {
    fields.push_back({key, raw});
  }
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// The simulation's types are plain apart from links'.
bool is_schema_name(const std::string& type) { return !type.empty() && type != "$>"; }

std::optional<ErrorCode> refuse_name(const std::string& stream) {
  if (stream.empty() || stream == "$$" || stream.find('\xff') != std::string::npos) return ErrorCode::InvalidArgument;
  if (stream == "$all") return ErrorCode::AccessDenied;
  return {};
}

/// What the wire calls the states of a check: no stream -1, exists -4, soft-deleted -5, tombstoned -6.
std::int64_t number_of(const CheckedState& state) {
  if (std::holds_alternative<NoStream>(state)) return -1;
  if (std::holds_alternative<StreamExists>(state)) return -4;
  if (std::holds_alternative<SoftDeleted>(state)) return -5;
  if (std::holds_alternative<Tombstoned>(state)) return -6;
  return static_cast<std::int64_t>(std::get<StreamRevision>(state).value);
}

ExpectedState expected_by(const CheckedState& state) {
  if (std::holds_alternative<NoStream>(state)) return NoStream{};
  if (std::holds_alternative<StreamExists>(state)) return StreamExists{};
  if (const auto* revision = std::get_if<StreamRevision>(&state)) return *revision;
  return Any{};
}

std::vector<std::string> streams_of(const std::vector<ModelRecord>& records) {
  std::vector<std::string> streams;
  for (const ModelRecord& record : records) {
    if (std::find(streams.begin(), streams.end(), record.stream) == streams.end()) streams.push_back(record.stream);
  }
  return streams;
}

std::vector<ModelEvent> events_for(const std::string& stream, const std::vector<ModelRecord>& records) {
  std::vector<ModelEvent> events;
  for (const ModelRecord& record : records) {
    if (record.stream == stream) events.push_back(record.event);
  }
  return events;
}

ModelMultiOutcome failure(ErrorCode code) {
  ModelMultiOutcome outcome;
  outcome.error = code;
  return outcome;
}

}  // namespace

/// Checks the records and gives each the metadata it is stored with.
std::optional<ErrorCode> EngineModel::prepare_records(std::vector<ModelRecord>& records) const {
  uint64_t total = 0;
  for (ModelRecord& record : records) {
    if (const auto refused = refuse_name(record.stream)) return refused;
    ModelEvent& event = record.event;
    if (!is_schema_name(event.type)) return ErrorCode::InvalidArgument;
    Fields fields;
    if (!event.metadata.empty()) {
      const auto known = objects_->find(event.metadata);
      if (known == objects_->end()) return ErrorCode::InvalidArgument;
      fields = known->second;
    }
    uint64_t size = event.data.size() + event.type.size();
    for (const auto& [key, raw] : fields) {
      if (key.empty() || raw[0] != '"') return ErrorCode::InvalidArgument;
      size += property_size(key.size(), raw.size() - 2);
    }
    const std::string format = event.content_type == ContentType::Json ? "Json" : "Bytes";
    if (event.content_type != ContentType::Json) size += property_size(14, format.size());  // "$schema.format"
    if (size > limits.event_size_max) return ErrorCode::AppendRecordSizeExceeded;
    total += size;
    if (total > limits.append_size_max) return ErrorCode::TransactionMaxSizeExceeded;
    set_field(fields, "$schema.name", quoted(event.type));
    set_field(fields, "$schema.format", quoted(format));
    event.metadata = render(fields);
  }
  return {};
}

/// Writes the records in their order; what brings soft-deleted streams back comes behind them.
void EngineModel::put_records(const std::vector<ModelRecord>& records, std::int64_t now, ModelMultiOutcome& outcome) {
  const std::vector<std::string> streams = streams_of(records);
  struct Revival {
    std::string metastream;
    Fields fields;
    uint64_t revision;
  };
  std::vector<Revival> revivals;
  for (const std::string& stream : streams) {
    const bool of_metadata = is_metastream(stream);
    const std::string original = of_metadata ? stream.substr(2) : stream;
    if (of_metadata && is_metastream(original)) continue;
    if (!soft_deleted(original)) continue;
    const std::string metastream = "$$" + original;
    const bool sets_metadata = std::find(streams.begin(), streams.end(), metastream) != streams.end();
    if (!of_metadata && sets_metadata) continue;
    const std::string text =
        of_metadata ? events_for(stream, records).back().data : log[events_of(metastream).back()].data;
    const auto fields = objects_->find(text);
    if (fields != objects_->end()) revivals.push_back({metastream, fields->second, events_of(original).size()});
  }
  for (const ModelRecord& record : records) {
    outcome.event = log.size();
    put(record.stream, record.event, now);
  }
  for (const std::string& stream : streams) outcome.revisions.push_back({stream, events_of(stream).size() - 1});
  for (Revival& revival : revivals) {
    put_metadata_with_truncate_before(revival.metastream, std::move(revival.fields), revival.revision, now);
  }
}

ModelMultiOutcome EngineModel::append_session(const std::vector<ModelRequest>& requests, std::int64_t now) {
  if (requests.empty()) return failure(ErrorCode::InvalidArgument);
  std::set<std::string> seen;
  std::vector<ModelRecord> records;
  for (const ModelRequest& request : requests) {
    if (const auto refused = refuse_name(request.stream)) return failure(*refused);
    if (request.events.empty()) return failure(ErrorCode::InvalidArgument);
    if (!seen.insert(lower_case(request.stream)).second) return failure(ErrorCode::StreamAlreadyInAppendSession);
    for (const ModelEvent& event : request.events) records.push_back({request.stream, event});
  }
  if (const auto refused = prepare_records(records)) return failure(*refused);

  std::vector<std::optional<ModelOutcome>> verdicts;
  for (const ModelRequest& request : requests) {
    verdicts.push_back(judge(request.stream, events_for(request.stream, records), request.expected, now));
  }
  const auto is_repeat = [](const auto& verdict) { return verdict && !verdict->error; };
  const bool any_repeat = std::any_of(verdicts.begin(), verdicts.end(), is_repeat);
  const bool all_repeats = std::all_of(verdicts.begin(), verdicts.end(), is_repeat);
  ModelMultiOutcome outcome;
  const auto first = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&](const auto& verdict) { return verdict && (verdict->error || any_repeat); });
  if (all_repeats) {
    for (size_t i = 0; i < requests.size(); ++i) {
      outcome.revisions.push_back({requests[i].stream, *verdicts[i]->revision});
      if (verdicts[i]->event) outcome.event = std::max(outcome.event.value_or(0), *verdicts[i]->event);
    }
    return outcome;
  }
  if (first == verdicts.end()) {
    put_records(records, now, outcome);
    return outcome;
  }
  outcome.stream = requests[static_cast<size_t>(first - verdicts.begin())].stream;
  outcome.error = ErrorCode::WrongExpectedVersion;
  for (const auto& verdict : verdicts) {
    if (verdict && verdict->error == ErrorCode::StreamDeleted) outcome.error = ErrorCode::StreamTombstoned;
  }
  const uint64_t count = events_of(outcome.stream).size();
  if (count > 0) outcome.actual = count - 1;
  return outcome;
}

/// The result matrix: nothing when the check holds, else what the stream is.
std::optional<std::int64_t> EngineModel::state_against(const StateCheck& check, bool is_written) const {
  const std::int64_t expected = number_of(check.expected);
  const std::int64_t last = static_cast<std::int64_t>(events_of(check.stream).size()) - 1;
  const bool deleted = soft_deleted(check.stream);
  if (tombstoned(check.stream)) {
    if (!is_written && (expected == -1 || expected == -6)) return {};
    return -6;
  }
  switch (expected) {
    case -1: return last == -1 || deleted ? std::nullopt : std::optional(last);
    case -4:
      if (deleted) return -5;
      return last >= 0 || has_metadata(check.stream) ? std::nullopt : std::optional<std::int64_t>(-1);
    case -5: return deleted ? std::nullopt : std::optional(last);
    case -6: return last;
    default: return expected == last ? std::nullopt : std::optional(last);
  }
}

ModelMultiOutcome EngineModel::append_records(const std::vector<ModelRecord>& given,
                                              const std::vector<StateCheck>& checks, std::int64_t now) {
  if (given.empty()) return failure(ErrorCode::InvalidArgument);
  std::set<std::string> checked;
  for (const StateCheck& check : checks) {
    if (check.stream != "$all" && refuse_name(check.stream)) return failure(ErrorCode::InvalidArgument);
    if (!checked.insert(lower_case(check.stream)).second) return failure(ErrorCode::InvalidArgument);
  }
  std::vector<ModelRecord> records = given;
  if (const auto refused = prepare_records(records)) return failure(*refused);

  const std::vector<std::string> written = streams_of(records);
  std::map<std::string, std::optional<ModelOutcome>> verdicts;  // of the streams written
  ModelMultiOutcome outcome;
  for (const std::string& stream : written) {
    const auto check =
        std::find_if(checks.begin(), checks.end(), [&](const auto& each) { return each.stream == stream; });
    const bool weak_and_wrong =
        check != checks.end() && number_of(check->expected) <= -4 && state_against(*check, true);
    verdicts[stream] = judge(stream, events_for(stream, records),
                             check == checks.end() ? ExpectedState(Any{}) : expected_by(check->expected), now);
    if (weak_and_wrong) {
      verdicts[stream].emplace();
      verdicts[stream]->error = ErrorCode::ConsistencyViolation;
    }
    const bool repeat = verdicts[stream] && !verdicts[stream]->error;
    if (!repeat) continue;
    outcome.revisions.push_back({stream, *verdicts[stream]->revision});
    if (verdicts[stream]->event) outcome.event = std::max(outcome.event.value_or(0), *verdicts[stream]->event);
  }
  if (outcome.revisions.size() == written.size()) return outcome;  // all of it has happened before

  const bool mixed = !outcome.revisions.empty();
  outcome = {};
  std::uint32_t implicit = static_cast<std::uint32_t>(checks.size());
  for (const std::string& stream : written) {
    const bool is_checked =
        std::any_of(checks.begin(), checks.end(), [&](const auto& each) { return each.stream == stream; });
    if (is_checked) continue;
    const std::uint32_t index = implicit++;
    const auto& verdict = verdicts[stream];
    if (!verdict || !(verdict->error || mixed)) continue;
    const std::int64_t last = static_cast<std::int64_t>(events_of(stream).size()) - 1;
    outcome.violations.push_back({index, stream, -2, tombstoned(stream) ? -6 : last});
  }
  for (size_t i = checks.size(); i-- > 0;) {
    const StateCheck& check = checks[i];
    const auto verdict = verdicts.find(check.stream);
    const bool is_written = verdict != verdicts.end();
    const bool fails =
        is_written ? verdict->second && (verdict->second->error || mixed) : state_against(check, false).has_value();
    if (!fails) continue;
    const std::int64_t last = static_cast<std::int64_t>(events_of(check.stream).size()) - 1;
    const std::int64_t actual = state_against(check, is_written).value_or(last);
    outcome.violations.insert(outcome.violations.begin(),
                              {static_cast<std::uint32_t>(i), check.stream, number_of(check.expected), actual});
  }
  if (outcome.violations.empty()) {
    put_records(records, now, outcome);
  } else {
    outcome.error = ErrorCode::ConsistencyViolation;
  }
  return outcome;
}

}  // namespace kurrentlite::testing
