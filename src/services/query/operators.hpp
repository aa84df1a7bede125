#pragma once

#include <optional>
#include <string_view>

#include "kurrentlite/query.hpp"

namespace kurrentlite::services {

/// The spelling of an operator in JSON: "eq", …, and "and", "or", "not" of groups.
[[nodiscard]] const char* operator_name(Condition::Op op);
/// The comparison of that name; groups and Search are none.
[[nodiscard]] std::optional<Condition::Op> comparison_of(std::string_view name);

}  // namespace kurrentlite::services
