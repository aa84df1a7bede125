#pragma once

#include <array>
#include <cstdint>

#include "base/utf8.hpp"

/// Byte-level steps shared by the JSON checker, reader and writer. Private to base/json_*.cpp.
namespace kurrentlite::json::detail {

inline constexpr bool is_space(char each) { return each == ' ' || each == '\n' || each == '\t' || each == '\r'; }
inline constexpr bool is_digit(char each) { return each >= '0' && each <= '9'; }

/// The value of a hexadecimal digit; 16 for anything else.
inline constexpr std::uint32_t hex_value(char each) {
  if (is_digit(each)) return static_cast<std::uint32_t>(each - '0');
  if (each >= 'a' && each <= 'f') return static_cast<std::uint32_t>(each - 'a') + 10U;
  if (each >= 'A' && each <= 'F') return static_cast<std::uint32_t>(each - 'A') + 10U;
  return 16U;
}

/// Four hexadecimal digits that are known to be there.
inline constexpr std::uint32_t hex4(const char* digits) {
  return hex_value(digits[0]) << 12U | hex_value(digits[1]) << 8U | hex_value(digits[2]) << 4U | hex_value(digits[3]);
}

inline constexpr bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800U && unit <= 0xDBFFU; }
inline constexpr bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00U && unit <= 0xDFFFU; }

inline const char* skip_space(const char* at, const char* end) {
  while (at != end && is_space(*at)) ++at;
  return at;
}

inline constexpr std::uint64_t every_byte(std::uint64_t byte) { return byte * 0x0101010101010101U; }
/// Not zero when a byte of `word` is zero.
inline constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - every_byte(1)) & ~word & utf8::detail::kHighBits;
}

/// A byte that ends a plain run of a string: quote, backslash, control character or the start of a non-ASCII one.
inline constexpr bool is_special(char each) {
  const auto byte = static_cast<unsigned char>(each);
  return byte < 0x20U || byte >= 0x80U || each == '"' || each == '\\';
}

/// The first special byte at or after `at`; `end` when there is none.
inline const char* skip_plain(const char* at, const char* end) {
  while (end - at >= 8) {
    const std::uint64_t word = utf8::detail::load8(at);
    const std::uint64_t below_space = (word - every_byte(0x20)) & ~word & utf8::detail::kHighBits;
    const std::uint64_t high = word & utf8::detail::kHighBits;
    if ((below_space | high | zero_bytes(word ^ every_byte('"')) | zero_bytes(word ^ every_byte('\\'))) != 0) break;
    at += 8;
  }
  while (at != end && !is_special(*at)) ++at;
  return at;
}

/// Behind the string whose opening quote is at `at`, in checked text.
inline const char* skip_string(const char* at, const char* end) {
  ++at;
  for (;;) {
    while (end - at >= 8) {
      const std::uint64_t word = utf8::detail::load8(at);
      if ((zero_bytes(word ^ every_byte('"')) | zero_bytes(word ^ every_byte('\\'))) != 0) break;
      at += 8;
    }
    while (*at != '"' && *at != '\\') ++at;
    if (*at == '"') return at + 1;
    at += 2;
  }
}

/// Behind the value that begins at `at`, in checked text.
const char* skip_value(const char* at, const char* end);

/// Appends the decoded text of a checked string, given with its quotes.
void append_decoded(std::string& out, std::string_view quoted);
/// True when a checked string, given with its quotes, holds half of a surrogate pair.
bool has_lone_surrogate(std::string_view quoted);

}  // namespace kurrentlite::json::detail
