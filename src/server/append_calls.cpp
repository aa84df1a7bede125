#include "server/append_calls.hpp"

#include <algorithm>
#include <utility>

#include "protocol/status.hpp"
#include "server/messages.hpp"

namespace kurrentlite::server {
namespace {

/// The longest that one append may take, as on a server with its default settings.
constexpr std::chrono::seconds kWriteTimeout{2};
/// Appends that may wait for the engine or for their answers to be read; then no further request is read.
constexpr std::size_t kUnderWayMax = 256;
/// Appends that one call may have begun and not finished; and what their events may cost beside one that is as large as may be.
constexpr std::size_t kUnfinishedMax = 10'000;
constexpr std::uint64_t kUnfinishedBytesMax = std::uint64_t{64} << 20;

/// What an event costs that is kept.
std::uint64_t held_bytes(const EventData& event) {
  return sizeof event + event.data.size() + event.metadata.size() + event.type.size();
}

grpc::Status too_much_unfinished(const std::string& what) {
  return {grpc::RESOURCE_EXHAUSTED, "This call has begun " + what +
                                        " and not finished them. Set is_final in the last request of each, or use more calls."};
}

/// Append and BatchAppend tell a success in the same words.
template <class Success>
void put_success(const AppendResult& result, Success& success) {
  if (result.revision) {
    success.set_current_revision(result.revision->value);
  } else {
    success.mutable_no_stream();
  }
  if (result.position) {
    success.mutable_position()->set_commit_position(result.position->commit);
    success.mutable_position()->set_prepare_position(result.position->prepare);
  } else {
    success.mutable_no_position();
  }
}

}  // namespace

Result<AppendResult> append_now(Engine& engine, const Caller& caller, const StreamName& stream,
                                const std::vector<EventData>& events, const ExpectedState& expected) {
  if (Result<void> allowed = allow(engine, caller, stream, Action::Write); !allowed) return std::move(allowed).error();
  std::vector<EventView> views;
  views.reserve(events.size());
  for (const EventData& event : events) {
    views.push_back({event.id, event.type, event.content_type, event.data, event.metadata});
  }
  return engine.append(stream, views, expected);
}

// Append

grpc::Status AppendCall::answer(Engine& engine, const Struck& fault) {
  if (!stream_) return handler_failed("The call brought no options.");
  const Result<AppendResult> result =
      as_struck(fault, [&] { return append_now(engine, caller_, *stream_, events_, expected_); });
  protocol::v1::streams::AppendResp response;
  if (!result) {
    if (result.error().code != ErrorCode::WrongExpectedVersion) return refusal(result.error());
    protocol::to_wire(result.error(), *response.mutable_wrong_expected_version());
  } else {
    put_success(*result, *response.mutable_success());
  }
  response_ = bytes_of(response);
  return grpc::Status::OK;
}

grpc::Status AppendCall::refusal(const Error& error) {
  return protocol::to_status(error, "Append", [this](const auto& name, const auto& text) {
    context_.AddTrailingMetadata(name, text);
  });
}

grpc::Status AppendCall::take(grpc::ByteBuffer& bytes) {
  using Content = protocol::v1::streams::AppendReq;
  if (grpc::Status read = read_message(bytes, request_, kMessageBytesMax); !read.ok()) return read;
  if (request_.content_case() == Content::kOptions) {
    if (stream_) return handler_failed("The call brought options twice.");
    const std::optional<ExpectedState> expected = protocol::expected_of(request_.options());
    if (!expected) return {grpc::INVALID_ARGUMENT, "The expected stream revision is missing."};
    stream_ = request_.options().stream_identifier().stream_name();
    expected_ = *expected;
    return grpc::Status::OK;
  }
  if (!stream_ || request_.content_case() != Content::kProposedMessage) {
    return handler_failed("The options come first, then events.");
  }
  Result<EventData> event = protocol::from_wire(*request_.mutable_proposed_message());
  if (!event) return refusal(event.error());
  bytes_ += event->data.size() + event->metadata.size();
  events_.push_back(std::move(event).value());
  const Result<void> fits = check_incoming(database_, bytes_);
  return fits ? grpc::Status::OK : refusal(fits.error());
}

// BatchAppend

BatchAppendCall* BatchAppendCall::start(Database& database, grpc::CallbackServerContext& context) {
  std::shared_ptr<BatchAppendCall> call(new BatchAppendCall(database, context));
  call->self_ = call;
  database.open_calls.add(call);
  BatchAppendCall* const raw = call.get();
  identify_first(database, claim_of(database, context), [call](const grpc::Status& known, Caller caller) {
    if (known.ok()) {
      call->caller_ = std::move(caller);
      return;
    }
    const std::lock_guard lock(call->mutex_);
    call->finish(known);
  });
  const std::lock_guard lock(raw->mutex_);
  if (!raw->finished_ && !raw->half_closed_) {
    raw->reading_ = true;
    raw->StartRead(&raw->bytes_read_);
  }
  return raw;
}

void BatchAppendCall::OnReadDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    if (half_closed_) return;  // the server ends
  }
  grpc::Status read = ok ? read_message(bytes_read_, request_, kMessageBytesMax) : grpc::Status::OK;
  if (ok && read.ok()) read = take();
  const std::lock_guard lock(mutex_);
  reading_ = false;
  if (!ok || !read.ok()) {
    pending_.clear();
    return take_no_more(read);
  }
  if (finished_ || half_closed_ || under_way_ >= kUnderWayMax) return;
  reading_ = true;
  StartRead(&bytes_read_);
}

grpc::Status BatchAppendCall::take() {
  const std::string key = request_.correlation_id().SerializeAsString();
  if (pending_.find(key) == pending_.end()) {
    if (!request_.has_options()) return grpc::Status::OK;  // of an append that nobody knows (reference: streams 3.14)
    begin(key);
  }
  Pending& pending = pending_[key];
  collect(pending);
  if (request_.is_final()) {
    held_bytes_ -= pending.held_bytes;
    {
      const std::lock_guard lock(mutex_);
      ++under_way_;
    }
    append(std::move(pending_.extract(key).mapped()));
    return grpc::Status::OK;
  }
  if (pending_.size() > kUnfinishedMax) return too_much_unfinished("more than " + std::to_string(kUnfinishedMax) + " appends");
  const std::uint64_t bytes_max = database_.append_size_max_bytes + kUnfinishedBytesMax;
  if (held_bytes_ > bytes_max) return too_much_unfinished("appends of more than " + std::to_string(bytes_max) + " bytes in all");
  return grpc::Status::OK;
}

void BatchAppendCall::collect(Pending& pending) {
  held_bytes_ -= pending.held_bytes;
  for (auto& message : *request_.mutable_proposed_messages()) {
    if (pending.error) break;
    Result<EventData> event = protocol::from_wire(message);
    if (event) {
      pending.bytes += event->data.size() + event->metadata.size();
      pending.held_bytes += held_bytes(*event);
      pending.events.push_back(std::move(event).value());
      if (Result<void> fits = check_incoming(database_, pending.bytes); !fits) pending.error = std::move(fits).error();
    } else {
      pending.error = Error{ErrorCode::InvalidArgument, event.error().message, {}};
    }
  }
  if (pending.error) {
    pending.events = {};
    pending.held_bytes = 0;
  }
  held_bytes_ += pending.held_bytes;
}

void BatchAppendCall::begin(const std::string& key) {
  Pending pending;
  const auto& options = request_.options();
  pending.stream = options.stream_identifier().stream_name();
  const std::optional<ExpectedState> expected = protocol::expected_of(options);
  if (!expected) pending.error = Error{ErrorCode::InvalidArgument, "The expected stream position is missing.", {}};
  pending.expected = expected.value_or(Any{});
  if (pending.stream.empty()) pending.error = Error{ErrorCode::InvalidArgument, "The stream name is missing.", {}};
  const Time now = std::chrono::system_clock::now();
  pending.deadline = now + kWriteTimeout;
  using Options = std::decay_t<decltype(options)>;
  // An absolute time of long ago has passed; an amount is counted from now.
  if (options.deadline_option_case() == Options::kDeadline21100) {
    const auto& at = options.deadline_21_10_0();
    const Time absolute(std::chrono::duration_cast<Time::duration>(std::chrono::seconds(std::clamp<std::int64_t>(
                            at.seconds(), 0, 4'000'000'000)) + std::chrono::nanoseconds(at.nanos())));
    pending.deadline = std::min(pending.deadline, absolute);
  } else if (options.deadline_option_case() == Options::kDeadline) {
    const auto& amount = options.deadline();
    const auto wanted = std::chrono::seconds(std::clamp<std::int64_t>(amount.seconds(), -1, 1'000'000)) +
                        std::chrono::nanoseconds(amount.nanos());
    pending.deadline = std::min(pending.deadline, now + std::chrono::duration_cast<Time::duration>(wanted));
  }
  pending_.emplace(key, std::move(pending));
}

void BatchAppendCall::append(Pending pending) {
  Response response;
  *response.mutable_correlation_id() = request_.correlation_id();
  response.mutable_stream_identifier()->set_stream_name(pending.stream);
  database_.post(Operation::Append, [call = shared_from_this(), pending = std::move(pending),
                                     response = std::move(response)](Engine& engine, const Struck& fault) mutable {
    if (!call->caller_) return;
    std::optional<Error> error = std::move(pending.error);
    if (!error && std::chrono::system_clock::now() >= pending.deadline) {
      error = Error{ErrorCode::DeadlineExceeded, "The append's deadline has passed.", {}};
    }
    if (!error) {
      Result<AppendResult> result = as_struck(
          fault, [&] { return append_now(engine, *call->caller_, pending.stream, pending.events, pending.expected); });
      if (result) {
        put_success(*result, *response.mutable_success());
      } else {
        error = std::move(result).error();
      }
    }
    // An answer has no way to say that nobody is there; only the call as a whole has.
    if (fault && fault->error.code == ErrorCode::Unavailable) {
      return call->fail(protocol::to_status(fault->error, "BatchAppend", [](const auto&, const auto&) {}));
    }
    if (error) protocol::to_wire(*error, *response.mutable_error());
    call->answer(response);
  });
}

void BatchAppendCall::answer(const Response& response) {
  grpc::ByteBuffer bytes = bytes_of(response);
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(bytes));
  write_next();
}

void BatchAppendCall::OnDone() {
  is_over(database_.open_calls);
  self_.reset();
}

void BatchAppendCall::server_ends() {
  const std::lock_guard lock(mutex_);
  take_no_more(protocol::server_ends());
}

void BatchAppendCall::take_no_more(const grpc::Status& status) {
  if (!std::exchange(half_closed_, true)) last_ = status;
  write_next();
}

void BatchAppendCall::fail(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  failure_ = status;
  write_next();
}

void BatchAppendCall::write_next() {
  if (writing_ || finished_) return;
  if (failure_) {
    finish(*failure_);
  } else if (!answers_.empty()) {
    writing_ = true;
    // As in reads: answers that others follow at once share packets; not the first, with which the headers go.
    grpc::WriteOptions options;
    if (answers_.size() > 1 && headers_sent_) options.set_buffer_hint();
    headers_sent_ = true;
    StartWrite(&answers_.front(), options);
  } else if (half_closed_ && under_way_ == 0) {
    finish(last_);
  }
}

void BatchAppendCall::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  answers_.pop_front();
  --under_way_;
  if (!ok) return finish(grpc::Status::CANCELLED);
  write_next();
  if (!reading_ && !half_closed_ && !finished_ && under_way_ < kUnderWayMax) {
    reading_ = true;
    StartRead(&bytes_read_);
  }
}

void BatchAppendCall::OnCancel() {
  const std::lock_guard lock(mutex_);
  if (!writing_) finish(grpc::Status::CANCELLED);
}

void BatchAppendCall::finish(const grpc::Status& status) {
  if (std::exchange(finished_, true)) return;
  Finish(status);
}

}  // namespace kurrentlite::server
