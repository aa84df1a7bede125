#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/query/condition.hpp"
#include "services/read_model.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

struct CompiledSort {
  CompiledPath path;
  bool descending = false;
  bool ignore_case = false;
};

/// A place in the order of a query's result.
struct Ranked {
  DocumentPlace place = nullptr;
  std::vector<Key> keys;  ///< one for each key to sort by
};

/// A query that was found to be in order.
class CompiledQuery {
 public:
  /// Errors: ValidationFailed names every bad place: `where…`, `search`, `sort[i]`, `select[i]`, `limit`, `groupBy`,
  /// `cursor`.
  [[nodiscard]] static Result<CompiledQuery> compile(const StreamQuery& query, RegexEngine* regexes,
                                                     std::uint32_t limit_max = kPageSizeMax);

  CompiledCondition where;
  std::vector<CompiledSort> sort;
  std::vector<std::pair<std::string, CompiledPath>> select;
  std::optional<CompiledPath> group_by;
  std::uint32_t limit = 0;
  std::uint32_t offset = 0;
  bool total = false;
  /// The condition speaks of the status itself; otherwise deleted documents are left out.
  bool sees_deleted = false;
  /// Of which kind documents must be.
  std::optional<std::string> kind;
  /// What the page begins after.
  struct After {
    std::vector<Key> keys;
    std::string id;
  };
  std::optional<After> after;

  /// Where `document` stands in the order.
  [[nodiscard]] std::vector<Key> keys_of(const Stream& document);
  /// What it counts for.
  [[nodiscard]] std::vector<Key> groups_of(const Stream& document);
  /// Less than, equal to or greater than zero.
  [[nodiscard]] int compare_places(const std::vector<Key>& a, std::string_view a_id, const std::vector<Key>& b,
                                   std::string_view b_id) const;
  [[nodiscard]] bool before(const Ranked& a, const Ranked& b) const {
    return compare_places(a.keys, a.place->first, b.keys, b.place->first) < 0;
  }
  [[nodiscard]] bool is_after_cursor(const Ranked& each) const {
    return !after || compare_places(each.keys, each.place->first, after->keys, after->id) > 0;
  }
  /// The cursor of a page whose last entry is `last`.
  [[nodiscard]] std::string cursor_of(const Ranked& last) const;
  /// The row of a document, with `select`.
  [[nodiscard]] Json row_of(const Stream& document);

 private:
  explicit CompiledQuery(CompiledCondition condition) : where(std::move(condition)) {}
  [[nodiscard]] bool read_cursor(const std::string& cursor);

  std::uint64_t identity_ = 0;  // of the result and its order; a cursor belongs to it
  std::string scratch_;
  std::string inner_scratch_;
};

/// What tells queries apart whose cursors must not be mixed up.
[[nodiscard]] std::uint64_t identity_of(std::string_view text);
/// Text that holds nothing but letters, digits, `-` and `_`.
[[nodiscard]] std::string opaque(std::string_view json);
/// The JSON that was made opaque; empty when it is none.
[[nodiscard]] std::optional<std::string> from_opaque(std::string_view text);

}  // namespace kurrentlite::services
