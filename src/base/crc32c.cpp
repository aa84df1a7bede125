#include "base/crc32c.hpp"

#include <array>
#include <cstddef>

namespace kurrentlite {

namespace {

constexpr std::uint32_t kReversedPolynomial = 0x82F63B78U;

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// tables[k][b] is the checksum of byte b followed by k zero bytes ("slicing by 8"): eight bytes take eight look-ups that
/// do not wait for each other. Made at first use, because 8 kB of noise would go into every download.
Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? kReversedPolynomial : 0U);
    tables[0][byte] = sum;
  }
  for (std::size_t zeros = 1; zeros < tables.size(); ++zeros) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[zeros - 1][byte];
      tables[zeros][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

std::uint32_t load_little_endian(const char* bytes) {
  const auto at = [bytes](std::size_t index) { return std::uint32_t{static_cast<unsigned char>(bytes[index])}; };
  return at(0) | at(1) << 8U | at(2) << 16U | at(3) << 24U;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
  static const Tables tables = make_tables();
  std::uint32_t sum = ~seed;
  while (bytes.size() >= 8) {
    const std::uint32_t low = load_little_endian(bytes.data()) ^ sum;
    const std::uint32_t high = load_little_endian(bytes.data() + 4);
    sum = tables[7][low & 0xFFU] ^ tables[6][(low >> 8U) & 0xFFU] ^ tables[5][(low >> 16U) & 0xFFU] ^
          tables[4][low >> 24U] ^ tables[3][high & 0xFFU] ^ tables[2][(high >> 8U) & 0xFFU] ^
          tables[1][(high >> 16U) & 0xFFU] ^ tables[0][high >> 24U];
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes) sum = (sum >> 8U) ^ tables[0][(sum ^ static_cast<unsigned char>(byte)) & 0xFFU];
  return ~sum;
}

}  // namespace kurrentlite
