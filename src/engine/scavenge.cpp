#include <algorithm>
#include <optional>
#include <vector>

#include "engine/state.hpp"

// What a scavenge takes follows KurrentDB's: metastreams keep their last event, streams too, unless a tombstone ends them.
namespace kurrentlite {
namespace {

/// The first revision after `floor` that has not expired, the stream's last one at the latest.
std::uint32_t skip_expired(const Engine::State& state, const StreamEntry& entry, std::uint32_t floor) {
  if (entry.retention.max_age_s == 0) return floor;
  while (floor + 1 < entry.count && state.is_expired(entry, state.event_at(entry, floor))) ++floor;
  return floor;
}

/// The lowest revision that stays.
std::uint32_t floor_of(const Engine::State& state, const StreamEntry& entry) {
  if (entry.count == 0) return 0;
  const bool is_metadata = entry.is_metastream != 0 && entry.partner != 0;
  const bool ends_with_tombstone =
      entry.tombstone != 0 || (is_metadata && state.index.entry(entry.partner).tombstone != 0);
  if (ends_with_tombstone) return entry.count;
  const std::uint64_t visible = Engine::State::visible_from(entry);
  return skip_expired(state, entry, static_cast<std::uint32_t>(std::min<std::uint64_t>(visible, entry.count - 1)));
}

}  // namespace

Result<Scavenged> Engine::scavenge() {
  State& state = *state_;
  const std::uint64_t memory_before = memory_used_bytes();
  std::vector<std::uint32_t> floors(std::size_t{state.streams.count()} + 1);
  for (std::uint32_t stream = 1; stream < floors.size(); ++stream) {
    floors[stream] = floor_of(state, state.index.entry(stream));
  }
  if (!state.index.own_entries()) return errors::out_of_memory(kPageBytes);
  const std::optional<Log::Removed> removed = state.log.remove_below(floors);
  if (!removed) return errors::out_of_memory(kPageBytes);
  state.index.raise_floors(floors);
  const std::uint64_t memory_after = memory_used_bytes();
  return Scavenged{removed->events, removed->bytes, memory_before - std::min(memory_before, memory_after)};
}

}  // namespace kurrentlite
