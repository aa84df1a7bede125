#pragma once

#include <memory>

#include "clients/memory/connection.hpp"

namespace kurrentlite {

/// The first half of a call: connects when needed and travels to the database. Answers how the second half will go.
/// Errors: the call never got there, and nothing must be done for it.
[[nodiscard]] Task<Result<CallPlan>> depart(std::shared_ptr<Connection> connection, Operation operation);

/// The second half: the answer travels back. Errors: it was lost on the way; what was done stays done.
[[nodiscard]] Task<Result<void>> come_back(std::shared_ptr<Connection> connection, CallPlan plan);

}  // namespace kurrentlite
