#pragma once

#include <string>

#include "services/runtime.hpp"

namespace kurrentlite::services {

/// What StreamService::claim_unique does: brings who holds the unique values of `kind` in line with the documents.
[[nodiscard]] Task<Result<UniqueClaims>> claim_unique(ServiceRuntime& runtime, std::string kind);

}  // namespace kurrentlite::services
