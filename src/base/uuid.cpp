#include "kurrentlite/uuid.hpp"

namespace kurrentlite {

namespace {

constexpr std::size_t kTextSize = 36;

constexpr bool is_dash_place(std::size_t index) { return index == 8 || index == 13 || index == 18 || index == 23; }

/// The value of a hexadecimal digit; 16 for anything else.
constexpr unsigned hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10U;
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A') + 10U;
  return 16U;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  Uuid uuid;
  std::size_t byte = 0;
  for (std::size_t index = 0; index < kTextSize;) {
    if (is_dash_place(index)) {
      if (text[index] != '-') return std::nullopt;
      ++index;
      continue;
    }
    const unsigned high = hex_value(text[index]);
    const unsigned low = hex_value(text[index + 1]);
    if (high > 15U || low > 15U) return std::nullopt;
    uuid.bytes[byte++] = static_cast<std::uint8_t>(high << 4U | low);
    index += 2;
  }
  return uuid;
}

std::string Uuid::to_string() const {
  std::string text(kTextSize, '-');
  write(text.data());
  return text;
}

void Uuid::write(char* out) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t index = 0;
  for (const std::uint8_t byte : bytes) {
    if (is_dash_place(index)) out[index++] = '-';
    out[index++] = kDigits[byte >> 4U];
    out[index++] = kDigits[byte & 15U];
  }
}

}  // namespace kurrentlite
