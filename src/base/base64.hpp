#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Base64 (RFC 4648, section 4) with padding.
namespace kurrentlite::base64 {

[[nodiscard]] std::string encode(std::string_view bytes);

/// Empty when `text` is no base64: other characters, or padding that is missing or out of place. White space is skipped,
/// as .NET does.
[[nodiscard]] std::optional<std::string> decode(std::string_view text);

}  // namespace kurrentlite::base64
