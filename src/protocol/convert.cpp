#include "protocol/convert.hpp"

#include <cstring>
#include <utility>

#include "base/json.hpp"
#include "protocol/schema_name.hpp"

namespace kurrentlite::protocol {
namespace {

constexpr const char* kJsonType = "application/json";
constexpr const char* kBinaryType = "application/octet-stream";

Error invalid(std::string field, std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message), {{"field", std::move(field)}}};
}

std::uint64_t big_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

void put_big_endian(std::uint64_t value, std::uint8_t* bytes) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
}

/// The text without braces and with dashes, as `Uuid::parse` takes it.
std::string plain_uuid(std::string text) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  if (text.size() == 32) {
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
  }
  return text;
}

template <class Options>
std::optional<ExpectedState> expected_revision_of(const Options& options) {
  switch (options.expected_stream_revision_case()) {
    case Options::kRevision: return StreamRevision{options.revision()};
    case Options::kNoStream: return NoStream{};
    case Options::kAny: return Any{};
    case Options::kStreamExists: return StreamExists{};
    case Options::EXPECTED_STREAM_REVISION_NOT_SET: break;
  }
  return std::nullopt;
}

void to_wire(RecordedEvent&& event, UuidForm form, v1::streams::ReadResp::ReadEvent::RecordedEvent& wire) {
  to_wire(event.id, form, *wire.mutable_id());
  wire.mutable_stream_identifier()->set_stream_name(std::move(event.stream));
  wire.set_stream_revision(event.revision.value);
  wire.set_prepare_position(event.position.prepare);
  wire.set_commit_position(event.position.commit);
  auto& metadata = *wire.mutable_metadata();
  metadata["type"] = std::move(event.type);
  metadata["created"] = std::to_string(event.created_ticks);
  metadata["content-type"] = event.content_type == ContentType::Json ? kJsonType : kBinaryType;
  wire.set_custom_metadata(std::move(event.metadata));
  wire.set_data(std::move(event.data));
}

using Options = v1::streams::ReadReq::Options;

Result<void> read_stream_options(const Options& options, ReadRequest& result) {
  const auto& stream = options.stream();
  result.stream = stream.stream_identifier().stream_name();
  if (result.stream->empty()) return Error{ErrorCode::Unknown, "Exception was thrown by handler. The stream has no name.", {}};
  switch (stream.revision_option_case()) {
    case Options::StreamOptions::kRevision: result.from_revision = StreamRevision{stream.revision()}; break;
    case Options::StreamOptions::kStart: result.from_revision = Start{}; break;
    case Options::StreamOptions::kEnd: result.from_revision = End{}; break;
    case Options::StreamOptions::REVISION_OPTION_NOT_SET:
      return Error{ErrorCode::Unknown, "Exception was thrown by handler.", {}};
  }
  return {};
}

Result<void> read_all_options(const Options& options, ReadRequest& result) {
  const auto& all = options.all();
  switch (all.all_option_case()) {
    case Options::AllOptions::kPosition: {
      const Position position{all.position().commit_position(), all.position().prepare_position()};
      if (position.commit < position.prepare) return Error{ErrorCode::Unknown, "Exception was thrown by handler.", {}};
      result.from_position = position;
      break;
    }
    case Options::AllOptions::kStart: result.from_position = Start{}; break;
    case Options::AllOptions::kEnd: result.from_position = End{}; break;
    case Options::AllOptions::ALL_OPTION_NOT_SET:
      return Error{ErrorCode::Unknown, "Exception was thrown by handler.", {}};
  }
  return {};
}

Result<void> read_filter(const Options& options, ReadRequest& result) {
  if (options.filter_option_case() == Options::kNoFilter) return {};
  if (options.filter_option_case() != Options::kFilter || result.stream) {
    return invalid("filter_option", "The filter option is missing, or does not go with the read.");
  }
  const auto& wire = options.filter();
  Filter filter;
  const bool by_type = wire.filter_case() == Options::FilterOptions::kEventType;
  if (!by_type && wire.filter_case() != Options::FilterOptions::kStreamIdentifier) {
    return invalid("filter", "The filter names neither streams nor types.");
  }
  const auto& expression = by_type ? wire.event_type() : wire.stream_identifier();
  filter.on = by_type ? Filter::On::EventType : Filter::On::StreamName;
  filter.regex = expression.regex();
  filter.prefixes.assign(expression.prefix().begin(), expression.prefix().end());
  result.filter = std::move(filter);
  constexpr std::uint64_t kWindow = 32;
  std::uint64_t window = kWindow;
  if (wire.window_case() == Options::FilterOptions::kMax) window = wire.max();
  if (wire.window_case() == Options::FilterOptions::WINDOW_NOT_SET) {
    return invalid("window", "The search window is missing.");
  }
  if (!result.max_count && wire.checkpointintervalmultiplier() == 0) {
    return Error{ErrorCode::Unknown, "Exception was thrown by handler.", {}};
  }
  result.checkpoint_interval = window * wire.checkpointintervalmultiplier();
  return {};
}

}  // namespace

std::optional<Uuid> from_wire(const v1::UUID& uuid) {
  switch (uuid.value_case()) {
    case v1::UUID::kStructured: {
      Uuid result;
      put_big_endian(static_cast<std::uint64_t>(uuid.structured().most_significant_bits()), result.bytes.data());
      put_big_endian(static_cast<std::uint64_t>(uuid.structured().least_significant_bits()), result.bytes.data() + 8);
      return result;
    }
    case v1::UUID::kString: return Uuid::parse(plain_uuid(uuid.string()));
    case v1::UUID::VALUE_NOT_SET: break;
  }
  return std::nullopt;
}

void to_wire(const Uuid& uuid, UuidForm form, v1::UUID& wire) {
  if (form == UuidForm::Text) {
    wire.set_string(uuid.to_string());
    return;
  }
  wire.mutable_structured()->set_most_significant_bits(static_cast<std::int64_t>(big_endian(uuid.bytes.data())));
  wire.mutable_structured()->set_least_significant_bits(static_cast<std::int64_t>(big_endian(uuid.bytes.data() + 8)));
}

std::optional<ExpectedState> expected_of(const v1::streams::AppendReq::Options& options) {
  return expected_revision_of(options);
}
std::optional<ExpectedState> expected_of(const v1::streams::DeleteReq::Options& options) {
  return expected_revision_of(options);
}
std::optional<ExpectedState> expected_of(const v1::streams::TombstoneReq::Options& options) {
  return expected_revision_of(options);
}
std::optional<ExpectedState> expected_of(const v1::streams::BatchAppendReq::Options& options) {
  using Batch = v1::streams::BatchAppendReq::Options;
  switch (options.expected_stream_position_case()) {
    case Batch::kStreamPosition: return StreamRevision{options.stream_position()};
    case Batch::kNoStream: return NoStream{};
    case Batch::kAny: return Any{};
    case Batch::kStreamExists: return StreamExists{};
    case Batch::EXPECTED_STREAM_POSITION_NOT_SET: break;
  }
  return std::nullopt;
}

std::optional<ExpectedState> expected_of(const v2::AppendRequest& request) {
  const std::int64_t number = request.has_expected_revision() ? request.expected_revision() : -2;
  if (number >= 0) return StreamRevision{static_cast<std::uint64_t>(number)};
  if (number == -1) return NoStream{};
  if (number == -2) return Any{};
  if (number == -4) return StreamExists{};
  return std::nullopt;
}

std::optional<CheckedState> checked_of(const v2::ConsistencyCheck& check) {
  if (!check.has_stream_state()) return std::nullopt;
  const std::int64_t number = check.stream_state().expected_state();
  if (number >= 0) return StreamRevision{static_cast<std::uint64_t>(number)};
  if (number == -1) return NoStream{};
  if (number == -4) return StreamExists{};
  if (number == -5) return SoftDeleted{};
  if (number == -6) return Tombstoned{};
  return std::nullopt;
}

template <class ProposedMessage>
Result<EventData> from_wire(ProposedMessage& message) {
  const auto& metadata = message.metadata();
  const auto type = metadata.find("type");
  const auto content_type = metadata.find("content-type");
  if (type == metadata.end() || content_type == metadata.end()) {
    return Error{ErrorCode::InvalidArgument, "Required metadata properties are missing: type, content-type.",
                 {{"required", std::string("type,content-type")}}};
  }
  const std::optional<Uuid> id = from_wire(message.id());
  if (!id || *id == Uuid{}) return Error{ErrorCode::Unknown, "The event id is missing or no UUID.", {}};
  EventData event;
  event.id = *id;
  event.type = type->second;
  event.content_type = content_type->second == kJsonType ? ContentType::Json : ContentType::Binary;
  event.data = std::move(*message.mutable_data());
  event.metadata = std::move(*message.mutable_custom_metadata());
  return event;
}
template Result<EventData> from_wire(v1::streams::AppendReq::ProposedMessage& message);
template Result<EventData> from_wire(v1::streams::BatchAppendReq::ProposedMessage& message);

void to_wire(ResolvedEvent&& event, UuidForm form, v1::streams::ReadResp::ReadEvent& wire) {
  const Position position = event.link ? event.link->position : event.event->position;
  if (event.event) to_wire(std::move(*event.event), form, *wire.mutable_event());
  if (event.link) to_wire(std::move(*event.link), form, *wire.mutable_link());
  wire.set_commit_position(position.commit);
}

Result<ReadRequest> from_wire(const v1::streams::ReadReq& request) {
  const Options& options = request.options();
  ReadRequest result;
  if (options.stream_option_case() == Options::kStream) {
    if (auto read = read_stream_options(options, result); !read) return std::move(read).error();
  } else if (options.stream_option_case() == Options::kAll) {
    if (auto read = read_all_options(options, result); !read) return std::move(read).error();
  } else {
    return invalid("stream_option", "The request names neither a stream nor all streams.");
  }
  switch (options.count_option_case()) {
    case Options::kCount: result.max_count = options.count(); break;
    case Options::kSubscription: break;
    case Options::COUNT_OPTION_NOT_SET: return invalid("count_option", "The request neither counts nor subscribes.");
  }
  result.direction = options.read_direction() == Options::Backwards ? Direction::Backwards : Direction::Forwards;
  if (!result.max_count && result.direction == Direction::Backwards) {
    return invalid("read_direction", "A subscription goes forwards.");
  }
  if (!options.has_uuid_option()) return invalid("uuid_option", "The form of event ids is missing.");
  if (options.uuid_option().content_case() == Options::UUIDOption::kString) result.uuids = UuidForm::Text;
  result.resolve_links = options.resolve_links();
  result.tells_bounds = result.stream && options.control_option().compatibility() >= 1;
  if (auto read = read_filter(options, result); !read) return std::move(read).error();
  return result;
}

namespace {

void append_json(json::Writer& out, const google::protobuf::Value& value, int depth) {
  constexpr int kDepthMax = 64;
  switch (depth > kDepthMax ? google::protobuf::Value::KIND_NOT_SET : value.kind_case()) {
    case google::protobuf::Value::kNullValue:
    case google::protobuf::Value::KIND_NOT_SET: out.null(); break;
    case google::protobuf::Value::kNumberValue: out.number(value.number_value()); break;
    case google::protobuf::Value::kStringValue: out.string(value.string_value()); break;
    case google::protobuf::Value::kBoolValue: out.boolean(value.bool_value()); break;
    case google::protobuf::Value::kStructValue:
      out.begin_object();
      for (const auto& [key, member] : value.struct_value().fields()) append_json(out.key(key), member, depth + 1);
      out.end_object();
      break;
    case google::protobuf::Value::kListValue:
      out.begin_array();
      for (const auto& element : value.list_value().values()) append_json(out, element, depth + 1);
      out.end_array();
      break;
  }
}

}  // namespace

Result<EventData> from_wire(const v2::AppendRecord& record, Uuid id_if_absent) {
  EventData event;
  event.id = id_if_absent;
  if (record.has_record_id()) {
    const std::optional<Uuid> id = Uuid::parse(plain_uuid(record.record_id()));
    if (!id || *id == Uuid{}) return invalid("record_id", "The record id must be a UUID other than zero.");
    event.id = *id;
  }
  if (!record.has_schema() || record.schema().format() == v2::SCHEMA_FORMAT_UNSPECIFIED ||
      !v2::SchemaFormat_IsValid(record.schema().format())) {
    return invalid("schema.format", "The schema's format must be JSON, Protobuf, Avro or bytes.");
  }
  if (!is_schema_name(record.schema().name())) {
    return invalid("schema.name", "The event type \"" + record.schema().name() +
                                      "\" is no schema name: letters, digits and _ . $ : - in Unicode's normal form C.");
  }
  event.type = record.schema().name();
  event.content_type =
      record.schema().format() == v2::SCHEMA_FORMAT_JSON ? ContentType::Json : ContentType::Binary;
  event.data = record.data();
  json::Writer properties;
  properties.begin_object();
  for (const auto& [key, value] : record.properties()) append_json(properties.key(key), value, 0);
  event.metadata = properties.end_object().take();
  return event;
}

}  // namespace kurrentlite::protocol
