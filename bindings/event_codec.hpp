#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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
/// Append request (written by web/src/wasm/events.ts):
///   u32 count, expected (0 any, 1 no stream, 2 stream exists, 3 revision), u64 revision, u32 name length, text bytes,
///   binary bytes, 0
///   count × { u32 id[4], type length, metadata length, data length, flags; f64 created in ms, 0 = now }
///   text: name, then of each event type, metadata and data as far as flagged as text
///   binary: of each event metadata and data as far as not text
/// Page of events:
///   u32 count, text bytes, binary bytes, more (1 when the page was cut short)
///   count × { u32 stream, type, id[4]; u64 revision, position; f64 created in ms; u32 metadata length, data length, flags,
///             link distance }
///   text, binary: of each event metadata, then data
/// Lengths of text are UTF-16 units, of binary parts bytes.
namespace kurrentlite::bindings {

enum EventFlags : std::uint32_t { kJson = 1, kMetadataIsText = 2, kDataIsText = 4 };

struct AppendRequest {
  std::string_view stream;
  ExpectedState expected;
  std::vector<EventView> events;
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

/// Writes what `next` hands out, up to `max_count` events or about `bytes_max` bytes of content, whichever comes first.
/// Errors: OutOfMemory.
[[nodiscard]] Result<char*> encode_page(const Engine& engine, Buffer& buffer,
                                        const std::function<std::optional<Record>()>& next, std::size_t max_count,
                                        std::uint64_t bytes_max);

}  // namespace kurrentlite::bindings
