#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/await.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "clients/host/host_client.hpp"
#include "clients/host/host_wire.hpp"

namespace kurrentlite {

/// Carries out the calls of a HostClient by another client: what JavaScript does with the official one, in C++. It reads
/// and writes the wire by itself, so that a mistake in HostClient does not cancel out.
class LoopbackPort final : public HostPort {
 public:
  explicit LoopbackPort(Client& client) : client_(client) {}
  void connect_to(HostClient& host) { host_ = &host; }

  void begin(std::uint64_t call, const std::string& operation, const std::string& arguments) override {
    const json::Value args(arguments);
    if (operation == "connect") return run(call, client_.connect(), [](json::Writer& out) { out.null(); });
    if (operation == "append") {
      std::vector<AppendStreamRequest> requests{request_of(args)};
      AppendOptions options;
      options.expected = requests.front().expected;
      return run(call, client_.append_to_stream(requests.front().stream, requests.front().events, options), write_append);
    }
    if (operation == "multiAppend") {
      std::vector<AppendStreamRequest> requests;
      for (const json::Value& each : args.find("requests")->elements()) requests.push_back(request_of(each));
      return run(call, client_.multi_stream_append(std::move(requests), {}), write_multi_append);
    }
    if (operation == "readStream") {
      ReadStreamOptions options;
      options.direction = direction_of(args);
      options.from = revision_of(*args.find("from"));
      options.max_count = count_of(args);
      return run(call, client_.read_stream(text(args, "stream"), options), write_events);
    }
    if (operation == "readAll") {
      ReadAllOptions options;
      options.direction = direction_of(args);
      options.from = position_of(*args.find("from"));
      options.max_count = count_of(args);
      options.filter = filter_of(args);
      return run(call, client_.read_all(std::move(options)), write_events);
    }
    if (operation == "deleteStream" || operation == "tombstoneStream") {
      AppendOptions options;
      options.expected = state_of(text(args, "expected"));
      const bool is_soft = operation == "deleteStream";
      return run(call, is_soft ? client_.delete_stream(text(args, "stream"), options)
                               : client_.tombstone_stream(text(args, "stream"), options),
                 [](json::Writer& out, const DeleteResult& result) {
                   out.begin_object().key("position");
                   write_position(out, result.position);
                   out.end_object();
                 });
    }
    if (operation == "subscribeToStream") {
      SubscribeToStreamOptions options;
      options.from = revision_of(*args.find("from"));
      return run(call, client_.subscribe_to_stream(text(args, "stream"), options), keeping());
    }
    if (operation == "subscribeToAll") {
      SubscribeToAllOptions options;
      options.from = position_of(*args.find("from"));
      options.filter = filter_of(args);
      return run(call, client_.subscribe_to_all(std::move(options)), keeping());
    }
    if (operation == "next") return run(call, next_of(text(args, "subscription")), write_batch);
    if (operation == "unsubscribe") {
      calls_.erase(waiting_for_[text(args, "subscription")]);
      subscriptions_.erase(text(args, "subscription"));
      return;
    }
    if (operation == "statistics") return run(call, client_.statistics({}), write_statistics);
    host_->answer(call, false, R"({"code":"InvalidArgument","message":"There is no such operation."})");
  }

  void abandon(std::uint64_t call) override { abandoned_.push_back(call); }
  [[nodiscard]] const std::vector<std::uint64_t>& abandoned() const { return abandoned_; }

 private:
  static std::string text(const json::Value& args, std::string_view key) { return *args.find(key)->string(); }
  static Direction direction_of(const json::Value& args) {
    return args.find("backwards")->boolean() == true ? Direction::Backwards : Direction::Forwards;
  }
  static std::uint64_t count_of(const json::Value& args) {
    const std::optional<json::Value> count = args.find("maxCount");
    return count ? static_cast<std::uint64_t>(*count->integer()) : kNoLimit;
  }
  static std::uint64_t number(const std::string& text) { return std::stoull(text); }
  static ExpectedState state_of(const std::string& text) {
    if (text == "any") return Any{};
    if (text == "no_stream") return NoStream{};
    if (text == "stream_exists") return StreamExists{};
    return StreamRevision{number(text)};
  }
  static ReadRevision revision_of(const json::Value& from) {
    const std::string text = *from.string();
    if (text == "start") return Start{};
    if (text == "end") return End{};
    return StreamRevision{number(text)};
  }
  static ReadPosition position_of(const json::Value& from) {
    if (from.is(json::Kind::Object)) return Position{number(text(from, "commit")), number(text(from, "prepare"))};
    return *from.string() == "start" ? ReadPosition(Start{}) : ReadPosition(End{});
  }
  static std::optional<Filter> filter_of(const json::Value& args) {
    const std::optional<json::Value> given = args.find("filter");
    if (!given) return std::nullopt;
    Filter filter;
    filter.on = text(*given, "on") == "streamName" ? Filter::On::StreamName : Filter::On::EventType;
    if (const auto regex = given->find("regex")) filter.regex = *regex->string();
    if (const auto prefixes = given->find("prefixes")) {
      for (const json::Value& each : prefixes->elements()) filter.prefixes.push_back(*each.string());
    }
    return filter;
  }
  static AppendStreamRequest request_of(const json::Value& args) {
    AppendStreamRequest request;
    request.stream = text(args, "stream");
    request.expected = state_of(text(args, "expected"));
    for (const json::Value& each : args.find("events")->elements()) {
      EventData event;
      event.id = *Uuid::parse(text(each, "id"));
      event.type = text(each, "type");
      const bool is_json = each.find("isJson")->boolean() == true;
      event.content_type = is_json ? ContentType::Json : ContentType::Binary;
      event.data = is_json ? text(each, "data") : *base64::decode(text(each, "data"));
      if (const auto metadata = each.find("metadata")) event.metadata = *metadata->string();
      request.events.push_back(std::move(event));
    }
    return request;
  }

  static void write_position(json::Writer& out, Position position) {
    out.begin_object().key("commit").string(std::to_string(position.commit));
    out.key("prepare").string(std::to_string(position.prepare)).end_object();
  }
  static void write_append(json::Writer& out, const AppendResult& result) {
    out.begin_object();
    if (result.revision) out.key("revision").string(std::to_string(result.revision->value));
    if (result.position) write_position(out.key("position"), *result.position);
    out.end_object();
  }
  static void write_multi_append(json::Writer& out, const MultiAppendResult& result) {
    out.begin_object().key("revisions").begin_array();
    for (const auto& [stream, revision] : result.revisions) {
      out.begin_object().key("stream").string(stream);
      out.key("revision").string(std::to_string(revision.value)).end_object();
    }
    out.end_array();
    if (result.position) write_position(out.key("position"), *result.position);
    out.end_object();
  }
  static void write_event(json::Writer& out, const RecordedEvent& event) {
    const bool is_json = event.content_type == ContentType::Json;
    out.begin_object().key("stream").string(event.stream).key("id").string(event.id.to_string());
    out.key("type").string(event.type).key("revision").string(std::to_string(event.revision.value));
    out.key("isJson").boolean(is_json).key("data").string(is_json ? event.data : base64::encode(event.data));
    if (!event.metadata.empty()) out.key("metadata").string(event.metadata);
    out.key("created").integer(event.created_ticks / 10'000);
    write_position(out.key("position"), event.position);
    out.end_object();
  }
  static void write_events(json::Writer& out, const std::vector<ResolvedEvent>& events) {
    out.begin_array();
    for (const ResolvedEvent& each : events) {
      out.begin_object();
      if (each.event) write_event(out.key("event"), *each.event);
      if (each.link) write_event(out.key("link"), *each.link);
      out.end_object();
    }
    out.end_array();
  }
  static void write_batch(json::Writer& out, const SubscriptionBatch& batch) {
    write_events(out.begin_object().key("events"), batch.events);
    out.key("caughtUp").boolean(batch.caught_up);
    if (batch.checkpoint) write_position(out.key("checkpoint"), *batch.checkpoint);
    out.end_object();
  }
  static void write_statistics(json::Writer& out, const DatabaseStatistics& statistics) {
    out.begin_object().key("totalEvents").string(std::to_string(statistics.total_events));
    out.key("totalStreams").string(std::to_string(statistics.total_streams));
    out.key("storageUsedBytes").string(std::to_string(statistics.storage_used_bytes)).end_object();
  }
  static std::string error_json(const Error& error) {
    json::Writer out;
    out.begin_object().key("code").string(to_string(error.code)).key("message").string(error.message);
    out.key("facts").begin_object();
    for (const Fact& fact : error.facts) {
      out.key(fact.name);
      if (const auto* number = std::get_if<std::uint64_t>(&fact.value)) {
        out.begin_object().key("n").string(std::to_string(*number)).end_object();
      } else {
        out.string(std::get<std::string>(fact.value));
      }
    }
    out.end_object().end_object();
    return out.take();
  }

  /// Keeps the subscription and answers its name.
  using Keeping = std::function<void(json::Writer&, std::unique_ptr<Subscription>&)>;
  Keeping keeping() {
    return [this](json::Writer& out, std::unique_ptr<Subscription>& subscription) {
      const std::string name = "s" + std::to_string(++last_);
      subscriptions_[name] = std::move(subscription);
      out.begin_object().key("subscription").string(name).end_object();
    };
  }
  Task<Result<SubscriptionBatch>> next_of(const std::string& name) {
    const auto found = subscriptions_.find(name);
    if (found == subscriptions_.end()) return ended();
    waiting_for_[name] = last_call_ + 1;
    return found->second->next();
  }
  static Task<Result<SubscriptionBatch>> ended() { co_return Error{ErrorCode::Unavailable, "It ended."}; }

  /// Answers `call` with what `task` brings.
  template <class T, class Write>
  void run(std::uint64_t call, Task<Result<T>> task, Write write) {
    const std::uint64_t number = ++last_call_;
    TaskScope& scope = calls_[number];
    scope.spawn(std::move(task), [this, call, write](Result<T> result) {
      if (!result.ok()) return host_->answer(call, false, error_json(result.error()));
      json::Writer out;
      if constexpr (std::is_void_v<T>) {
        write(out);
      } else {
        write(out, *result);
      }
      host_->answer(call, true, out.take());
    });
  }

  Client& client_;
  HostClient* host_ = nullptr;
  std::map<std::string, std::unique_ptr<Subscription>> subscriptions_;
  std::map<std::string, std::uint64_t> waiting_for_;
  std::uint64_t last_ = 0;
  std::uint64_t last_call_ = 0;
  std::vector<std::uint64_t> abandoned_;
  std::map<std::uint64_t, TaskScope> calls_;  // last: their tasks refer to the rest
};

/// A HostClient whose host is another client, in one.
class LoopbackClient final : public Client {
 public:
  LoopbackClient(std::unique_ptr<Client> inner, Scheduler& scheduler)
      : inner_(std::move(inner)), port_(*inner_), host_(port_, scheduler) {
    port_.connect_to(host_);
  }
  Task<Result<AppendResult>> append_to_stream(StreamName stream, std::vector<EventData> events,
                                              AppendOptions options) override {
    return host_.append_to_stream(std::move(stream), std::move(events), std::move(options));
  }
  Task<Result<MultiAppendResult>> multi_stream_append(std::vector<AppendStreamRequest> requests,
                                                      CallOptions options) override {
    return host_.multi_stream_append(std::move(requests), std::move(options));
  }
  Task<Result<MultiAppendResult>> append_records(std::vector<AppendRecord> records, std::vector<StateCheck> checks,
                                                 CallOptions options) override {
    return host_.append_records(std::move(records), std::move(checks), std::move(options));
  }
  Task<Result<std::vector<ResolvedEvent>>> read_stream(StreamName stream, ReadStreamOptions options) override {
    return host_.read_stream(std::move(stream), std::move(options));
  }
  Task<Result<std::vector<ResolvedEvent>>> read_all(ReadAllOptions options) override {
    return host_.read_all(std::move(options));
  }
  Task<Result<DeleteResult>> delete_stream(StreamName stream, AppendOptions options) override {
    return host_.delete_stream(std::move(stream), std::move(options));
  }
  Task<Result<DeleteResult>> tombstone_stream(StreamName stream, AppendOptions options) override {
    return host_.tombstone_stream(std::move(stream), std::move(options));
  }
  Task<Result<std::unique_ptr<Subscription>>> subscribe_to_stream(StreamName stream,
                                                                  SubscribeToStreamOptions options) override {
    return host_.subscribe_to_stream(std::move(stream), std::move(options));
  }
  Task<Result<std::unique_ptr<Subscription>>> subscribe_to_all(SubscribeToAllOptions options) override {
    return host_.subscribe_to_all(std::move(options));
  }
  Task<Result<DatabaseStatistics>> statistics(CallOptions options) override {
    return host_.statistics(std::move(options));
  }
  Task<Result<void>> connect() override { return host_.connect(); }
  void disconnect() override { host_.disconnect(); }
  [[nodiscard]] ConnectionState state() const override { return host_.state(); }
  void on_state_change(std::function<void(ConnectionState)> listener) override {
    host_.on_state_change(std::move(listener));
  }

 private:
  std::unique_ptr<Client> inner_;
  LoopbackPort port_;
  HostClient host_;
};

}  // namespace kurrentlite
