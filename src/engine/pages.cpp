#include "engine/pages.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace kurrentlite {

// malloc and realloc, not new: a failed new ends the program where exceptions are off.

PageTable::PageTable(const PageTable& other, PageBudget& budget) : budget_(&budget) {
  if (!grow(other.size_)) std::abort();  // a table is 1/8000 of what it describes: nothing would be left to save
  for (std::size_t i = 0; i < other.size_; ++i) {
    pages_[i] = other.pages_[i];
    if (pages_[i] == nullptr) continue;
    ++pages_[i]->owners;
    budget_->used_bytes += kPageBytes;
  }
  size_ = other.size_;
}

PageTable::~PageTable() {
  clear();
  std::free(pages_);
}

void PageTable::trim(std::size_t size) {
  for (; size_ > size; --size_) {
    Page* page = pages_[size_ - 1];
    if (page == nullptr) continue;
    budget_->used_bytes -= kPageBytes;
    if (--page->owners == 0) std::free(page);
  }
}

std::size_t PageTable::count_others(const PageMarks& kept) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < size_; ++i) count += pages_[i] != nullptr && (i >= kept.size() || !kept[i]) ? 1u : 0u;
  return count;
}

void PageTable::keep_only(const PageMarks& kept) {
  for (std::size_t i = 0; i < size_; ++i) {
    if (pages_[i] == nullptr || (i < kept.size() && kept[i])) continue;
    budget_->used_bytes -= kPageBytes;
    if (--pages_[i]->owners == 0) std::free(pages_[i]);
    pages_[i] = nullptr;
  }
}

bool PageTable::own_present() {
  for (std::size_t i = 0; i < size_; ++i) {
    if (pages_[i] != nullptr && !own(i)) return false;
  }
  return true;
}

void PageTable::swap(PageTable& other) noexcept {
  const std::uint64_t mine = held_bytes();
  const std::uint64_t theirs = other.held_bytes();
  std::swap(pages_, other.pages_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  budget_->used_bytes += theirs - mine;
  other.budget_->used_bytes += mine - theirs;
}

std::uint64_t PageTable::held_bytes() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < size_; ++i) bytes += pages_[i] != nullptr ? kPageBytes : 0;
  return bytes;
}

bool PageTable::grow(std::size_t size) {
  if (size <= capacity_) return true;
  const std::size_t capacity = std::max(size, capacity_ * 2);
  void* grown = std::realloc(pages_, capacity * sizeof(Page*));
  if (grown == nullptr) return false;
  pages_ = static_cast<Page**>(grown);
  capacity_ = capacity;
  return true;
}

bool PageTable::own_slowly(std::size_t page) {
  const bool copies = present(page);
  if (!copies && budget_->max_bytes != 0 && budget_->used_bytes + kPageBytes > budget_->max_bytes + budget_->ahead_bytes) {
    return false;
  }
  if (!grow(page + 1)) return false;
  Page* mine = static_cast<Page*>(std::malloc(sizeof(Page)));
  if (mine == nullptr) return false;
  mine->owners = 1;
  if (copies) {
    std::memcpy(mine->bytes, pages_[page]->bytes, kPageBytes);
    --pages_[page]->owners;
  } else {
    std::memset(mine->bytes, 0, kPageBytes);
    budget_->used_bytes += kPageBytes;
    for (; size_ <= page; ++size_) pages_[size_] = nullptr;
  }
  pages_[page] = mine;
  return true;
}

bool PagedBytes::own(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return true;
  for (std::uint64_t page = begin / kPageBytes; page <= (end - 1) / kPageBytes; ++page) {
    if (!pages_.own(static_cast<std::size_t>(page))) return false;
  }
  return true;
}

void PagedBytes::mark(std::uint64_t begin, std::uint64_t end, PageMarks& marks) const {
  if (begin >= end) return;
  const auto last = static_cast<std::size_t>((end - 1) / kPageBytes);
  if (marks.size() <= last) marks.resize(last + 1);
  for (auto page = static_cast<std::size_t>(begin / kPageBytes); page <= last; ++page) marks[page] = true;
}

void PagedBytes::write(std::uint64_t offset, const void* bytes, std::size_t size) {
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const std::size_t within = offset % kPageBytes;
    const std::size_t step = std::min(size, kPageBytes - within);
    std::memcpy(pages_.write(static_cast<std::size_t>(offset / kPageBytes)) + within, from, step);
    from += step;
    offset += step;
    size -= step;
  }
}

void PagedBytes::read(std::uint64_t offset, void* out, std::size_t size) const {
  char* to = static_cast<char*>(out);
  while (size > 0) {
    const std::size_t within = offset % kPageBytes;
    const std::size_t step = std::min(size, kPageBytes - within);
    std::memcpy(to, pages_.read(static_cast<std::size_t>(offset / kPageBytes)) + within, step);
    to += step;
    offset += step;
    size -= step;
  }
}

bool PagedBytes::equals(std::uint64_t offset, std::string_view text) const {
  while (!text.empty()) {
    const std::size_t within = offset % kPageBytes;
    const std::size_t step = std::min(text.size(), kPageBytes - within);
    if (std::memcmp(pages_.read(static_cast<std::size_t>(offset / kPageBytes)) + within, text.data(), step) != 0) {
      return false;
    }
    text.remove_prefix(step);
    offset += step;
  }
  return true;
}

}  // namespace kurrentlite
