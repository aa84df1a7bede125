#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "kurrentlite/query.hpp"
#include "services/query/value.hpp"

namespace kurrentlite::services {

/// How many documents or events each value counts.
class GroupCounts {
 public:
  void add(Key key) { ++counts_[std::move(key)]; }
  /// What was added before.
  void remove(const Key& key);
  [[nodiscard]] std::uint64_t size() const { return counts_.size(); }
  /// The most frequent first, at most 1000; equally frequent ones in the order of their values.
  [[nodiscard]] std::vector<QueryGroup> largest() const;

 private:
  struct Order {
    bool operator()(const Key& a, const Key& b) const { return differs_before(a, b); }
  };
  std::map<Key, std::uint64_t, Order> counts_;
};

/// The distinct values that what has this value is counted by: the elements of an array, or the value itself.
[[nodiscard]] std::vector<Key> group_keys(const ValueView& value, std::string& scratch);

}  // namespace kurrentlite::services
