#include "contract/harness.hpp"

#include <utility>

namespace kurrentlite::contract {

Uuid unique_id() {
  static std::uint64_t last = 0;
  std::uint64_t number = ++last;
  Uuid id;
  for (std::size_t index = 15; number > 0; --index, number >>= 8U) id.bytes[index] = static_cast<std::uint8_t>(number);
  return id;
}

EventData ClientContract::event(std::string type, std::string data, std::string metadata) {
  return {unique_id(), std::move(type), ContentType::Json, std::move(data), std::move(metadata)};
}

std::vector<EventData> ClientContract::several(std::size_t count) {
  std::vector<EventData> events;
  for (std::size_t index = 0; index < count; ++index) events.push_back(event("e" + std::to_string(index)));
  return events;
}

Result<AppendResult> ClientContract::append(const StreamName& stream, ExpectedState expected,
                                            std::vector<EventData> events) {
  return run(client().append_to_stream(stream, std::move(events), {std::move(expected), {}}));
}

AppendResult ClientContract::appended(const StreamName& stream, std::vector<EventData> events) {
  const Result<AppendResult> result = append(stream, Any{}, std::move(events));
  EXPECT_THAT(result, IsOk());
  return result ? *result : AppendResult();
}

Result<AppendResult> ClientContract::set_metadata(const StreamName& stream, std::string json) {
  return append("$$" + stream, Any{}, {event("$metadata", std::move(json))});
}

Result<MultiAppendResult> ClientContract::append_session(std::vector<AppendStreamRequest> requests, CallOptions call) {
  return run(client().multi_stream_append(std::move(requests), std::move(call)));
}

Result<MultiAppendResult> ClientContract::append_records(std::vector<AppendRecord> records,
                                                         std::vector<StateCheck> checks, CallOptions call) {
  return run(client().append_records(std::move(records), std::move(checks), std::move(call)));
}

Result<DeleteResult> ClientContract::delete_stream(const StreamName& stream, ExpectedState expected) {
  return run(client().delete_stream(stream, {std::move(expected), {}}));
}

Result<DeleteResult> ClientContract::tombstone(const StreamName& stream, ExpectedState expected) {
  return run(client().tombstone_stream(stream, {std::move(expected), {}}));
}

Result<ClientContract::Events> ClientContract::read(const StreamName& stream, ReadStreamOptions options) {
  return run(client().read_stream(stream, std::move(options)));
}

Result<ClientContract::Events> ClientContract::read_all(ReadAllOptions options) {
  return run(client().read_all(std::move(options)));
}

std::unique_ptr<Subscription> ClientContract::subscribe(const StreamName& stream, SubscribeToStreamOptions options) {
  auto subscription = run(client().subscribe_to_stream(stream, std::move(options)));
  EXPECT_THAT(subscription, IsOk());
  return subscription ? std::move(*subscription) : nullptr;
}

std::unique_ptr<Subscription> ClientContract::subscribe_to_all(SubscribeToAllOptions options) {
  auto subscription = run(client().subscribe_to_all(std::move(options)));
  EXPECT_THAT(subscription, IsOk());
  return subscription ? std::move(*subscription) : nullptr;
}

void ClientContract::bring(const StreamName& stream, StreamState state) {
  if (state == StreamState::Absent) return;
  if (state == StreamState::OnlyMetadata) {
    ASSERT_THAT(set_metadata(stream, R"({"owner":"alice"})"), IsOk());
    return;
  }
  ASSERT_EQ(appended(stream, {placed(), paid(), shipped()}).revision, StreamRevision{kLast});
  switch (state) {
    case StreamState::Truncated: ASSERT_THAT(set_metadata(stream, R"({"$tb":3})"), IsOk()); break;
    case StreamState::SoftDeleted: ASSERT_THAT(delete_stream(stream), IsOk()); break;
    case StreamState::Tombstoned: ASSERT_THAT(tombstone(stream), IsOk()); break;
    default: break;
  }
}

void ClientContract::expect_outcomes(StreamState state, const std::vector<Row>& rows, const Write& write) {
  int number = 0;
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(to_string(state)) + ", expected " + kurrentlite::to_string(row.expected));
    const StreamName stream = "order-" + std::to_string(++number);
    bring(stream, state);
    const auto before = read_all();
    const std::string seen = write(stream, row.expected);
    EXPECT_EQ(seen, row.outcome);
    const auto after = read_all();
    ASSERT_THAT(before, IsOk());
    ASSERT_THAT(after, IsOk());
    if (seen.substr(0, 2) == "ok") {
      EXPECT_GT(after->size(), before->size());
    } else {
      EXPECT_EQ(after->size(), before->size()) << "a refused write changes nothing";
    }
  }
}

void ClientContract::expect_appends(StreamState state, const std::vector<Row>& rows) {
  expect_outcomes(state, rows, [this](const StreamName& stream, const ExpectedState& expected) {
    return outcome(append(stream, expected, {event("added")}));
  });
}

void ClientContract::expect_deletes(StreamState state, const std::vector<Row>& rows) {
  expect_outcomes(state, rows, [this](const StreamName& stream, const ExpectedState& expected) {
    return outcome(delete_stream(stream, expected));
  });
}

void ClientContract::expect_tombstones(StreamState state, const std::vector<Row>& rows) {
  expect_outcomes(state, rows, [this](const StreamName& stream, const ExpectedState& expected) {
    return outcome(tombstone(stream, expected));
  });
}

void ClientContract::expect_checks(StreamState state, const std::vector<CheckRow>& rows) {
  int number = 0;
  for (const CheckRow& row : rows) {
    for (const bool written : {false, true}) {
      const StreamName stream = "checked-" + std::to_string(++number);
      SCOPED_TRACE(std::string(to_string(state)) + ", " + (written ? "written" : "only checked") + ", " + stream);
      bring(stream, state);
      const auto before = read_all();
      const auto result = append_records({{written ? stream : StreamName("other-" + stream), event("added")}},
                                         {{stream, row.expected}});
      const auto after = read_all();
      ASSERT_THAT(before, IsOk());
      ASSERT_THAT(after, IsOk());
      const std::string wanted = written ? row.written : row.only_checked;
      if (wanted == "ok") {
        ASSERT_THAT(result, IsOk());
        EXPECT_GT(after->size(), before->size());
        if (!written && state == StreamState::SoftDeleted) {
          EXPECT_THAT(read(stream), FailsWith(ErrorCode::StreamNotFound)) << "a check brings nothing back";
        }
        continue;
      }
      ASSERT_THAT(result, FailsWith(ErrorCode::ConsistencyViolation));
      ASSERT_EQ(result.error().check_violations.size(), 1U);
      const CheckViolation& violation = result.error().check_violations.front();
      EXPECT_EQ(violation.check_index, 0U);
      EXPECT_EQ(violation.stream, stream);
      EXPECT_EQ("is " + std::to_string(violation.actual_state), wanted);
      EXPECT_EQ(after->size(), before->size()) << "a refused append changes nothing";
    }
  }
}

ReadPosition ClientContract::end_of_all() {
  const Result<Events> last = read_all({.direction = Direction::Backwards, .from = End{}, .max_count = 1});
  EXPECT_THAT(last, IsOk());
  if (!last || last->empty()) return Start{};
  const ResolvedEvent& event = last->front();
  return event.event ? event.event->position : event.link->position;
}

ClientContract::Events ClientContract::all_since(const ReadPosition& end) {
  Result<Events> events = read_all({.from = end});
  EXPECT_THAT(events, IsOk());
  if (!events) return {};
  const bool begins_with_the_end = std::holds_alternative<Position>(end) && !events->empty();
  if (begins_with_the_end) events->erase(events->begin());
  return std::move(events).value();
}

std::vector<std::string> ClientContract::types_in(const StreamName& stream, ReadStreamOptions options) {
  const Result<Events> events = read(stream, std::move(options));
  EXPECT_THAT(events, IsOk());
  return events ? types_of(*events) : std::vector<std::string>();
}

std::vector<std::uint64_t> ClientContract::revisions_in(const StreamName& stream, ReadStreamOptions options) {
  const Result<Events> events = read(stream, std::move(options));
  EXPECT_THAT(events, IsOk());
  return events ? revisions_of(*events) : std::vector<std::uint64_t>();
}

std::vector<std::string> ClientContract::types_in_all(ReadAllOptions options) {
  const Result<Events> events = read_all(std::move(options));
  EXPECT_THAT(events, IsOk());
  std::vector<std::string> types;
  if (!events) return types;
  for (const ResolvedEvent& each : *events) {
    if (!is_system_stream(each.event->stream)) types.push_back(each.event->type);
  }
  return types;
}

std::string ClientContract::metadata_of(const StreamName& stream) {
  const Result<Events> events = read("$$" + stream, {.direction = Direction::Backwards, .from = End{}, .max_count = 1});
  EXPECT_THAT(events, IsOk());
  return events && !events->empty() ? events->front().event->data : "";
}

std::vector<std::string> ClientContract::next_types(Subscription& subscription, std::size_t count) {
  std::vector<std::string> types;
  for (bool caught_up = false; count > 0 ? types.size() < count : !caught_up;) {
    Result<SubscriptionBatch> batch = run(subscription.next());
    EXPECT_THAT(batch, IsOk());
    if (!batch) break;
    for (const std::string& each : types_of(batch->events)) types.push_back(each);
    caught_up = batch->caught_up;
  }
  return types;
}

std::vector<std::string> types_of(const std::vector<ResolvedEvent>& events) {
  std::vector<std::string> types;
  for (const ResolvedEvent& each : events) types.push_back(each.event ? each.event->type : "(unreadable)");
  return types;
}

std::vector<std::uint64_t> revisions_of(const std::vector<ResolvedEvent>& events) {
  std::vector<std::uint64_t> revisions;
  for (const ResolvedEvent& each : events) revisions.push_back(each.event->revision.value);
  return revisions;
}

const char* to_string(StreamState state) {
  switch (state) {
    case StreamState::Absent: return "absent";
    case StreamState::OnlyMetadata: return "only metadata";
    case StreamState::Existing: return "existing";
    case StreamState::Truncated: return "truncated";
    case StreamState::SoftDeleted: return "soft-deleted";
    case StreamState::Tombstoned: return "tombstoned";
  }
  return "?";
}

namespace {
std::string outcome(const Error& error) {
  if (error.code != ErrorCode::WrongExpectedVersion) return to_string(error.code);
  const std::optional<std::uint64_t> actual = error.number("actual");
  if (actual) return "conflict at " + std::to_string(*actual);
  return error.text("actual") == "no_stream" ? "conflict at no stream" : "conflict without its actual state";
}
}  // namespace

std::string outcome(const Result<AppendResult>& result) {
  if (!result) return outcome(result.error());
  return result->revision ? "ok at " + std::to_string(result->revision->value) : "ok";
}

std::string outcome(const Result<MultiAppendResult>& result) {
  if (!result) {
    std::string text = outcome(result.error());
    if (result.error().code == ErrorCode::WrongExpectedVersion) text += " in";
    for (const CheckViolation& each : result.error().check_violations) {
      text = (text == "ConsistencyViolation" ? "violated " : text + ", ") + std::to_string(each.check_index) + " " +
             each.stream + " " + std::to_string(each.expected_state) + " is " + std::to_string(each.actual_state);
    }
    const std::string stream = result.error().text("stream");
    return stream.empty() ? text : text + " " + stream;
  }
  std::string text = "ok";
  for (const auto& [stream, revision] : result->revisions) text += " " + stream + "@" + std::to_string(revision.value);
  return text;
}

std::string outcome(const Result<DeleteResult>& result) { return result ? "ok" : outcome(result.error()); }

}  // namespace kurrentlite::contract
