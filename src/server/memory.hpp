#pragma once

#include <malloc.h>

namespace kurrentlite::server {

/// Gives the system what malloc holds for later: most of what thousands of calls needed, of a reset, of a scavenge.
inline void give_back_memory() {
#ifdef __GLIBC__
  (void)malloc_trim(0);
#endif
}

}  // namespace kurrentlite::server
