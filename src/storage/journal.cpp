#include "storage/journal.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/crc32c.hpp"
#include "base/json.hpp"
#include "engine/shape_code.hpp"

namespace kurrentlite {
namespace {

constexpr std::string_view kMagic = "KLJ1";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kVersionWithShapes = 2;
// Magic, version and payload size: what the checksum covers besides the payload.
constexpr std::size_t kCheckedHeaderBytes = 16;
constexpr std::size_t kHeaderBytes = kCheckedHeaderBytes + 4;
constexpr std::size_t kIdBytes = 16;
constexpr std::uint8_t kBinaryFlag = 1;
constexpr std::uint8_t kTombstoneFlag = 2;
constexpr std::uint8_t kMovedFlag = 4;
constexpr std::uint8_t kBeginsStreamFlag = 8;
constexpr std::uint8_t kShapedDataFlag = 16;
constexpr std::uint8_t kShapedMetadataFlag = 32;

// Writing

void put_fixed(Bytes& out, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(number >> (8 * i) & 0xff));
}

void put_varint(Bytes& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>((number & 0x7f) | 0x80));
  out.push_back(static_cast<char>(number));
}

std::uint64_t zigzag(std::uint64_t difference) { return (difference << 1) ^ (0 - (difference >> 63)); }
std::uint64_t unzigzag(std::uint64_t number) { return (number >> 1) ^ (0 - (number & 1)); }

/// The names of one piece, numbered in the order they first occur.
class NamesWritten {
 public:
  /// Writes the number of the name with engine id `id`, and at its first occurrence the name itself.
  template <class NameOf>
  void put(Bytes& out, std::uint32_t id, NameOf name_of) {
    if (id >= numbers_.size()) numbers_.resize(std::max<std::size_t>(id + 1, numbers_.size() * 2), 0);
    if (numbers_[id] != 0) return put_varint(out, numbers_[id]);
    numbers_[id] = ++last_;
    const std::string name = name_of(id);
    put_varint(out, 0);
    put_varint(out, name.size());
    out += name;
  }

 private:
  std::vector<std::uint32_t> numbers_;  // by engine id; 0 = not written yet
  std::uint32_t last_ = 0;
};

/// The shapes that one piece has told of.
class ShapesWritten {
 public:
  [[nodiscard]] bool empty() const { return told_.empty(); }

  /// Tells those that `data` and `metadata`, shape code or nothing, use and the piece has not told of.
  void put(Bytes& out, const Shapes& shapes, std::string_view data, std::string_view metadata) {
    std::vector<std::uint16_t> fresh;
    const auto collect = [&](std::uint16_t number) {
      if (number >= told_.size()) told_.resize(std::size_t{number} + 1, false);
      if (!told_[number]) fresh.push_back(number);
      told_[number] = true;
      return std::optional<std::uint16_t>(number);
    };
    for (const std::string_view code : {data, metadata}) {
      std::string copy(code);
      if (!copy.empty()) static_cast<void>(shape_code::renumber(copy, shapes, collect));
    }
    put_varint(out, fresh.size());
    for (const std::uint16_t number : fresh) {
      const std::string& keys = shapes.find(number)->json;
      put_varint(out, number);
      put_varint(out, keys.size());
      out += keys;
    }
  }

 private:
  std::vector<bool> told_;  // by number
};

/// The events of one piece.
struct Extent {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;  // at most, names left out: the piece then grows without being copied again and again
  Position last;
};

/// As many events from `cursor` on as fit into `bytes_max`, one at least.
Extent measure(const Engine& engine, AllCursor cursor, std::uint64_t bytes_max) {
  constexpr std::uint64_t kEventFrameMaxBytes = 16 + 1 + 5 + 5 + 5 + 10 + 10 + 5 + 5;
  Extent extent;
  while (const std::optional<Record> record = engine.next(cursor)) {
    const std::uint64_t bytes = kEventFrameMaxBytes + record->data_size + record->metadata_size;
    if (extent.events > 0 && extent.bytes + bytes > bytes_max) break;
    ++extent.events;
    extent.bytes += bytes;
    extent.last = record->position();
  }
  return extent;
}

/// `end_before`: where the event before ends.
void put_event(Bytes& out, const Engine& engine, const Record& record, ShapesWritten& shapes, std::int64_t created_before,
               std::uint64_t end_before) {
  const bool binary = record.content_type == ContentType::Binary;
  const bool moved = record.position().commit != end_before;
  out.push_back(static_cast<char>((binary ? kBinaryFlag : 0) | (record.is_tombstone() ? kTombstoneFlag : 0) |
                                  (moved ? kMovedFlag : 0) | (engine.begins_stream(record) ? kBeginsStreamFlag : 0) |
                                  (record.data_shaped ? kShapedDataFlag : 0) |
                                  (record.metadata_shaped ? kShapedMetadataFlag : 0)));
  std::string metadata(record.metadata_size, '\0');
  engine.copy_metadata(record, metadata.data());
  std::string data(record.data_size, '\0');
  engine.copy_data(record, data.data());
  if (record.data_shaped || record.metadata_shaped) {
    const std::string_view nothing;
    shapes.put(out, engine.shapes(), record.data_shaped ? data : nothing, record.metadata_shaped ? metadata : nothing);
  }
  if (moved) put_varint(out, record.address);
  if (!record.is_tombstone()) put_varint(out, record.revision.value);
  // Differences are unsigned, so that any two times have one.
  const auto created = static_cast<std::uint64_t>(record.created_ticks);
  put_varint(out, zigzag(created - static_cast<std::uint64_t>(created_before)));
  for (const std::uint8_t byte : record.id.bytes) out.push_back(static_cast<char>(byte));
  put_varint(out, metadata.size());
  out += metadata;
  put_varint(out, data.size());
  out += data;
}

/// Puts one piece into `piece`, in place of what it held, and moves `cursor` behind its last event.
void encode_piece(const Engine& engine, AllCursor& cursor, const Extent& extent, Bytes& piece) {
  AllCursor backwards = cursor;
  backwards.direction = Direction::Backwards;
  const std::optional<Record> before = engine.next(backwards);

  piece.reserve(kHeaderBytes + static_cast<std::size_t>(extent.bytes) + 64);
  piece.assign(kHeaderBytes, '\0');  // the header is known at the end
  put_varint(piece, before ? before->position().commit : 0);
  put_varint(piece, extent.last.commit);
  put_varint(piece, extent.events);
  NamesWritten streams;
  NamesWritten types;
  ShapesWritten shapes;
  std::int64_t created_before = 0;
  std::uint64_t end_before = before ? before->position().commit + before->size_bytes() : kFirstPosition;
  for (std::uint64_t i = 0; i < extent.events; ++i) {
    const std::optional<Record> record = engine.next(cursor);
    streams.put(piece, record->stream, [&](std::uint32_t id) { return engine.stream_name(id); });
    types.put(piece, record->type, [&](std::uint32_t id) { return engine.type_name(id); });
    put_event(piece, engine, *record, shapes, created_before, end_before);
    created_before = record->created_ticks;
    end_before = record->position().commit + record->size_bytes();
  }

  Bytes header(kMagic);
  put_fixed(header, shapes.empty() ? kVersion : kVersionWithShapes, 4);
  put_fixed(header, piece.size() - kHeaderBytes, 8);
  put_fixed(header, crc32c(std::string_view(piece).substr(kHeaderBytes), crc32c(header)), 4);
  piece.replace(0, kHeaderBytes, header);
}

// Reading

/// Steps through bytes that are not to be trusted: a step that would leave them fails, and so do all steps after it.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  std::string_view bytes(std::uint64_t size) {
    if (failed_ || size > rest_.size()) return fail();
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::uint8_t byte() {
    const std::string_view taken = bytes(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
  }

  std::uint64_t fixed(std::size_t size) {
    std::uint64_t number = 0;
    const std::string_view taken = bytes(size);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      number |= std::uint64_t{static_cast<std::uint8_t>(taken[i])} << (8 * i);
    }
    return number;
  }

  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (std::uint32_t shift = 0; shift < 64; shift += 7) {
      const std::uint64_t each = byte();
      if (shift == 63 && each > 1) break;
      number |= (each & 0x7f) << shift;
      if (each < 0x80) return number;
    }
    fail();
    return 0;
  }

  /// A size, then that many bytes; no single value takes 4 GiB.
  std::string_view sized() {
    const std::uint64_t size = varint();
    return size > std::numeric_limits<std::uint32_t>::max() ? fail() : bytes(size);
  }

  /// What was read makes no sense.
  std::string_view fail() {
    failed_ = true;
    rest_ = {};
    return {};
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// Where in the journal something is wrong, for the error's sentence.
struct Place {
  std::size_t piece = 0;   // from 1 on
  std::size_t offset = 0;  // of the piece in the journal
};

Error corrupt(const Place& place, const std::string& why) {
  return {ErrorCode::CorruptData, "Piece " + std::to_string(place.piece) + " of the journal, at byte " +
                                      std::to_string(place.offset) + ", " + why + "."};
}

/// The payload of the piece that `journal` begins with, its checksum verified; `journal` then begins after it.
Result<std::string_view> take_piece(std::string_view& journal, const Place& place) {
  Reader header(journal.substr(0, kHeaderBytes));
  const std::string_view magic = header.bytes(kMagic.size());
  const std::uint64_t version = header.fixed(4);
  const std::uint64_t payload_bytes = header.fixed(8);
  const std::uint64_t checksum = header.fixed(4);
  if (header.failed()) return corrupt(place, "is cut off within its header");
  if (magic != kMagic) return corrupt(place, "does not begin as a journal does");
  if (version != kVersion && version != kVersionWithShapes) {
    return corrupt(place, "has format version " + std::to_string(version) + ", not 1 or 2");
  }
  if (payload_bytes > journal.size() - kHeaderBytes) return corrupt(place, "is cut off");
  const std::string_view payload = journal.substr(kHeaderBytes, static_cast<std::size_t>(payload_bytes));
  if (crc32c(payload, crc32c(journal.substr(0, kCheckedHeaderBytes))) != checksum) {
    return corrupt(place, "does not match its checksum");
  }
  journal.remove_prefix(kHeaderBytes + payload.size());
  return payload;
}

struct Piece {
  Place place;
  std::string_view payload;
};

/// All pieces, once every length, version and checksum has proved right.
Result<std::vector<Piece>> take_pieces(std::string_view journal) {
  std::vector<Piece> pieces;
  const std::size_t journal_bytes = journal.size();
  while (!journal.empty()) {
    const Place place{pieces.size() + 1, journal_bytes - journal.size()};
    const Result<std::string_view> payload = take_piece(journal, place);
    if (!payload) return payload.error();
    pieces.push_back({place, *payload});
  }
  return pieces;
}

/// Adds the events of one verified piece to a database.
class PieceReplay {
 public:
  PieceReplay(Engine& engine, const Piece& piece) : engine_(engine), reader_(piece.payload), place_(piece.place) {}

  Result<void> run() {
    const std::uint64_t after = reader_.varint();
    const std::uint64_t last = reader_.varint();
    const std::uint64_t events = reader_.varint();
    if (reader_.failed()) return malformed();
    const std::uint64_t head = engine_.head().commit;
    if (after > head) {
      return corrupt(place_, "begins after position " + std::to_string(after) + " but the events before it end at " +
                                 std::to_string(head));
    }
    for (std::uint64_t i = 0; i < events; ++i) {
      if (Result<void> applied = apply_event(); !applied) return applied;
    }
    if (!reader_.at_end()) return malformed();
    if (after == head && engine_.head().commit != last) {
      return corrupt(
          place_, "ends at position " + std::to_string(engine_.head().commit) + " instead of " + std::to_string(last));
    }
    return {};
  }

 private:
  Result<void> apply_event() {
    const std::string_view stream = name(streams_);
    EventView event;
    event.type = name(types_);
    const std::uint8_t flags = reader_.byte();
    event.data_shaped = (flags & kShapedDataFlag) != 0;
    event.metadata_shaped = (flags & kShapedMetadataFlag) != 0;
    const bool is_shaped = event.data_shaped || event.metadata_shaped;
    if (is_shaped && !learn_shapes()) return malformed();
    const bool is_tombstone = (flags & kTombstoneFlag) != 0;
    const std::uint64_t address = (flags & kMovedFlag) != 0 ? reader_.varint() : 0;
    const StreamRevision revision{is_tombstone ? kDeletedRevision : reader_.varint()};
    created_ticks_ += unzigzag(reader_.varint());
    const std::string_view id = reader_.bytes(kIdBytes);
    event.metadata = reader_.sized();
    event.data = reader_.sized();
    event.content_type = (flags & kBinaryFlag) != 0 ? ContentType::Binary : ContentType::Json;
    event.data_checked = !event.data_shaped && event.content_type == ContentType::Json && !json::check(event.data);
    event.metadata_checked = !event.metadata_shaped && !json::check(event.metadata);
    std::string data;
    std::string metadata;
    if (is_shaped) {
      const bool may_be = !(event.data_shaped && event.content_type == ContentType::Binary) && !is_tombstone &&
                          !stream.starts_with('$') && !event.type.starts_with('$');
      if (!may_be || !(event.data_shaped ? shaped_here(event.data, data) : true) ||
          !(event.metadata_shaped ? shaped_here(event.metadata, metadata) : true)) {
        return malformed();
      }
    }
    const bool known_flags = (flags & ~(kBinaryFlag | kTombstoneFlag | kMovedFlag | kBeginsStreamFlag | kShapedDataFlag |
                                        kShapedMetadataFlag)) == 0;
    if (reader_.failed() || !known_flags || (!is_tombstone && revision.value >= kDeletedRevision) ||
        address > std::numeric_limits<RecordAddress>::max()) {
      return malformed();
    }
    std::memcpy(event.id.bytes.data(), id.data(), kIdBytes);
    const Gap gap{address * 4, (flags & kBeginsStreamFlag) != 0};
    Result<void> replayed = engine_.replay(stream, event, revision, static_cast<std::int64_t>(created_ticks_), gap);
    if (replayed || replayed.error().code != ErrorCode::CorruptData) return replayed;
    return corrupt(place_, "does not fit: " + replayed.error().message);
  }

  /// The shapes that the next event brings.
  bool learn_shapes() {
    const std::uint64_t count = reader_.varint();
    for (std::uint64_t i = 0; i < count && !reader_.failed(); ++i) {
      const std::uint64_t number = reader_.varint();
      const std::optional<std::uint16_t> here = engine_.shape_number(reader_.sized());
      if (reader_.failed() || !here || number > Shapes::kShapesMax) return false;
      if (number >= shapes_.size()) shapes_.resize(static_cast<std::size_t>(number) + 1);
      shapes_[static_cast<std::size_t>(number)] = here;
    }
    return !reader_.failed();
  }

  /// Has `part` view `copy`, which says the same with this database's numbers. False when it is damaged.
  bool shaped_here(std::string_view& part, std::string& copy) {
    copy = part;
    part = copy;
    return shape_code::renumber(copy, engine_.shapes(), [this](std::uint16_t number) {
      return number < shapes_.size() ? shapes_[number] : std::nullopt;
    });
  }

  std::string_view name(std::vector<std::string_view>& names) {
    const std::uint64_t number = reader_.varint();
    if (number == 0) {
      names.push_back(reader_.sized());
      return names.back();
    }
    if (number <= names.size()) return names[static_cast<std::size_t>(number - 1)];
    return reader_.fail();
  }

  [[nodiscard]] Error malformed() const { return corrupt(place_, "is not written as a journal is"); }

  Engine& engine_;
  Reader reader_;
  Place place_;
  std::vector<std::string_view> streams_;
  std::vector<std::string_view> types_;
  std::vector<std::optional<std::uint16_t>> shapes_;  // by their numbers in the piece
  std::uint64_t created_ticks_ = 0;  // unsigned, so that any difference may be added
};

}  // namespace

void write_journal(const Engine& engine, Position after, std::uint64_t piece_bytes,
                   const std::function<void(std::string_view)>& write) {
  Bytes piece;
  AllCursor cursor = engine.follow_all(after);
  for (Extent extent; (extent = measure(engine, cursor, piece_bytes)).events > 0;) {
    encode_piece(engine, cursor, extent, piece);
    write(piece);
  }
}

Bytes encode_journal(const Engine& engine, Position after) {
  Bytes piece;
  AllCursor cursor = engine.follow_all(after);
  const Extent extent = measure(engine, cursor, kNoLimit);
  if (extent.events > 0) encode_piece(engine, cursor, extent, piece);
  return piece;
}

Result<void> replay_journal(Engine& engine, Clock& clock, std::string_view pieces) {
  const Result<std::vector<Piece>> taken = take_pieces(pieces);
  if (!taken) return taken.error();
  const std::unique_ptr<Engine> fork = engine.fork(clock);
  for (const Piece& piece : *taken) {
    if (Result<void> applied = PieceReplay(*fork, piece).run(); !applied) return applied;
  }
  if (fork->head() == engine.head()) return {};
  engine.catch_up_with(*fork);
  engine.announce();
  return {};
}

}  // namespace kurrentlite
