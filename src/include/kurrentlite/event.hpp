#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kurrentlite/uuid.hpp"

namespace kurrentlite {

/// Zero-based, gapless place of an event in its own stream.
struct StreamRevision {
  std::uint64_t value = 0;
  auto operator<=>(const StreamRevision&) const = default;
};

/// Revision of the `$streamDeleted` event that tombstones a stream, and `$tb` of a soft-deleted one (int64 max).
inline constexpr std::uint64_t kDeletedRevision = std::numeric_limits<std::int64_t>::max();

/// Place of an event in `$all`. Commit and prepare are always equal here; values grow, are unique and have gaps.
struct Position {
  std::uint64_t commit = 0;
  std::uint64_t prepare = 0;
  auto operator<=>(const Position&) const = default;
};

struct Any {
  bool operator==(const Any&) const = default;
};
struct NoStream {
  bool operator==(const NoStream&) const = default;
};
struct StreamExists {
  bool operator==(const StreamExists&) const = default;
};
/// The state a caller expects a stream to be in before a write.
using ExpectedState = std::variant<Any, NoStream, StreamExists, StreamRevision>;

struct SoftDeleted {
  bool operator==(const SoftDeleted&) const = default;
};
struct Tombstoned {
  bool operator==(const Tombstoned&) const = default;
};
/// The state a check of a multi-stream append asks for.
using CheckedState = std::variant<NoStream, StreamExists, SoftDeleted, Tombstoned, StreamRevision>;

/// "any", "no_stream", "stream_exists" or the revision in decimal.
[[nodiscard]] std::string to_string(const ExpectedState& expected);

struct Start {
  bool operator==(const Start&) const = default;
};
struct End {
  bool operator==(const End&) const = default;
};
using ReadRevision = std::variant<Start, End, StreamRevision>;
using ReadPosition = std::variant<Start, End, Position>;

enum class Direction : std::uint8_t { Forwards, Backwards };
enum class ContentType : std::uint8_t { Json, Binary };

using StreamName = std::string;
using Bytes = std::string;  ///< raw octets; a std::string because most are JSON text

/// An event to append. `id` makes a repeated append harmless: the same id on the same stream is written once.
struct EventData {
  Uuid id;
  std::string type;
  ContentType content_type = ContentType::Json;
  Bytes data;
  Bytes metadata;
};

/// An event as stored. Bytes are returned exactly as they were sent.
struct RecordedEvent {
  StreamName stream;
  Uuid id;
  StreamRevision revision;
  std::string type;
  ContentType content_type = ContentType::Json;
  Bytes data;
  Bytes metadata;
  std::int64_t created_ticks = 0;  ///< 100 ns since 1970-01-01 UTC
  Position position;
};

/// What a read hands back. With link resolution `event` is the target (empty when it cannot be read) and `link` the link.
struct ResolvedEvent {
  std::optional<RecordedEvent> event;
  std::optional<RecordedEvent> link;
};

/// First character `$`: reserved for the database and its administration.
[[nodiscard]] inline bool is_system_stream(std::string_view name) { return !name.empty() && name.front() == '$'; }
/// First two characters `$$`: holds the metadata of the rest of the name.
[[nodiscard]] inline bool is_metastream(std::string_view name) { return name.substr(0, 2) == "$$"; }

}  // namespace kurrentlite
