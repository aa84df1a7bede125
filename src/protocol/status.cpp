#include "protocol/status.hpp"

#include <google/protobuf/any.pb.h>

#include <charconv>

#include "error_details.pb.h"
#include "rich_status.pb.h"
#include "rpc_errors.pb.h"
#include "shared.pb.h"
#include "v2_errors.pb.h"

namespace kurrentlite::protocol {
namespace {

namespace v1 = event_store::client;
namespace v2_errors = kurrentdb::protocol::v2::streams::errors;

constexpr std::int64_t kNoStream = -1;
constexpr std::int64_t kAny = -2;
constexpr std::int64_t kExists = -4;

/// A state fact as the wire numbers it.
std::int64_t state_of(const Error& error, const char* fact) {
  if (const auto number = error.number(fact)) return static_cast<std::int64_t>(*number);
  const std::string text = error.text(fact);
  if (text == "any") return kAny;
  return text == "stream_exists" ? kExists : kNoStream;
}

std::uint32_t small(const Error& error, const char* fact) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(error.number(fact).value_or(0), UINT32_MAX));
}

/// The text as a header may hold it, else gRPC ends the process: what is not printable ASCII and spaces at its ends as percent
/// and two digits. No client takes more than some thousand bytes of headers: longer names are cut.
std::string header_text(std::string_view text) {
  constexpr std::size_t kBytesMax = 1024;
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string result;
  for (std::size_t i = 0; i < text.size() && result.size() < kBytesMax; ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool at_end = i == 0 || i + 1 == text.size();
    if (byte > 0x20 && byte <= 0x7e) {
      result.push_back(c);
    } else if (byte == 0x20 && !at_end) {
      result.push_back(c);
    } else {
      result.append({'%', kDigits[byte >> 4], kDigits[byte & 0xf]});
    }
  }
  return result;
}

/// The words of a status, which travel as a header too; gRPC itself escapes them.
std::string status_words(std::string words) {
  constexpr std::size_t kBytesMax = 2048;
  if (words.size() <= kBytesMax) return words;
  std::size_t size = kBytesMax;
  while (size > 0 && (static_cast<unsigned char>(words[size]) & 0xc0) == 0x80) --size;  // not within a character
  words.resize(size);
  return words;
}

grpc::Status status_of(const Error& error, const char* operation, const AddTrailer& add_trailer) {
  const std::string stream = error.text("stream");
  switch (error.code) {
    case ErrorCode::WrongExpectedVersion: {
      const std::string expected = std::to_string(state_of(error, "expected"));
      const std::string actual = std::to_string(state_of(error, "actual"));
      add_trailer("exception", "wrong-expected-version");
      add_trailer("stream-name", stream);
      add_trailer("expected-version", expected);
      add_trailer("actual-version", actual);
      return {grpc::FAILED_PRECONDITION, std::string(operation) + " failed due to WrongExpectedVersion. Stream: " + stream +
                                             ", Expected version: " + expected + ", Actual version: " + actual};
    }
    case ErrorCode::StreamDeleted:
      add_trailer("exception", "stream-deleted");
      add_trailer("stream-name", stream);
      return {grpc::FAILED_PRECONDITION, "Event stream '" + stream + "' is deleted."};
    case ErrorCode::StreamNotFound:
      add_trailer("exception", "stream-not-found");
      add_trailer("stream-name", stream);
      return {grpc::NOT_FOUND, "Event stream '" + stream + "' is not found."};
    case ErrorCode::NotFound:
      add_trailer("exception", "user-not-found");
      add_trailer("login-name", error.text("login"));
      return {grpc::NOT_FOUND, error.message};
    case ErrorCode::Conflict:
      add_trailer("exception", "user-conflict");
      add_trailer("login-name", error.text("login"));
      return {grpc::FAILED_PRECONDITION, "Conflict."};
    case ErrorCode::AccessDenied:
      add_trailer("exception", "access-denied");
      return {grpc::PERMISSION_DENIED, "Access Denied"};
    case ErrorCode::MaxAppendSizeExceeded:
      add_trailer("exception", "maximum-append-size-exceeded");
      add_trailer("maximum-append-size", std::to_string(error.number("maxAppendSize").value_or(0)));
      return {grpc::INVALID_ARGUMENT, error.message};
    case ErrorCode::MaxAppendEventSizeExceeded:
      add_trailer("exception", "maximum-append-event-size-exceeded");
      add_trailer("event-id", error.text("eventId"));
      add_trailer("maximum-append-event-size", std::to_string(error.number("maxAppendEventSize").value_or(0)));
      add_trailer("proposed-append-event-size", std::to_string(error.number("proposedEventSize").value_or(0)));
      return {grpc::INVALID_ARGUMENT, error.message};
    case ErrorCode::InvalidArgument:
      if (!error.text("required").empty()) {
        add_trailer("exception", "missing-required-metadata-property");
        add_trailer("required-metadata-properties", error.text("required"));
      }
      return {grpc::INVALID_ARGUMENT, error.message};
    case ErrorCode::DeadlineExceeded: return {grpc::ABORTED, "Operation timed out: " + error.message};
    case ErrorCode::Unavailable: return {grpc::UNAVAILABLE, error.message};
    case ErrorCode::Cancelled: return {grpc::CANCELLED, error.message};
    case ErrorCode::OutOfMemory: return {grpc::RESOURCE_EXHAUSTED, error.message};
    default: return {grpc::UNKNOWN, error.message};
  }
}

}  // namespace

grpc::Status to_status(const Error& error, const char* operation, const AddTrailer& add_trailer) {
  const grpc::Status status = status_of(
      error, operation, [&](const std::string& name, const std::string& text) { add_trailer(name, header_text(text)); });
  return {status.error_code(), status_words(status.error_message())};
}

namespace {

/// A status whose details are an ErrorInfo and, last, the detail itself.
grpc::Status rich(grpc::StatusCode code, const std::string& message, const char* reason, const char* domain,
                  const google::protobuf::Message* detail) {
  RichStatus status;
  status.set_code(code);
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  status.add_details()->PackFrom(info);
  if (detail != nullptr) status.add_details()->PackFrom(*detail);
  return {code, status_words(message), status.SerializeAsString()};
}

grpc::Status violations(const Error& error) {
  v2_errors::AppendConsistencyViolationErrorDetails details;
  for (const CheckViolation& each : error.check_violations) {
    auto* const violation = details.add_violations();
    violation->set_check_index(static_cast<std::int32_t>(each.check_index));
    violation->mutable_stream_state()->set_stream(each.stream);
    violation->mutable_stream_state()->set_expected_state(each.expected_state);
    violation->mutable_stream_state()->set_actual_state(each.actual_state);
  }
  return rich(grpc::FAILED_PRECONDITION, error.message, "APPEND_CONSISTENCY_VIOLATION", "streams", &details);
}

}  // namespace

grpc::Status to_rich_status(const Error& error, const std::string& operation, const std::string& user) {
  switch (error.code) {
    case ErrorCode::WrongExpectedVersion: {
      v2_errors::StreamRevisionConflictErrorDetails details;
      details.set_stream(error.text("stream"));
      details.set_expected_revision(state_of(error, "expected"));
      details.set_actual_revision(state_of(error, "actual"));
      return rich(grpc::FAILED_PRECONDITION, error.message, "STREAM_REVISION_CONFLICT", "streams", &details);
    }
    case ErrorCode::StreamTombstoned: {
      v2_errors::StreamTombstonedErrorDetails details;
      details.set_stream(error.text("stream"));
      return rich(grpc::FAILED_PRECONDITION, error.message, "STREAM_TOMBSTONED", "streams", &details);
    }
    case ErrorCode::StreamAlreadyInAppendSession: {
      v2_errors::StreamAlreadyInAppendSessionErrorDetails details;
      details.set_stream(error.text("stream"));
      return rich(grpc::ABORTED, error.message, "STREAM_ALREADY_IN_APPEND_SESSION", "streams", &details);
    }
    case ErrorCode::AppendRecordSizeExceeded: {
      v2_errors::AppendRecordSizeExceededErrorDetails details;
      details.set_stream(error.text("stream"));
      details.set_record_id(error.text("recordId"));
      details.set_size(static_cast<std::int32_t>(small(error, "size")));
      details.set_max_size(static_cast<std::int32_t>(small(error, "maxSize")));
      return rich(grpc::INVALID_ARGUMENT, error.message, "APPEND_RECORD_SIZE_EXCEEDED", "streams", &details);
    }
    case ErrorCode::TransactionMaxSizeExceeded: {
      v2_errors::AppendTransactionSizeExceededErrorDetails details;
      details.set_size(static_cast<std::int32_t>(small(error, "size")));
      details.set_max_size(static_cast<std::int32_t>(small(error, "maxSize")));
      return rich(grpc::ABORTED, error.message, "APPEND_TRANSACTION_SIZE_EXCEEDED", "streams", &details);
    }
    case ErrorCode::ConsistencyViolation: return violations(error);
    case ErrorCode::AccessDenied: {
      ::kurrent::rpc::AccessDeniedErrorDetails details;
      details.set_operation(operation);
      if (!user.empty()) details.set_username(user);
      return rich(grpc::PERMISSION_DENIED, error.message, "ACCESS_DENIED", "server", &details);
    }
    case ErrorCode::InvalidArgument: {
      google::rpc::BadRequest details;
      auto* const violation = details.add_field_violations();
      violation->set_field(error.text("field"));
      violation->set_description(error.message);
      return rich(grpc::INVALID_ARGUMENT, error.message, "BAD_REQUEST", "server", &details);
    }
    case ErrorCode::Unavailable: return rich(grpc::UNAVAILABLE, error.message, "SERVER_OVERLOADED", "server", nullptr);
    case ErrorCode::OutOfMemory: return rich(grpc::UNAVAILABLE, error.message, "SERVER_OVERLOADED", "server", nullptr);
    default: return rich(grpc::INTERNAL, error.message, "SERVER_MALFUNCTION", "server", nullptr);
  }
}

grpc::Status server_ends() {
  constexpr int kSeconds = 5;  // what KurrentDB asks of a single node's clients
  google::rpc::RetryInfo details;
  details.mutable_retry_delay()->set_seconds(kSeconds);
  return rich(grpc::UNAVAILABLE, "The server is shutting down. Try again in 5 seconds.", "SERVER_SHUTTING_DOWN", "server", &details);
}

void to_wire(const Error& error, google::rpc::Status& status) {
  const auto tell = [&](grpc::StatusCode code, const google::protobuf::Message& detail) {
    status.set_code(code);
    status.set_message(detail.GetDescriptor()->name());
    status.mutable_details()->PackFrom(detail);
  };
  switch (error.code) {
    case ErrorCode::WrongExpectedVersion: {
      v1::WrongExpectedVersion detail;
      const std::int64_t actual = state_of(error, "actual");
      if (actual >= 0) {
        detail.set_current_stream_revision(static_cast<std::uint64_t>(actual));
      } else {
        detail.mutable_current_no_stream();
      }
      const std::int64_t expected = state_of(error, "expected");
      if (error.number("expected")) {
        detail.set_expected_stream_position(*error.number("expected"));
      } else if (expected == kAny) {
        detail.mutable_expected_any();
      } else if (expected == kExists) {
        detail.mutable_expected_stream_exists();
      } else {
        detail.mutable_expected_no_stream();
      }
      return tell(grpc::ALREADY_EXISTS, detail);
    }
    case ErrorCode::StreamDeleted: {
      v1::StreamDeleted detail;
      detail.mutable_stream_identifier()->set_stream_name(error.text("stream"));
      return tell(grpc::NOT_FOUND, detail);
    }
    case ErrorCode::AccessDenied: return tell(grpc::PERMISSION_DENIED, v1::AccessDenied());
    case ErrorCode::DeadlineExceeded: return tell(grpc::DEADLINE_EXCEEDED, v1::Timeout());
    case ErrorCode::MaxAppendSizeExceeded: {
      v1::MaximumAppendSizeExceeded detail;
      detail.set_maxappendsize(small(error, "maxAppendSize"));
      return tell(grpc::INVALID_ARGUMENT, detail);
    }
    case ErrorCode::MaxAppendEventSizeExceeded: {
      v1::MaximumAppendEventSizeExceeded detail;
      detail.set_eventid(error.text("eventId"));
      detail.set_proposedeventsize(small(error, "proposedEventSize"));
      detail.set_maxappendeventsize(small(error, "maxAppendEventSize"));
      return tell(grpc::INVALID_ARGUMENT, detail);
    }
    case ErrorCode::InvalidArgument: {
      v1::BadRequest detail;
      detail.set_message(error.message);
      return tell(grpc::INVALID_ARGUMENT, detail);
    }
    default: return tell(grpc::UNKNOWN, v1::Unknown());
  }
}

void to_wire(const Error& error, v1::streams::AppendResp::WrongExpectedVersion& wire) {
  const std::int64_t actual = state_of(error, "actual");
  if (actual >= 0) {
    wire.set_current_revision_20_6_0(static_cast<std::uint64_t>(actual));
    wire.set_current_revision(static_cast<std::uint64_t>(actual));
  } else {
    wire.mutable_no_stream_20_6_0();
    wire.mutable_current_no_stream();
  }
  if (const auto revision = error.number("expected")) {
    wire.set_expected_revision_20_6_0(*revision);
    wire.set_expected_revision(*revision);
    return;
  }
  const std::int64_t expected = state_of(error, "expected");
  if (expected == kAny) {
    wire.mutable_any_20_6_0();
    wire.mutable_expected_any();
  } else if (expected == kExists) {
    wire.mutable_stream_exists_20_6_0();
    wire.mutable_expected_stream_exists();
  } else {
    wire.set_expected_revision_20_6_0(UINT64_MAX);
    wire.mutable_expected_no_stream();
  }
}

}  // namespace kurrentlite::protocol
