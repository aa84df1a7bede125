#include "base/utf8.hpp"

#include <algorithm>

namespace kurrentlite::utf8 {

namespace {

std::uint32_t byte_at(std::string_view text, std::size_t index) { return static_cast<unsigned char>(text[index]); }

bool continues(std::string_view text, std::size_t index) {
  return index < text.size() && (byte_at(text, index) & 0xC0U) == 0x80U;
}

/// Length of the ASCII text that begins at `from`.
std::size_t ascii_run(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (text.size() - at >= 8 && (detail::load8(text.data() + at) & detail::kHighBits) == 0) at += 8;
  while (at < text.size() && byte_at(text, at) < 0x80U) ++at;
  return at - from;
}

}  // namespace

std::size_t character_size(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint32_t lead = byte_at(text, 0);
  if (lead < 0x80U) return 1;
  if (lead < 0xC2U || !continues(text, 1)) return 0;
  if (lead < 0xE0U) return 2;
  const std::uint32_t second = byte_at(text, 1);
  if (lead < 0xF0U) {
    const bool overlong = lead == 0xE0U && second < 0xA0U;
    const bool surrogate = lead == 0xEDU && second >= 0xA0U;
    return overlong || surrogate || !continues(text, 2) ? 0 : 3;
  }
  if (lead > 0xF4U) return 0;
  const bool overlong = lead == 0xF0U && second < 0x90U;
  const bool too_large = lead == 0xF4U && second >= 0x90U;
  return overlong || too_large || !continues(text, 2) || !continues(text, 3) ? 0 : 4;
}

bool valid(std::string_view text) {
  for (std::size_t at = ascii_run(text, 0); at < text.size(); at += ascii_run(text, at)) {
    const std::size_t size = character_size(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

std::uint64_t utf16_length(std::string_view text) {
  std::uint64_t length = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = ascii_run(text, at);
    length += plain;
    at += plain;
    if (at == text.size()) break;
    const std::size_t size = character_size(text.substr(at));
    length += size == 4 ? 2 : 1;
    at += size == 0 ? 1 : size;
  }
  return length;
}

std::size_t size_of_units(std::string_view text, std::uint64_t units) {
  std::size_t at = 0;
  while (units > 0 && at < text.size()) {
    const std::uint8_t lead = static_cast<std::uint8_t>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const std::uint64_t taken = length == 4 ? 2 : 1;
    units -= std::min(units, taken);
    at += length;
  }
  return std::min(at, text.size());
}

void append(std::string& out, std::uint32_t code_point) {
  const bool surrogate = code_point >= 0xD800U && code_point <= 0xDFFFU;
  if (surrogate || code_point > 0x10FFFFU) code_point = kReplacementCharacter;
  const auto push = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  const auto push_tail = [&](unsigned shift) { push(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80U) {
    push(code_point);
  } else if (code_point < 0x800U) {
    push(0xC0U | (code_point >> 6U));
    push_tail(0);
  } else if (code_point < 0x10000U) {
    push(0xE0U | (code_point >> 12U));
    push_tail(6);
    push_tail(0);
  } else {
    push(0xF0U | (code_point >> 18U));
    push_tail(12);
    push_tail(6);
    push_tail(0);
  }
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& each : lower) {
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  }
  return lower;
}

}  // namespace kurrentlite::utf8
