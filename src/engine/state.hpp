#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "engine/interner.hpp"
#include "engine/log.hpp"
#include "engine/password_memo.hpp"
#include "engine/shapes.hpp"
#include "engine/stream_index.hpp"

namespace kurrentlite {

inline constexpr std::string_view kMetadataType = "$metadata";
inline constexpr std::string_view kSettingsStream = "$settings";

/// What an engine holds, and the steps its rules are made of. Private to src/engine.
struct Engine::State {
  State(Clock& clock_in, EngineOptions options_in)
      : clock(&clock_in), options(options_in), budget{options_in.memory_max_bytes, 0}, log(budget), streams(budget),
        types(budget), index(budget) {}
  State(const State& other, Clock& clock_in)
      : clock(&clock_in), options(other.options), budget{other.options.memory_max_bytes, 0}, log(other.log, budget),
        streams(other.streams, budget), types(other.types, budget), index(other.index, budget), shapes(other.shapes),
        fresh(other.fresh) {}

  Clock* clock;
  EngineOptions options;
  PageBudget budget;
  Log log;
  Interner streams;
  Interner types;
  StreamIndex index;
  /// Shared with forks until one of them learns another.
  std::shared_ptr<Shapes> shapes = std::make_shared<Shapes>();

  struct Listener {
    std::uint64_t key;  // 0 = no longer listening
    std::function<void()> run;
  };
  // A deque, and swept only once no listener runs: a listener may add others and may remove any, itself included.
  std::deque<Listener> listeners;
  std::uint64_t last_listener_key = 0;
  std::uint64_t generation = 1;
  std::uint32_t announcing = 0;
  std::uint64_t access_epoch = 1;
  /// What a fresh database holds already; statistics leave it out.
  DatabaseStatistics fresh;
  PasswordMemo passwords;

  // Of the write under way; kept to spare allocations.
  struct Target {
    std::string_view name;
    std::uint32_t added;    // events, revivals included
    std::uint32_t revived;  // metadata that the database adds behind them
    std::uint32_t stream;
  };
  struct Addressed {
    const EventView* event;
    std::uint32_t target;
  };
  std::vector<Target> targets;
  std::vector<Addressed> addressed;
  std::vector<const EventView*> judged;
  std::vector<std::uint32_t> type_ids;

  // Reading
  [[nodiscard]] StreamEntry entry_of(std::string_view name) const { return index.entry(streams.find(name)); }
  /// Also true for the metastream of a tombstoned stream.
  [[nodiscard]] bool is_tombstoned(std::string_view name, const StreamEntry& entry) const;
  [[nodiscard]] bool has_metadata(const StreamEntry& entry) const {
    return entry.partner != 0 && index.entry(entry.partner).count > 0;
  }
  /// The lowest revision that scavenges, `$tb` and `$maxCount` leave visible.
  [[nodiscard]] static std::uint64_t visible_from(const StreamEntry& entry);
  [[nodiscard]] bool is_expired(const StreamEntry& entry, const Record& record) const;
  [[nodiscard]] Record event_at(const StreamEntry& entry, std::uint64_t revision) const {
    return log.read(index.at(entry, static_cast<std::uint32_t>(revision)));
  }
  [[nodiscard]] bool is_readable(const StreamEntry& entry, const Record& record) const;
  [[nodiscard]] std::string data_of(const Record& record) const;

  // Writing
  /// The number of a stream about to be written, its entry and that of its metadata partner owned; 0 = out of memory.
  [[nodiscard]] std::uint32_t open_for_write(std::string_view name);
  /// Before events of a stream are written: lets `s` know of its first `$$s`, and everybody of new access lists.
  void pair_metastream(std::string_view name, std::uint32_t stream);
  /// What one write has taken so far, and what there was before: a write that finds no room takes everything back.
  struct Reservation {
    explicit Reservation(const State& state)
        : streams_before(state.streams.count()), types_before(state.types.count()) {}
    std::uint32_t streams_before;
    std::uint32_t types_before;
    std::uint64_t log_bytes = 0;
    std::uint32_t log_events = 0;
    std::uint32_t index_begun = 0;
  };
  /// Owns everything that appending `events` to `stream` writes, its rows of the stream index apart.
  [[nodiscard]] bool reserve(std::span<const EventView> events, Reservation& reservation);
  /// Takes the reservation back.
  [[nodiscard]] Error give_up(const Reservation& reservation, std::uint64_t bytes);
  /// Writes an event whose room is reserved, and lets metadata take effect.
  RecordAddress place(std::uint32_t stream, const EventView& event, std::uint32_t type, StreamRevision revision,
               std::int64_t created_ticks);
  /// An id for an event that the database itself writes.
  [[nodiscard]] Uuid system_event_id(std::uint64_t salt = 0) const;
  void announce();
  void sweep_listeners();
};

/// The errors of engine operations.
namespace errors {
[[nodiscard]] Error wrong_expected_version(std::string_view stream, const ExpectedState& expected,
                                           std::optional<std::uint64_t> actual);
[[nodiscard]] Error stream_deleted(std::string_view stream);
[[nodiscard]] Error stream_not_found(std::string_view stream);
[[nodiscard]] Error out_of_memory(std::uint64_t bytes);
}  // namespace errors

}  // namespace kurrentlite
