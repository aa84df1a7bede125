#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/engine.hpp"

namespace kurrentlite {

/// The journal: a database as bytes, for a file or a browser's storage. It is a row of self-contained pieces; each
/// holds the events after some position, so that saving costs what is new. Pieces are joined by writing one after the
/// other.
///
/// A piece is (numbers little-endian; `varint` is LEB128, at most 10 bytes):
///
///     magic "KLJ1" · u32 format version (1; 2 when any of its events is in shape code) · u64 payload bytes · u32 CRC-32C of the 16 bytes before and the payload
///     payload: varint position of the event before the first (0 = none) · varint position of the last event
///              varint number of events · the events
///     event:   varint stream, varint type: 0 = a name new to this piece: varint bytes, UTF-8; n = the nth such name
///              u8 flags: bit 0 binary data, bit 1 tombstone, bit 2 moved, bit 3 first event left of its stream
///              varint position / 4, when moved: scavenged events are missing before it
///              bit 4 data in shape code, bit 5 metadata in shape code (engine/shape_code.hpp)
///              of one in shape code, the shapes it uses that are new to this piece: varint how many, then of each varint
///              number in the code, varint bytes, its keys as a JSON array
///              varint revision (none for a tombstone) · varint created ticks, zigzag, minus those of the event before
///              16 bytes id · varint metadata bytes, metadata · varint data bytes, data

/// Hands every event after `after` to `write`, in pieces of about `piece_bytes` (more when a single event takes more), so
/// that a large database is saved with little memory. A piece is valid until `write` returns. Calls nothing when there is
/// no such event.
void write_journal(const Engine& engine, Position after, std::uint64_t piece_bytes,
                   const std::function<void(std::string_view)>& write);
/// The same as one piece; empty when there is no such event. `Position{}` stands for all.
[[nodiscard]] Bytes encode_journal(const Engine& engine, Position after);

/// Adds the events of `pieces` to the database: all of them, or nothing when any piece is damaged, does not follow or
/// does not fit. Listeners then run once. Events that the database holds already (same stream, revision and id) are
/// skipped, so pieces may overlap and be replayed again. Cursors and judges of `engine` stay good.
///
/// Positions are byte offsets, and an event takes the same bytes wherever it is: pieces that follow each other from
/// `Position{}` on give an empty database the positions of the one they came from. A piece that begins after the
/// database's head is refused, since events between are missing.
/// Events that a scavenge has taken out are not in the journal. Pieces written before do not fit those written after a
/// scavenge: begin with `Position{}` again.
/// Errors: CorruptData  the message says which piece and why
///         OutOfMemory  the database's limit or the machine's memory is used up
Result<void> replay_journal(Engine& engine, Clock& clock, std::string_view pieces);

}  // namespace kurrentlite
