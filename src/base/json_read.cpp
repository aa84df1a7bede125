#include <charconv>
#include <cstring>
#include <limits>

#include "base/json.hpp"
#include "base/json_number.hpp"
#include "base/json_scan.hpp"

namespace kurrentlite::json {

namespace detail {

const char* skip_value(const char* at, const char* end) {
  if (*at == '"') return skip_string(at, end);
  if (*at != '{' && *at != '[') {
    while (at != end && *at != ',' && *at != ']' && *at != '}' && !is_space(*at)) ++at;
    return at;
  }
  std::size_t depth = 0;
  for (;;) {
    switch (*at) {
      case '"': at = skip_string(at, end); continue;
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default: break;
    }
    ++at;
  }
}

namespace {

/// The code unit of the `\u` escape at `at`; 0 when there is none.
std::uint32_t unit_at(const char* at, const char* end) {
  return end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2) : 0;
}

char simple_escape(char letter) {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;  // quote, backslash, slash
  }
}

/// Appends what the escape at `at` stands for and answers the place behind it. Half a surrogate pair becomes U+FFFD.
const char* append_escape(std::string& out, const char* at, const char* end) {
  if (at[1] != 'u') {
    out.push_back(simple_escape(at[1]));
    return at + 2;
  }
  const std::uint32_t unit = hex4(at + 2);
  const std::uint32_t second = is_high_surrogate(unit) ? unit_at(at + 6, end) : 0;
  if (is_low_surrogate(second)) {
    utf8::append(out, 0x10000U + ((unit - 0xD800U) << 10U) + (second - 0xDC00U));
    return at + 12;
  }
  utf8::append(out, unit);
  return at + 6;
}

}  // namespace

void append_decoded(std::string& out, std::string_view quoted) {
  const char* at = quoted.data() + 1;
  const char* const end = quoted.data() + quoted.size() - 1;
  out.reserve(out.size() + quoted.size() - 2);
  while (at != end) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    const char* const escape = found != nullptr ? static_cast<const char*>(found) : end;
    out.append(at, escape);
    at = escape == end ? end : append_escape(out, escape, end);
  }
}

bool has_lone_surrogate(std::string_view quoted) {
  const char* const end = quoted.data() + quoted.size() - 1;
  for (const char* at = quoted.data() + 1; at != end;) {
    if (*at != '\\') {
      ++at;
    } else if (at[1] != 'u') {
      at += 2;
    } else {
      const std::uint32_t unit = hex4(at + 2);
      if (is_low_surrogate(unit)) return true;
      if (is_high_surrogate(unit)) {
        if (!is_low_surrogate(unit_at(at + 6, end))) return true;
        at += 6;
      }
      at += 6;
    }
  }
  return false;
}

}  // namespace detail

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && detail::is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && detail::is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Calls `each(value text)` for every element of a checked array.
template <class F>
void for_each_element(std::string_view array, F each) {
  const char* const end = array.data() + array.size();
  const char* at = detail::skip_space(array.data() + 1, end);
  while (*at != ']') {
    const char* const behind = detail::skip_value(at, end);
    each(std::string_view(at, static_cast<std::size_t>(behind - at)));
    at = detail::skip_space(behind, end);
    if (*at == ',') at = detail::skip_space(at + 1, end);
  }
}

/// Calls `each(key with its quotes, value text)` for every member of a checked object.
template <class F>
void for_each_member(std::string_view object, F each) {
  const char* const end = object.data() + object.size();
  const char* at = detail::skip_space(object.data() + 1, end);
  while (*at != '}') {
    const char* const key_end = detail::skip_string(at, end);
    const std::string_view raw_key(at, static_cast<std::size_t>(key_end - at));
    const char* const value = detail::skip_space(detail::skip_space(key_end, end) + 1, end);
    const char* const behind = detail::skip_value(value, end);
    each(raw_key, std::string_view(value, static_cast<std::size_t>(behind - value)));
    at = detail::skip_space(behind, end);
    if (*at == ',') at = detail::skip_space(at + 1, end);
  }
}

bool key_equals(std::string_view raw_key, std::string_view key) {
  const std::string_view inner = raw_key.substr(1, raw_key.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner == key;
  std::string decoded;
  detail::append_decoded(decoded, raw_key);
  return decoded == key;
}

/// A JSON number taken apart: 0.digits times ten to the power `exponent`, without zeros at either end of the digits.
struct Decimal {
  bool negative = false;
  std::string digits;  ///< empty for zero
  std::int64_t exponent = 0;
};

Decimal parse_decimal(std::string_view text) {
  Decimal decimal;
  std::size_t at = 0;
  if (text[at] == '-') {
    decimal.negative = true;
    ++at;
  }
  bool in_fraction = false;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.') {
      in_fraction = true;
      continue;
    }
    const bool leading_zero = decimal.digits.empty() && text[at] == '0';
    if (!leading_zero) decimal.digits.push_back(text[at]);
    if (!in_fraction && !leading_zero) ++decimal.exponent;
    if (in_fraction && leading_zero) --decimal.exponent;
  }
  while (!decimal.digits.empty() && decimal.digits.back() == '0') decimal.digits.pop_back();
  if (at == text.size()) return decimal;
  const bool negative_exponent = text[++at] == '-';
  if (text[at] == '-' || text[at] == '+') ++at;
  constexpr std::int64_t kHuge = 1'000'000'000'000;  // beyond every double, and safe to add to
  std::int64_t written = 0;
  for (; at < text.size() && written < kHuge; ++at) written = written * 10 + (text[at] - '0');
  decimal.exponent += negative_exponent ? -written : written;
  return decimal;
}

}  // namespace

Value::Value(std::string_view text) : raw_(trim(text)) {}

Kind Value::kind() const {
  switch (raw_.empty() ? 'n' : raw_.front()) {
    case 'n': return Kind::Null;
    case 't':
    case 'f': return Kind::Bool;
    case '"': return Kind::String;
    case '[': return Kind::Array;
    case '{': return Kind::Object;
    default: return Kind::Number;
  }
}

std::optional<std::string> Value::string() const {
  if (!is(Kind::String)) return std::nullopt;
  std::string decoded;
  detail::append_decoded(decoded, raw_);
  return decoded;
}

std::optional<bool> Value::boolean() const {
  if (!is(Kind::Bool)) return std::nullopt;
  return raw_.front() == 't';
}

std::optional<std::int64_t> Value::integer() const {
  if (!is(Kind::Number)) return std::nullopt;
  Decimal decimal = parse_decimal(raw_);
  if (decimal.digits.empty()) return 0;
  constexpr std::int64_t kDigitsMax = std::numeric_limits<std::int64_t>::digits10 + 1;
  const auto written = static_cast<std::int64_t>(decimal.digits.size());
  if (decimal.exponent < written || decimal.exponent > kDigitsMax) return std::nullopt;
  decimal.digits.append(static_cast<std::size_t>(decimal.exponent - written), '0');
  if (decimal.negative) decimal.digits.insert(decimal.digits.begin(), '-');
  const char* const end = decimal.digits.data() + decimal.digits.size();
  std::int64_t value = 0;
  if (std::from_chars(decimal.digits.data(), end, value).ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<double> Value::number() const {
  if (!is(Kind::Number)) return std::nullopt;
  return detail::parse_number(raw_);
}

bool same_scalar(const Value& a, const Value& b) {
  if (a.raw() == b.raw()) return true;
  if (a.kind() != b.kind()) return false;
  if (a.is(Kind::String)) return a.string() == b.string();
  if (!a.is(Kind::Number)) return false;
  const Decimal left = parse_decimal(a.raw());
  const Decimal right = parse_decimal(b.raw());
  if (left.digits.empty() || right.digits.empty()) return left.digits == right.digits;
  return left.digits == right.digits && left.exponent == right.exponent && left.negative == right.negative;
}

std::optional<Value> Value::at(std::size_t index) const {
  if (!is(Kind::Array)) return std::nullopt;
  const char* const end = raw_.data() + raw_.size();
  const char* at = detail::skip_space(raw_.data() + 1, end);
  while (*at != ']') {
    const char* const behind = detail::skip_value(at, end);
    if (index-- == 0) return Value(std::string_view(at, static_cast<std::size_t>(behind - at)));
    at = detail::skip_space(behind, end);
    if (*at == ',') at = detail::skip_space(at + 1, end);
  }
  return std::nullopt;
}

std::vector<Value> Value::elements() const {
  std::vector<Value> values;
  if (is(Kind::Array)) for_each_element(raw_, [&](std::string_view text) { values.push_back(Value(text)); });
  return values;
}

std::vector<Member> Value::members() const {
  std::vector<Member> members;
  if (!is(Kind::Object)) return members;
  for_each_member(raw_, [&](std::string_view raw_key, std::string_view value) {
    members.push_back({std::string(), raw_key, Value(value)});
    detail::append_decoded(members.back().key, raw_key);
  });
  return members;
}

std::optional<Value> Value::find(std::string_view key) const {
  std::optional<Value> found;
  if (!is(Kind::Object)) return found;
  for_each_member(raw_, [&](std::string_view raw_key, std::string_view value) {
    if (key_equals(raw_key, key)) found.emplace(value);
  });
  return found;
}

}  // namespace kurrentlite::json
