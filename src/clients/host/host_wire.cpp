#include "clients/host/host_wire.hpp"

#include <charconv>
#include <utility>

#include "base/base64.hpp"
#include "kurrentlite/ports.hpp"

namespace kurrentlite::host {

namespace {

Error unreadable() { return {ErrorCode::Unknown, "The client's answer cannot be read."}; }

std::optional<std::string> text_of(const json::Value& object, std::string_view key) {
  const std::optional<json::Value> value = object.find(key);
  return value ? value->string() : std::nullopt;
}

std::optional<Position> read_position(const std::optional<json::Value>& value) {
  if (!value || !value->is(json::Kind::Object)) return std::nullopt;
  const std::optional<std::uint64_t> commit = read_number(value->find("commit"));
  const std::optional<std::uint64_t> prepare = read_number(value->find("prepare"));
  if (!commit || !prepare) return std::nullopt;
  return Position{*commit, *prepare};
}

void write_position(json::Writer& out, Position position) {
  out.begin_object().key("commit").string(std::to_string(position.commit));
  out.key("prepare").string(std::to_string(position.prepare)).end_object();
}

/// Text as it is, other bytes in base64; empty when there is none.
Bytes read_bytes(const json::Value& event, std::string_view key, bool is_text) {
  std::string text = text_of(event, key).value_or("");
  return is_text ? std::move(text) : base64::decode(text).value_or("");
}

std::optional<RecordedEvent> read_event(const json::Value& value) {
  const std::optional<std::string> stream = text_of(value, "stream");
  const std::optional<std::string> id = text_of(value, "id");
  const std::optional<std::string> type = text_of(value, "type");
  const std::optional<std::uint64_t> revision = read_number(value.find("revision"));
  if (!stream || !id || !type || !revision) return std::nullopt;
  RecordedEvent event;
  event.stream = *stream;
  event.id = Uuid::parse(*id).value_or(Uuid{});
  event.type = *type;
  event.revision = StreamRevision{*revision};
  const std::optional<json::Value> is_json = value.find("isJson");
  const bool is_text = is_json && is_json->boolean() == true;
  event.content_type = is_text ? ContentType::Json : ContentType::Binary;
  event.data = read_bytes(value, "data", is_text);
  event.metadata = read_bytes(value, "metadata", true);
  const std::optional<json::Value> created = value.find("created");
  event.created_ticks = (created ? created->integer().value_or(0) : 0) * kTicksPerMillisecond;
  event.position = read_position(value.find("position")).value_or(Position{});
  return event;
}

}  // namespace

void write_event(json::Writer& out, const EventData& event) {
  const bool is_json = event.content_type == ContentType::Json;
  out.begin_object().key("id").string(event.id.to_string()).key("type").string(event.type);
  out.key("isJson").boolean(is_json).key("data").string(is_json ? event.data : base64::encode(event.data));
  if (!event.metadata.empty()) out.key("metadata").string(event.metadata);
  out.end_object();
}

void write_request(json::Writer& out, const AppendStreamRequest& request) {
  out.begin_object().key("stream").string(request.stream).key("expected").string(to_string(request.expected));
  out.key("events").begin_array();
  for (const EventData& event : request.events) write_event(out, event);
  out.end_array().end_object();
}

void write_filter(json::Writer& out, const Filter& filter) {
  out.begin_object().key("on").string(filter.on == Filter::On::StreamName ? "streamName" : "eventType");
  if (!filter.regex.empty()) {
    out.key("regex").string(filter.regex);
  } else {
    out.key("prefixes").begin_array();
    for (const std::string& prefix : filter.prefixes) out.string(prefix);
    out.end_array();
  }
  out.end_object();
}

std::string state_text(const CheckedState& expected) {
  if (std::get_if<NoStream>(&expected) != nullptr) return "no_stream";
  if (std::get_if<StreamExists>(&expected) != nullptr) return "stream_exists";
  if (std::get_if<SoftDeleted>(&expected) != nullptr) return "deleted";
  if (std::get_if<Tombstoned>(&expected) != nullptr) return "tombstoned";
  return std::to_string(std::get_if<StreamRevision>(&expected)->value);
}

void write_from(json::Writer& out, const ReadRevision& from) {
  out.key("from");
  if (const auto* revision = std::get_if<StreamRevision>(&from)) {
    out.string(std::to_string(revision->value));
  } else {
    out.string(std::get_if<Start>(&from) != nullptr ? "start" : "end");
  }
}

void write_from(json::Writer& out, const ReadPosition& from) {
  out.key("from");
  if (const auto* position = std::get_if<Position>(&from)) {
    write_position(out, *position);
  } else {
    out.string(std::get_if<Start>(&from) != nullptr ? "start" : "end");
  }
}

Result<AppendResult> read_append(const json::Value& answer) {
  if (!answer.is(json::Kind::Object)) return unreadable();
  AppendResult result;
  if (const auto revision = read_number(answer.find("revision"))) result.revision = StreamRevision{*revision};
  result.position = read_position(answer.find("position"));
  return result;
}

Result<MultiAppendResult> read_multi_append(const json::Value& answer) {
  const std::optional<json::Value> revisions = answer.find("revisions");
  if (!revisions) return unreadable();
  MultiAppendResult result;
  for (const json::Value& each : revisions->elements()) {
    const std::optional<std::string> stream = text_of(each, "stream");
    const std::optional<std::uint64_t> revision = read_number(each.find("revision"));
    if (!stream || !revision) return unreadable();
    result.revisions.push_back({*stream, StreamRevision{*revision}});
  }
  result.position = read_position(answer.find("position"));
  return result;
}

Result<DeleteResult> read_deletion(const json::Value& answer) {
  return DeleteResult{read_position(answer.find("position")).value_or(Position{})};
}

Result<std::vector<ResolvedEvent>> read_events(const json::Value& answer) {
  std::vector<ResolvedEvent> events;
  for (const json::Value& each : answer.elements()) {
    ResolvedEvent resolved;
    if (const auto event = each.find("event")) resolved.event = read_event(*event);
    if (const auto link = each.find("link")) resolved.link = read_event(*link);
    events.push_back(std::move(resolved));
  }
  return events;
}

Result<SubscriptionBatch> read_batch(const json::Value& answer) {
  const std::optional<json::Value> events = answer.find("events");
  if (!events) return unreadable();
  SubscriptionBatch batch;
  batch.events = std::move(read_events(*events)).value();
  const std::optional<json::Value> caught_up = answer.find("caughtUp");
  batch.caught_up = caught_up && caught_up->boolean() == true;
  batch.checkpoint = read_position(answer.find("checkpoint"));
  return batch;
}

Result<DatabaseStatistics> read_statistics(const json::Value& answer) {
  DatabaseStatistics statistics;
  const std::optional<std::uint64_t> events = read_number(answer.find("totalEvents"));
  statistics.total_events = events.value_or(0);
  statistics.knows_events = events.has_value();
  statistics.total_streams = read_number(answer.find("totalStreams")).value_or(0);
  statistics.storage_used_bytes = read_number(answer.find("storageUsedBytes")).value_or(0);
  return statistics;
}

std::optional<std::uint64_t> read_number(const std::optional<json::Value>& value) {
  const std::optional<std::string> text = value ? value->string() : std::nullopt;
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, problem] = std::from_chars(text->data(), end, number);
  if (problem != std::errc() || rest != end) return std::nullopt;
  return number;
}

Error read_error(std::string_view json) {
  Error error{ErrorCode::Unknown, "The client failed without saying why."};
  if (json::check(json)) return error;
  const json::Value value(json);
  error.code = error_code_of(text_of(value, "code").value_or("")).value_or(ErrorCode::Unknown);
  error.message = text_of(value, "message").value_or(error.message);
  const std::optional<json::Value> facts = value.find("facts");
  if (!facts) return error;
  for (const json::Member& fact : facts->members()) {
    if (std::optional<std::string> text = fact.value.string()) {
      error.facts.push_back({fact.key, std::move(*text)});
    } else if (const auto number = read_number(fact.value.find("n"))) {
      error.facts.push_back({fact.key, *number});
    }
  }
  return error;
}

}  // namespace kurrentlite::host
