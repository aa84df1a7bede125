#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kurrentlite {

inline constexpr std::size_t kPageBytes = std::size_t{64} << 10;

/// Some pages of a table, by number.
using PageMarks = std::vector<bool>;

/// How many bytes of pages one database may take, and has taken. Pages shared with a fork count for both.
struct PageBudget {
  std::uint64_t max_bytes = 0;  ///< 0 = no limit but the machine's
  std::uint64_t used_bytes = 0;
  std::uint64_t ahead_bytes = 0;  ///< may be taken beyond the limit by who is about to give back more
};

/// A growing row of fixed-size, reference-counted pages. Copying the table shares all pages; a shared page is copied
/// before it is first written. Absent pages read as zero once owned.
///
/// Memory is asked for only by `own`, which answers false instead of failing: a writer owns everything it is about to
/// touch, and only then begins to change anything.
class PageTable {
 public:
  explicit PageTable(PageBudget& budget) : budget_(&budget) {}
  /// Shares the pages of `other`, on an account of its own.
  PageTable(const PageTable& other, PageBudget& budget);
  PageTable(const PageTable&) = delete;
  PageTable& operator=(const PageTable&) = delete;
  ~PageTable();

  [[nodiscard]] const char* read(std::size_t page) const { return pages_[page]->bytes; }
  /// The page must be owned.
  [[nodiscard]] char* write(std::size_t page) { return pages_[page]->bytes; }
  [[nodiscard]] bool present(std::size_t page) const { return page < size_ && pages_[page] != nullptr; }
  /// Makes the page present and nobody else's. False when memory or the budget is used up; nothing changes then.
  [[nodiscard]] bool own(std::size_t page) {
    return page < size_ && pages_[page] != nullptr && pages_[page]->owners == 1 ? true : own_slowly(page);
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Gives back all pages from `size` on.
  void trim(std::size_t size);
  /// How many pages `keep_only` would give back.
  [[nodiscard]] std::size_t count_others(const PageMarks& kept) const;
  /// Gives back every page that is not marked; it is absent then. Marks may be fewer than pages.
  void keep_only(const PageMarks& kept);
  /// Makes all pages that are present nobody else's. False when memory is used up; nothing changes then.
  [[nodiscard]] bool own_present();
  void clear() { trim(0); }
  /// Exchanges the pages; each table keeps its account.
  void swap(PageTable& other) noexcept;

 private:
  struct Page {
    std::uint32_t owners = 1;
    std::uint32_t padding = 0;
    char bytes[kPageBytes];
  };
  bool own_slowly(std::size_t page);
  [[nodiscard]] std::uint64_t held_bytes() const;
  bool grow(std::size_t size);

  PageBudget* budget_;
  Page** pages_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// An array of plain values in pages. O(1) access; never moves a value.
template <class T>
class PagedArray {
  static_assert(std::is_trivially_copyable_v<T>);
  static constexpr std::size_t kPerPage = kPageBytes / sizeof(T);

 public:
  explicit PagedArray(PageBudget& budget) : pages_(budget) {}
  PagedArray(const PagedArray& other, PageBudget& budget) : pages_(other.pages_, budget) {}

  [[nodiscard]] const T& operator[](std::size_t index) const {
    return reinterpret_cast<const T*>(pages_.read(index / kPerPage))[index % kPerPage];
  }
  /// The value's page must be owned.
  [[nodiscard]] T& edit(std::size_t index) {
    return reinterpret_cast<T*>(pages_.write(index / kPerPage))[index % kPerPage];
  }
  [[nodiscard]] bool present(std::size_t index) const { return pages_.present(index / kPerPage); }
  [[nodiscard]] bool own(std::size_t index) { return pages_.own(index / kPerPage); }
  /// Owns all of [begin, end).
  [[nodiscard]] bool own(std::size_t begin, std::size_t end) {
    for (std::size_t page = begin / kPerPage; begin < end && page <= (end - 1) / kPerPage; ++page) {
      if (!pages_.own(page)) return false;
    }
    return true;
  }
  /// Gives back the pages that hold none of the first `size` values.
  void trim(std::size_t size) { pages_.trim((size + kPerPage - 1) / kPerPage); }
  [[nodiscard]] bool own_present() { return pages_.own_present(); }
  /// Marks the pages that hold the values [begin, end).
  void mark(std::size_t begin, std::size_t end, PageMarks& marks) const {
    if (begin >= end) return;
    const std::size_t last = (end - 1) / kPerPage;
    if (marks.size() <= last) marks.resize(last + 1);
    for (std::size_t page = begin / kPerPage; page <= last; ++page) marks[page] = true;
  }
  /// Gives back the pages that are not marked; their values must not be read until they are owned again, as zero.
  void keep_only(const PageMarks& kept) { pages_.keep_only(kept); }
  void clear() { pages_.clear(); }
  void swap(PagedArray& other) noexcept { pages_.swap(other.pages_); }

 private:
  PageTable pages_;
};

/// Bytes addressed by offset; a run of bytes may cross pages.
class PagedBytes {
 public:
  explicit PagedBytes(PageBudget& budget) : pages_(budget) {}
  PagedBytes(const PagedBytes& other, PageBudget& budget) : pages_(other.pages_, budget) {}

  [[nodiscard]] bool own(std::uint64_t begin, std::uint64_t end);
  /// The range must be owned.
  void write(std::uint64_t offset, const void* bytes, std::size_t size);
  void read(std::uint64_t offset, void* out, std::size_t size) const;
  /// The four bytes at `offset`, a multiple of 4.
  [[nodiscard]] std::uint32_t word(std::uint64_t offset) const {
    static_assert(kPageBytes % 4 == 0);
    std::uint32_t word = 0;
    std::memcpy(&word, pages_.read(static_cast<std::size_t>(offset / kPageBytes)) + offset % kPageBytes, 4);
    return word;
  }
  [[nodiscard]] bool equals(std::uint64_t offset, std::string_view text) const;
  /// Gives back the pages that hold none of the first `size` bytes.
  void trim(std::uint64_t size) { pages_.trim(static_cast<std::size_t>((size + kPageBytes - 1) / kPageBytes)); }
  /// Marks the pages that hold the bytes [begin, end).
  void mark(std::uint64_t begin, std::uint64_t end, PageMarks& marks) const;
  [[nodiscard]] std::size_t count_others(const PageMarks& kept) const { return pages_.count_others(kept); }
  /// Gives back the pages that are not marked; their bytes must not be read until they are owned again, as zero.
  void keep_only(const PageMarks& kept) { pages_.keep_only(kept); }
  void clear() { pages_.clear(); }
  void swap(PagedBytes& other) noexcept { pages_.swap(other.pages_); }

 private:
  PageTable pages_;
};

}  // namespace kurrentlite
