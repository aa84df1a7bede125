#pragma once

#include <vector>

#include "kurrentlite/models.hpp"

namespace kurrentlite::services {

/// The page of `documents` that `filter` asks for. Documents that compare equal are ordered by id, so pages never
/// overlap.
[[nodiscard]] StreamPage select(const std::vector<const Stream*>& documents, const StreamFilter& filter);

}  // namespace kurrentlite::services
