#pragma once

#include "kurrentlite/models.hpp"
#include "kurrentlite/query.hpp"

namespace kurrentlite::services {

/// The query that answers a list: names order as in a telephone book, upper and lower case of ASCII letters together.
[[nodiscard]] StreamQuery query_of(const StreamFilter& filter);

}  // namespace kurrentlite::services
