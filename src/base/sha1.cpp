#include "base/sha1.hpp"

#include <cstddef>
#include <cstring>
#include <string>

namespace kurrentlite {
namespace {

constexpr std::size_t kBlockBytes = 64;

using Words = std::array<std::uint32_t, 5>;
using Block = std::array<std::uint8_t, kBlockBytes>;

constexpr Words kStart = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};

std::uint32_t rotate(std::uint32_t value, unsigned by) { return value << by | value >> (32U - by); }

void put_big_endian(std::uint64_t value, std::size_t size, std::uint8_t* out) {
  for (std::size_t i = size; i-- > 0; value >>= 8U) out[i] = static_cast<std::uint8_t>(value);
}

void mix(Words& state, const std::uint8_t* block) {
  std::uint32_t words[80];
  for (std::size_t i = 0; i < 16; ++i) {
    words[i] = 0;
    for (std::size_t k = 0; k < 4; ++k) words[i] = words[i] << 8U | block[4 * i + k];
  }
  for (std::size_t i = 16; i < 80; ++i) {
    words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  auto [a, b, c, d, e] = state;
  for (std::size_t i = 0; i < 80; ++i) {
    const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999U
                                : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1U
                                : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCU
                                         : (b ^ c ^ d) + 0xCA62C1D6U;
    const std::uint32_t next = rotate(a, 5) + mixed + e + words[i];
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  const Words change = {a, b, c, d, e};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += change[i];
}

/// The digest of `bytes` that follow `bytes_before`, a whole number of blocks, which led to `state`.
Sha1Digest finish(Words state, std::string_view bytes, std::uint64_t bytes_before) {
  const std::uint64_t bits = (bytes_before + bytes.size()) * 8;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= kBlockBytes; left -= kBlockBytes, data += kBlockBytes) mix(state, data);
  Block last{};
  if (left > 0) std::memcpy(last.data(), data, left);
  last[left] = 0x80;
  if (left >= kBlockBytes - 8) {  // no room for the length
    mix(state, last.data());
    last = {};
  }
  put_big_endian(bits, 8, last.data() + kBlockBytes - 8);
  mix(state, last.data());
  Sha1Digest digest{};
  for (std::size_t i = 0; i < state.size(); ++i) put_big_endian(state[i], 4, digest.data() + 4 * i);
  return digest;
}

std::string_view bytes_of(const Sha1Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// HMAC of many messages by one key: what the key contributes is computed once.
class Hmac {
 public:
  explicit Hmac(std::string_view key) {
    Block block{};
    if (key.size() > block.size()) {
      const Sha1Digest shortened = sha1(key);
      std::memcpy(block.data(), shortened.data(), shortened.size());
    } else if (!key.empty()) {
      std::memcpy(block.data(), key.data(), key.size());
    }
    for (std::uint8_t& each : block) each = static_cast<std::uint8_t>(each ^ 0x36U);
    mix(inner_, block.data());
    for (std::uint8_t& each : block) each = static_cast<std::uint8_t>(each ^ 0x36U ^ 0x5cU);
    mix(outer_, block.data());
  }

  [[nodiscard]] Sha1Digest of(std::string_view message) const {
    return finish(outer_, bytes_of(finish(inner_, message, kBlockBytes)), kBlockBytes);
  }

 private:
  Words inner_ = kStart;
  Words outer_ = kStart;
};

}  // namespace

Sha1Digest sha1(std::string_view bytes) { return finish(kStart, bytes, 0); }

Sha1Digest pbkdf2_sha1(std::string_view password, std::string_view salt, std::uint32_t rounds) {
  const Hmac hmac(password);
  Sha1Digest round = hmac.of(std::string(salt).append("\0\0\0\1", 4));
  Sha1Digest key = round;
  for (std::uint32_t i = 1; i < rounds; ++i) {
    round = hmac.of(bytes_of(round));
    for (std::size_t k = 0; k < key.size(); ++k) key[k] = static_cast<std::uint8_t>(key[k] ^ round[k]);
  }
  return key;
}

}  // namespace kurrentlite
