#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/config.hpp"

namespace kurrentlite::config {

inline constexpr std::string_view kPrefix = "VITE_KURRENT_DB_";

/// Every variable that means something, in the order of the documentation.
[[nodiscard]] const std::vector<std::string>& known_variables();

/// `VITE_KURRENT_DB_{ENVIRONMENT}_{setting}`.
[[nodiscard]] std::string environment_variable(Environment environment, std::string_view setting);

/// The value of `name` without white space around it; empty when it is missing or blank. The last one wins.
[[nodiscard]] std::optional<std::string_view> value_of(const Variables& variables, std::string_view name);

}  // namespace kurrentlite::config
