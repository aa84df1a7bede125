#include "clients/memory/memory_client.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "clients/memory/memory_subscription.hpp"
#include "clients/memory/resolve.hpp"

namespace kurrentlite {

namespace {

/// The accounts of a fresh KurrentDB, with its default password.
constexpr std::array<std::string_view, 2> kLogins = {"admin", "ops"};
constexpr std::string_view kPassword = "changeit";

std::optional<Error> check(const std::optional<Credentials>& credentials) {
  if (!credentials) return std::nullopt;
  const bool known = std::find(kLogins.begin(), kLogins.end(), credentials->login) != kLogins.end();
  if (known && credentials->password == kPassword) return std::nullopt;
  return Error{ErrorCode::AccessDenied, "Login \"" + credentials->login +
                                            "\" is unknown or its password is wrong. The in-process database knows the "
                                            "logins admin and ops."};
}

Error unavailable(const char* message) { return {ErrorCode::Unavailable, message}; }

/// One call from end to end: connect, travel, `apply(connection)` on the database's side, travel back.
template <class T, class Apply>
Task<Result<T>> call(std::shared_ptr<Connection> connection, Operation operation, CallOptions options, Apply apply) {
  const bool connects = !connection->connected();
  if (auto failure = connection->open()) co_return std::move(*failure);
  CallPlan plan = connection->simulator().plan(operation);
  // To connect is a round trip already.
  if (connects && operation == Operation::Connect) plan.request = plan.reply = Duration::zero();
  if (auto lost = co_await connection->to_server(plan.request)) co_return std::move(*lost);
  if (plan.fate == CallPlan::Fate::BreaksRequest) {
    const Error broken = unavailable("The connection broke before the request arrived.");
    connection->lose(broken);
    co_return broken;
  }
  std::optional<Result<T>> result;
  if (plan.fate == CallPlan::Fate::Refused) {
    result.emplace(unavailable("The database refused the call: it is too busy."));
  } else if (auto denied = check(options.credentials)) {
    result.emplace(std::move(*denied));
  } else {
    result.emplace(apply(connection));
  }
  if (auto lost = co_await connection->to_client(plan.reply)) co_return std::move(*lost);
  if (plan.fate == CallPlan::Fate::BreaksReply) {
    const Error broken = unavailable("The connection broke before the reply arrived.");
    connection->lose(broken);
    co_return broken;
  }
  if (plan.fate == CallPlan::Fate::ReplyLost) co_return unavailable("The reply was lost.");
  co_return std::move(*result);
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
  AllCursor cursor = engine.open_all(options.direction, options.from);
  std::optional<FilterJudge> judge;
  if (options.filter) judge.emplace(*options.filter);
  Events events;
  while (events.size() < options.max_count) {
    const std::optional<Record> record = engine.next(cursor);
    if (!record) break;
    if (judge && !judge->accepts(engine, *record)) continue;
    events.push_back(resolve_event(engine, *record, options.resolve_links));
  }
  return events;
}

Result<AppendResult> append_now(Engine& engine, const StreamName& stream, const std::vector<EventData>& events,
                                const ExpectedState& expected) {
  std::vector<EventView> views;
  views.reserve(events.size());
  for (const EventData& event : events) {
    views.push_back({event.id, event.type, event.content_type, event.data, event.metadata});
  }
  return engine.append(stream, views, expected);
}

}  // namespace

MemoryClient::MemoryClient(Engine& engine, Scheduler& scheduler, SimulationProfile profile)
    : connection_(std::make_shared<Connection>(engine, scheduler, std::move(profile))) {}

MemoryClient::~MemoryClient() { connection_->close(); }

Task<Result<AppendResult>> MemoryClient::append_to_stream(StreamName stream, std::vector<EventData> events,
                                                          AppendOptions options) {
  CallOptions call_options = std::move(options.call);
  return call<AppendResult>(
      connection_, Operation::Append, std::move(call_options),
      [stream = std::move(stream), events = std::move(events), expected = options.expected](const auto& connection) {
        return append_now(connection->engine(), stream, events, expected);
      });
}

Task<Result<Events>> MemoryClient::read_stream(StreamName stream, ReadStreamOptions options) {
  CallOptions call_options = std::move(options.call);
  return call<Events>(connection_, Operation::Read, std::move(call_options),
                      [stream = std::move(stream), options = std::move(options)](const auto& connection) {
                        return read_stream_now(connection->engine(), stream, options);
                      });
}

Task<Result<Events>> MemoryClient::read_all(ReadAllOptions options) {
  CallOptions call_options = std::move(options.call);
  return call<Events>(
      connection_, Operation::Read, std::move(call_options),
      [options = std::move(options)](const auto& connection) { return read_all_now(connection->engine(), options); });
}

Task<Result<DeleteResult>> MemoryClient::delete_stream(StreamName stream, AppendOptions options) {
  CallOptions call_options = std::move(options.call);
  return call<DeleteResult>(connection_, Operation::Delete, std::move(call_options),
                            [stream = std::move(stream), expected = options.expected](const auto& connection) {
                              return connection->engine().delete_stream(stream, expected);
                            });
}

Task<Result<DeleteResult>> MemoryClient::tombstone_stream(StreamName stream, AppendOptions options) {
  CallOptions call_options = std::move(options.call);
  return call<DeleteResult>(connection_, Operation::Delete, std::move(call_options),
                            [stream = std::move(stream), expected = options.expected](const auto& connection) {
                              return connection->engine().tombstone_stream(stream, expected);
                            });
}

Task<Result<std::unique_ptr<Subscription>>> MemoryClient::subscribe_to_stream(StreamName stream,
                                                                              SubscribeToStreamOptions options) {
  CallOptions call_options = std::move(options.call);
  return call<std::unique_ptr<Subscription>>(
      connection_, Operation::Subscribe, std::move(call_options),
      [stream = std::move(stream), options = std::move(options)](const auto& connection) {
        return follow_stream(connection, stream, options);
      });
}

Task<Result<std::unique_ptr<Subscription>>> MemoryClient::subscribe_to_all(SubscribeToAllOptions options) {
  CallOptions call_options = std::move(options.call);
  return call<std::unique_ptr<Subscription>>(
      connection_, Operation::Subscribe, std::move(call_options),
      [options = std::move(options)](const auto& connection) { return follow_all(connection, options); });
}

Task<Result<DatabaseStatistics>> MemoryClient::statistics(CallOptions options) {
  return call<DatabaseStatistics>(connection_, Operation::Statistics, std::move(options), [](const auto& connection) {
    return Result<DatabaseStatistics>(connection->engine().statistics());
  });
}

Task<Result<void>> MemoryClient::connect() {
  return call<void>(connection_, Operation::Connect, {}, [](const auto&) { return Result<void>(); });
}

void MemoryClient::disconnect() {
  connection_->lose(unavailable("The connection was closed."), ConnectionState::Disconnected);
}

void MemoryClient::on_state_change(std::function<void(ConnectionState)> listener) {
  connection_->on_state_change(std::move(listener));
}

}  // namespace kurrentlite
