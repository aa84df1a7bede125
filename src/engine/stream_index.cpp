#include "engine/stream_index.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite {

bool StreamIndex::reserve(std::uint32_t stream, std::uint32_t count, std::uint32_t& begun, bool whole) {
  if (!entries_.own(stream)) return false;
  const StreamEntry& entry = entries_[stream];
  const std::uint32_t used = entry.count - entry.base;
  const std::uint32_t room = entry.block == 0 ? 0 : entry.capacity - used;
  if (count <= room) {
    const std::uint32_t begin = entry.block + kBlockHeader + used;
    return blocks_.own(begin, begin + count);
  }
  if (room > 0) {  // fill the newest block first
    const std::uint32_t begin = entry.block + kBlockHeader + used;
    if (!blocks_.own(begin, begin + room)) return false;
  }
  // The blocks are begun when the newest one is full; here only their pages are made sure of.
  std::uint32_t capacity = entry.capacity;
  for (std::uint32_t left = count - room; left > 0;) {
    capacity = capacity_after(capacity);
    const std::uint32_t taken = std::min(capacity, left);
    if (std::uint64_t{end_} + begun + kBlockHeader + capacity > UINT32_MAX) return false;
    const std::uint32_t begin = end_ + begun;
    if (!blocks_.own(begin, begin + kBlockHeader + (whole ? capacity : taken))) return false;
    begun += kBlockHeader + capacity;
    left -= taken;
  }
  return true;
}

void StreamIndex::trim(std::uint32_t streams) {
  entries_.trim(std::size_t{streams} + 1);
  blocks_.trim(end_);
}

void StreamIndex::add(std::uint32_t stream, RecordAddress address) {
  StreamEntry& entry = entries_.edit(stream);
  if (entry.block == 0 || entry.count - entry.base == entry.capacity) {
    const std::uint32_t capacity = capacity_after(entry.capacity);
    blocks_.edit(end_) = entry.block;
    blocks_.edit(end_ + 1) = entry.base;
    entry.block = end_;
    entry.base = entry.count;
    entry.capacity = capacity;
    end_ += kBlockHeader + capacity;
  }
  if (entry.count == 0 && entry.tombstone == 0) ++written_;
  blocks_.edit(entry.block + kBlockHeader + (entry.count - entry.base)) = address;
  ++entry.count;
}

void StreamIndex::begin_at(std::uint32_t stream, std::uint32_t revision) {
  StreamEntry& entry = entries_.edit(stream);
  entry.base = entry.floor = entry.count = revision;
  ++written_;
}

void StreamIndex::tombstone(std::uint32_t stream, RecordAddress address) {
  StreamEntry& entry = entries_.edit(stream);
  if (entry.count == 0 && entry.tombstone == 0) ++written_;
  entry.tombstone = address;
}

RecordAddress StreamIndex::at(const StreamEntry& entry, std::uint32_t revision) const {
  std::uint32_t block = entry.block;
  std::uint32_t base = entry.base;
  while (revision < base) {
    base = blocks_[block + 1];
    block = blocks_[block];
  }
  return blocks_[block + kBlockHeader + (revision - base)];
}

void StreamIndex::raise_floors(const std::vector<std::uint32_t>& floors) {
  PageMarks kept;
  for (std::uint32_t stream = 1; stream < floors.size(); ++stream) {
    if (!entries_.present(stream) || entries_[stream].block == 0) continue;
    StreamEntry& entry = entries_.edit(stream);
    const bool held_events = entry.floor < entry.count;
    entry.floor = floors[stream];
    if (entry.floor == entry.count) {
      if (held_events && entry.tombstone == 0) --written_;
      continue;
    }
    // Each block is full but the newest: a base is as far behind the next as the block has rows.
    std::uint32_t block = entry.block;
    std::uint32_t base = entry.base;
    blocks_.mark(block, block + kBlockHeader + entry.capacity, kept);
    while (entry.floor < base) {
      const std::uint32_t rows = base - blocks_[block + 1];
      base = blocks_[block + 1];
      block = blocks_[block];
      blocks_.mark(block, block + kBlockHeader + rows, kept);
    }
  }
  blocks_.keep_only(kept);
}

void StreamIndex::clear() {
  entries_.clear();
  blocks_.clear();
  end_ = 1;
  written_ = 0;
}

void StreamIndex::swap(StreamIndex& other) noexcept {
  entries_.swap(other.entries_);
  blocks_.swap(other.blocks_);
  std::swap(end_, other.end_);
  std::swap(written_, other.written_);
}

}  // namespace kurrentlite
