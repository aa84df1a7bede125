#pragma once

#include <cstdint>

#include "kurrentlite/event.hpp"

namespace kurrentlite {

/// Where a record begins in the log, in units of 4 bytes. Grows with every event; never 0 for an event.
using RecordAddress = std::uint32_t;

/// What a record takes in the log besides its data and metadata.
inline constexpr std::uint32_t kRecordHeaderBytes = 44;

/// Where the first event of a log stands: position 0 belongs to no event, as in KurrentDB.
inline constexpr std::uint64_t kFirstPosition = 64;

/// The byte offset in the log, as KurrentDB's positions are.
[[nodiscard]] inline Position position_of(RecordAddress address) {
  return {address * std::uint64_t{4}, address * std::uint64_t{4}};
}

/// The fixed part of a stored event. Names and bytes are fetched by the engine's accessors.
struct Record {
  RecordAddress address = 0;
  std::uint32_t stream = 0;  ///< Engine::stream_name
  std::uint32_t type = 0;    ///< Engine::type_name
  Uuid id;
  StreamRevision revision;
  std::int64_t created_ticks = 0;
  ContentType content_type = ContentType::Json;
  std::uint32_t data_size = 0;
  std::uint32_t metadata_size = 0;
  bool data_checked = false;  ///< see EventView
  bool metadata_checked = false;
  bool data_shaped = false;
  bool metadata_shaped = false;

  [[nodiscard]] Position position() const { return position_of(address); }
  /// Bytes that it takes in the log.
  [[nodiscard]] std::uint64_t size_bytes() const {
    return (std::uint64_t{kRecordHeaderBytes} + metadata_size + data_size + 3) & ~std::uint64_t{3};
  }
  [[nodiscard]] bool is_tombstone() const { return revision.value == kDeletedRevision; }
};

/// What is missing before an event that was recorded elsewhere: a scavenge there took it out.
struct Gap {
  std::uint64_t position = 0;  ///< where the event stood; 0 = right behind the one before
  bool begins_stream = false;  ///< the earlier events of its stream are gone
};

/// An event to append whose bytes belong to the caller.
struct EventView {
  Uuid id;
  std::string_view type;
  ContentType content_type = ContentType::Json;
  std::string_view data;
  std::string_view metadata;
  /// When the event was recorded, for events brought in from elsewhere; 0 = now.
  std::int64_t created_ticks = 0;
  /// The data, or metadata, are known to be one well-formed JSON value in UTF-8, so that readers need not look again.
  bool data_checked = false;
  bool metadata_checked = false;
  /// The data, or metadata, are shape code (engine/shape_code.hpp); what stands before its text may be given apart. Never in
  /// streams and with types whose names begin with `$`, whose content the database reads itself.
  bool data_shaped = false;
  bool metadata_shaped = false;
  std::string_view data_head = {};
  std::string_view metadata_head = {};

  [[nodiscard]] std::uint64_t data_size() const { return std::uint64_t{data_head.size()} + data.size(); }
  [[nodiscard]] std::uint64_t metadata_size() const { return std::uint64_t{metadata_head.size()} + metadata.size(); }
};

}  // namespace kurrentlite
