#include "database_handle.hpp"

#include <cstring>

#include "convert.hpp"
#include "storage/journal.hpp"

namespace kurrentlite::bindings {
namespace {

constexpr std::uint64_t kPageBytesMax = std::uint64_t{4} << 20;

template <class T>
std::uintptr_t address_of(const T* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

}  // namespace

DatabaseHandle::DatabaseHandle(int handle, double memory_max_bytes)
    : handle_(handle),
      engine_(Host::instance().clock, {.memory_max_bytes = static_cast<std::uint64_t>(memory_max_bytes)}) {}

DatabaseHandle::~DatabaseHandle() { listen(false); }

std::uintptr_t DatabaseHandle::fail(const Error& error) {
  last_error_ = to_json(error);
  return 0;
}

std::uintptr_t DatabaseHandle::request(std::size_t size) {
  // Beyond the request itself: views of its events, and what listeners may allocate.
  constexpr std::uint64_t kReserve = std::uint64_t{1} << 20;
  char* const data = has_headroom(size + kReserve) ? request_.ensure(size) : nullptr;
  if (data != nullptr) return address_of(data);
  return fail({ErrorCode::OutOfMemory, "There is no memory left for the request.", {{"requestedBytes", size}}});
}

std::uintptr_t DatabaseHandle::append(std::size_t size) {
  Boundary boundary;
  const Result<AppendRequest> request = decode_append(request_.data(), size);
  if (!request) return fail(request.error());
  const Result<AppendResult> result = engine_.append(request->stream, request->events, request->expected);
  request_.trim();
  if (!result) return fail(result.error());
  static char outcome[24];
  const std::uint32_t flags[2] = {result->revision ? 1u : 0u, result->position ? 1u : 0u};
  const std::uint64_t numbers[2] = {result->revision.value_or(StreamRevision{}).value,
                                    result->position.value_or(Position{}).commit};
  std::memcpy(outcome, flags, sizeof flags);
  std::memcpy(outcome + 8, numbers, sizeof numbers);
  return address_of(outcome);
}

template <class Cursor>
std::uintptr_t DatabaseHandle::page(Cursor cursor, std::size_t max_count) {
  const Result<char*> page =
      encode_page(engine_, response_, [&] { return engine_.next(cursor); }, max_count, kPageBytesMax);
  return page ? address_of(*page) : fail(page.error());
}

std::uintptr_t DatabaseHandle::read_stream(const std::string& stream, bool backwards, int from, std::uint64_t revision,
                                           std::size_t max_count) {
  ReadRevision start = Start{};
  if (from == 1) start = End{};
  if (from == 2) start = StreamRevision{revision};
  const Direction direction = backwards ? Direction::Backwards : Direction::Forwards;
  const Result<StreamCursor> cursor = engine_.open_stream(stream, direction, start);
  return cursor ? page(*cursor, max_count) : fail(cursor.error());
}

std::uintptr_t DatabaseHandle::read_all(bool backwards, int from, std::uint64_t position, std::size_t max_count) {
  ReadPosition start = Start{};
  if (from == 1) start = End{};
  if (from == 2) start = Position{position, position};
  return page(engine_.open_all(backwards ? Direction::Backwards : Direction::Forwards, start), max_count);
}

std::string DatabaseHandle::statistics() const {
  return to_json(engine_.statistics(), engine_.memory_used_bytes());
}

void DatabaseHandle::reset() {
  Boundary boundary;
  engine_.reset();
  engine_.announce();
}

emscripten::val DatabaseHandle::journal(std::uint64_t after) {
  // One piece at a time leaves linear memory, so that a database may fill nearly all of it and still be saved.
  constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
  constexpr std::uint64_t kNeededBytes = std::uint64_t{32} << 20;  // a piece, or the largest event, while it is built
  if (!has_headroom(kNeededBytes)) {
    fail({ErrorCode::OutOfMemory, "There is no memory left to write the journal.", {{"requestedBytes", kNeededBytes}}});
    return emscripten::val::null();
  }
  emscripten::val pieces = emscripten::val::array();
  write_journal(engine_, {after, after}, kPieceBytes, [&](std::string_view piece) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(piece.data());
    const emscripten::val view(emscripten::typed_memory_view(piece.size(), bytes));
    pieces.call<void>("push", view.call<emscripten::val>("slice"));
  });
  return pieces;
}

bool DatabaseHandle::replay(std::size_t size) {
  Boundary boundary;
  const Result<void> result = replay_journal(engine_, Host::instance().clock, {request_.data(), size});
  request_.trim();
  return result.ok() || fail(result.error()) != 0;
}

void DatabaseHandle::listen(bool wanted) {
  if (listener_ != 0) engine_.unlisten(listener_);
  listener_ = wanted ? engine_.on_append([this] { Host::instance().notify(handle_, Topic::Append); }) : 0;
}

}  // namespace kurrentlite::bindings
