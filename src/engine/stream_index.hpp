#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/pages.hpp"
#include "engine/record.hpp"
#include "engine/stream_metadata.hpp"

namespace kurrentlite {

/// What is known of one stream. All zero: never written.
struct StreamEntry {
  std::uint32_t block;      ///< newest block of the index, 0 = none
  std::uint32_t capacity;   ///< of that block
  std::uint32_t base;       ///< revision of that block's first entry
  std::uint32_t count;      ///< next revision; the tombstone does not count
  std::uint32_t tombstone;  ///< address of `$streamDeleted`, 0 = not tombstoned
  std::uint32_t partner;    ///< of `s`: the number of `$$s`, of `$$s`: that of `s`; 0 = none yet
  std::uint32_t is_metastream;  ///< 1 when the name begins `$$`
  std::uint32_t floor;          ///< revisions below were scavenged: their rows must not be looked at
  Retention retention;      ///< from the last event of `$$s`
};

static_assert(sizeof(StreamEntry) == 56);

/// The events of each stream by revision. Blocks of doubling size, each pointing to the one before: 4 bytes an event,
/// the newest events found at once, any other within log2(count) steps.
class StreamIndex {
 public:
  explicit StreamIndex(PageBudget& budget) : entries_(budget), blocks_(budget) {}
  StreamIndex(const StreamIndex& other, PageBudget& budget)
      : entries_(other.entries_, budget), blocks_(other.blocks_, budget), end_(other.end_),
        written_(other.written_) {}

  /// Streams that hold an event.
  [[nodiscard]] std::uint32_t written() const { return written_; }
  [[nodiscard]] StreamEntry entry(std::uint32_t stream) const {
    return entries_.present(stream) ? entries_[stream] : StreamEntry{};
  }
  [[nodiscard]] bool own(std::uint32_t stream) { return entries_.own(stream); }
  /// The entry must be owned.
  [[nodiscard]] StreamEntry& edit(std::uint32_t stream) { return entries_.edit(stream); }

  /// Owns what adding `count` events writes. `begun` is the room for new blocks that the streams of one write have taken
  /// so far; it grows by what this stream takes. Blocks must be begun in the order their streams were reserved, unless
  /// `whole` blocks are taken: then events of several streams may alternate.
  [[nodiscard]] bool reserve(std::uint32_t stream, std::uint32_t count, std::uint32_t& begun, bool whole = false);
  /// Gives back what was reserved and not used, in a database of `streams` streams.
  void trim(std::uint32_t streams);
  /// The stream, which holds no events and was reserved, begins with `revision`: those before were scavenged.
  void begin_at(std::uint32_t stream, std::uint32_t revision);
  /// Adds the next event; it must have been reserved.
  void add(std::uint32_t stream, RecordAddress address);
  void tombstone(std::uint32_t stream, RecordAddress address);
  /// The event at `revision`, which must be below the stream's count and not below its floor.
  [[nodiscard]] RecordAddress at(const StreamEntry& entry, std::uint32_t revision) const;

  /// Owns what raising the floors writes. False when memory is used up; nothing changes then.
  [[nodiscard]] bool own_entries() { return entries_.own_present(); }
  /// Raises the floor of each stream to `floors[stream]`, and gives back the pages that hold rows below it alone. A stream
  /// without a tombstone whose floor is its count holds no event any more. Entries must be owned.
  void raise_floors(const std::vector<std::uint32_t>& floors);

  void clear();
  void swap(StreamIndex& other) noexcept;

 private:
  // A block is: the block before (0 = none), that one's base revision, then the addresses.
  static constexpr std::uint32_t kBlockHeader = 2;
  static constexpr std::uint32_t kFirstCapacity = 4;
  static constexpr std::uint32_t kCapacityMax = 1u << 20;
  static std::uint32_t capacity_after(std::uint32_t capacity) {
    return std::min(std::max(capacity * 2, kFirstCapacity), kCapacityMax);
  }

  PagedArray<StreamEntry> entries_;
  PagedArray<std::uint32_t> blocks_;
  std::uint32_t end_ = 1;
  std::uint32_t written_ = 0;
};

}  // namespace kurrentlite
