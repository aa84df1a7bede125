#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  explicit Log(PageBudget& budget) : budget_(&budget), bytes_(budget), index_(budget), ids_(budget), gone_(budget) {}
  Log(const Log& other, PageBudget& budget)
      : budget_(&budget), bytes_(other.bytes_, budget), index_(other.index_, budget), ids_(other.ids_, budget),
        gone_(other.gone_, budget), end_(other.end_), count_(other.count_), gone_count_(other.gone_count_),
        gone_bytes_(other.gone_bytes_) {}

  /// Bytes the event will take at most.
  [[nodiscard]] static std::uint64_t size_max_of(const EventView& event);
  /// Owns what appending one more event writes, `offset` bytes and `ordinal` events after the end.
  [[nodiscard]] bool reserve(const EventView& event, std::uint64_t offset, std::uint32_t ordinal);
  /// Leaves out `bytes`, where a scavenged log had events.
  void skip(std::uint64_t bytes) {
    end_ += bytes;
    gone_bytes_ += bytes;
  }
  /// Gives back what was reserved and not used.
  void trim();
  /// Everything must have been reserved.
  RecordAddress append(const EventView& event, std::uint32_t stream, std::uint32_t type, StreamRevision revision,
                       std::int64_t created_ticks);

  /// Events ever written: the ordinal of the next one.
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return end_ - kFirstPosition; }
  /// Events that are there, and their bytes.
  [[nodiscard]] std::uint32_t live_count() const { return count_ - gone_count_; }
  [[nodiscard]] std::uint64_t live_bytes() const { return size_bytes() - gone_bytes_; }
  /// Where the next event will stand.
  [[nodiscard]] std::uint64_t end_position() const { return end_; }
  /// The event must be there; the newest one always is.
  [[nodiscard]] RecordAddress at(std::uint32_t ordinal) const { return index_[ordinal]; }
  /// True once events were taken out.
  [[nodiscard]] bool has_gaps() const { return gone_count_ != 0; }
  /// The first ordinal from `ordinal` on whose event is there; `count` when there is none.
  [[nodiscard]] std::uint64_t next_live(std::uint64_t ordinal) const {
    return has_gaps() ? next_live_slowly(ordinal) : ordinal;
  }
  /// One more than the last ordinal before `end` whose event is there; 0 when there is none.
  [[nodiscard]] std::uint64_t live_end(std::uint64_t end) const;
  /// An ordinal from which reading goes on at the first event whose position is at least `position`. O(log count).
  [[nodiscard]] std::uint32_t lower_bound(std::uint64_t position) const;
  [[nodiscard]] Record read(RecordAddress address) const;
  /// The stream, or type, of the event with that ordinal, which must be there; all else of it is left alone.
  [[nodiscard]] std::uint32_t stream_of(std::uint32_t ordinal) const;
  [[nodiscard]] std::uint32_t type_of(std::uint32_t ordinal) const;
  /// `size` bytes of what follows the header: metadata, then data.
  void copy_body(const Record& record, std::uint64_t from, std::uint32_t size, char* out) const;
  /// The newest event with this id; address 0 when there is none.
  [[nodiscard]] RecordAddress find(const Uuid& id) const;

  struct Removed {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
  };
  /// Takes out every event whose revision is below `floors[its stream]`, tombstones and the newest event of all apart. The
  /// others keep ordinals and positions; pages that hold none of them are given back. O(events).
  /// Empty when memory is used up; nothing changes then.
  [[nodiscard]] std::optional<Removed> remove_below(const std::vector<std::uint32_t>& floors);

  void clear();
  void swap(Log& other) noexcept;

 private:
  [[nodiscard]] bool is_gone(std::uint64_t ordinal) const {
    const auto word = static_cast<std::size_t>(ordinal / 64);
    return gone_.present(word) && (gone_[word] >> (ordinal % 64) & 1) != 0;
  }
  [[nodiscard]] std::uint64_t next_live_slowly(std::uint64_t ordinal) const;
  [[nodiscard]] bool own_gone_bits(const std::vector<std::uint32_t>& ordinals);

  PageBudget* budget_;
  PagedBytes bytes_;
  PagedArray<std::uint32_t> index_;  // ordinal -> address
  HashChains ids_;                   // item = ordinal + 1
  PagedArray<std::uint64_t> gone_;   // a bit an ordinal, in pages that are there only where one is set
  std::uint64_t end_ = kFirstPosition;
  std::uint32_t count_ = 0;
  std::uint32_t gone_count_ = 0;
  std::uint64_t gone_bytes_ = 0;
};

}  // namespace kurrentlite
