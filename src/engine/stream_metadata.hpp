#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kurrentlite/event.hpp"

namespace kurrentlite {

/// What a stream's metadata hides. Zero everywhere: nothing.
struct Retention {
  std::uint64_t truncate_before = 0;  ///< `$tb`: revisions below are hidden; int64 max = soft-deleted
  std::uint64_t max_count = 0;        ///< `$maxCount`: only the last so many are visible; 0 = all
  std::uint64_t max_age_s = 0;        ///< `$maxAge`: older events are hidden; 0 = none

  [[nodiscard]] bool soft_deleted() const { return truncate_before == kDeletedRevision; }
};

/// Reads the data of a metadata event as strictly as KurrentDB does: a wrong JSON type, an unknown key inside `$acl` or a
/// number beyond int64 voids the whole text (reference: streams 3.9); values out of range are ignored one by one.
[[nodiscard]] Retention parse_retention(ContentType content_type, std::string_view metadata);

/// True for text that is a JSON object.
[[nodiscard]] bool is_json_object(std::string_view text);

/// Object `metadata` with `$tb` set to `revision`, every other byte kept.
[[nodiscard]] std::string with_truncate_before(std::string_view metadata, std::uint64_t revision);

}  // namespace kurrentlite
