#include "engine/engine.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/filter.hpp"
#include "engine/shape_code.hpp"
#include "engine/state.hpp"
#include "engine/users.hpp"

namespace kurrentlite {

Engine::Engine(Clock& clock, EngineOptions options) : state_(std::make_unique<State>(clock, options)) {
  write_fresh_events();
}
Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<StreamCursor> Engine::open_stream(std::string_view stream, Direction direction, const ReadRevision& from) const {
  const std::uint32_t id = state_->streams.find(stream);
  const StreamEntry entry = state_->index.entry(id);
  if (state_->is_tombstoned(stream, entry)) return errors::stream_deleted(stream);
  if (entry.count == 0 || entry.retention.soft_deleted()) return errors::stream_not_found(stream);
  StreamCursor cursor;
  cursor.stream = id;
  cursor.direction = direction;
  const StreamRevision* revision = std::get_if<StreamRevision>(&from);
  const bool at_end = std::holds_alternative<End>(from) || (revision != nullptr && revision->value == kNoLimit);
  if (direction == Direction::Backwards) {
    const std::uint64_t last = entry.count - 1;
    cursor.next = at_end ? last : revision != nullptr ? std::min(revision->value, last) : 0;
  } else if (at_end) {
    // KurrentDB refuses a negative start in storage (reference: streams 3.7).
    return Error{ErrorCode::Unknown, "A stream cannot be read forwards from its end.", {{"stream", std::string(stream)}}};
  } else {
    cursor.next = revision != nullptr ? revision->value : 0;
  }
  return cursor;
}

Result<StreamCursor> Engine::follow_stream(std::string_view stream, const ReadRevision& from) {
  std::uint32_t id = state_->streams.find(stream);
  if (id == 0) id = state_->streams.intern(stream);
  if (id == 0) return errors::out_of_memory(stream.size());
  const StreamEntry entry = state_->index.entry(id);
  if (state_->is_tombstoned(stream, entry)) return errors::stream_deleted(stream);
  StreamCursor cursor;
  cursor.stream = id;
  cursor.follows = true;
  const StreamRevision* revision = std::get_if<StreamRevision>(&from);
  const bool at_end = std::holds_alternative<End>(from) || (revision != nullptr && revision->value == kNoLimit);
  if (at_end) {
    cursor.next = cursor.live_from = entry.count;
  } else if (revision != nullptr) {
    cursor.next = revision->value + 1;
  }
  return cursor;
}

std::optional<Record> Engine::next(StreamCursor& cursor) const {
  if (cursor.done) return std::nullopt;
  const StreamEntry entry = state_->index.entry(cursor.stream);
  std::uint64_t visible = State::visible_from(entry);
  if (cursor.direction == Direction::Backwards) {
    while (!cursor.done) {
      if (cursor.next < visible || cursor.next >= entry.count) {
        cursor.done = true;
        break;
      }
      const Record record = state_->event_at(entry, cursor.next);
      cursor.done = cursor.next == 0;
      if (!cursor.done) --cursor.next;
      if (!state_->is_expired(entry, record)) return record;
    }
    return std::nullopt;
  }
  if (cursor.follows) visible = std::max<std::uint64_t>(std::min(visible, cursor.live_from), entry.floor);
  cursor.next = std::max(cursor.next, std::min<std::uint64_t>(visible, entry.count));
  while (cursor.next < entry.count) {
    const Record record = state_->event_at(entry, cursor.next++);
    const bool arrived_live = cursor.follows && record.revision.value >= cursor.live_from;
    if (arrived_live || !state_->is_expired(entry, record)) return record;
  }
  if (!cursor.follows) return std::nullopt;
  const bool was_live = cursor.live_from != kNoLimit;
  cursor.live_from = std::min<std::uint64_t>(cursor.live_from, entry.count);
  if (entry.tombstone == 0) return std::nullopt;
  cursor.done = true;
  if (!was_live) return std::nullopt;
  return state_->log.read(entry.tombstone);
}

std::optional<Record> Engine::last_event(std::string_view stream) const {
  Result<StreamCursor> cursor = open_stream(stream, Direction::Backwards, End{});
  return cursor ? next(*cursor) : std::nullopt;
}

std::optional<StreamRevision> Engine::last_revision(std::string_view stream) const {
  const std::uint32_t count = state_->entry_of(stream).count;
  return count == 0 ? std::nullopt : std::optional(StreamRevision{count - 1});
}

Result<AllCursor> Engine::open_all(Direction direction, const ReadPosition& from) const {
  AllCursor cursor;
  cursor.direction = direction;
  const Position* const position = std::get_if<Position>(&from);
  if (std::holds_alternative<End>(from) || (position != nullptr && position->commit == kNoLimit)) {
    cursor.next = state_->log.count();
  } else if (position != nullptr) {
    if (direction == Direction::Backwards && position->commit > state_->log.end_position()) {
      return Error{ErrorCode::Unknown,
                   "Position " + std::to_string(position->commit) + " to read backwards from is beyond the end of the log.",
                   {{"position", position->commit}}};
    }
    cursor.next = state_->log.lower_bound(position->commit);
  }
  return cursor;
}

AllCursor Engine::follow_all(const ReadPosition& from) const {
  AllCursor cursor;
  const Position* const position = std::get_if<Position>(&from);
  if (std::holds_alternative<End>(from) || (position != nullptr && position->commit == kNoLimit)) {
    cursor.next = state_->log.count();
  } else if (position != nullptr) {
    cursor.next = state_->log.lower_bound(position->commit + 1);
  }
  return cursor;
}

/// The event at the cursor, which must not be gone.
static inline std::optional<Record> take(const Log& log, AllCursor& cursor) {
  if (cursor.direction == Direction::Backwards) {
    if (cursor.next == 0) return std::nullopt;
    return log.read(log.at(static_cast<std::uint32_t>(--cursor.next)));
  }
  if (cursor.next >= log.count()) return std::nullopt;
  return log.read(log.at(static_cast<std::uint32_t>(cursor.next++)));
}

// Apart from the function below, which it would make slower where nothing was ever scavenged.
[[gnu::noinline]] static std::optional<Record> take_behind_gap(const Log& log, AllCursor& cursor) {
  const bool backwards = cursor.direction == Direction::Backwards;
  cursor.next = backwards ? log.live_end(cursor.next) : log.next_live(cursor.next);
  return take(log, cursor);
}

std::optional<Record> Engine::next(AllCursor& cursor) const {
  const Log& log = state_->log;
  return log.has_gaps() ? take_behind_gap(log, cursor) : take(log, cursor);
}

Position Engine::place_of(const AllCursor& cursor) const {
  const Log& log = state_->log;
  const std::uint64_t next = log.next_live(cursor.next);
  const bool at_end = next >= log.count();
  const std::uint64_t offset = at_end ? log.end_position() : log.at(static_cast<std::uint32_t>(next)) * std::uint64_t{4};
  return {offset, offset};
}

Position Engine::place_before(const AllCursor& cursor) const {
  const std::uint64_t end = state_->log.live_end(cursor.next);
  return end == 0 ? Position{} : position_of(state_->log.at(static_cast<std::uint32_t>(end - 1)));
}

bool Engine::is_link(const Record& record) const { return state_->types.find("$>") == record.type; }

std::optional<Record> Engine::resolve(const Record& record) const {
  if (!is_link(record)) return record;
  const std::string target = state_->data_of(record);
  const std::size_t at = target.find('@');
  if (at == std::string::npos) return std::nullopt;
  std::int64_t revision = 0;
  const auto parsed = std::from_chars(target.data(), target.data() + at, revision);
  if (parsed.ec != std::errc() || parsed.ptr != target.data() + at) return record;
  const std::string_view name = std::string_view(target).substr(at + 1);
  const StreamEntry entry = state_->entry_of(name);
  if (entry.count == 0 || state_->is_tombstoned(name, entry)) return std::nullopt;
  const std::uint64_t wanted = revision == -1 ? entry.count - 1 : static_cast<std::uint64_t>(revision);
  if (wanted < entry.floor || wanted >= entry.count) return std::nullopt;
  const Record found = state_->event_at(entry, wanted);
  if (!state_->is_readable(entry, found)) return std::nullopt;
  return found;
}

std::string Engine::stream_name(std::uint32_t id) const { return state_->streams.text(id); }
std::string Engine::type_name(std::uint32_t id) const { return state_->types.text(id); }
void Engine::copy_data(const Record& record, char* out) const {
  copy_data(record, 0, record.data_size, out);
}
void Engine::copy_metadata(const Record& record, char* out) const {
  copy_metadata(record, 0, record.metadata_size, out);
}
void Engine::copy_data(const Record& record, std::uint32_t from, std::uint32_t size, char* out) const {
  state_->log.copy_body(record, record.metadata_size + from, size, out);
}
void Engine::copy_metadata(const Record& record, std::uint32_t from, std::uint32_t size, char* out) const {
  state_->log.copy_body(record, from, size, out);
}
std::string Engine::data_of(const Record& record) const { return state_->data_of(record); }
std::string Engine::metadata_of(const Record& record) const {
  std::string metadata(record.metadata_size, '\0');
  copy_metadata(record, metadata.data());
  if (!record.metadata_shaped) return metadata;
  std::string json;
  shape_code::append_json(json, metadata, *state_->shapes);
  return json;
}
const Shapes& Engine::shapes() const { return *state_->shapes; }
std::optional<std::uint16_t> Engine::shape_number(std::string_view keys) {
  std::shared_ptr<Shapes>& shapes = state_->shapes;
  if (shapes.use_count() > 1) shapes = std::make_shared<Shapes>(*shapes);
  return shapes->number_of(keys);
}
Record Engine::record_at(RecordAddress address) const { return state_->log.read(address); }

RecordedEvent Engine::materialise(const Record& record) const {
  RecordedEvent event;
  event.stream = stream_name(record.stream);
  event.id = record.id;
  event.revision = record.revision;
  event.type = type_name(record.type);
  event.content_type = record.content_type;
  event.data = data_of(record);
  event.metadata = metadata_of(record);
  event.created_ticks = record.created_ticks;
  event.position = record.position();
  return event;
}

bool Engine::begins_stream(const Record& record) const {
  const std::uint32_t floor = state_->index.entry(record.stream).floor;
  return floor > 0 && record.revision.value == floor;
}

DatabaseStatistics Engine::statistics() const {
  const DatabaseStatistics& fresh = state_->fresh;
  // A scavenge may take more of the fresh events than others were written.
  const auto without = [](std::uint64_t all, std::uint64_t part) { return all - std::min(all, part); };
  return {without(state_->log.live_count(), fresh.total_events), without(state_->index.written(), fresh.total_streams),
          without(state_->log.live_bytes(), fresh.storage_used_bytes)};
}

std::uint64_t Engine::memory_used_bytes() const { return state_->budget.used_bytes; }

Position Engine::head() const {
  if (state_->log.count() == 0) return {};
  const std::uint64_t offset = state_->log.at(state_->log.count() - 1) * std::uint64_t{4};
  return {offset, offset};
}

std::uint64_t Engine::on_append(std::function<void()> listener) {
  state_->listeners.push_back({++state_->last_listener_key, std::move(listener)});
  return state_->last_listener_key;
}

void Engine::unlisten(std::uint64_t key) {
  for (State::Listener& listener : state_->listeners) {
    if (listener.key == key) listener.key = 0;
  }
  state_->sweep_listeners();
}

void Engine::announce() { state_->announce(); }

std::unique_ptr<Engine> Engine::fork(Clock& clock) const {
  return std::unique_ptr<Engine>(new Engine(std::make_unique<State>(*state_, clock)));
}

void Engine::adopt(Engine& other) {
  catch_up_with(other);
  ++state_->generation;
}

void Engine::catch_up_with(Engine& fork) {
  state_->log.swap(fork.state_->log);
  state_->streams.swap(fork.state_->streams);
  state_->types.swap(fork.state_->types);
  state_->index.swap(fork.state_->index);
  std::swap(state_->shapes, fork.state_->shapes);
  std::swap(state_->fresh, fork.state_->fresh);
  ++state_->access_epoch;
  ++fork.state_->generation;
}

void Engine::reset() {
  state_->log.clear();
  state_->streams.clear();
  state_->types.clear();
  state_->index.clear();
  state_->shapes = std::make_shared<Shapes>();
  state_->fresh = {};
  ++state_->generation;
  ++state_->access_epoch;
  write_fresh_events();
}

std::uint64_t Engine::generation() const { return state_->generation; }

Result<FilterJudge> Engine::judge(Filter filter) const {
  return FilterJudge::create(std::move(filter), state_->options.regex);
}

std::uint64_t Engine::access_epoch() const { return state_->access_epoch; }

Uuid Engine::system_event_id() const { return state_->system_event_id(); }

PasswordMemo& Engine::passwords() const { return state_->passwords; }

void Engine::write_fresh_events() {
  if (!state_->options.fresh_events) return;
  for (const SystemEvent& event : fresh_database_events()) {
    // Room for so little is there, or the first write by anybody else will say that it is not.
    (void)append(event.stream, {&event.event, 1}, Any{});
  }
  state_->fresh = {state_->log.count(), state_->index.written(), state_->log.size_bytes()};
}

}  // namespace kurrentlite
