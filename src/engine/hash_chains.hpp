#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

#include "engine/pages.hpp"

namespace kurrentlite {

/// A hash index over numbered items in pages: linear hashing, one link an item, growing a bucket at a time, so no insert
/// ever waits for a rehash. Items are numbered from 1 and never removed; the newest with a key is found first.
/// 8 bytes an item.
class HashChains {
 public:
  explicit HashChains(PageBudget& budget) : heads_(budget), links_(budget) {}
  HashChains(const HashChains& other, PageBudget& budget)
      : heads_(other.heads_, budget), links_(other.links_, budget), count_(other.count_), level_(other.level_),
        split_(other.split_) {}

  /// The newest item whose hash leads here and for which `matches(item)`; 0 when there is none.
  template <class Matches>
  [[nodiscard]] std::uint32_t find(std::uint32_t hash, Matches matches) const {
    if (count_ == 0) return 0;
    const std::size_t bucket = bucket_of(hash);
    if (!heads_.present(bucket)) return 0;
    for (std::uint32_t item = heads_[bucket]; item != 0; item = links_[item]) {
      if (matches(item)) return item;
    }
    return 0;
  }

  /// Owns what inserting `item` will write.
  [[nodiscard]] bool reserve(std::uint32_t item, std::uint32_t hash) {
    return heads_.own(bucket_of(hash)) && links_.own(item);
  }

  /// `item` must be reserved; `hash_of(item)` answers the hash of any item inserted before.
  template <class HashOf>
  void insert(std::uint32_t item, std::uint32_t hash, HashOf hash_of) {
    std::uint32_t& head = heads_.edit(bucket_of(hash));
    links_.edit(item) = head;
    head = item;
    ++count_;
    if (count_ > bucket_count()) split(hash_of);
  }

  /// Takes back the newest item, the last one inserted.
  void remove_newest(std::uint32_t item, std::uint32_t hash) {
    std::uint32_t& head = heads_.edit(bucket_of(hash));
    assert(head == item);
    head = links_[item];
    --count_;
  }
  /// Gives back the room that was reserved for items never inserted.
  void trim() { links_.trim(std::size_t{count_} + 1); }

  void clear() {
    heads_.clear();
    links_.clear();
    count_ = split_ = 0;
    level_ = kFirstLevel;
  }
  void swap(HashChains& other) noexcept {
    heads_.swap(other.heads_);
    links_.swap(other.links_);
    std::swap(count_, other.count_);
    std::swap(level_, other.level_);
    std::swap(split_, other.split_);
  }

 private:
  static constexpr std::uint32_t kFirstLevel = 6;

  [[nodiscard]] std::uint32_t bucket_count() const { return (std::uint32_t{1} << level_) + split_; }
  [[nodiscard]] std::size_t bucket_of(std::uint32_t hash) const {
    const std::uint32_t bucket = hash & ((std::uint32_t{1} << level_) - 1);
    return bucket < split_ ? hash & ((std::uint32_t{2} << level_) - 1) : bucket;
  }

  /// Moves about half of one bucket to a new one. Skipped while memory is short: chains then only get longer.
  template <class HashOf>
  void split(HashOf hash_of) {
    const std::uint32_t high = std::uint32_t{1} << level_;
    const std::uint32_t old_bucket = split_;
    const std::uint32_t new_bucket = split_ + high;
    if (!heads_.own(old_bucket) || !heads_.own(new_bucket)) return;
    for (std::uint32_t item = heads_[old_bucket]; item != 0; item = links_[item]) {
      if (!links_.own(item)) return;
    }
    std::uint32_t* stay = &heads_.edit(old_bucket);
    std::uint32_t* move = &heads_.edit(new_bucket);
    for (std::uint32_t item = *stay; item != 0;) {  // appends keep the order within each chain: newest first
      std::uint32_t*& tail = (hash_of(item) & high) != 0 ? move : stay;
      const std::uint32_t following = links_[item];
      *tail = item;
      tail = &links_.edit(item);
      item = following;
    }
    *stay = 0;
    *move = 0;
    if (++split_ == high) {
      ++level_;
      split_ = 0;
    }
  }

  PagedArray<std::uint32_t> heads_;
  PagedArray<std::uint32_t> links_;
  std::uint32_t count_ = 0;
  std::uint32_t level_ = kFirstLevel;
  std::uint32_t split_ = 0;
};

}  // namespace kurrentlite
