#include "engine/interner.hpp"

#include <utility>

namespace kurrentlite {
namespace {

// Eight bytes a step. A product carries differences upwards only, so each is folded down before the next: the low bits
// choose the bucket.
std::uint32_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull ^ text.size();
  while (text.size() >= 8) {
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, text.data(), 8);
    hash = (hash ^ chunk) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 29;
    text.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data(), text.size());
  hash = (hash ^ rest) * 0x9e3779b97f4a7c15ull;
  hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93ull;
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

std::uint32_t Interner::find(std::string_view text, std::uint32_t hash) const {
  return index_.find(hash, [&](std::uint32_t id) {
    const Entry& entry = entries_[id];
    return entry.hash == hash && entry.size == text.size() && text_.equals(entry.offset, text);
  });
}

std::uint32_t Interner::find(std::string_view text) const { return find(text, hash_text(text)); }

std::uint32_t Interner::intern(std::string_view text) {
  const std::uint32_t hash = hash_text(text);
  if (const std::uint32_t known = find(text, hash)) return known;
  const std::uint32_t id = count_ + 1;
  if (!text_.own(end_, end_ + text.size()) || !entries_.own(id) || !index_.reserve(id, hash)) {
    forget_after(count_);
    return 0;
  }
  text_.write(end_, text.data(), text.size());
  entries_.edit(id) = {end_, static_cast<std::uint32_t>(text.size()), hash};
  index_.insert(id, hash);
  end_ += text.size();
  return ++count_;
}

std::string Interner::text(std::uint32_t id) const {
  const Entry& entry = entries_[id];
  std::string text(entry.size, '\0');
  text_.read(entry.offset, text.data(), text.size());
  return text;
}

void Interner::forget_after(std::uint32_t count) {
  for (; count_ > count; --count_) {
    const Entry& entry = entries_[count_];
    index_.remove_newest(count_, entry.hash);
    end_ = entry.offset;
  }
  text_.trim(end_);
  entries_.trim(std::size_t{count_} + 1);
  index_.trim(count_);
}

void Interner::clear() {
  text_.clear();
  entries_.clear();
  index_.clear();
  end_ = 0;
  count_ = 0;
}

void Interner::swap(Interner& other) noexcept {
  text_.swap(other.text_);
  entries_.swap(other.entries_);
  index_.swap(other.index_);
  std::swap(end_, other.end_);
  std::swap(count_, other.count_);
}

}  // namespace kurrentlite
