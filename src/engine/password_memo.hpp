#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kurrentlite {

/// Rounds of PBKDF2.
inline constexpr std::uint32_t kPasswordRounds = 1000;

/// Compares passwords with hashes as KurrentDB stores them: PBKDF2 with HMAC-SHA-1, 1000 rounds, 20 bytes, in base64.
///
/// That costs about a millisecond, so what was right is remembered. It is a fact about three texts: an account that gets
/// another password has another hash, which nothing is remembered of, and nothing is ever to be forgotten but for room.
class PasswordMemo {
 public:
  /// Facts that are kept; then the oldest goes.
  static constexpr std::size_t kSizeMax = 64;

  /// Whether `password` with `salt` gives `hash`. What is no base64 is given by no password.
  [[nodiscard]] bool matches(std::string_view password, std::string_view hash, std::string_view salt);

  [[nodiscard]] std::size_t size() const { return facts_.size(); }

 private:
  std::vector<std::string> facts_;  // two lengths, hash, salt and password
  std::size_t oldest_ = 0;
};

}  // namespace kurrentlite
