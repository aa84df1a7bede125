#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "engine/catch_up.hpp"
#include "engine/resolve.hpp"
#include "engine/user_management.hpp"
#include "protocol/convert.hpp"
#include "protocol/schema_name.hpp"
#include "protocol/status.hpp"
#include "regex/pcre2_regex.hpp"
#include "unit/engine_support.hpp"
#include "users.pb.h"

namespace kurrentlite::protocol {

namespace users = event_store::client::users;

/// The bytes in a block without one to spare.
inline std::unique_ptr<char[]> exactly(const std::string& bytes) {
  std::unique_ptr<char[]> block(new char[bytes.size()]);
  if (!bytes.empty()) std::memcpy(block.get(), bytes.data(), bytes.size());
  return block;
}

// Errors

/// What an error of each code must tell (see ErrorCode).
inline std::vector<const char*> facts_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::WrongExpectedVersion: return {"stream", "expected", "actual"};
    case ErrorCode::StreamNotFound:
    case ErrorCode::StreamDeleted:
    case ErrorCode::StreamTombstoned:
    case ErrorCode::StreamAlreadyInAppendSession: return {"stream"};
    case ErrorCode::AppendRecordSizeExceeded: return {"stream", "recordId", "size", "maxSize"};
    case ErrorCode::TransactionMaxSizeExceeded: return {"size", "maxSize"};
    case ErrorCode::MaxAppendSizeExceeded: return {"maxAppendSize"};
    case ErrorCode::MaxAppendEventSizeExceeded: return {"eventId", "proposedEventSize", "maxAppendEventSize"};
    case ErrorCode::NotFound:
    case ErrorCode::Conflict: return {"login"};
    default: return {};
  }
}

inline bool tells(const Error& error, const std::string& name) {
  return std::any_of(error.facts.begin(), error.facts.end(), [&](const Fact& fact) { return fact.name == name; });
}

inline bool fits_header(const std::string& text) {
  constexpr std::size_t kBytesMax = 1024 + 2;
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
  return is_plain && text.size() <= kBytesMax && (text.empty() || (text.front() != ' ' && text.back() != ' '));
}

/// Every way to tell it holds what gRPC can carry; else gRPC ends the process.
inline void expect_tellable(const Error& error) {
  const grpc::Status plain = to_status(error, "Append", [](const std::string& name, const std::string& text) {
    EXPECT_TRUE(fits_header(name) && fits_header(text)) << name << ": " << ::testing::PrintToString(text);
  });
  EXPECT_FALSE(plain.ok());
  EXPECT_LE(plain.error_message().size(), 2048u);
  const grpc::Status rich = to_rich_status(error, "streams:write:" + error.text("stream"), "anna");
  EXPECT_FALSE(rich.ok());
  EXPECT_LE(rich.error_message().size(), 2048u);
  google::rpc::Status in_stream;
  to_wire(error, in_stream);
  EXPECT_NE(in_stream.code(), 0);
  v1::streams::AppendResp::WrongExpectedVersion conflict;
  to_wire(error, conflict);
  EXPECT_NE(conflict.current_revision_option_case(), 0);
  EXPECT_NE(conflict.expected_revision_option_case(), 0);
}

/// An error that the mapping or the engine made of a request.
inline void expect_proper(const Error& error) {
  for (const char* const name : facts_of(error.code)) {
    EXPECT_TRUE(tells(error, name)) << to_string(error.code) << " lacks " << name;
  }
  const bool says_where = tells(error, "field") || tells(error, "required");
  EXPECT_TRUE(error.code != ErrorCode::InvalidArgument || says_where) << error.message;
  EXPECT_EQ(error.code == ErrorCode::ConsistencyViolation, !error.check_violations.empty());
  EXPECT_FALSE(error.message.empty()) << to_string(error.code);
  EXPECT_NE(error.code, ErrorCode::CorruptData);
  EXPECT_NE(error.code, ErrorCode::OutOfMemory);
  expect_tellable(error);
}

// Requests and the database

inline EventView view_of(const EventData& event) { return {event.id, event.type, event.content_type, event.data, event.metadata}; }

/// A database that all requests are done to, as the server's services do.
class Requests {
 public:
  explicit Requests(Prng& prng) : prng_(prng) { options_.regex = &regex_; }

  std::uint64_t written = 0;   ///< writes that succeeded
  std::uint64_t refused = 0;   ///< requests that the mapping or the engine refused
  std::uint64_t events_read = 0;

  void take(v1::streams::AppendReq& request) {
    if (request.has_options()) {
      const std::optional<ExpectedState> expected = expected_of(request.options());
      if (!expected) return refuse();
      stream_ = request.options().stream_identifier().stream_name();
      expected_ = *expected;
    } else if (request.has_proposed_message()) {
      collect(from_wire(*request.mutable_proposed_message()));
    }
    if (prng_.chance(0.4)) append(stream_, std::exchange(events_, {}), expected_);
  }

  void take(v1::streams::BatchAppendReq& request) {
    (void)from_wire(request.correlation_id());
    const std::optional<ExpectedState> expected = expected_of(request.options());
    if (!expected) return refuse();
    for (auto& message : *request.mutable_proposed_messages()) collect(from_wire(message));
    append(request.options().stream_identifier().stream_name(), std::exchange(events_, {}), *expected);
  }

  template <class Request>
  void remove(const Request& request, Result<DeleteResult> (Engine::*remove)(std::string_view, const ExpectedState&)) {
    const std::optional<ExpectedState> expected = expected_of(request.options());
    if (!expected) return refuse();
    const std::string& stream = request.options().stream_identifier().stream_name();
    (void)write([&] { return ((*engine_).*remove)(stream, *expected); });
  }
  void take(v1::streams::DeleteReq& request) { remove(request, &Engine::delete_stream); }
  void take(v1::streams::TombstoneReq& request) { remove(request, &Engine::tombstone_stream); }

  void take(v2::AppendRequest& request) {
    const std::optional<ExpectedState> expected = expected_of(request);
    if (!expected) return refuse();
    Part part{request.stream(), *expected, {}};
    for (const v2::AppendRecord& record : request.records()) {
      if (std::optional<EventData> event = event_of(record)) part.events.push_back(*std::move(event));
    }
    parts_.push_back(std::move(part));
    if (prng_.chance(0.6)) append_session(std::exchange(parts_, {}));
  }

  void take(v2::AppendRecordsRequest& request) {
    std::vector<AppendRecord> records;
    for (const v2::AppendRecord& record : request.records()) {
      if (std::optional<EventData> event = event_of(record)) records.push_back({record.stream(), *std::move(event)});
    }
    std::vector<RecordView> views;
    for (const AppendRecord& record : records) views.push_back({record.stream, view_of(record.event)});
    std::vector<StateCheck> checks;
    for (const v2::ConsistencyCheck& check : request.checks()) {
      const std::optional<CheckedState> state = checked_of(check);
      if (!state) return refuse();
      checks.push_back({check.stream_state().stream(), *state});
    }
    const auto result = write([&] { return engine_->append_records(views, checks); });
    if (result) expect_written(*result);
  }

  void take(v1::streams::ReadReq& request) {
    const Result<ReadRequest> read = from_wire(std::as_const(request));
    if (!read) return refuse(read.error());
    std::optional<FilterJudge> judge;
    if (read->filter) {
      Result<FilterJudge> made = engine_->judge(*read->filter);
      if (!made) return refuse(made.error());
      judge.emplace(std::move(made).value());
    }
    if (!read->max_count) return subscribe(*read, std::move(judge));
    if (read->stream) return read_stream(*read);
    const Result<AllCursor> opened = engine_->open_all(read->direction, read->from_position);
    if (!opened) return refuse(opened.error());
    AllCursor cursor = *opened;
    hand_out(*read, [&] { return next_accepted(cursor, judge); });
  }

  void take(users::CreateReq& request) {
    const auto& it = request.options();
    const std::vector<std::string> groups(it.groups().begin(), it.groups().end());
    user([&] { return create_user(*engine_, {it.login_name(), it.full_name(), groups, it.password(), kHash}); });
  }
  void take(users::UpdateReq& request) {
    const auto& it = request.options();
    user([&] { return update_user(*engine_, it.login_name(), it.full_name(), {it.groups().begin(), it.groups().end()}); });
  }
  void take(users::DeleteReq& request) { user([&] { return delete_user(*engine_, request.options().login_name()); }); }
  void take(users::DisableReq& request) { user([&] { return disable_user(*engine_, request.options().login_name()); }); }
  void take(users::EnableReq& request) { user([&] { return enable_user(*engine_, request.options().login_name()); }); }
  void take(users::ResetPasswordReq& request) {
    user([&] { return reset_password(*engine_, request.options().login_name(), kHash); });
  }
  void take(users::DetailsReq& request) {
    const Result<UserDetails> found = user_details(*engine_, request.options().login_name());
    if (!found) return refuse(found.error());
    EXPECT_TRUE(utf8::valid(found->full_name));
  }

  /// Everything in the database is what a client can be given.
  void look_at_everything() {
    for (const RecordedEvent& event : testing::everything(*engine_)) {
      EXPECT_TRUE(!event.stream.empty() && utf8::valid(event.stream));
      EXPECT_TRUE(!event.type.empty() && utf8::valid(event.type));
      EXPECT_FALSE(event.id == Uuid{});
    }
    clock_.advance_s(1);
  }

  /// An empty database, in which nothing is tombstoned.
  void begin_anew() { engine_ = std::make_unique<Engine>(clock_, options_); }

 private:
  struct Part {
    std::string stream;
    ExpectedState expected;
    std::vector<EventData> events;
  };
  inline static const PasswordHash kHash{"aGFzaA==", "c2FsdA=="};

  void refuse() { ++refused; }
  void refuse(const Error& error) {
    ++refused;
    expect_proper(error);
  }

  void collect(Result<EventData> event) {
    if (!event) return refuse(event.error());
    expect_round_trip(event->id);
    events_.push_back(std::move(event).value());
  }

  std::optional<EventData> event_of(const v2::AppendRecord& record) {
    Result<EventData> event = from_wire(record, testing::id_of(++last_id_));
    if (!event) return refuse(event.error()), std::nullopt;
    EXPECT_TRUE(is_schema_name(event->type));
    EXPECT_TRUE(utf8::valid(event->metadata));
    return std::move(event).value();
  }

  static void expect_round_trip(const Uuid& id) {
    for (const UuidForm form : {UuidForm::Structured, UuidForm::Text}) {
      v1::UUID wire;
      to_wire(id, form, wire);
      EXPECT_EQ(from_wire(std::as_const(wire)), id);
    }
  }

  /// What `act` writes: all of it or, when it fails, nothing.
  template <class Act>
  auto write(Act act) -> decltype(act()) {
    const Position head = engine_->head();
    const std::uint64_t events = engine_->statistics().total_events;
    auto result = act();
    if (result) {
      ++written;
      EXPECT_GE(engine_->head(), head);
    } else {
      refuse(result.error());
      EXPECT_EQ(engine_->head(), head);
      EXPECT_EQ(engine_->statistics().total_events, events);
    }
    return result;
  }

  /// Several writes: those before the one that fails stay.
  template <class Act>
  void user(Act act) {
    const Result<void> done = act();
    if (!done) return refuse(done.error());
    ++written;
  }

  void append(const std::string& stream, const std::vector<EventData>& events, const ExpectedState& expected) {
    std::vector<EventView> views;
    for (const EventData& event : events) views.push_back(view_of(event));
    const Position head = engine_->head();
    const auto result = write([&] { return engine_->append(stream, views, expected); });
    if (!result || events.empty()) return;
    ASSERT_TRUE(result->revision);
    if (!result->position || *result->position <= head) return;  // an idempotent repeat
    // Metadata that undelete a stream are followed by the database's own.
    const std::uint64_t after = engine_->last_revision(stream)->value - result->revision->value;
    EXPECT_LE(after, is_metastream(stream) ? 1u : 0u);
    expect_stored(stream, events.back(), *result);
  }

  void append_session(const std::vector<Part>& parts) {
    std::vector<std::vector<EventView>> views;
    std::vector<StreamAppend> requests;
    for (const Part& part : parts) {
      views.emplace_back();
      for (const EventData& event : part.events) views.back().push_back(view_of(event));
    }
    for (std::size_t i = 0; i < parts.size(); ++i) requests.push_back({parts[i].stream, parts[i].expected, views[i]});
    const auto result = write([&] { return engine_->append_session(requests); });
    if (!result) return;
    EXPECT_EQ(result->revisions.size(), parts.size());
    expect_written(*result);
  }

  void expect_written(const MultiAppendResult& result) {
    for (const auto& [stream, revision] : result.revisions) {
      ASSERT_TRUE(engine_->last_revision(stream));
      EXPECT_LE(revision, *engine_->last_revision(stream));
    }
  }

  /// The event is in the log, byte by byte.
  void expect_stored(const std::string& stream, const EventData& event, const AppendResult& result) {
    AllCursor cursor = engine_->open_all(Direction::Forwards, *result.position).value();
    const std::optional<Record> record = engine_->next(cursor);
    ASSERT_TRUE(record);
    const RecordedEvent stored = engine_->materialise(*record);
    EXPECT_EQ(stored.stream, stream);
    EXPECT_EQ(stored.revision, *result.revision);
    EXPECT_EQ(stored.id, event.id);
    EXPECT_EQ(stored.type, event.type);
    EXPECT_EQ(stored.content_type, event.content_type);
    EXPECT_EQ(stored.data, event.data);
    EXPECT_EQ(stored.metadata, event.metadata);
  }

  void read_stream(const ReadRequest& read) {
    const Result<StreamCursor> opened = engine_->open_stream(*read.stream, read.direction, read.from_revision);
    if (!opened) return refuse(opened.error());
    StreamCursor cursor = *opened;
    hand_out(read, [&] { return engine_->next(cursor); });
  }

  std::optional<Record> next_accepted(AllCursor& cursor, std::optional<FilterJudge>& judge) {
    while (std::optional<Record> record = engine_->next(cursor)) {
      if (!judge) return record;
      const Result<bool> accepted = judge->accepts(*engine_, *record);
      if (!accepted.ok()) return refuse(accepted.error()), std::nullopt;
      if (*accepted) return record;
    }
    return std::nullopt;
  }

  /// In order, and no more than asked for.
  template <class Next>
  void hand_out(const ReadRequest& read, Next next) {
    constexpr std::uint64_t kLookedAtMax = 20;
    std::optional<Position> before;
    std::uint64_t left = std::min(*read.max_count, kLookedAtMax);
    for (; left > 0; --left) {
      const std::optional<Record> record = next();
      if (!record) return;
      const bool in_order = !before || (read.direction == Direction::Forwards) == (record->position() > *before);
      EXPECT_TRUE(in_order);
      before = record->position();
      tell(*record, read, false);
    }
  }

  void subscribe(const ReadRequest& read, std::optional<FilterJudge> judge) {
    std::optional<CatchUp> source;
    if (read.stream) {
      Result<CatchUp> made = CatchUp::of_stream(*engine_, *read.stream, read.from_revision);
      if (!made) return refuse(made.error());
      source.emplace(std::move(made).value());
    } else {
      source.emplace(CatchUp::of_all(*engine_, read.from_position, std::move(judge), read.checkpoint_interval));
    }
    constexpr int kMessagesMax = 30;
    for (int i = 0; i < kMessagesMax; ++i) {
      const CatchUp::Message message = source->next();
      if (message.kind == CatchUp::Message::Kind::Nothing) return;
      if (message.kind == CatchUp::Message::Kind::Ended) return refuse(source->error());
      if (message.kind == CatchUp::Message::Kind::Event) tell(message.record, read, source->live());
    }
  }

  /// What a reader gets is the event that is stored, and can be appended once more as it came.
  void tell(const Record& record, const ReadRequest& read, bool live) {
    ++events_read;
    const ResolvedEvent event = resolve_event(*engine_, record, read.resolve_links, live);
    ASSERT_TRUE(event.event || event.link);
    v1::streams::ReadResp::ReadEvent sent, received;
    to_wire(ResolvedEvent(event), read.uuids, sent);
    const std::string bytes = sent.SerializeAsString();
    ASSERT_TRUE(received.ParseFromArray(exactly(bytes).get(), static_cast<int>(bytes.size())));
    EXPECT_EQ(received.has_event(), event.event.has_value());
    EXPECT_EQ(received.has_link(), event.link.has_value());
    EXPECT_EQ(received.commit_position(), record.position().commit);
    if (event.event) expect_same(received.event(), *event.event);
    if (event.link) expect_same(received.link(), *event.link);
  }

  void expect_same(const v1::streams::ReadResp::ReadEvent::RecordedEvent& wire, const RecordedEvent& event) {
    EXPECT_EQ(wire.stream_identifier().stream_name(), event.stream);
    EXPECT_EQ(wire.stream_revision(), event.revision.value);
    EXPECT_EQ(wire.commit_position(), event.position.commit);
    EXPECT_EQ(wire.metadata().at("created"), std::to_string(event.created_ticks));
    v1::streams::AppendReq::ProposedMessage again;
    *again.mutable_id() = wire.id();
    *again.mutable_metadata() = wire.metadata();
    again.set_data(wire.data());
    again.set_custom_metadata(wire.custom_metadata());
    const Result<EventData> proposed = from_wire(again);
    ASSERT_TRUE(proposed);
    EXPECT_EQ(proposed->id, event.id);
    EXPECT_EQ(proposed->type, event.type);
    EXPECT_EQ(proposed->content_type, event.content_type);
    EXPECT_EQ(proposed->data, event.data);
    EXPECT_EQ(proposed->metadata, event.metadata);
  }

  Prng& prng_;
  testing::ManualClock clock_;
  Pcre2RegexEngine regex_{{.steps_max = 20'000}};
  EngineOptions options_{.append_size_max_bytes = 6'000, .event_size_max_bytes = 4'000};
  std::unique_ptr<Engine> engine_ = std::make_unique<Engine>(clock_, options_);
  std::uint64_t last_id_ = 1'000'000;
  // Of an Append and of an AppendSession that are coming in
  std::string stream_;
  ExpectedState expected_;
  std::vector<EventData> events_;
  std::vector<Part> parts_;
};

}  // namespace kurrentlite::protocol
