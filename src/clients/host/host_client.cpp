#include "clients/host/host_client.hpp"

#include <utility>

#include "clients/host/host_wire.hpp"

namespace kurrentlite {

namespace {

Error gone() { return {ErrorCode::Unavailable, "The client was closed."}; }
Error disconnected() { return {ErrorCode::Unavailable, "The connection was ended by disconnect()."}; }

}  // namespace

void HostClient::Link::become(ConnectionState next) {
  if (state == next) return;
  state = next;
  if (!listener) return;
  const std::function<void(ConnectionState)> told = listener;
  told(next);
}

void HostClient::Link::fail_all(const Error& error) {
  for (const auto& [call, each] : std::exchange(waiting, {})) {
    each->outcome = error;
    each->arrived.notify_all();
    if (port != nullptr) port->abandon(call);
  }
}

/// Stands in the task of a call: when that is destroyed, nobody waits any more.
class HostClient::Call {
 public:
  explicit Call(std::shared_ptr<Link> link) : link_(std::move(link)), waiting_(link_->scheduler) {
    number_ = ++link_->last_call;
    link_->waiting.emplace(number_, &waiting_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (link_->waiting.erase(number_) != 0 && link_->port != nullptr) link_->port->abandon(number_);
  }
  void begin(const std::string& operation, const std::string& arguments) {
    link_->port->begin(number_, operation, arguments);
  }
  [[nodiscard]] bool is_done() const { return waiting_.outcome.has_value(); }
  Signal::Awaiter arrival() { return waiting_.arrived.wait(); }
  Result<std::string> take() { return std::move(*waiting_.outcome); }

 private:
  std::shared_ptr<Link> link_;
  Link::Waiting waiting_;
  std::uint64_t number_ = 0;
};

HostClient::HostClient(HostPort& port, Scheduler& scheduler)
    : link_(std::make_shared<Link>(Link{&port, scheduler})) {}

HostClient::~HostClient() {
  link_->listener = nullptr;
  link_->fail_all(gone());
  link_->port = nullptr;
}

void HostClient::answer(std::uint64_t call, bool ok, std::string json) {
  const auto found = link_->waiting.find(call);
  if (found == link_->waiting.end()) return;
  Link::Waiting& waiting = *found->second;
  link_->waiting.erase(found);
  if (ok) {
    waiting.outcome = std::move(json);
  } else {
    waiting.outcome = host::read_error(json);
  }
  waiting.arrived.notify_all();
}

Task<Result<std::string>> HostClient::ask(std::shared_ptr<Link> link, std::string operation, std::string arguments) {
  if (link->port == nullptr) co_return gone();
  if (link->state == ConnectionState::Disconnected) link->become(ConnectionState::Connecting);
  Call call(link);
  call.begin(operation, arguments);
  while (!call.is_done()) co_await call.arrival();
  Result<std::string> outcome = call.take();
  const bool unreachable = !outcome.ok() && outcome.error().code == ErrorCode::Unavailable;
  link->become(unreachable ? ConnectionState::Disconnected : ConnectionState::Connected);
  co_return std::move(outcome);
}

template <class T>
Task<Result<T>> HostClient::ask_for(std::shared_ptr<Link> link, std::string operation, std::string arguments,
                                    Result<T> (*read)(const json::Value&)) {
  Task<Result<std::string>> asking = ask(std::move(link), std::move(operation), std::move(arguments));
  const Result<std::string> answer = co_await std::move(asking);
  if (!answer.ok()) co_return answer.error();
  if (json::check(*answer, {json::kDepthCeiling})) {
    co_return Error{ErrorCode::Unknown, "The client's answer is not JSON."};
  }
  co_return read(json::Value(*answer));
}

Task<Result<AppendResult>> HostClient::append_to_stream(StreamName stream, std::vector<EventData> events,
                                                        AppendOptions options) {
  json::Writer out;
  host::write_request(out, {std::move(stream), std::move(events), options.expected});
  return ask_for<AppendResult>(link_, "append", out.take(), host::read_append);
}

Task<Result<MultiAppendResult>> HostClient::multi_stream_append(std::vector<AppendStreamRequest> requests,
                                                                CallOptions) {
  json::Writer out;
  out.begin_object().key("requests").begin_array();
  for (const AppendStreamRequest& request : requests) host::write_request(out, request);
  out.end_array().end_object();
  return ask_for<MultiAppendResult>(link_, "multiAppend", out.take(), host::read_multi_append);
}

Task<Result<MultiAppendResult>> HostClient::append_records(std::vector<AppendRecord> records,
                                                           std::vector<StateCheck> checks, CallOptions) {
  json::Writer out;
  out.begin_object().key("records").begin_array();
  for (const AppendRecord& record : records) {
    out.begin_object().key("stream").string(record.stream).key("event");
    host::write_event(out, record.event);
    out.end_object();
  }
  out.end_array().key("checks").begin_array();
  for (const StateCheck& check : checks) {
    out.begin_object().key("stream").string(check.stream);
    out.key("expected").string(host::state_text(check.expected)).end_object();
  }
  out.end_array().end_object();
  return ask_for<MultiAppendResult>(link_, "appendRecords", out.take(), host::read_multi_append);
}

Task<Result<std::vector<ResolvedEvent>>> HostClient::read_stream(StreamName stream, ReadStreamOptions options) {
  json::Writer out;
  out.begin_object().key("stream").string(stream);
  out.key("backwards").boolean(options.direction == Direction::Backwards);
  host::write_from(out, options.from);
  if (options.max_count != kNoLimit) out.key("maxCount").unsigned_integer(options.max_count);
  out.key("resolveLinks").boolean(options.resolve_links).end_object();
  return ask_for<std::vector<ResolvedEvent>>(link_, "readStream", out.take(), host::read_events);
}

Task<Result<std::vector<ResolvedEvent>>> HostClient::read_all(ReadAllOptions options) {
  json::Writer out;
  out.begin_object().key("backwards").boolean(options.direction == Direction::Backwards);
  host::write_from(out, options.from);
  if (options.max_count != kNoLimit) out.key("maxCount").unsigned_integer(options.max_count);
  out.key("resolveLinks").boolean(options.resolve_links);
  if (options.filter) {
    out.key("filter");
    host::write_filter(out, *options.filter);
  }
  out.end_object();
  return ask_for<std::vector<ResolvedEvent>>(link_, "readAll", out.take(), host::read_events);
}

Task<Result<DeleteResult>> HostClient::delete_stream(StreamName stream, AppendOptions options) {
  json::Writer out;
  out.begin_object().key("stream").string(stream).key("expected").string(to_string(options.expected)).end_object();
  return ask_for<DeleteResult>(link_, "deleteStream", out.take(), host::read_deletion);
}

Task<Result<DeleteResult>> HostClient::tombstone_stream(StreamName stream, AppendOptions options) {
  json::Writer out;
  out.begin_object().key("stream").string(stream).key("expected").string(to_string(options.expected)).end_object();
  return ask_for<DeleteResult>(link_, "tombstoneStream", out.take(), host::read_deletion);
}

/// A subscription of the host, by its name there.
class HostSubscription final : public Subscription {
 public:
  HostSubscription(std::shared_ptr<HostClient::Link> link, std::string name)
      : link_(std::move(link)), name_(std::move(name)) {}
  ~HostSubscription() override {
    if (link_->port != nullptr) link_->port->begin(++link_->last_call, "unsubscribe", arguments());
  }
  Task<Result<SubscriptionBatch>> next() override {
    return HostClient::ask_for<SubscriptionBatch>(link_, "next", arguments(), host::read_batch);
  }

 private:
  [[nodiscard]] std::string arguments() const {
    json::Writer out;
    out.begin_object().key("subscription").string(name_).end_object();
    return out.take();
  }
  std::shared_ptr<HostClient::Link> link_;
  std::string name_;
};

Task<Result<std::unique_ptr<Subscription>>> HostClient::subscribe(std::shared_ptr<Link> link, std::string operation,
                                                                 std::string arguments) {
  Task<Result<std::string>> asking = ask(link, std::move(operation), std::move(arguments));
  const Result<std::string> answer = co_await std::move(asking);
  if (!answer.ok()) co_return answer.error();
  std::optional<std::string> name;
  if (!json::check(*answer)) {
    if (const std::optional<json::Value> value = json::Value(*answer).find("subscription")) name = value->string();
  }
  if (!name) co_return Error{ErrorCode::Unknown, "The client's answer cannot be read."};
  std::unique_ptr<Subscription> subscription = std::make_unique<HostSubscription>(link, std::move(*name));
  co_return std::move(subscription);
}

Task<Result<std::unique_ptr<Subscription>>> HostClient::subscribe_to_stream(StreamName stream,
                                                                            SubscribeToStreamOptions options) {
  json::Writer out;
  out.begin_object().key("stream").string(stream);
  host::write_from(out, options.from);
  out.key("resolveLinks").boolean(options.resolve_links).end_object();
  return subscribe(link_, "subscribeToStream", out.take());
}

Task<Result<std::unique_ptr<Subscription>>> HostClient::subscribe_to_all(SubscribeToAllOptions options) {
  json::Writer out;
  out.begin_object();
  host::write_from(out, options.from);
  out.key("resolveLinks").boolean(options.resolve_links);
  if (options.filter) {
    out.key("filter");
    host::write_filter(out, *options.filter);
  }
  out.end_object();
  return subscribe(link_, "subscribeToAll", out.take());
}

Task<Result<DatabaseStatistics>> HostClient::statistics(CallOptions) {
  return ask_for<DatabaseStatistics>(link_, "statistics", "{}", host::read_statistics);
}

Task<Result<void>> HostClient::connect() {
  Task<Result<std::string>> asking = ask(link_, "connect", "{}");
  Result<std::string> answer = co_await std::move(asking);
  if (!answer.ok()) co_return std::move(answer).error();
  co_return Result<void>();
}

void HostClient::disconnect() {
  link_->fail_all(disconnected());
  link_->become(ConnectionState::Disconnected);
}

}  // namespace kurrentlite
