#pragma once

#include <cstdint>
#include <string_view>

namespace kurrentlite {

/// CRC-32C (Castagnoli), as iSCSI and ext4 use it; continues from `seed`, the checksum of the bytes before.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace kurrentlite
