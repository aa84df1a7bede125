#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kurrentlite::utf8 {

inline constexpr std::uint32_t kReplacementCharacter = 0xFFFD;

/// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool valid(std::string_view text);
/// Size in bytes (1 to 4) of the character that begins `text`; 0 when no valid character begins there.
[[nodiscard]] std::size_t character_size(std::string_view text);
/// UTF-16 code units of valid UTF-8 text, that is the length JavaScript sees. A byte that begins no character counts one.
[[nodiscard]] std::uint64_t utf16_length(std::string_view text);
/// Bytes of the first `units` UTF-16 units of valid UTF-8 text, all of it when there are fewer; a character of two units is
/// never cut.
[[nodiscard]] std::size_t size_of_units(std::string_view text, std::uint64_t units);
/// Appends the UTF-8 form of `code_point`; U+FFFD for a surrogate and for anything above U+10FFFF.
void append(std::string& out, std::uint32_t code_point);
/// Lower-cases ASCII letters, leaves the rest; for case-insensitive search of names.
[[nodiscard]] std::string ascii_lower(std::string_view text);

namespace detail {
/// Eight bytes in one word, in whatever order: for questions about "any of them".
inline std::uint64_t load8(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}
inline constexpr std::uint64_t kHighBits = 0x8080808080808080U;
}  // namespace detail

}  // namespace kurrentlite::utf8
