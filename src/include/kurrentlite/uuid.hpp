#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kurrentlite {

/// 16 bytes in RFC 4122 text order.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  bool operator==(const Uuid&) const = default;

  /// Accepts the 36-character form, upper or lower case; anything else is empty.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
  /// Lower-case 36-character form.
  [[nodiscard]] std::string to_string() const;
  /// The same into `out`, which must have room for 36 characters; no zero at the end.
  void write(char* out) const;
};

}  // namespace kurrentlite
