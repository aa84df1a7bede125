#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <string>

#include "engine/engine.hpp"
#include "event_codec.hpp"
#include "host.hpp"

namespace kurrentlite::bindings {

/// One in-process database as JavaScript holds it. Every function that can fail answers a failure flag (0, or an address of
/// 0) and leaves the error's JSON in `lastError`.
class DatabaseHandle {
 public:
  /// `handle` names it in `Host::notify`; `memory_max_bytes` 0 = no limit.
  DatabaseHandle(int handle, double memory_max_bytes);
  ~DatabaseHandle();

  [[nodiscard]] Engine& engine() { return engine_; }

  /// Makes room for a request of `size` bytes; answers its address, 0 when there is no memory.
  [[nodiscard]] std::uintptr_t request(std::size_t size);
  /// Appends what stands in the request. Answers the address of u32 has revision, has position, u64 revision, position.
  [[nodiscard]] std::uintptr_t append(std::size_t size);
  /// `from`: 0 start, 1 end, 2 `revision`. Answers the address of a page of events.
  [[nodiscard]] std::uintptr_t read_stream(const std::string& stream, bool backwards, int from, std::uint64_t revision,
                                           std::size_t max_count);
  /// `from`: 0 start, 1 end, 2 `position` (forwards inclusive, backwards exclusive).
  [[nodiscard]] std::uintptr_t read_all(bool backwards, int from, std::uint64_t position, std::size_t max_count);
  [[nodiscard]] std::string stream_name(std::uint32_t id) const { return engine_.stream_name(id); }
  [[nodiscard]] std::string type_name(std::uint32_t id) const { return engine_.type_name(id); }

  [[nodiscard]] std::string statistics() const;
  [[nodiscard]] std::uint64_t head() const { return engine_.head().commit; }
  void reset();
  /// Everything after position `after`, as an array of Uint8Arrays of their own; null when memory is used up.
  [[nodiscard]] emscripten::val journal(std::uint64_t after);
  /// Replays the request's first `size` bytes as a journal.
  [[nodiscard]] bool replay(std::size_t size);
  /// Whether `notify(handle, Append)` is called after each write.
  void listen(bool wanted);
  [[nodiscard]] std::string last_error() const { return last_error_; }

 private:
  std::uintptr_t fail(const Error& error);
  template <class Cursor>
  std::uintptr_t page(Cursor cursor, std::size_t max_count);

  int handle_;
  Engine engine_;
  Buffer request_;
  Buffer response_;
  std::uint64_t listener_ = 0;
  std::string last_error_;
};

}  // namespace kurrentlite::bindings
