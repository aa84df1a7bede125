#include "engine/transaction.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite {

Transaction::Transaction(Engine::State& state) : state_(state) {
  state_.targets.clear();
  state_.addressed.clear();
}

std::uint32_t Transaction::add_stream(std::string_view name) {
  state_.targets.push_back({name, 0, 0, 0});
  return static_cast<std::uint32_t>(state_.targets.size() - 1);
}

void Transaction::add(std::uint32_t stream, const EventView& event) {
  state_.addressed.push_back({&event, stream});
  ++state_.targets[stream].added;
  if (revivals_.empty()) ++added_;
}

std::uint32_t Transaction::stream_named(std::string_view name) {
  const auto& targets = state_.targets;
  const auto found = std::find_if(targets.begin(), targets.end(), [&](const auto& each) { return each.name == name; });
  return found == targets.end() ? add_stream(name) : static_cast<std::uint32_t>(found - targets.begin());
}

void Transaction::revive(std::uint32_t stream, std::string_view last_data) {
  const std::string_view name = state_.targets[stream].name;
  const StreamEntry entry = state_.entry_of(name);
  std::uint32_t metastream = stream;
  if (entry.is_metastream != 0) {
    const StreamEntry original = state_.index.entry(entry.partner);
    if (!original.retention.soft_deleted() || !is_json_object(last_data)) return;
    texts_.push_back(with_truncate_before(last_data, original.count));
  } else {
    if (!entry.retention.soft_deleted()) return;
    texts_.push_back("$$" + std::string(name));
    metastream = stream_named(texts_.back());
    const StreamEntry metadata = state_.index.entry(entry.partner);
    const std::string current = state_.data_of(state_.event_at(metadata, metadata.count - 1));
    texts_.push_back(with_truncate_before(current, entry.count));
  }
  EventView event;
  event.id = state_.system_event_id(revivals_.size());
  event.type = kMetadataType;
  event.data = texts_.back();
  revivals_.push_back(event);
  add(metastream, revivals_.back());
  ++state_.targets[metastream].revived;
}

bool Transaction::reserve(Engine::State::Reservation& reservation) {
  for (auto& target : state_.targets) {
    target.stream = state_.open_for_write(target.name);
    if (target.stream == 0) return false;
  }
  state_.type_ids.clear();
  for (const auto& [event, target] : state_.addressed) {
    if (!state_.reserve({event, 1}, reservation)) return false;
  }
  const bool alternating = state_.targets.size() > 1;
  for (const auto& target : state_.targets) {
    if (!state_.index.reserve(target.stream, target.added, reservation.index_begun, alternating)) return false;
  }
  return true;
}

Result<void> Transaction::commit() {
  Engine::State::Reservation reservation(state_);
  if (!reserve(reservation)) {
    std::uint64_t bytes = 0;
    for (const auto& each : state_.addressed) bytes += Log::size_max_of(*each.event);
    return state_.give_up(reservation, bytes);
  }
  for (const auto& target : state_.targets) state_.pair_metastream(target.name, target.stream);
  const std::int64_t now = state_.clock->now_ticks();
  for (std::size_t i = 0; i < state_.addressed.size(); ++i) {
    const auto& [event, target] = state_.addressed[i];
    const std::uint32_t stream = state_.targets[target].stream;
    const std::int64_t created = event->created_ticks != 0 ? event->created_ticks : now;
    const RecordAddress address =
        state_.place(stream, *event, state_.type_ids[i], {state_.index.entry(stream).count}, created);
    if (i < added_) last_ = address;
  }
  return {};
}

std::uint32_t Transaction::count_of(std::uint32_t stream) const {
  const auto& target = state_.targets[stream];
  return state_.index.entry(target.stream).count - target.revived;
}

std::optional<Position> Transaction::last_position() const {
  return last_ == 0 ? std::nullopt : std::optional(position_of(last_));
}

}  // namespace kurrentlite
