#pragma once

#include <gmock/gmock.h>

#include "kurrentlite/result.hpp"

namespace kurrentlite {

/// Printed by GoogleTest when an expectation fails.
inline void PrintTo(const Error& error, std::ostream* out) { *out << to_string(error.code) << ": " << error.message; }

template <class T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  if (result.ok()) {
    *out << "a value";
  } else {
    PrintTo(result.error(), out);
  }
}

MATCHER(IsOk, "succeeds") { return arg.ok(); }

MATCHER_P(FailsWith, code, std::string("fails with ") + to_string(code)) {
  return !arg.ok() && arg.error().code == code;
}

/// ValidationFailed that names exactly these fields, in this order.
MATCHER_P(RefusesFields, fields, "fails with ValidationFailed for " + testing::PrintToString(fields)) {
  if (arg.ok() || arg.error().code != ErrorCode::ValidationFailed) return false;
  std::vector<std::string> named;
  for (const Violation& violation : arg.error().violations) named.push_back(violation.field);
  *result_listener << "names " << testing::PrintToString(named);
  return named == fields;
}

}  // namespace kurrentlite
