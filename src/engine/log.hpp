#pragma once

#include <cstdint>
#include <string>

#include "engine/hash_chains.hpp"
#include "engine/pages.hpp"
#include "engine/record.hpp"

namespace kurrentlite {

/// All events in the order they were written: packed records, an index by ordinal, and an index by event id.
///
/// A record is 44 bytes, the UTF-16 lengths of its parts where they differ from the byte lengths, metadata, data, and
/// padding to 4. With its share of the indexes an event costs 63 bytes besides its own.
class Log {
 public:
  explicit Log(PageBudget& budget) : bytes_(budget), index_(budget), ids_(budget) {}
  Log(const Log& other, PageBudget& budget)
      : bytes_(other.bytes_, budget), index_(other.index_, budget), ids_(other.ids_, budget), end_(other.end_),
        count_(other.count_) {}

  /// Bytes the event will take at most.
  [[nodiscard]] static std::uint64_t size_max_of(const EventView& event);
  /// Owns what appending one more event writes, `offset` bytes and `ordinal` events after the end.
  [[nodiscard]] bool reserve(const EventView& event, std::uint64_t offset, std::uint32_t ordinal);
  /// Gives back what was reserved and not used.
  void trim();
  /// Everything must have been reserved.
  RecordAddress append(const EventView& event, std::uint32_t stream, std::uint32_t type, StreamRevision revision,
                       std::int64_t created_ticks);

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return end_ - kFirstOffset; }
  /// Where the next event will stand.
  [[nodiscard]] std::uint64_t end_position() const { return end_; }
  [[nodiscard]] RecordAddress at(std::uint32_t ordinal) const { return index_[ordinal]; }
  /// The first ordinal whose position is at least `position`. O(log count).
  [[nodiscard]] std::uint32_t lower_bound(std::uint64_t position) const;
  [[nodiscard]] Record read(RecordAddress address) const;
  void copy_data(const Record& record, char* out) const;
  void copy_metadata(const Record& record, char* out) const;
  /// The newest event with this id; address 0 when there is none.
  [[nodiscard]] RecordAddress find(const Uuid& id) const;

  void clear();
  void swap(Log& other) noexcept;

 private:
  /// Position 0 belongs to no event, as in KurrentDB.
  static constexpr std::uint64_t kFirstOffset = 64;

  PagedBytes bytes_;
  PagedArray<std::uint32_t> index_;  // ordinal -> address
  HashChains ids_;                   // item = ordinal + 1
  std::uint64_t end_ = kFirstOffset;
  std::uint32_t count_ = 0;
};

}  // namespace kurrentlite
