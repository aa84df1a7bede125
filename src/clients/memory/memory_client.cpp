#include "clients/memory/memory_client.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "clients/memory/journey.hpp"
#include "clients/memory/memory_subscription.hpp"
#include "engine/access.hpp"
#include "engine/filter.hpp"
#include "engine/resolve.hpp"
#include "engine/users.hpp"

namespace kurrentlite {

namespace {

Error unavailable(const char* message) { return {ErrorCode::Unavailable, message}; }

/// What a call wants to do, to be weighed against the access lists.
struct Wish {
  std::string_view stream;
  Action action;
};

/// Who calls, empty for the system account. Errors: AccessDenied.
Result<std::optional<Principal>> identify(const Engine& engine, const CallOptions& options) {
  if (!options.credentials) return std::optional<Principal>();
  Result<Principal> who = authenticate(engine, *options.credentials);
  if (!who) return std::move(who).error();
  return std::optional<Principal>(std::move(who).value());
}

std::optional<Error> denial(const Engine& engine, const CallOptions& options, std::span<const Wish> wishes) {
  const Result<std::optional<Principal>> who = identify(engine, options);
  if (!who) return who.error();
  if (!who->has_value()) return std::nullopt;
  for (const Wish& wish : wishes) {
    Result<void> allowed = check_access(engine, **who, wish.stream, wish.action);
    if (!allowed) return std::move(allowed).error();
  }
  return std::nullopt;
}

/// One call from end to end: travel there, `apply(connection)` on the database's side, travel back.
template <class T, class Apply>
Task<Result<T>> call(std::shared_ptr<Connection> connection, Operation operation, Apply apply) {
  Result<CallPlan> plan = co_await depart(connection, operation);
  if (!plan) co_return std::move(plan).error();
  Result<T> result = apply(connection);
  Result<void> back = co_await come_back(connection, *std::move(plan));
  if (!back) co_return std::move(back).error();
  co_return result;
}

std::vector<EventView> views_of(const std::vector<EventData>& events) {
  std::vector<EventView> views;
  views.reserve(events.size());
  for (const EventData& event : events) {
    views.push_back({event.id, event.type, event.content_type, event.data, event.metadata});
  }
  return views;
}

using Events = std::vector<ResolvedEvent>;

Result<Events> read_stream_now(Engine& engine, const StreamName& stream, const ReadStreamOptions& options) {
  Result<StreamCursor> cursor = engine.open_stream(stream, options.direction, options.from);
  if (!cursor) return std::move(cursor).error();
  Events events;
  while (events.size() < options.max_count) {
    const std::optional<Record> record = engine.next(*cursor);
    if (!record) break;
    events.push_back(resolve_event(engine, *record, options.resolve_links));
  }
  return events;
}

Result<Events> read_all_now(Engine& engine, const ReadAllOptions& options) {
  Result<AllCursor> cursor = engine.open_all(options.direction, options.from);
  if (!cursor) return std::move(cursor).error();
  std::optional<FilterJudge> judge;
  if (options.filter) {
    Result<FilterJudge> made = engine.judge(*options.filter);
    if (!made) return std::move(made).error();
    judge.emplace(std::move(made).value());
  }
  Events events;
  while (events.size() < options.max_count) {
    if (judge) {
      Result<std::uint64_t> skipped = engine.skip_refused(*cursor, *judge, kNoLimit);
      if (!skipped) return std::move(skipped).error();
    }
    const std::optional<Record> record = engine.next(*cursor);
    if (!record) break;
    events.push_back(resolve_event(engine, *record, options.resolve_links));
  }
  return events;
}

Result<MultiAppendResult> append_session_now(Engine& engine, const std::vector<AppendStreamRequest>& requests) {
  std::vector<std::vector<EventView>> views;
  std::vector<StreamAppend> appends;
  for (const AppendStreamRequest& request : requests) views.push_back(views_of(request.events));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    appends.push_back({requests[i].stream, requests[i].expected, views[i]});
  }
  return engine.append_session(appends);
}

Result<MultiAppendResult> append_records_now(Engine& engine, const std::vector<AppendRecord>& records,
                                             const std::vector<StateCheck>& checks) {
  std::vector<RecordView> views;
  for (const auto& [stream, event] : records) {
    views.push_back({stream, {event.id, event.type, event.content_type, event.data, event.metadata}});
  }
  return engine.append_records(views, checks);
}

}  // namespace

MemoryClient::MemoryClient(Engine& engine, Scheduler& scheduler, SimulationProfile profile, Faults* faults)
    : connection_(std::make_shared<Connection>(engine, scheduler, std::move(profile), faults)) {}

MemoryClient::~MemoryClient() { connection_->close(); }

Task<Result<AppendResult>> MemoryClient::append_to_stream(StreamName stream, std::vector<EventData> events,
                                                          AppendOptions options) {
  return call<AppendResult>(
      connection_, Operation::Append,
      [stream = std::move(stream), events = std::move(events),
       options = std::move(options)](const auto& connection) -> Result<AppendResult> {
        const Wish wish{stream, Action::Write};
        if (auto denied = denial(connection->engine(), options.call, {&wish, 1})) return *std::move(denied);
        return connection->engine().append(stream, views_of(events), options.expected);
      });
}

Task<Result<MultiAppendResult>> MemoryClient::multi_stream_append(std::vector<AppendStreamRequest> requests,
                                                                  CallOptions options) {
  return call<MultiAppendResult>(
      connection_, Operation::Append,
      [requests = std::move(requests),
       options = std::move(options)](const auto& connection) -> Result<MultiAppendResult> {
        std::vector<Wish> wishes;
        for (const AppendStreamRequest& request : requests) wishes.push_back({request.stream, Action::Write});
        if (auto denied = denial(connection->engine(), options, wishes)) return *std::move(denied);
        return append_session_now(connection->engine(), requests);
      });
}

Task<Result<MultiAppendResult>> MemoryClient::append_records(std::vector<AppendRecord> records,
                                                             std::vector<StateCheck> checks, CallOptions options) {
  return call<MultiAppendResult>(
      connection_, Operation::Append,
      [records = std::move(records), checks = std::move(checks),
       options = std::move(options)](const auto& connection) -> Result<MultiAppendResult> {
        std::vector<Wish> wishes;
        for (const AppendRecord& record : records) wishes.push_back({record.stream, Action::Write});
        for (const StateCheck& check : checks) {
          const bool is_written = std::any_of(records.begin(), records.end(),
                                              [&](const AppendRecord& each) { return each.stream == check.stream; });
          if (!is_written) wishes.push_back({check.stream, Action::Read});
        }
        if (auto denied = denial(connection->engine(), options, wishes)) return *std::move(denied);
        return append_records_now(connection->engine(), records, checks);
      });
}

Task<Result<Events>> MemoryClient::read_stream(StreamName stream, ReadStreamOptions options) {
  return call<Events>(connection_, Operation::Read,
                      [stream = std::move(stream),
                       options = std::move(options)](const auto& connection) -> Result<Events> {
                        const Wish wish{stream, Action::Read};
                        if (auto denied = denial(connection->engine(), options.call, {&wish, 1})) return *std::move(denied);
                        return read_stream_now(connection->engine(), stream, options);
                      });
}

Task<Result<Events>> MemoryClient::read_all(ReadAllOptions options) {
  return call<Events>(connection_, Operation::Read,
                      [options = std::move(options)](const auto& connection) -> Result<Events> {
                        const Wish wish{"$all", Action::Read};
                        if (auto denied = denial(connection->engine(), options.call, {&wish, 1})) return *std::move(denied);
                        return read_all_now(connection->engine(), options);
                      });
}

Task<Result<DeleteResult>> MemoryClient::delete_stream(StreamName stream, AppendOptions options) {
  return call<DeleteResult>(connection_, Operation::Delete,
                            [stream = std::move(stream),
                             options = std::move(options)](const auto& connection) -> Result<DeleteResult> {
                              const Wish wish{stream, Action::Delete};
                              if (auto denied = denial(connection->engine(), options.call, {&wish, 1})) {
                                return *std::move(denied);
                              }
                              return connection->engine().delete_stream(stream, options.expected);
                            });
}

Task<Result<DeleteResult>> MemoryClient::tombstone_stream(StreamName stream, AppendOptions options) {
  return call<DeleteResult>(connection_, Operation::Delete,
                            [stream = std::move(stream),
                             options = std::move(options)](const auto& connection) -> Result<DeleteResult> {
                              const Wish wish{stream, Action::Delete};
                              if (auto denied = denial(connection->engine(), options.call, {&wish, 1})) {
                                return *std::move(denied);
                              }
                              return connection->engine().tombstone_stream(stream, options.expected);
                            });
}

Task<Result<std::unique_ptr<Subscription>>> MemoryClient::subscribe_to_stream(StreamName stream,
                                                                              SubscribeToStreamOptions options) {
  using Made = Result<std::unique_ptr<Subscription>>;
  return call<std::unique_ptr<Subscription>>(
      connection_, Operation::Subscribe,
      [stream = std::move(stream), options = std::move(options)](const auto& connection) -> Made {
        Result<std::optional<Principal>> who = identify(connection->engine(), options.call);
        if (!who) return std::move(who).error();
        return follow_stream(connection, stream, options, *std::move(who));
      });
}

Task<Result<std::unique_ptr<Subscription>>> MemoryClient::subscribe_to_all(SubscribeToAllOptions options) {
  using Made = Result<std::unique_ptr<Subscription>>;
  return call<std::unique_ptr<Subscription>>(connection_, Operation::Subscribe,
                                             [options = std::move(options)](const auto& connection) -> Made {
                                               Result<std::optional<Principal>> who = identify(connection->engine(), options.call);
                                               if (!who) return std::move(who).error();
                                               return follow_all(connection, options, *std::move(who));
                                             });
}

Task<Result<DatabaseStatistics>> MemoryClient::statistics(CallOptions options) {
  return call<DatabaseStatistics>(connection_, Operation::Statistics,
                                  [options = std::move(options)](const auto& connection) -> Result<DatabaseStatistics> {
                                    if (auto denied = denial(connection->engine(), options, {})) return *std::move(denied);
                                    return connection->engine().statistics();
                                  });
}

Task<Result<void>> MemoryClient::connect() {
  return call<void>(connection_, Operation::Connect, [](const auto&) { return Result<void>(); });
}

void MemoryClient::disconnect() {
  connection_->lose(unavailable("The connection was closed."), ConnectionState::Disconnected);
}

void MemoryClient::on_state_change(std::function<void(ConnectionState)> listener) {
  connection_->on_state_change(std::move(listener));
}

}  // namespace kurrentlite
