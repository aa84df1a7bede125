#include <charconv>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "event_codec.hpp"

// The plan of an append to several streams, which crosses the boundary as JSON in the place of a stream's name.
namespace kurrentlite::bindings {
namespace {

using json::Value;

Error bad_plan() {
  return {ErrorCode::InvalidArgument, "The multi-stream append is malformed.", {{"field", std::string("request")}}};
}

std::optional<StreamRevision> revision_of(std::string_view digits) {
  std::uint64_t revision = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), revision);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return StreamRevision{revision};
}

std::optional<ExpectedState> expected_of(std::string_view state) {
  if (state == "any") return Any{};
  if (state == "no_stream") return NoStream{};
  if (state == "stream_exists") return StreamExists{};
  if (const auto revision = revision_of(state)) return *revision;
  return std::nullopt;
}

std::optional<CheckedState> checked_of(std::string_view state) {
  if (state == "no_stream") return NoStream{};
  if (state == "stream_exists") return StreamExists{};
  if (state == "deleted") return SoftDeleted{};
  if (state == "tombstoned") return Tombstoned{};
  if (const auto revision = revision_of(state)) return *revision;
  return std::nullopt;
}

std::string text_at(const Value& object, std::string_view key) {
  const std::optional<Value> found = object.find(key);
  return found ? found->string().value_or("") : std::string();
}

bool read_requests(const Value& requests, MultiAppendRequest& result) {
  std::size_t used = 0;
  const std::vector<Value> elements = requests.elements();
  result.streams.reserve(elements.size());  // views point into it
  for (const Value& each : elements) {
    const std::optional<Value> count = each.find("count");
    const std::int64_t wanted = count ? count->integer().value_or(-1) : -1;
    const std::optional<ExpectedState> expected = expected_of(text_at(each, "expected"));
    if (!expected || wanted < 0 || used + static_cast<std::uint64_t>(wanted) > result.events.size()) return false;
    result.streams.push_back(text_at(each, "stream"));
    const std::span<const EventView> events(result.events.data() + used, static_cast<std::size_t>(wanted));
    result.requests.push_back({result.streams.back(), *expected, events});
    used += static_cast<std::size_t>(wanted);
  }
  return used == result.events.size();
}

bool read_records(const Value& streams, const Value& of, MultiAppendRequest& result) {
  for (const Value& each : streams.elements()) result.streams.push_back(each.string().value_or(""));
  std::size_t i = 0;
  for (const Value& each : of.elements()) {
    const std::int64_t stream = each.integer().value_or(-1);
    if (i >= result.events.size() || stream < 0 || static_cast<std::uint64_t>(stream) >= result.streams.size()) return false;
    result.records.push_back({result.streams[static_cast<std::size_t>(stream)], result.events[i++]});
  }
  return i == result.events.size();
}

}  // namespace

Result<MultiAppendRequest> decode_multi_append(const char* request, std::size_t size) {
  Result<AppendRequest> decoded = decode_append(request, size);
  if (!decoded) return std::move(decoded).error();
  if (json::check(decoded->stream)) return bad_plan();
  for (const EventView& event : decoded->events) {
    if (event.data_shaped || event.metadata_shaped) return bad_plan();
  }
  const Value plan(decoded->stream);
  MultiAppendRequest result;
  result.events = std::move(decoded->events);
  if (const std::optional<Value> requests = plan.find("requests")) {
    result.is_session = true;
    if (!read_requests(*requests, result)) return bad_plan();
    return result;
  }
  const std::optional<Value> streams = plan.find("streams");
  const std::optional<Value> of = plan.find("of");
  const std::optional<Value> checks = plan.find("checks");
  if (!streams || !of || !checks || !read_records(*streams, *of, result)) return bad_plan();
  for (const Value& each : checks->elements()) {
    const std::string state = text_at(each, "expected");
    const std::optional<CheckedState> expected = checked_of(state);
    if (!expected) {
      return Error{ErrorCode::InvalidArgument, "A consistency check cannot ask for the state \"" + state + "\".",
                   {{"field", std::string("checks")}}};
    }
    result.checks.push_back({text_at(each, "stream"), *expected});
  }
  return result;
}

}  // namespace kurrentlite::bindings
