#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "engine/engine.hpp"
#include "engine/filter.hpp"

/// What tests of the engine and of the journal share.
namespace kurrentlite::testing {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ticks() const override { return ticks; }
  void advance_s(std::int64_t seconds) { ticks += seconds * 1000 * kTicksPerMillisecond; }
  std::int64_t ticks = 17'000'000'000'000'000;  // some day in 2023
};

/// An id that says its number.
inline Uuid id_of(std::uint64_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  id.bytes[6] = 0x40;
  return id;
}

inline EventView event(std::uint64_t number, std::string_view type = "happened", std::string_view data = "{}",
                       std::string_view metadata = {}, ContentType content_type = ContentType::Json) {
  return {id_of(number), type, content_type, data, metadata};
}

inline Result<AppendResult> append(Engine& engine, std::string_view stream, const std::vector<EventView>& events,
                                   const ExpectedState& expected = Any{}) {
  return engine.append(stream, events, expected);
}

inline Result<AppendResult> set_metadata(Engine& engine, std::uint64_t number, const std::string& stream,
                                         std::string_view json) {
  return append(engine, "$$" + stream, {event(number, "$metadata", json)});
}

/// The whole of `$all`.
inline std::vector<RecordedEvent> everything(const Engine& engine) {
  std::vector<RecordedEvent> events;
  AllCursor cursor = engine.open_all(Direction::Forwards, Start{}).value();
  while (const std::optional<Record> record = engine.next(cursor)) events.push_back(engine.materialise(*record));
  return events;
}

/// What a read of `stream` hands back; a failed one hands back nothing.
inline std::vector<RecordedEvent> read(const Engine& engine, std::string_view stream,
                                       Direction direction = Direction::Forwards, const ReadRevision& from = Start{}) {
  std::vector<RecordedEvent> events;
  Result<StreamCursor> cursor = engine.open_stream(stream, direction, from);
  if (!cursor) return events;
  while (const std::optional<Record> record = engine.next(*cursor)) events.push_back(engine.materialise(*record));
  return events;
}

inline std::vector<std::uint64_t> revisions(const std::vector<RecordedEvent>& events) {
  std::vector<std::uint64_t> found;
  for (const RecordedEvent& each : events) found.push_back(each.revision.value);
  return found;
}

/// Every visible property of an event in one line, so that a failed comparison reads well.
inline std::string describe(const RecordedEvent& each) {
  return each.stream + "@" + std::to_string(each.revision.value) + " " + each.type + " id " + each.id.to_string() +
         (each.content_type == ContentType::Json ? " json " : " binary ") + std::to_string(each.created_ticks) +
         " at " + std::to_string(each.position.commit) + "/" + std::to_string(each.position.prepare) + " data " +
         ::testing::PrintToString(each.data.size() > 200 ? each.data.substr(0, 200) : each.data) + " of " +
         std::to_string(each.data.size()) + " metadata " + ::testing::PrintToString(each.metadata);
}

inline std::vector<std::string> describe(const std::vector<RecordedEvent>& events) {
  std::vector<std::string> lines;
  for (const RecordedEvent& each : events) lines.push_back(describe(each));
  return lines;
}

/// Everything a user can see of a database, as text.
inline std::vector<std::string> contents(const Engine& engine) { return describe(everything(engine)); }

inline ErrorCode code_of(const Result<AppendResult>& result) {
  return result ? ErrorCode::Unknown : result.error().code;
}

inline std::string random_text(Prng& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& each : text) each = static_cast<char>(random.below(256));
  return text;
}

}  // namespace kurrentlite::testing

namespace kurrentlite {
// GoogleTest names a failed comparison of these.
inline void PrintTo(ErrorCode code, std::ostream* out) { *out << to_string(code); }
}  // namespace kurrentlite
