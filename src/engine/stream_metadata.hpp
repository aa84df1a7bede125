#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "kurrentlite/event.hpp"

namespace kurrentlite {

/// What a stream's metadata hides. Zero everywhere: nothing.
struct Retention {
  std::uint64_t truncate_before = 0;  ///< `$tb`: revisions below are hidden; int64 max = soft-deleted
  std::uint64_t max_count = 0;        ///< `$maxCount`: only the last so many are visible; 0 = all
  std::uint64_t max_age_s = 0;        ///< `$maxAge`: older events are hidden; 0 = none

  [[nodiscard]] bool soft_deleted() const { return truncate_before == kDeletedRevision; }
};

/// What the database itself reads from a stream's metadata.
struct StreamMetadata {
  Retention retention;
  std::optional<json::Value> acl;  ///< has passed `is_acl`; a slice of the text that was read
};

/// Reads the data of a metadata event as strictly as KurrentDB does: a wrong JSON type, an unknown key inside `$acl`, a
/// number beyond int64 or more seconds than .NET's time span holds void the whole text (reference: streams 3.9), which
/// comes out empty. Values out of range are ignored one by one. Of equal keys the last one counts.
[[nodiscard]] std::optional<StreamMetadata> read_stream_metadata(ContentType content_type, std::string_view text);

/// The retention alone; nothing is hidden by metadata that are void.
[[nodiscard]] Retention parse_retention(ContentType content_type, std::string_view metadata);

/// True for an object of nothing but `$r`, `$w`, `$d`, `$mr` and `$mw`, each a string or an array of strings.
[[nodiscard]] bool is_acl(const json::Value& acl);

/// True for text that is a JSON object.
[[nodiscard]] bool is_json_object(std::string_view text);

/// Object `metadata` with `$tb` set to `revision`, every other byte kept.
[[nodiscard]] std::string with_truncate_before(std::string_view metadata, std::uint64_t revision);

}  // namespace kurrentlite
