#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace kurrentlite {

/// Every way an operation can end other than by success. One table for all hosts: TypeScript maps each code to an error
/// class, gRPC to a status with trailers. The comment names the facts an `Error` of that code carries.
enum class ErrorCode : std::uint8_t {
  WrongExpectedVersion,        ///< stream, expected, actual
  StreamNotFound,              ///< stream
  StreamDeleted,               ///< stream; it was tombstoned and accepts nothing any more
  AccessDenied,                ///< -
  InvalidArgument,             ///< field
  StreamTombstoned,            ///< stream; what a multi-stream append meets
  ConsistencyViolation,        ///< check_violations
  StreamAlreadyInAppendSession,  ///< stream; named twice in one multi-stream append
  AppendRecordSizeExceeded,    ///< stream, recordId, size, maxSize
  TransactionMaxSizeExceeded,  ///< size, maxSize
  MaxAppendSizeExceeded,       ///< maxAppendSize
  MaxAppendEventSizeExceeded,  ///< eventId, proposedEventSize, maxAppendEventSize
  DeadlineExceeded,            ///< operation, timeoutMs
  Unavailable,                 ///< the server cannot be reached, or the reply was lost
  Cancelled,                   ///< the caller closed the client while the call was under way
  OutOfMemory,                 ///< requestedBytes; nothing was changed
  CorruptData,                 ///< a journal or import file failed its checks
  // Service layer
  ValidationFailed,  ///< violations: one per bad field
  NotFound,          ///< id; no such document. Or login; no such user
  Conflict,          ///< id, and expectedVersion/actualVersion when two updates met. Or login; the user exists already
  InvalidConfig,     ///< violations: one per bad variable
  Unknown,
};

/// The spelling used on every boundary, e.g. "WrongExpectedVersion".
[[nodiscard]] const char* to_string(ErrorCode code);
/// The code of that name; empty when there is none.
[[nodiscard]] std::optional<ErrorCode> error_code_of(std::string_view name);

/// A named detail of an error; text, or a 64-bit number that reaches JavaScript as a bigint.
struct Fact {
  std::string name;
  std::variant<std::string, std::uint64_t> value;
  bool operator==(const Fact&) const = default;
};

/// One bad field of an input: where it is, what is wrong, and what would be right.
struct Violation {
  std::string field;    ///< path such as `data.profile.name`, or a variable's name
  std::string problem;  ///< a sentence a person can act upon, never holding a secret
  bool operator==(const Violation&) const = default;
};

/// A check of a multi-stream append that did not hold. States are numbered as on the wire: a revision, or -1 no stream,
/// -2 any, -4 stream exists, -5 soft-deleted, -6 tombstoned.
struct CheckViolation {
  std::uint32_t check_index = 0;  ///< a written stream without a check counts on after the checks
  std::string stream;
  std::int64_t expected_state = 0;
  std::int64_t actual_state = 0;
  bool operator==(const CheckViolation&) const = default;
};

/// Why an operation failed. `message` is a whole sentence for people; programs use `code`, `facts` and `violations`.
struct Error {
  ErrorCode code = ErrorCode::Unknown;
  std::string message;
  std::vector<Fact> facts = {};
  std::vector<Violation> violations = {};
  std::vector<CheckViolation> check_violations = {};

  bool operator==(const Error&) const = default;
  /// The text of the fact `name`; empty when there is none or it is a number.
  [[nodiscard]] std::string text(const std::string& name) const;
  /// The number of the fact `name`.
  [[nodiscard]] std::optional<std::uint64_t> number(const std::string& name) const;
};

/// A value, or the error that stood in its way. An outcome a caller can cause is never an exception.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}     // NOLINT: conversion is the point
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  /// Absent for a `Result<bool>`, where it would be taken for the value.
  explicit operator bool() const
    requires(!std::is_same_v<T, bool>)
  {
    return ok();
  }

  [[nodiscard]] T& value() & { return assert(ok()), *std::get_if<0>(&state_); }
  [[nodiscard]] const T& value() const& { return assert(ok()), *std::get_if<0>(&state_); }
  [[nodiscard]] T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

  [[nodiscard]] Error& error() & { return assert(!ok()), *std::get_if<1>(&state_); }
  [[nodiscard]] const Error& error() const& { return assert(!ok()), *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && { return assert(!ok()), std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: conversion is the point

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] Error& error() & { return assert(!ok()), *error_; }
  [[nodiscard]] const Error& error() const& { return assert(!ok()), *error_; }
  [[nodiscard]] Error&& error() && { return assert(!ok()), std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace kurrentlite
