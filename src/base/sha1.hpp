#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kurrentlite {

/// SHA-1 and what passwords are kept with (FIPS 180-4, RFC 2104, RFC 8018). Broken where signatures are concerned, but
/// what KurrentDB stores.
using Sha1Digest = std::array<std::uint8_t, 20>;

[[nodiscard]] Sha1Digest sha1(std::string_view bytes);

/// PBKDF2 with HMAC-SHA-1: the first 20 bytes of the key. 1000 rounds take about a millisecond, as is the intention.
[[nodiscard]] Sha1Digest pbkdf2_sha1(std::string_view password, std::string_view salt, std::uint32_t rounds);

}  // namespace kurrentlite
