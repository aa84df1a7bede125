#pragma once

#include "services/runtime.hpp"

namespace kurrentlite::services {

/// Makes the five probes, one after the other, all within `start.timeout`, and remembers the outcome.
Task<DatabaseHealth> check_health(OperationStart start);

}  // namespace kurrentlite::services
