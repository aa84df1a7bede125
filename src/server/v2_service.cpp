#include "server/v2_service.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "base/prng.hpp"
#include "protocol/convert.hpp"
#include "protocol/status.hpp"
#include "server/messages.hpp"

namespace kurrentlite::server {
namespace {

namespace v2 = ::kurrentdb::protocol::v2::streams;

/// Ids for records that come without one.
Uuid new_id() {
  thread_local PrngIdSource ids((std::uint64_t{std::random_device()()} << 32) | std::random_device()());
  return ids.next();
}

std::string operation_on(std::string stream) {
  std::transform(stream.begin(), stream.end(), stream.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return "streams:write:" + stream;
}

std::string login_of(const Caller& caller) { return caller ? caller->login : std::string(); }

EventView view_of(const EventData& event) {
  return {event.id, event.type, event.content_type, event.data, event.metadata};
}

/// One stream's request of an AppendSession.
struct SessionPart {
  StreamName stream;
  ExpectedState expected;
  std::vector<EventData> events;
};

/// -1 no stream, -2 any, -4 stream exists; empty for what is none of them.
std::optional<ExpectedState> expected_of(const v2::AppendRequest& request) {
  const std::int64_t number = request.has_expected_revision() ? request.expected_revision() : -2;
  if (number >= 0) return StreamRevision{static_cast<std::uint64_t>(number)};
  if (number == -1) return NoStream{};
  if (number == -2) return Any{};
  if (number == -4) return StreamExists{};
  return std::nullopt;
}

std::optional<CheckedState> checked_of(std::int64_t number) {
  if (number >= 0) return StreamRevision{static_cast<std::uint64_t>(number)};
  if (number == -1) return NoStream{};
  if (number == -4) return StreamExists{};
  if (number == -5) return SoftDeleted{};
  if (number == -6) return Tombstoned{};
  return std::nullopt;
}

Error bad_state(const char* field) {
  return {ErrorCode::InvalidArgument, "The expected state is none that can be asked for here.", {{"field", std::string(field)}}};
}

class AppendSessionCall final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  AppendSessionCall(Database& database, grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
      : database_(database), context_(context), response_(response) {
    const grpc::Status known = identify(database, context, caller_);
    if (known.ok()) {
      StartRead(&bytes_read_);
    } else {
      Finish(known);
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      if (context_.IsCancelled()) return Finish(grpc::Status::CANCELLED);
      return database_.engine.post([this](Engine& engine) { append(engine); });
    }
    // Larger than one may be in all, no message comes.
    if (grpc::Status read = read_message(bytes_read_, request_, SIZE_MAX); !read.ok()) return Finish(read);
    const Result<void> taken = take();
    if (!taken) return Finish(protocol::to_rich_status(taken.error(), {}, login_of(caller_)));
    StartRead(&bytes_read_);
  }

  void OnDone() override { delete this; }

 private:
  Result<void> take() {
    const std::optional<ExpectedState> expected = expected_of(request_);
    if (!expected) return bad_state("expected_revision");
    SessionPart part{request_.stream(), *expected, {}};
    for (const v2::AppendRecord& record : request_.records()) {
      Result<EventData> event = protocol::from_wire(record, new_id());
      if (!event) return std::move(event).error();
      bytes_ += event->data.size() + event->metadata.size();
      part.events.push_back(std::move(event).value());
    }
    parts_.push_back(std::move(part));
    return check_incoming(database_, bytes_);
  }

  void append(Engine& engine) {
    std::vector<std::vector<EventView>> views;
    std::vector<StreamAppend> requests;
    for (const SessionPart& part : parts_) {
      if (Result<void> allowed = allow(engine, caller_, part.stream, Action::Write); !allowed) {
        return Finish(protocol::to_rich_status(allowed.error(), operation_on(part.stream), login_of(caller_)));
      }
      views.emplace_back();
      for (const EventData& event : part.events) views.back().push_back(view_of(event));
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) requests.push_back({parts_[i].stream, parts_[i].expected, views[i]});
    const Result<MultiAppendResult> result = engine.append_session(requests);
    if (!result) return Finish(protocol::to_rich_status(result.error(), {}, login_of(caller_)));
    v2::AppendSessionResponse response;
    for (const auto& [stream, revision] : result->revisions) {
      v2::AppendResponse* const output = response.add_output();
      output->set_stream(stream);
      output->set_stream_revision(static_cast<std::int64_t>(revision.value));
    }
    if (result->position) response.set_position(static_cast<std::int64_t>(result->position->commit));
    response_ = bytes_of(response);
    Finish(grpc::Status::OK);
  }

  Database& database_;
  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& response_;
  Caller caller_;
  grpc::ByteBuffer bytes_read_;
  v2::AppendRequest request_;
  std::vector<SessionPart> parts_;
  std::uint64_t bytes_ = 0;
};

/// The request of an AppendRecords in the domain's terms.
struct Records {
  std::vector<AppendRecord> records;
  std::vector<StateCheck> checks;
};

Result<Records> records_of(const v2::AppendRecordsRequest& request) {
  Records result;
  for (const v2::AppendRecord& record : request.records()) {
    Result<EventData> event = protocol::from_wire(record, new_id());
    if (!event) return std::move(event).error();
    result.records.push_back({record.stream(), std::move(event).value()});
  }
  for (const v2::ConsistencyCheck& check : request.checks()) {
    const std::optional<CheckedState> state = checked_of(check.stream_state().expected_state());
    if (!check.has_stream_state() || !state) return bad_state("checks");
    result.checks.push_back({check.stream_state().stream(), *state});
  }
  return result;
}

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* V2StreamsService::AppendSession(grpc::CallbackServerContext* context,
                                                                           grpc::ByteBuffer* response) {
  return new AppendSessionCall(database_, *context, *response);
}

grpc::ServerUnaryReactor* V2StreamsService::AppendRecords(grpc::CallbackServerContext* context,
                                                          const v2::AppendRecordsRequest* request,
                                                          v2::AppendRecordsResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  Caller caller;
  const grpc::Status known = identify(database_, *context, caller);
  Result<Records> records = records_of(*request);
  if (!known.ok() || !records) {
    reactor->Finish(known.ok() ? protocol::to_rich_status(records.error(), {}, login_of(caller)) : known);
    return reactor;
  }
  const auto shared = std::make_shared<Records>(std::move(records).value());
  database_.engine.post([=](Engine& engine) {
    const auto refuse = [&](const Error& error, const std::string& stream) {
      reactor->Finish(protocol::to_rich_status(error, operation_on(stream), login_of(caller)));
    };
    std::vector<RecordView> views;
    for (const auto& [stream, event] : shared->records) {
      if (Result<void> allowed = allow(engine, caller, stream, Action::Write); !allowed) return refuse(allowed.error(), stream);
      views.push_back({stream, view_of(event)});
    }
    for (const StateCheck& check : shared->checks) {
      Result<void> allowed = allow(engine, caller, check.stream, Action::Read);
      if (!allowed) return refuse(allowed.error(), check.stream);
    }
    const Result<MultiAppendResult> result = engine.append_records(views, shared->checks);
    if (!result) return refuse(result.error(), {});
    for (const auto& [stream, revision] : result->revisions) {
      v2::StreamRevision* const written = response->add_revisions();
      written->set_stream(stream);
      written->set_revision(static_cast<std::int64_t>(revision.value));
    }
    if (result->position) response->set_position(static_cast<std::int64_t>(result->position->commit));
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

}  // namespace kurrentlite::server
