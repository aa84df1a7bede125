#include "server/v2_service.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "protocol/convert.hpp"
#include "protocol/status.hpp"
#include "server/collecting_call.hpp"
#include "server/ids.hpp"
#include "server/messages.hpp"
#include "server/unary.hpp"

namespace kurrentlite::server {
namespace {

namespace v2 = ::kurrentdb::protocol::v2::streams;

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

Error bad_state(const char* field) {
  return {ErrorCode::InvalidArgument, "The expected state is none that can be asked for here.", {{"field", std::string(field)}}};
}

class AppendSessionCall final : public CollectingCall {
 public:
  AppendSessionCall(Database& database, grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
      : CollectingCall(database, context), response_(response) {}

 private:
  [[nodiscard]] grpc::Status take(grpc::ByteBuffer& bytes) override {
    // Larger than one may be in all, no message comes.
    if (grpc::Status read = read_message(bytes, request_, SIZE_MAX); !read.ok()) return read;
    const Result<void> taken = take_request();
    // Whose it is may not be known yet.
    return taken ? grpc::Status::OK : protocol::to_rich_status(taken.error(), {}, {});
  }

  Result<void> take_request() {
    const std::optional<ExpectedState> expected = protocol::expected_of(request_);
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

  [[nodiscard]] grpc::Status answer(Engine& engine, const Struck& fault) override {
    std::vector<std::vector<EventView>> views;
    std::vector<StreamAppend> requests;
    for (const SessionPart& part : parts_) {
      if (Result<void> allowed = allow(engine, caller_, part.stream, Action::Write); !allowed) {
        return protocol::to_rich_status(allowed.error(), operation_on(part.stream), login_of(caller_));
      }
      views.emplace_back();
      for (const EventData& event : part.events) views.back().push_back(view_of(event));
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) requests.push_back({parts_[i].stream, parts_[i].expected, views[i]});
    const Result<MultiAppendResult> result = as_struck(fault, [&] { return engine.append_session(requests); });
    if (!result) return protocol::to_rich_status(result.error(), {}, login_of(caller_));
    v2::AppendSessionResponse response;
    for (const auto& [stream, revision] : result->revisions) {
      v2::AppendResponse* const output = response.add_output();
      output->set_stream(stream);
      output->set_stream_revision(static_cast<std::int64_t>(revision.value));
    }
    if (result->position) response.set_position(static_cast<std::int64_t>(result->position->commit));
    response_ = bytes_of(response);
    return grpc::Status::OK;
  }

  grpc::ByteBuffer& response_;
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
    const std::optional<CheckedState> state = protocol::checked_of(check);
    if (!state) return bad_state("checks");
    result.checks.push_back({check.stream_state().stream(), *state});
  }
  return result;
}

}  // namespace

V2StreamsService::V2StreamsService(Database& database) : database_(database) {
  constexpr int kAppendRecords = 1;
  // A request that is too large is told how large it is; larger than one may be in all, none comes.
  unary(kAppendRecords, &V2StreamsService::append_records, SIZE_MAX);
}

grpc::ServerReadReactor<grpc::ByteBuffer>* V2StreamsService::AppendSession(grpc::CallbackServerContext* context,
                                                                           grpc::ByteBuffer* response) {
  return CollectingCall::start(std::make_shared<AppendSessionCall>(database_, *context, *response));
}

void V2StreamsService::append_records(const Unary<v2::AppendRecordsRequest, v2::AppendRecordsResponse>& call) {
  const auto read = std::make_shared<const Result<Records>>(records_of(call->request()));
  answer(database_, Operation::Append, call, [=](Engine& engine, const Caller& caller, const Struck& fault) {
    const auto refusal = [&](const Error& error, const std::string& operation) {
      return protocol::to_rich_status(error, operation, login_of(caller));
    };
    if (!*read) return refusal(read->error(), {});
    const Records& wanted = **read;
    std::vector<RecordView> views;
    for (const auto& [stream, event] : wanted.records) {
      Result<void> allowed = allow(engine, caller, stream, Action::Write);
      if (!allowed) return refusal(allowed.error(), operation_on(stream));
      views.push_back({stream, view_of(event)});
    }
    for (const StateCheck& check : wanted.checks) {
      Result<void> allowed = allow(engine, caller, check.stream, Action::Read);
      if (!allowed) return refusal(allowed.error(), operation_on(check.stream));
    }
    const Result<MultiAppendResult> result = as_struck(fault, [&] { return engine.append_records(views, wanted.checks); });
    if (!result) return refusal(result.error(), operation_on({}));
    for (const auto& [stream, revision] : result->revisions) {
      v2::StreamRevision* const written = call->response().add_revisions();
      written->set_stream(stream);
      written->set_revision(static_cast<std::int64_t>(revision.value));
    }
    if (result->position) call->response().set_position(static_cast<std::int64_t>(result->position->commit));
    return grpc::Status::OK;
  });
}

}  // namespace kurrentlite::server
