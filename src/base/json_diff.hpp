#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

/// What makes two JSON texts differ, value by value. Values are slices of the texts; nothing is written anew.
namespace kurrentlite::json {

struct Difference {
  enum class Kind : std::uint8_t { Added, Removed, Replaced };
  Kind kind = Kind::Replaced;
  std::string path;         ///< JSON pointer (RFC 6901) to the value; empty for the whole text
  std::string_view before;  ///< the value's bytes in the first text; empty when added
  std::string_view after;   ///< the value's bytes in the second text; empty when removed
};

struct DiffLimits {
  std::size_t differences_max = 10'000;
  /// Of all paths together, which may be far longer than the texts: a long key counts once for every value below it.
  std::size_t path_bytes_max = std::size_t{4} << 20;
};

struct Differences {
  std::vector<Difference> items;
  /// There are more than the limits allow; `items` are the first of them.
  bool truncated = false;
};

/// Compares objects member by member, whatever their order, and arrays index by index, to any depth that `check` allows.
/// Values count as equal when they mean the same: `1.0` is `1`, `"\u0061"` is `"a"`, white space is nothing; of members
/// with the same key the last one counts. Order: as in `before`; what an object has gained comes after the rest of it.
/// Time and memory are linear in the length of the texts. Both texts must have passed `check` and must outlive the answer.
[[nodiscard]] Differences diff(std::string_view before, std::string_view after, DiffLimits limits = {});

/// True when `diff` finds nothing.
[[nodiscard]] bool same(std::string_view a, std::string_view b);

}  // namespace kurrentlite::json
