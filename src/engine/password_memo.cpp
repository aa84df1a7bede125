#include "engine/password_memo.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "base/sha1.hpp"

namespace kurrentlite {

bool PasswordMemo::matches(std::string_view password, std::string_view hash, std::string_view salt) {
  // With two lengths, no other three texts look the same.
  std::string fact = std::to_string(hash.size());
  fact.append(" ").append(std::to_string(salt.size())).append(" ").append(hash).append(salt).append(password);
  if (std::find(facts_.begin(), facts_.end(), fact) != facts_.end()) return true;
  const std::optional<std::string> wanted = base64::decode(hash);
  const std::optional<std::string> salt_bytes = base64::decode(salt);
  if (!wanted || !salt_bytes) return false;
  const Sha1Digest digest = pbkdf2_sha1(password, *salt_bytes, kPasswordRounds);
  if (*wanted != std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size())) return false;
  if (facts_.size() < kSizeMax) {
    facts_.push_back(std::move(fact));
  } else {
    facts_[oldest_] = std::move(fact);
    oldest_ = (oldest_ + 1) % kSizeMax;
  }
  return true;
}

}  // namespace kurrentlite
