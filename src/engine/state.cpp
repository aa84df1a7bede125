#include "engine/state.hpp"

#include <algorithm>

#include "engine/shape_code.hpp"

namespace kurrentlite {

bool Engine::State::is_tombstoned(std::string_view name, const StreamEntry& entry) const {
  if (entry.tombstone != 0) return true;
  return is_metastream(name) && entry_of(name.substr(2)).tombstone != 0;
}

std::uint64_t Engine::State::visible_from(const StreamEntry& entry) {
  const Retention& retention = entry.retention;
  std::uint64_t first = std::max<std::uint64_t>(retention.truncate_before, entry.floor);
  if (retention.max_count != 0 && entry.count > retention.max_count) {
    first = std::max(first, entry.count - retention.max_count);
  }
  return first;
}

bool Engine::State::is_expired(const StreamEntry& entry, const Record& record) const {
  constexpr std::uint64_t kTicksPerSecond = kTicksPerMillisecond * 1000;
  const std::uint64_t max_age_s = entry.retention.max_age_s;
  if (max_age_s == 0) return false;
  const std::int64_t age_ticks = clock->now_ticks() - record.created_ticks;
  if (age_ticks <= 0) return false;
  return static_cast<std::uint64_t>(age_ticks) / kTicksPerSecond >= max_age_s &&
         static_cast<std::uint64_t>(age_ticks) > max_age_s * kTicksPerSecond;
}

bool Engine::State::is_readable(const StreamEntry& entry, const Record& record) const {
  return entry.tombstone == 0 && record.revision.value >= visible_from(entry) && !is_expired(entry, record);
}

std::string Engine::State::data_of(const Record& record) const {
  std::string data(record.data_size, '\0');
  log.copy_body(record, record.metadata_size, record.data_size, data.data());
  if (!record.data_shaped) return data;
  std::string json;
  shape_code::append_json(json, data, *shapes);
  return json;
}

std::uint32_t Engine::State::open_for_write(std::string_view name) {
  const std::uint32_t stream = streams.intern(name);
  if (stream == 0 || !index.own(stream)) return 0;
  if (is_metastream(name) && index.entry(stream).count == 0) {
    const std::uint32_t original = streams.intern(name.substr(2));
    return original != 0 && index.own(original) ? stream : 0;
  }
  const std::uint32_t partner = index.entry(stream).partner;
  return partner == 0 || index.own(partner) ? stream : 0;
}

void Engine::State::pair_metastream(std::string_view name, std::uint32_t stream) {
  if (is_metastream(name) || name == kSettingsStream) ++access_epoch;
  StreamEntry& entry = index.edit(stream);
  if (!is_metastream(name) || entry.count > 0) return;
  entry.is_metastream = 1;
  entry.retention.max_count = 1;
  if (is_metastream(name.substr(2))) return;  // metastreams have no metadata: `$$$$s` is written in vain
  entry.partner = streams.find(name.substr(2));
  index.edit(entry.partner).partner = stream;
}

Error Engine::State::give_up(const Reservation& reservation, std::uint64_t bytes) {
  streams.forget_after(reservation.streams_before);
  types.forget_after(reservation.types_before);
  index.trim(streams.count());
  log.trim();
  return errors::out_of_memory(bytes);
}

bool Engine::State::reserve(std::span<const EventView> events, Reservation& reservation) {
  for (const EventView& event : events) {
    const std::uint32_t type = types.intern(event.type);
    if (type == 0 || type >= (1u << 24)) return false;
    type_ids.push_back(type);
    if (!log.reserve(event, reservation.log_bytes, reservation.log_events)) return false;
    reservation.log_bytes += Log::size_max_of(event);
    ++reservation.log_events;
  }
  return true;
}

RecordAddress Engine::State::place(std::uint32_t stream, const EventView& event, std::uint32_t type, StreamRevision revision,
                            std::int64_t created_ticks) {
  const RecordAddress address = log.append(event, stream, type, revision, created_ticks);
  if (revision.value == kDeletedRevision) {
    index.tombstone(stream, address);
  } else {
    index.add(stream, address);
  }
  const StreamEntry entry = index.entry(stream);
  if (entry.is_metastream != 0 && entry.partner != 0) {
    index.edit(entry.partner).retention = parse_retention(event.content_type, event.data);
  }
  return address;
}

Uuid Engine::State::system_event_id(std::uint64_t salt) const {
  // Distinct within the database because the log's size is; shaped as a version-4 UUID.
  std::uint64_t seed = (log.size_bytes() + salt) * 0x9e3779b97f4a7c15ull ^ static_cast<std::uint64_t>(clock->now_ticks());
  Uuid id;
  for (std::size_t half = 0; half < 2; ++half) {
    seed += 0x9e3779b97f4a7c15ull;
    std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
    mixed ^= mixed >> 31;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[half * 8 + i] = static_cast<std::uint8_t>(mixed >> (8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

void Engine::State::announce() {
  ++announcing;
  for (std::size_t i = 0; i < listeners.size(); ++i) {  // by index, since a listener may add another
    if (listeners[i].key != 0) listeners[i].run();
  }
  --announcing;
  sweep_listeners();
}

void Engine::State::sweep_listeners() {
  if (announcing == 0) std::erase_if(listeners, [](const Listener& listener) { return listener.key == 0; });
}

namespace errors {

Error wrong_expected_version(std::string_view stream, const ExpectedState& expected,
                             std::optional<std::uint64_t> actual) {
  const std::string name(stream);
  const std::string wanted = to_string(expected);
  std::vector<Fact> facts = {{"stream", name}};
  if (const StreamRevision* revision = std::get_if<StreamRevision>(&expected)) {
    facts.push_back({"expected", revision->value});
  } else {
    facts.push_back({"expected", wanted});
  }
  if (actual) {
    facts.push_back({"actual", *actual});
  } else {
    facts.push_back({"actual", std::string("no_stream")});
  }
  return {ErrorCode::WrongExpectedVersion,
          "Stream \"" + name + "\" was expected at " + wanted + " but is at " +
              (actual ? std::to_string(*actual) : std::string("no_stream")) + ".",
          std::move(facts)};
}

Error stream_deleted(std::string_view stream) {
  return {ErrorCode::StreamDeleted, "Stream \"" + std::string(stream) + "\" is deleted.",
          {{"stream", std::string(stream)}}};
}

Error stream_not_found(std::string_view stream) {
  return {ErrorCode::StreamNotFound, std::string(stream) + " not found", {{"stream", std::string(stream)}}};
}

Error out_of_memory(std::uint64_t bytes) {
  return {ErrorCode::OutOfMemory,
          "The database has no memory left for " + std::to_string(bytes) + " more bytes; nothing was changed.",
          {{"requestedBytes", bytes}}};
}

}  // namespace errors

}  // namespace kurrentlite
