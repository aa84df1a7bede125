#include "services/query/group_counts.hpp"

#include <algorithm>

namespace kurrentlite::services {

namespace {

constexpr std::size_t kGroupsMax = 1000;

}  // namespace

void GroupCounts::remove(const Key& key) {
  const auto found = counts_.find(key);
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

std::vector<QueryGroup> GroupCounts::largest() const {
  using Entry = std::pair<const Key, std::uint64_t>;
  std::vector<const Entry*> entries;
  entries.reserve(counts_.size());
  for (const Entry& each : counts_) entries.push_back(&each);
  const auto more = [](const Entry* a, const Entry* b) {
    return a->second != b->second ? a->second > b->second : differs_before(a->first, b->first);
  };
  const std::size_t kept = std::min(entries.size(), kGroupsMax);
  std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(kept), entries.end(), more);
  std::vector<QueryGroup> groups;
  groups.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) groups.push_back({json_of(entries[i]->first.view()), entries[i]->second});
  return groups;
}

std::vector<Key> group_keys(const ValueView& value, std::string& scratch) {
  std::vector<Key> keys;
  if (!value.is_array()) {
    keys.emplace_back(value);
    return keys;
  }
  any_element(value, scratch, [&](const ValueView& element) {
    keys.emplace_back(element);
    return false;
  });
  std::sort(keys.begin(), keys.end(), differs_before);
  const auto last = std::unique(keys.begin(), keys.end(),
                                [](const Key& a, const Key& b) { return !differs_before(a, b) && !differs_before(b, a); });
  keys.erase(last, keys.end());
  return keys;
}

}  // namespace kurrentlite::services
