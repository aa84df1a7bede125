#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

#include "engine/pages.hpp"

namespace kurrentlite {

/// A hash index over numbered items in pages: linear hashing, one link an item, growing a bucket at a time, so no insert
/// ever waits for a rehash. Items are numbered from 1; the newest with a key is found first. 10 bytes an item; items
/// themselves are looked at only when their whole hash agrees.
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
    for (std::uint32_t item = heads_[bucket]; item != 0;) {
      const Link link = links_[item];
      if (link.hash == hash && matches(item)) return item;
      item = link.next;
    }
    return 0;
  }

  /// Owns what inserting `item` will write.
  [[nodiscard]] bool reserve(std::uint32_t item, std::uint32_t hash) {
    return heads_.own(bucket_of(hash)) && links_.own(item);
  }

  /// `item` must be reserved.
  void insert(std::uint32_t item, std::uint32_t hash) {
    std::uint32_t& head = heads_.edit(bucket_of(hash));
    links_.edit(item) = {head, hash};
    head = item;
    ++count_;
    if (count_ / kLoad > bucket_count()) split();
  }

  /// Takes back the newest item, the last one inserted.
  void remove_newest(std::uint32_t item, std::uint32_t hash) {
    std::uint32_t& head = heads_.edit(bucket_of(hash));
    assert(head == item);
    head = links_[item].next;
    --count_;
  }
  /// Gives back the room that was reserved for items never inserted, all those above `last`.
  void trim(std::uint32_t last) { links_.trim(std::size_t{last} + 1); }

  /// Owns what removing items writes. False when memory is used up; nothing changes then.
  [[nodiscard]] bool own_all() { return heads_.own_present() && links_.own_present(); }
  /// Removes every item up to `last` for which `is_gone(item)`, which stays so, and gives back the pages that hold no other.
  /// All must be owned.
  template <class IsGone>
  void remove(std::uint32_t last, IsGone is_gone) {
    for (std::uint32_t bucket = 0; bucket < bucket_count(); ++bucket) {
      if (!heads_.present(bucket)) continue;
      for (std::uint32_t* place = &heads_.edit(bucket); *place != 0;) {
        Link& link = links_.edit(*place);
        if (is_gone(*place)) {
          *place = link.next;
          --count_;
        } else {
          place = &link.next;
        }
      }
    }
    PageMarks kept;
    for (std::uint32_t item = 1; item <= last; ++item) {
      if (!is_gone(item)) links_.mark(item, item + 1, kept);
    }
    links_.keep_only(kept);
  }

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
  /// Items a bucket; comparing hashes makes a step along a chain cheap.
  static constexpr std::uint32_t kLoad = 2;

  struct Link {
    std::uint32_t next;
    std::uint32_t hash;
  };

  [[nodiscard]] std::uint32_t bucket_count() const { return (std::uint32_t{1} << level_) + split_; }
  [[nodiscard]] std::size_t bucket_of(std::uint32_t hash) const {
    const std::uint32_t bucket = hash & ((std::uint32_t{1} << level_) - 1);
    return bucket < split_ ? hash & ((std::uint32_t{2} << level_) - 1) : bucket;
  }

  /// Moves about half of one bucket to a new one. Skipped while memory is short: chains then only get longer.
  void split() {
    const std::uint32_t high = std::uint32_t{1} << level_;
    const std::uint32_t old_bucket = split_;
    const std::uint32_t new_bucket = split_ + high;
    if (!heads_.own(old_bucket) || !heads_.own(new_bucket)) return;
    for (std::uint32_t item = heads_[old_bucket]; item != 0; item = links_[item].next) {
      if (!links_.own(item)) return;
    }
    std::uint32_t* stay = &heads_.edit(old_bucket);
    std::uint32_t* move = &heads_.edit(new_bucket);
    for (std::uint32_t item = *stay; item != 0;) {  // appends keep the order within each chain: newest first
      std::uint32_t*& tail = (links_[item].hash & high) != 0 ? move : stay;
      const std::uint32_t following = links_[item].next;
      *tail = item;
      tail = &links_.edit(item).next;
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
  PagedArray<Link> links_;
  std::uint32_t count_ = 0;
  std::uint32_t level_ = kFirstLevel;
  std::uint32_t split_ = 0;
};

}  // namespace kurrentlite
