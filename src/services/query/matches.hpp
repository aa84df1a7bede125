#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "services/query/compiled_query.hpp"
#include "services/query/group_counts.hpp"

namespace kurrentlite::services {

/// The documents that a query has found so far: how many, what they count for, and the best of them in order. Work is
/// done as each one comes, so that nothing large is left for the end.
class Matches {
 public:
  /// Of all matches those of a page are wanted: the best `wanted` ones, and `spare` more in case some leave. `query` must
  /// outlive it. `counts_all`: those that come before the cursor count, too.
  Matches(CompiledQuery& query, bool counts_all, std::uint64_t wanted, std::uint64_t spare)
      : query_(&query), counts_all_(counts_all), wanted_(wanted), kept_max_(wanted + spare) {}

  /// `document`, which is at `place`, matches. O(log of `wanted`). Nothing changes when it is known already.
  void add(DocumentPlace place, const Stream& document);
  /// `document` is what was added; nothing changes when none was.
  void remove(DocumentPlace place, const Stream& document);

  [[nodiscard]] bool contains(DocumentPlace place) const { return places_.contains(place); }
  [[nodiscard]] std::uint64_t count() const { return places_.size(); }
  /// So many left that others, which were not kept, are wanted: everything has to be found anew.
  [[nodiscard]] bool lacks_some() const { return nearest_dropped_ && best_.size() < wanted_; }
  /// The best `wanted` ones, best first. Sorts what is kept; add no more then.
  [[nodiscard]] const std::vector<Ranked>& in_order();
  [[nodiscard]] const GroupCounts& groups() const { return groups_; }

 private:
  void rank(Ranked ranked);
  [[nodiscard]] bool before(const Ranked& a, const Ranked& b) const { return query_->before(a, b); }

  CompiledQuery* query_;
  bool counts_all_;
  std::uint64_t wanted_;
  std::uint64_t kept_max_;
  std::unordered_set<DocumentPlace> places_;
  GroupCounts groups_;
  std::vector<Ranked> best_;               // a heap, the worst on top
  std::optional<Ranked> nearest_dropped_;  // all of `best_` come before it, and it before all others that were dropped
};

}  // namespace kurrentlite::services
