#include "engine/log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>


namespace kurrentlite {
namespace {

// What a record begins with. Flags, from day one, name the encoding of data and metadata, so that a further encoding needs
// no new format.
struct Header {
  std::uint8_t id[16];
  std::uint32_t created_low;
  std::uint32_t created_high;
  std::uint32_t stream;
  std::uint32_t type_and_flags;  // type in the low 24 bits
  std::uint32_t revision;
  std::uint32_t data_size;
  std::uint32_t metadata_size;
};
static_assert(sizeof(Header) == kRecordHeaderBytes);

constexpr std::uint32_t kTypeMask = (1u << 24) - 1;
constexpr std::uint32_t kBinaryData = 1u << 24;  // bits 24-25: encoding of data (0 JSON text, 1 bytes, 2 shape code)
constexpr std::uint32_t kShapedData = 1u << 25;
constexpr std::uint32_t kTombstone = 1u << 26;   // revision is int64 max, whatever the field holds
constexpr std::uint32_t kDataChecked = 1u << 27;
constexpr std::uint32_t kMetadataChecked = 1u << 28;  // bits 29-30: encoding of metadata (0 as sent, 1 shape code)
constexpr std::uint32_t kShapedMetadata = 1u << 29;

std::uint64_t padded(std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; }

std::uint32_t hash_id(const std::uint8_t* id) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, id, 8);
  std::memcpy(&low, id + 8, 8);
  // Folded after each product, which carries differences upwards only: ids that count up must spread, too.
  std::uint64_t mixed = low * 0x9e3779b97f4a7c15ull;
  mixed = (high ^ mixed ^ mixed >> 32) * 0xd6e8feb86659fd93ull;
  mixed = (mixed ^ mixed >> 32) * 0x9e3779b97f4a7c15ull;
  return static_cast<std::uint32_t>(mixed >> 32);
}

}  // namespace

std::uint64_t Log::size_max_of(const EventView& event) {
  return padded(sizeof(Header) + event.data_size() + event.metadata_size());
}

bool Log::reserve(const EventView& event, std::uint64_t offset, std::uint32_t ordinal) {
  const std::uint64_t begin = end_ + offset;
  const std::uint64_t end = begin + size_max_of(event);
  const std::uint64_t body_max = std::max(event.data_size(), event.metadata_size());
  if (body_max > UINT32_MAX || end / 4 > UINT32_MAX || count_ + ordinal >= UINT32_MAX - 1) return false;
  return bytes_.own(begin, end) && index_.own(count_ + ordinal) &&
         ids_.reserve(count_ + ordinal + 1, hash_id(event.id.bytes.data()));
}

RecordAddress Log::append(const EventView& event, std::uint32_t stream, std::uint32_t type, StreamRevision revision,
                          std::int64_t created_ticks) {
  Header header{};
  std::memcpy(header.id, event.id.bytes.data(), 16);
  std::memcpy(&header.created_low, &created_ticks, 8);
  header.stream = stream;
  header.type_and_flags = type;
  header.revision = static_cast<std::uint32_t>(revision.value);
  header.data_size = static_cast<std::uint32_t>(event.data_size());
  header.metadata_size = static_cast<std::uint32_t>(event.metadata_size());
  if (event.content_type == ContentType::Binary) header.type_and_flags |= kBinaryData;
  if (revision.value == kDeletedRevision) header.type_and_flags |= kTombstone;
  if (event.data_checked) header.type_and_flags |= kDataChecked;
  if (event.metadata_checked) header.type_and_flags |= kMetadataChecked;
  if (event.data_shaped) header.type_and_flags |= kShapedData;
  if (event.metadata_shaped) header.type_and_flags |= kShapedMetadata;
  const RecordAddress address = static_cast<RecordAddress>(end_ / 4);
  std::uint64_t at = end_;
  const auto put = [&](const void* bytes, std::size_t size) {
    bytes_.write(at, bytes, size);
    at += size;
  };
  put(&header, sizeof header);
  for (const std::string_view part : {event.metadata_head, event.metadata, event.data_head, event.data}) {
    if (!part.empty()) put(part.data(), part.size());
  }
  end_ = padded(at);
  index_.edit(count_) = address;
  ids_.insert(count_ + 1, hash_id(header.id));
  ++count_;
  return address;
}

void Log::trim() {
  bytes_.trim(end_);
  index_.trim(count_);
  ids_.trim(count_);
}

RecordAddress Log::find(const Uuid& id) const {
  const std::uint32_t item = ids_.find(hash_id(id.bytes.data()), [&](std::uint32_t each) {
    std::uint8_t stored[16];
    bytes_.read(index_[each - 1] * std::uint64_t{4}, stored, 16);
    return std::memcmp(stored, id.bytes.data(), 16) == 0;
  });
  return item == 0 ? 0 : index_[item - 1];
}

std::uint32_t Log::lower_bound(std::uint64_t position) const {
  std::uint32_t low = 0;
  std::uint32_t high = count_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    // What is gone counts as the event behind it: its own place in the index may be gone, too.
    const std::uint32_t live = static_cast<std::uint32_t>(next_live(middle));
    if (index_[live] * std::uint64_t{4} < position) {
      low = live + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Record Log::read(RecordAddress address) const {
  Header header;
  bytes_.read(address * std::uint64_t{4}, &header, sizeof header);
  Record record;
  record.address = address;
  record.stream = header.stream;
  record.type = header.type_and_flags & kTypeMask;
  std::memcpy(record.id.bytes.data(), header.id, 16);
  std::memcpy(&record.created_ticks, &header.created_low, 8);
  record.revision = {(header.type_and_flags & kTombstone) != 0 ? kDeletedRevision : header.revision};
  record.content_type = (header.type_and_flags & kBinaryData) != 0 ? ContentType::Binary : ContentType::Json;
  record.data_size = header.data_size;
  record.metadata_size = header.metadata_size;
  record.data_checked = (header.type_and_flags & kDataChecked) != 0;
  record.metadata_checked = (header.type_and_flags & kMetadataChecked) != 0;
  record.data_shaped = (header.type_and_flags & kShapedData) != 0;
  record.metadata_shaped = (header.type_and_flags & kShapedMetadata) != 0;
  return record;
}

std::uint32_t Log::stream_of(std::uint32_t ordinal) const {
  return bytes_.word(index_[ordinal] * std::uint64_t{4} + offsetof(Header, stream));
}

std::uint32_t Log::type_of(std::uint32_t ordinal) const {
  return bytes_.word(index_[ordinal] * std::uint64_t{4} + offsetof(Header, type_and_flags)) & kTypeMask;
}

void Log::copy_body(const Record& record, std::uint64_t from, std::uint32_t size, char* out) const {
  bytes_.read(record.address * std::uint64_t{4} + sizeof(Header) + from, out, size);
}

std::uint64_t Log::next_live_slowly(std::uint64_t ordinal) const {
  while (ordinal < count_ && is_gone(ordinal)) {
    const bool whole_word = ordinal % 64 == 0 && ~gone_[static_cast<std::size_t>(ordinal / 64)] == 0;
    ordinal += whole_word ? 64 : 1;
  }
  return ordinal;
}

std::uint64_t Log::live_end(std::uint64_t end) const {
  while (end > 0 && is_gone(end - 1)) {
    const bool whole_word = end % 64 == 0 && ~gone_[static_cast<std::size_t>(end / 64 - 1)] == 0;
    end -= whole_word ? 64 : 1;
  }
  return end;
}

bool Log::own_gone_bits(const std::vector<std::uint32_t>& ordinals) {
  PageMarks before;
  for (std::uint32_t word = 0; word <= count_ / 64; ++word) {
    if (gone_.present(word)) gone_.mark(word, word + 1, before);
  }
  for (const std::uint32_t ordinal : ordinals) {
    if (gone_.own(ordinal / 64)) continue;
    gone_.keep_only(before);
    return false;
  }
  return true;
}

std::optional<Log::Removed> Log::remove_below(const std::vector<std::uint32_t>& floors) {
  Removed removed;
  std::vector<std::uint32_t> leaving;
  PageMarks kept_bytes;
  PageMarks kept_index;
  for (std::uint64_t each = next_live(0); each < count_; each = next_live(each + 1)) {
    const auto ordinal = static_cast<std::uint32_t>(each);
    const Record record = read(at(ordinal));
    const std::uint64_t begin = record.address * std::uint64_t{4};
    const std::uint64_t size = record.size_bytes();
    if (record.revision.value < floors[record.stream] && !record.is_tombstone() && ordinal + 1 < count_) {
      leaving.push_back(ordinal);
      removed.bytes += size;
    } else {
      bytes_.mark(begin, begin + size, kept_bytes);
      index_.mark(ordinal, ordinal + 1, kept_index);
    }
  }
  removed.events = leaving.size();
  if (leaving.empty()) return removed;
  // A full database must be able to give back: what knowing of gaps takes may come first.
  budget_->ahead_bytes = bytes_.count_others(kept_bytes) * kPageBytes;
  const bool owned = ids_.own_all() && own_gone_bits(leaving);
  budget_->ahead_bytes = 0;
  if (!owned) return std::nullopt;
  for (const std::uint32_t ordinal : leaving) gone_.edit(ordinal / 64) |= std::uint64_t{1} << (ordinal % 64);
  gone_count_ += static_cast<std::uint32_t>(removed.events);
  gone_bytes_ += removed.bytes;
  ids_.remove(count_, [this](std::uint32_t item) { return is_gone(item - 1); });
  bytes_.keep_only(kept_bytes);
  index_.keep_only(kept_index);
  return removed;
}

void Log::clear() {
  bytes_.clear();
  index_.clear();
  ids_.clear();
  gone_.clear();
  end_ = kFirstPosition;
  count_ = gone_count_ = 0;
  gone_bytes_ = 0;
}

void Log::swap(Log& other) noexcept {
  bytes_.swap(other.bytes_);
  index_.swap(other.index_);
  ids_.swap(other.ids_);
  gone_.swap(other.gone_);
  std::swap(end_, other.end_);
  std::swap(count_, other.count_);
  std::swap(gone_count_, other.gone_count_);
  std::swap(gone_bytes_, other.gone_bytes_);
}

}  // namespace kurrentlite
