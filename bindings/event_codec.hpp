#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "kurrentlite/result.hpp"

/// Events cross the boundary many at a time, in memory that both sides see. All numbers are little-endian and lie on
/// multiples of 4; text is UTF-8 with its lengths given in UTF-16 units, so that JavaScript encodes or decodes a whole page
/// in one go and cuts it with `slice`.
///
/// Append request (written by web/src/wasm/outgoing_events.ts):
///   u32 count, expected (0 any, 1 no stream, 2 stream exists, 3 revision), u64 revision, u32 name length, text bytes,
///   binary bytes, 0
///   count × { u32 id[4], type length, metadata length, data length, flags; f64 created in ms, 0 = now }
///   text: name, then of each event type, metadata and data as far as flagged as text
///   binary: of each event metadata and data as far as not text; of shape code what stands before its text
///   What is flagged as text is a well-formed JSON value, or nothing; of shape code the length is that of its text.
/// Page of events:
///   u32 count, JSON bytes, tag bytes, flags (PageFlags); u64 place; f64 now in ms
///   count × { u32 stream, type; u64 revision, position; f64 created in ms; u32 metadata bytes, data bytes, flags, bytes of
///             text of shape code }
///   one JSON array for the whole page: of each event its id, then metadata and data as far as they are JSON values
///   of each event the tags of metadata and data in shape code; then their text
///   binary: of each event metadata and data as far as they are not
/// So JavaScript decodes and parses a page once. A link stands behind the event that it led to.
namespace kurrentlite::bindings {

enum EventFlags : std::uint32_t {
  kJson = 1,
  kMetadataIsText = 2,  ///< in a page: UTF-8, but in the binary part
  kDataIsText = 4,
  kIsLink = 8,      ///< the link that led to the event in the row before
  kLeadsNowhere = 16,  ///< a link whose event cannot be read
  kMetadataIsValue = 32,  ///< in the page's JSON array
  kDataIsValue = 64,
  kMetadataIsShaped = 128,  ///< shape code
  kDataIsShaped = 256,
};

enum PageFlags : std::uint32_t {
  kMore = 1,  ///< the page was cut short: ask again
  kCaughtUp = 2,
  kCheckpoint = 4,
  kEnded = 8,  ///< `lastError` says why
  kHasPlace = 16,
};

struct AppendRequest {
  std::string_view stream;
  ExpectedState expected;
  std::vector<EventView> events;
};

/// An append to several streams; everything but the checks is a view into the request.
struct MultiAppendRequest {
  bool is_session = false;  ///< `requests`, else `records` and `checks`
  std::vector<StreamAppend> requests;
  std::vector<RecordView> records;
  std::vector<StateCheck> checks;
  // What the views point to
  std::vector<EventView> events;
  std::vector<std::string> streams;
};

/// A block of linear memory that grows and is used again for the next call.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();
  /// At least `size` bytes, or null when there is no memory; earlier content is lost.
  [[nodiscard]] char* ensure(std::size_t size);
  /// Gives the memory back when it is more than most calls need.
  void trim();
  [[nodiscard]] char* data() const { return data_; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Views into `request`, which holds `size` bytes. Errors: InvalidArgument when lengths and sizes do not agree.
[[nodiscard]] Result<AppendRequest> decode_append(const char* request, std::size_t size);

/// The same for `DatabaseHandle::append_many`.
[[nodiscard]] Result<MultiAppendRequest> decode_multi_append(const char* request, std::size_t size);

/// 0 any, 1 no stream, 2 stream exists, 3 `revision`. Errors: InvalidArgument.
[[nodiscard]] Result<ExpectedState> expected_state_of(std::uint32_t tag, std::uint64_t revision);

/// Collects events, then writes them as one page.
class PageEncoder {
 public:
  PageEncoder(const Engine& engine, Buffer& buffer, bool resolve_links)
      : engine_(engine), buffer_(buffer), resolve_links_(resolve_links) {}

  /// Adds what a reader gets for `record`. `live`: a subscription that has caught up gets a link whose revision is no
  /// number as one that leads nowhere, all others as an ordinary event (reference: streams 3.8).
  void add(const Record& record, bool live);
  [[nodiscard]] std::size_t count() const { return count_; }
  /// Bytes of metadata and data so far.
  [[nodiscard]] std::uint64_t bytes() const { return json_size() + binary_size_ + shaped_size_; }

  struct Trailer {
    std::uint32_t flags;
    std::uint64_t place;
    double now_ms;
  };
  /// The page's address. Errors: OutOfMemory.
  [[nodiscard]] Result<char*> finish(const Trailer& trailer);

 private:
  struct Row {
    Record record;
    std::uint32_t flags;
    std::uint32_t metadata_tags = 0;  // bytes of tags, when in shape code
    std::uint32_t data_tags = 0;
  };
  void add_row(const Record& record, std::uint32_t flags);
  /// Of shape code.
  [[nodiscard]] std::uint32_t tag_bytes(const Record& record, bool is_data) const;
  /// Into `scratch_`.
  void fetch(const Record& record, bool is_data);
  [[nodiscard]] std::uint64_t json_size() const { return rows_.empty() ? 2 : json_size_; }
  void write(char* page, const Trailer& trailer) const;

  const Engine& engine_;
  Buffer& buffer_;
  bool resolve_links_;
  std::vector<Row> rows_;
  std::size_t count_ = 0;  // rows, links that led somewhere apart
  std::uint64_t json_size_ = 1;  // a bracket, and each value with what follows it
  std::uint64_t binary_size_ = 0;
  std::uint64_t shaped_size_ = 0;  // tags and text
  std::uint64_t tags_size_ = 0;
  std::string scratch_;
};

}  // namespace kurrentlite::bindings
