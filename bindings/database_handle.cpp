#include "database_handle.hpp"

#include <algorithm>
#include <cstring>

#include "convert.hpp"
#include "engine/shapes.hpp"
#include "engine/users.hpp"
#include "storage/journal.hpp"

namespace kurrentlite::bindings {
namespace {

constexpr std::uint64_t kPageBytesMax = std::uint64_t{4} << 20;
constexpr std::size_t kFiltersMax = 16;

template <class T>
std::uintptr_t address_of(const T* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

template <class From, class Given>
From starting_at(int from, Given given) {
  if (from == 1) return End{};
  if (from == 2) return given;
  return Start{};
}

Direction direction_of(bool backwards) { return backwards ? Direction::Backwards : Direction::Forwards; }

}  // namespace

DatabaseHandle::DatabaseHandle(int handle, double memory_max_bytes, bool fresh_events) : handle_(handle) {
  EngineOptions options;
  options.memory_max_bytes = static_cast<std::uint64_t>(memory_max_bytes);
  options.fresh_events = fresh_events;
  options.regex = &Host::instance().regex;
  engine_ = std::make_unique<Engine>(time_, options);
}

DatabaseHandle::DatabaseHandle(int handle, const DatabaseHandle& origin)
    : handle_(handle), time_(origin.time_), engine_(origin.engine_->fork(time_)), users_(origin.users_) {}

DatabaseHandle::~DatabaseHandle() { listen(false); }

std::uintptr_t DatabaseHandle::fail(const Error& error) {
  last_error_ = to_json(error);
  return 0;
}

// Who may do what

int DatabaseHandle::login(const std::string& login, const std::string& password) {
  users_.push_back({login, password});
  const int who = static_cast<int>(users_.size());
  const Result<Principal> known = principal(who);
  if (known) return who;
  users_.pop_back();
  return static_cast<int>(fail(known.error()));
}

Result<Principal> DatabaseHandle::principal(int who) const {
  return authenticate(*engine_, users_[static_cast<std::size_t>(who - 1)]);
}

bool DatabaseHandle::may(int who, std::string_view stream, Action action) {
  if (who <= 0) return true;
  const Result<Principal> caller = principal(who);
  const Result<void> allowed = caller ? check_access(*engine_, *caller, stream, action) : caller.error();
  if (!allowed) fail(allowed.error());
  return allowed.ok();
}

// Writing

std::uintptr_t DatabaseHandle::request(std::size_t size) {
  // Beyond the request itself: views of its events, and what listeners may allocate.
  constexpr std::uint64_t kReserve = std::uint64_t{1} << 20;
  char* const data = has_headroom(size + kReserve) ? request_.ensure(size) : nullptr;
  if (data != nullptr) return address_of(data);
  return fail({ErrorCode::OutOfMemory, "There is no memory left for the request.", {{"requestedBytes", size}}});
}

std::uintptr_t DatabaseHandle::outcome(const std::optional<StreamRevision>& revision,
                                       const std::optional<Position>& position) {
  static char bytes[24];
  const std::uint32_t flags[2] = {revision ? 1u : 0u, position ? 1u : 0u};
  const std::uint64_t numbers[2] = {revision.value_or(StreamRevision{}).value, position.value_or(Position{}).commit};
  std::memcpy(bytes, flags, sizeof flags);
  std::memcpy(bytes + 8, numbers, sizeof numbers);
  return address_of(bytes);
}

std::uintptr_t DatabaseHandle::append(std::size_t size, int who) {
  Boundary boundary;
  const Result<AppendRequest> request = decode_append(request_.data(), size);
  if (!request) return fail(request.error());
  if (!may(who, request->stream, Action::Write)) return 0;
  writing_ = true;
  const Result<AppendResult> result = engine_->append(request->stream, request->events, request->expected);
  writing_ = false;
  request_.trim();
  return result ? outcome(result->revision, result->position) : fail(result.error());
}

std::string DatabaseHandle::append_many(std::size_t size, int who) {
  Boundary boundary;
  Result<MultiAppendRequest> request = decode_multi_append(request_.data(), size);
  const auto failed = [&](const Error& error) { return fail(error), std::string(); };
  if (!request) return failed(request.error());
  for (const StreamAppend& each : request->requests) {
    if (!may(who, each.stream, Action::Write)) return {};
  }
  for (const RecordView& each : request->records) {
    if (!may(who, each.stream, Action::Write)) return {};
  }
  for (const StateCheck& each : request->checks) {
    if (!may(who, each.stream, Action::Read)) return {};
  }
  writing_ = true;
  const Result<MultiAppendResult> result = request->is_session ? engine_->append_session(request->requests)
                                                               : engine_->append_records(request->records, request->checks);
  writing_ = false;
  request_.trim();
  return result ? to_json(*result) : failed(result.error());
}

std::uintptr_t DatabaseHandle::remove(const std::string& stream, bool tombstone, int expected, std::uint64_t revision,
                                      int who) {
  Boundary boundary;
  if (!may(who, stream, Action::Delete)) return 0;
  const Result<ExpectedState> state = expected_state_of(static_cast<std::uint32_t>(expected), revision);
  if (!state) return fail(state.error());
  writing_ = true;
  const Result<DeleteResult> result =
      tombstone ? engine_->tombstone_stream(stream, *state) : engine_->delete_stream(stream, *state);
  writing_ = false;
  return result ? outcome(std::nullopt, result->position) : fail(result.error());
}

// Reading

FilterJudge* DatabaseHandle::judge_of(const std::string& filter) {
  const auto known = std::find_if(filters_.begin(), filters_.end(), [&](const auto& each) { return each.json == filter; });
  if (known != filters_.end()) {
    filters_.splice(filters_.begin(), filters_, known);
    if (known->generation != engine_->generation()) known->judge.forget();
    known->generation = engine_->generation();
    return &known->judge;
  }
  Result<FilterJudge> judge = engine_->judge(read_filter(filter));
  if (!judge) return fail(judge.error()), nullptr;
  filters_.push_front({filter, std::move(judge).value(), engine_->generation()});
  if (filters_.size() > kFiltersMax) filters_.pop_back();
  return &filters_.front().judge;
}

std::uintptr_t DatabaseHandle::read_stream(const std::string& stream, bool backwards, int from, std::uint64_t revision,
                                           std::size_t max_count, bool resolve_links, int who) {
  if (!may(who, stream, Action::Read)) return 0;
  const auto start = starting_at<ReadRevision>(from, StreamRevision{revision});
  Result<StreamCursor> cursor = engine_->open_stream(stream, direction_of(backwards), start);
  if (!cursor) return fail(cursor.error());
  PageEncoder page(*engine_, response_, resolve_links);
  while (page.count() < max_count && page.bytes() < kPageBytesMax) {
    const std::optional<Record> record = engine_->next(*cursor);
    if (!record) {
      cursor->done = true;
      break;
    }
    page.add(*record, false);
  }
  const Result<char*> done = page.finish({cursor->done ? 0u : kMore, cursor->next, 0});
  return done ? address_of(*done) : fail(done.error());
}

std::uintptr_t DatabaseHandle::read_all(bool backwards, int from, std::uint64_t position, std::size_t max_count,
                                        bool resolve_links, const std::string& filter, int who) {
  if (!may(who, "$all", Action::Read)) return 0;
  FilterJudge* const judge = filter.empty() ? nullptr : judge_of(filter);
  if (judge == nullptr && !filter.empty()) return 0;
  const auto start = starting_at<ReadPosition>(from, Position{position, position});
  Result<AllCursor> cursor = engine_->open_all(direction_of(backwards), start);
  if (!cursor) return fail(cursor.error());
  PageEncoder page(*engine_, response_, resolve_links);
  bool more = true;
  while (page.count() < max_count && page.bytes() < kPageBytesMax) {
    if (judge != nullptr) {
      const Result<std::uint64_t> skipped = engine_->skip_refused(*cursor, *judge, kNoLimit);
      if (!skipped) return fail(skipped.error());
    }
    const std::optional<Record> record = engine_->next(*cursor);
    if (!record) {
      more = false;
      break;
    }
    page.add(*record, false);
  }
  const Result<char*> done = page.finish({more ? kMore : 0u, engine_->place_of(*cursor).commit, 0});
  return done ? address_of(*done) : fail(done.error());
}

std::string DatabaseHandle::shape(std::uint32_t number) const {
  const Shapes::Shape* const shape = engine_->shapes().find(number);
  return shape == nullptr ? std::string() : shape->json;
}

int DatabaseHandle::shape_number(const std::string& keys) {
  const std::optional<std::uint16_t> number = engine_->shape_number(keys);
  return number ? int{*number} : -1;
}

// Subscriptions

int DatabaseHandle::add_subscription(CatchUp subscription, int who) {
  if (who > 0) {
    Result<Principal> caller = principal(who);
    if (!caller) return static_cast<int>(fail(caller.error()));
    subscription.act_as(std::move(caller).value());
  }
  subscriptions_.emplace(++last_subscription_, std::move(subscription));
  return last_subscription_;
}

int DatabaseHandle::subscribe_to_stream(const std::string& stream, int from, std::uint64_t revision, int who) {
  if (!may(who, stream, Action::Read)) return 0;
  Result<CatchUp> made =
      CatchUp::of_stream(*engine_, stream, starting_at<ReadRevision>(from, StreamRevision{revision}));
  if (!made) return static_cast<int>(fail(made.error()));
  return add_subscription(std::move(made).value(), who);
}

int DatabaseHandle::subscribe_to_all(int from, std::uint64_t position, const std::string& filter,
                                     double checkpoint_interval, int who) {
  if (!may(who, "$all", Action::Read)) return 0;
  std::optional<FilterJudge> judge;
  if (!filter.empty()) {
    Result<FilterJudge> made = engine_->judge(read_filter(filter));
    if (!made) return static_cast<int>(fail(made.error()));
    judge.emplace(std::move(made).value());
  }
  return add_subscription(
      CatchUp::of_all(*engine_, starting_at<ReadPosition>(from, Position{position, position}), std::move(judge),
                      static_cast<std::uint64_t>(checkpoint_interval)),
      who);
}

std::uintptr_t DatabaseHandle::take(int subscription, std::size_t max_count, bool resolve_links) {
  using Kind = CatchUp::Message::Kind;
  const auto found = subscriptions_.find(subscription);
  if (found == subscriptions_.end()) return fail({ErrorCode::Cancelled, "The subscription has ended."});
  CatchUp& source = found->second;
  if (source.is_void()) source.follow_new_content();
  PageEncoder page(*engine_, response_, resolve_links);
  std::uint32_t flags = 0;
  // A checkpoint and having caught up end a page: they come after its events.
  for (bool done = false; !done;) {
    if ((page.count() >= max_count || page.bytes() >= kPageBytesMax) && !source.at_end()) {
      if (source.live()) source.fall_behind();
      flags |= kMore;
      break;
    }
    const CatchUp::Message message = source.next();
    switch (message.kind) {
      case Kind::Event: page.add(message.record, source.live()); break;
      case Kind::Checkpoint: flags |= kCheckpoint, done = true; break;
      case Kind::CaughtUp: flags |= kCaughtUp, done = true; break;
      case Kind::Ended: fail(source.error()), flags |= kEnded, done = true; break;
      case Kind::Nothing: done = true; break;
    }
  }
  if ((flags & (kCheckpoint | kCaughtUp)) != 0) flags |= kMore;
  if (source.place()) flags |= kHasPlace;
  const Result<char*> done = page.finish({flags, source.place().value_or(0), clock_now()});
  return done ? address_of(*done) : fail(done.error());
}

bool DatabaseHandle::has_news(int subscription) {
  const auto found = subscriptions_.find(subscription);
  return found == subscriptions_.end() || found->second.is_void() || found->second.has_news();
}

// The whole

std::string DatabaseHandle::statistics() const {
  return to_json(engine_->statistics(), engine_->memory_used_bytes());
}

void DatabaseHandle::reset() {
  Boundary boundary;
  engine_->reset();
  engine_->announce();
}

DatabaseHandle* DatabaseHandle::fork(int handle) const { return new DatabaseHandle(handle, *this); }

void DatabaseHandle::adopt(DatabaseHandle& other) {
  Boundary boundary;
  engine_->adopt(*other.engine_->fork(time_));
  engine_->announce();
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
  write_journal(*engine_, {after, after}, kPieceBytes, [&](std::string_view piece) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(piece.data());
    const emscripten::val view(emscripten::typed_memory_view(piece.size(), bytes));
    pieces.call<void>("push", view.call<emscripten::val>("slice"));
  });
  return pieces;
}

bool DatabaseHandle::replay(std::size_t size) {
  Boundary boundary;
  const Result<void> result = replay_journal(*engine_, time_, {request_.data(), size});
  request_.trim();
  return result.ok() || fail(result.error()) != 0;
}

void DatabaseHandle::listen(bool wanted) {
  if (listener_ != 0) engine_->unlisten(listener_);
  listener_ = !wanted ? 0 : engine_->on_append([this] {
    if (!writing_) Host::instance().notify(handle_, Topic::Append);
  });
}

double DatabaseHandle::add_fault(const std::string& fault) {
  const Result<Fault> read = read_fault(fault);
  return read ? static_cast<double>(faults_.add(*read)) : static_cast<double>(fail(read.error()));
}

// Time

double DatabaseHandle::clock_now() const { return static_cast<double>(time_.now_ticks() / kTicksPerMillisecond); }

void DatabaseHandle::clock_set(double ms) {
  Boundary boundary;
  time_.set(static_cast<std::int64_t>(ms) * kTicksPerMillisecond);
}

void DatabaseHandle::clock_resume() {
  Boundary boundary;
  time_.resume();
}

double DatabaseHandle::clock_advance(double ms) {
  Boundary boundary;
  return static_cast<double>(time_.advance(Duration(static_cast<std::int64_t>(ms * 1000))).count()) / 1000;
}

}  // namespace kurrentlite::bindings
