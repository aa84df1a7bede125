#pragma once

#include <string_view>

#include "engine/user_management.hpp"

namespace kurrentlite::server {

/// With a salt by the machine's random numbers. On any thread but the engine's, which it would hold up.
[[nodiscard]] PasswordHash hash_new_password(std::string_view password);

}  // namespace kurrentlite::server
