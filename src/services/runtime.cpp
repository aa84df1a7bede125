#include "services/runtime.hpp"

#include <cassert>

namespace kurrentlite {

namespace {

Error disconnected_error() { return {ErrorCode::Unavailable, "The connection was ended by disconnect()."}; }

}  // namespace

ServiceRuntime::ServiceRuntime(ServiceContext context)
    : context_(std::move(context)),
      caller_(context_.client, context_.scheduler, context_.clock, context_.ids, context_.config),
      documents_notifier_(context_.scheduler),
      users_notifier_(context_.scheduler),
      pending_notifier_(context_.scheduler),
      queries_(model_, context_.regexes),
      connection_(caller_, context_.scheduler, context_.clock, context_.ids, context_.config,
                  {[this] { feed_.ensure_started(); }, [this](Error error) { feed_.fail(std::move(error)); }}),
      feed_(
          caller_, context_.scheduler, context_.config, model_, storage_,
          {[this] { return connection_.is_connected(); },
           [this](services::ReadModel::Changed changed) { announce(changed); },
           [this] {
             connection_.note_sync();
             queries_.synced();
           }}) {
  caller_.on_pending_change([this] { pending_notifier_.changed(); });
}

Duration ServiceRuntime::timeout_of(std::string_view name) const {
  if (options_.timeout) return *options_.timeout;
  for (const auto& [operation, timeout_ms] : context_.config.timeouts) {
    if (operation == name) return std::chrono::milliseconds(timeout_ms);
  }
  return std::chrono::milliseconds(context_.config.timeout_ms);
}

void ServiceRuntime::remember_health(DatabaseHealth health) {
  constexpr std::size_t kKept = 100;
  health_history_.push_front(std::move(health));
  if (health_history_.size() > kKept) health_history_.pop_back();
}

void ServiceRuntime::on_pending_change(std::function<void()> listener) {
  if (!listener) return pending_notifier_.listen({});
  pending_told_ = caller_.pending_writes();
  pending_notifier_.listen([this, listener = std::move(listener)] {
    const std::uint32_t now = caller_.pending_writes();
    if (std::exchange(pending_told_, now) != now) listener();  // not when there and back within one turn
  });
}

void ServiceRuntime::act_as(Actor actor) {
  if (actor_ == actor) return;
  actor_ = std::move(actor);
  announce({true, true});
}

void ServiceRuntime::begin_operation() {
  connection_.allow();
  feed_.ensure_started();
}

void ServiceRuntime::disconnect() {
  connection_.disconnect();
  feed_.stop(disconnected_error());
}

void ServiceRuntime::close() {
  caller_.close();
  connection_.close();
  feed_.stop(services::Caller::closed_error());
  queries_.close();
  documents_notifier_.listen({});
  users_notifier_.listen({});
  pending_notifier_.listen({});
}

void ServiceRuntime::resync() {
  ++epoch_;
  storage_ = {};
  feed_.restart();
}

Task<Result<std::vector<ResolvedEvent>>> ServiceRuntime::read_stream(StreamName stream, ReadStreamOptions options) {
  options.call = caller_.options();
  std::vector<std::string> streams(1, stream);  // the call below takes the stream over
  return caller_.call<std::vector<ResolvedEvent>>(Operation::Read,
                                                  [this, stream = std::move(stream), options = std::move(options)] {
                                                    return context_.client.read_stream(stream, options);
                                                  },
                                                  std::move(streams));
}

Task<Result<ServiceRuntime::Written>> ServiceRuntime::append(StreamName stream, EventData event,
                                                             ExpectedState expected) {
  std::vector<AppendStreamRequest> requests(1);
  requests.front().stream = stream;
  requests.front().events.push_back(event);
  requests.front().expected = expected;
  Task<Result<WrittenStreams>> appending = append(std::move(requests));
  Result<WrittenStreams> appended = co_await std::move(appending);
  if (!appended.ok()) co_return std::move(appended).error();
  Written written;
  written.position = appended->position;
  written.time_is_guess = appended->time_is_guess;
  written.event.revision = appended->last.front();
  written.event.created_ticks = appended->created_ticks;
  written.event.stream = std::move(stream);
  written.event.id = event.id;
  written.event.type = std::move(event.type);
  written.event.data = std::move(event.data);
  written.event.position = appended->position.value_or(Position{});
  co_return std::move(written);
}

Task<Result<ServiceRuntime::WrittenStreams>> ServiceRuntime::append(std::vector<AppendStreamRequest> requests) {
  assert(!requests.empty() && !requests.front().events.empty());
  const StreamName first = requests.front().stream;
  const Uuid id = requests.front().events.back().id;
  Task<Result<WrittenStreams>> writing = write(std::move(requests));
  Result<WrittenStreams> written = co_await std::move(writing);
  if (!written.ok()) co_return std::move(written);
  // Should the database not tell when it recorded the event, our own clock is the best guess: the write did happen.
  const std::int64_t guess = context_.clock.now_ticks();
  Task<std::optional<std::int64_t>> learning = recorded_at(first, written->last.front(), id);
  const std::optional<std::int64_t> learned = co_await std::move(learning);
  written->created_ticks = learned.value_or(guess);
  written->time_is_guess = !learned;
  co_return std::move(written);
}

/// Every attempt carries the same event ids, so a write whose reply was lost is not repeated.
Task<Result<ServiceRuntime::WrittenStreams>> ServiceRuntime::write(std::vector<AppendStreamRequest> requests) {
  WrittenStreams written;
  if (requests.size() == 1) {
    const AppendStreamRequest& only = requests.front();
    const AppendOptions options{only.expected, caller_.options()};
    Task<Result<AppendResult>> appending = caller_.call<AppendResult>(Operation::Append, [&] {
      return context_.client.append_to_stream(only.stream, only.events, options);
    }, std::vector<std::string>(1, only.stream));
    const Result<AppendResult> appended = co_await std::move(appending);
    if (!appended.ok()) co_return appended.error();
    written.last.push_back(appended->revision.value_or(StreamRevision{}));
    written.position = appended->position;
    co_return std::move(written);
  }
  std::vector<std::string> streams;
  for (const AppendStreamRequest& each : requests) streams.push_back(each.stream);
  Task<Result<MultiAppendResult>> appending = caller_.call<MultiAppendResult>(Operation::Append, [&] {
    return context_.client.multi_stream_append(requests, caller_.options());
  }, std::move(streams));
  const Result<MultiAppendResult> appended = co_await std::move(appending);
  if (!appended.ok()) co_return appended.error();
  for (const MultiAppendResult::Written& each : appended->revisions) written.last.push_back(each.revision);
  written.last.resize(requests.size());
  written.position = appended->position;
  co_return std::move(written);
}

/// The database's time of an event that was just written.
Task<std::optional<std::int64_t>> ServiceRuntime::recorded_at(StreamName stream, StreamRevision revision, Uuid id) {
  ReadStreamOptions options;
  options.from = revision;
  options.max_count = 1;
  Task<Result<std::vector<ResolvedEvent>>> reading = read_stream(std::move(stream), std::move(options));
  const Result<std::vector<ResolvedEvent>> read = co_await std::move(reading);
  std::optional<std::int64_t> created_ticks;
  if (read.ok() && !read->empty() && read->front().event && read->front().event->id == id) {
    created_ticks = read->front().event->created_ticks;
  }
  co_return created_ticks;
}

void ServiceRuntime::show_document(std::uint64_t epoch, const std::string& id, const services::DocumentFold& fold,
                                   std::optional<Position> position,
                                   std::optional<services::DocumentFold> before_guess) {
  if (epoch != epoch_ || !position) return;
  announce(model_.put_document(id, fold, *position, std::move(before_guess)));
}

void ServiceRuntime::show_user_data(std::uint64_t epoch, const UserStreamKey& key,
                                    const std::optional<UserStream>& state, std::uint64_t next_revision,
                                    std::optional<Position> position, bool time_is_guess) {
  if (epoch != epoch_ || !position) return;
  announce(model_.put_user_data(key, state, next_revision, *position, time_is_guess));
}

void ServiceRuntime::announce(services::ReadModel::Changed changed) {
  if (changed.documents) documents_notifier_.changed();
  if (changed.users) users_notifier_.changed();
}

}  // namespace kurrentlite
