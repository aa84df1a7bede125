#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/hash_chains.hpp"
#include "engine/pages.hpp"

namespace kurrentlite {

/// Gives each distinct text a number from 1 on, for good.
class Interner {
 public:
  explicit Interner(PageBudget& budget) : text_(budget), entries_(budget), index_(budget) {}
  Interner(const Interner& other, PageBudget& budget)
      : text_(other.text_, budget), entries_(other.entries_, budget), index_(other.index_, budget), end_(other.end_),
        count_(other.count_) {}

  /// 0 when `text` has no number yet.
  [[nodiscard]] std::uint32_t find(std::string_view text) const;
  /// The number of `text`, given now when it is new; 0 when memory is used up.
  [[nodiscard]] std::uint32_t intern(std::string_view text);
  [[nodiscard]] std::string text(std::uint32_t id) const;
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// Takes back the numbers above `count`, given since nothing else was, and the memory that giving them took.
  void forget_after(std::uint32_t count);
  void clear();
  void swap(Interner& other) noexcept;

 private:
  struct Entry {
    std::uint64_t offset;
    std::uint32_t size;
    std::uint32_t hash;
  };
  [[nodiscard]] std::uint32_t find(std::string_view text, std::uint32_t hash) const;

  PagedBytes text_;
  PagedArray<Entry> entries_;
  HashChains index_;
  std::uint64_t end_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace kurrentlite
