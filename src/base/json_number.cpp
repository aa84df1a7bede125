#include "base/json_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/json_scan.hpp"

#ifdef __EMSCRIPTEN__
#include <emscripten/emscripten.h>

// JavaScript has both conversions; those of the C library would bring 128-bit arithmetic along.
EM_JS(double, kurrentlite_parse_number, (const char* text, std::size_t size), {
  const from = text >>> 0;
  return Number(String.fromCharCode.apply(null, HEAPU8.subarray(from, from + size)));
})
/// `out` has room for the 25 letters of the longest.
EM_JS(std::size_t, kurrentlite_write_number, (double value, char* out), {
  const text = String(value);
  for (let i = 0; i < text.length; i++) HEAPU8[(out >>> 0) + i] = text.charCodeAt(i);
  return text.length;
})
#endif

namespace kurrentlite::json::detail {
namespace {

/// Numbers of at most 15 digits and few zeros: one exact multiplication or division of exact doubles (Clinger's fast path).
std::optional<double> parse_short(std::string_view text) {
  constexpr std::array<double, 23> kPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                           1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  constexpr int kDigitsMax = 15;
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = *at == '-';
  if (negative) ++at;
  if (end - at > kDigitsMax + 1) return std::nullopt;  // one may be the decimal point
  std::int64_t digits = 0;
  int count = 0;
  int fraction = 0;
  bool in_fraction = false;
  for (; at != end; ++at) {
    if (*at == '.') {
      in_fraction = true;
      continue;
    }
    if (!is_digit(*at)) return std::nullopt;
    digits = digits * 10 + (*at - '0');
    fraction += in_fraction ? 1 : 0;
    ++count;
  }
  if (count > kDigitsMax) return std::nullopt;
  const double magnitude = static_cast<double>(digits) / kPowers[static_cast<std::size_t>(fraction)];
  return negative ? -magnitude : magnitude;
}

#ifndef __EMSCRIPTEN__
/// Whether a number beyond the range of doubles is so by being large.
bool is_huge(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos) return true;
  // Its exponent is beyond what digits before it make up for, unless they are thousands.
  std::int64_t zeros = 0;
  std::int64_t exponent = 0;
  const std::size_t point = std::min(text.find('.'), e);
  const std::size_t first = text.find_first_of("123456789");
  zeros = first < point ? static_cast<std::int64_t>(point - first) : -static_cast<std::int64_t>(first - point);
  const bool negative = text[e + 1] == '-';
  constexpr std::int64_t kHuge = 1'000'000'000'000;  // beyond every double, and safe to add to
  for (const char each : text.substr(e + 1)) {
    if (is_digit(each) && exponent < kHuge) exponent = exponent * 10 + (each - '0');
  }
  return zeros + (negative ? -exponent : exponent) > 0;
}
#endif

}  // namespace

#ifdef __EMSCRIPTEN__

double parse_number(std::string_view text) {
  if (const std::optional<double> parsed = parse_short(text)) return *parsed;
  return kurrentlite_parse_number(text.data(), text.size());
}

void append_number(std::string& out, double value) {
  std::array<char, 32> text;
  out.append(text.data(), kurrentlite_write_number(value, text.data()));
}

#else

double parse_number(std::string_view text) {
  if (const std::optional<double> parsed = parse_short(text)) return *parsed;
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc()) return value;
  const double magnitude = is_huge(text) ? std::numeric_limits<double>::infinity() : 0.0;
  return text.front() == '-' ? -magnitude : magnitude;
}

/// As `Number.prototype.toString` (ECMA-262) places the decimal point.
void append_number(std::string& out, double value) {
  if (value == 0) {
    out.push_back('0');
    return;
  }
  std::array<char, 32> printed;  // d.ddde±dd
  const auto [last, problem] = std::to_chars(printed.data(), printed.data() + printed.size(), std::abs(value), std::chars_format::scientific);
  const std::string_view text(printed.data(), static_cast<std::size_t>(last - printed.data()));
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 1) digits += text.substr(2, e - 2);
  int exponent = 0;
  std::from_chars(text.data() + e + 2, last, exponent);
  if (text[e + 1] == '-') exponent = -exponent;
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before it

  if (value < 0) out.push_back('-');
  if (point > 21 || point < -5) {
    out.push_back(digits[0]);
    if (count > 1) out.append(".").append(digits, 1);
    out.append(exponent < 0 ? "e-" : "e+").append(std::to_string(std::abs(exponent)));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (point >= count) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else {
    out.append(digits, 0, static_cast<std::size_t>(point)).append(".").append(digits, static_cast<std::size_t>(point));
  }
}

#endif

}  // namespace kurrentlite::json::detail
