#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kurrentlite::utf8 {

/// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool valid(std::string_view text);
/// UTF-16 code units of valid UTF-8 text, that is the length JavaScript sees. A byte that begins no character counts one.
[[nodiscard]] std::uint64_t utf16_length(std::string_view text);
/// Appends the UTF-8 form of `code_point`.
void append(std::string& out, std::uint32_t code_point);
/// Lower-cases ASCII letters, leaves the rest; for case-insensitive search of names.
[[nodiscard]] std::string ascii_lower(std::string_view text);

}  // namespace kurrentlite::utf8
