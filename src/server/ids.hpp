#pragma once

#include <random>

#include "base/prng.hpp"

namespace kurrentlite::server {

/// An id that nobody else has: of a record that comes without one, a subscription, a scavenge, a node. From any thread.
[[nodiscard]] inline Uuid new_id() {
  thread_local PrngIdSource ids((std::uint64_t{std::random_device()()} << 32) | std::random_device()());
  return ids.next();
}

}  // namespace kurrentlite::server
