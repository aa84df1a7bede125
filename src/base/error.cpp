#include "kurrentlite/client.hpp"

namespace kurrentlite {

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::WrongExpectedVersion: return "WrongExpectedVersion";
    case ErrorCode::StreamNotFound: return "StreamNotFound";
    case ErrorCode::StreamDeleted: return "StreamDeleted";
    case ErrorCode::AccessDenied: return "AccessDenied";
    case ErrorCode::InvalidArgument: return "InvalidArgument";
    case ErrorCode::StreamTombstoned: return "StreamTombstoned";
    case ErrorCode::ConsistencyViolation: return "ConsistencyViolation";
    case ErrorCode::StreamAlreadyInAppendSession: return "StreamAlreadyInAppendSession";
    case ErrorCode::AppendRecordSizeExceeded: return "AppendRecordSizeExceeded";
    case ErrorCode::TransactionMaxSizeExceeded: return "TransactionMaxSizeExceeded";
    case ErrorCode::MaxAppendSizeExceeded: return "MaxAppendSizeExceeded";
    case ErrorCode::MaxAppendEventSizeExceeded: return "MaxAppendEventSizeExceeded";
    case ErrorCode::DeadlineExceeded: return "DeadlineExceeded";
    case ErrorCode::Unavailable: return "Unavailable";
    case ErrorCode::Cancelled: return "Cancelled";
    case ErrorCode::OutOfMemory: return "OutOfMemory";
    case ErrorCode::CorruptData: return "CorruptData";
    case ErrorCode::ValidationFailed: return "ValidationFailed";
    case ErrorCode::NotFound: return "NotFound";
    case ErrorCode::Conflict: return "Conflict";
    case ErrorCode::InvalidConfig: return "InvalidConfig";
    case ErrorCode::Unknown: return "Unknown";
  }
  return "Unknown";
}

std::optional<ErrorCode> error_code_of(std::string_view name) {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(ErrorCode::Unknown); ++i) {
    if (name == to_string(static_cast<ErrorCode>(i))) return static_cast<ErrorCode>(i);
  }
  return std::nullopt;
}

const char* to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::Disconnected: return "disconnected";
    case ConnectionState::Connecting: return "connecting";
    case ConnectionState::Connected: return "connected";
    case ConnectionState::Reconnecting: return "reconnecting";
    case ConnectionState::Error: return "error";
  }
  return "error";
}

std::string Error::text(const std::string& name) const {
  for (const Fact& fact : facts) {
    if (fact.name == name) {
      const std::string* found = std::get_if<std::string>(&fact.value);
      return found != nullptr ? *found : std::string();
    }
  }
  return {};
}

std::optional<std::uint64_t> Error::number(const std::string& name) const {
  for (const Fact& fact : facts) {
    if (fact.name == name) {
      if (const std::uint64_t* found = std::get_if<std::uint64_t>(&fact.value)) return *found;
    }
  }
  return std::nullopt;
}

}  // namespace kurrentlite
