#pragma once

#include <string>
#include <string_view>

/// Doubles as text, as JavaScript reads and writes them. Private to base/json_*.cpp.
namespace kurrentlite::json::detail {

/// The double nearest to a JSON number; beyond the range infinite or zero.
double parse_number(std::string_view text);

/// Appends the shortest text that reads back as `value`, which is finite.
void append_number(std::string& out, double value);

}  // namespace kurrentlite::json::detail
