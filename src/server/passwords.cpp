#include "server/passwords.hpp"

#include <random>

namespace kurrentlite::server {

PasswordHash hash_new_password(std::string_view password) {
  std::random_device random;
  PasswordSalt salt;
  for (std::uint8_t& byte : salt) byte = static_cast<std::uint8_t>(random());
  return hash_password(password, salt);
}

}  // namespace kurrentlite::server
