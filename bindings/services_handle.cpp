#include "services_handle.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "convert.hpp"

namespace kurrentlite::bindings {
namespace {

/// The last millisecond that a JavaScript Date knows.
constexpr double kTimeMaxMs = 8.64e15;

std::string outcome_json() { return "null"; }
template <class T>
std::string outcome_json(const T& value) {
  return to_json(value);
}
template <class T>
std::string outcome_json(const std::optional<T>& value) {
  return value ? to_json(*value) : "null";
}

Task<Result<DatabaseHealth>> health_of(KurrentDBService& database) {
  DatabaseHealth health = co_await database.check_health();
  co_return health;
}

SimulationProfile simulation_of(const std::string& json) {
  Result<SimulationProfile> profile = read_simulation(json);
  return profile ? std::move(*profile) : SimulationProfile{};
}

DatabaseConfig config_of(const std::string& json) {
  Result<DatabaseConfig> config = read_config(json);
  return config ? std::move(*config) : default_config(Environment::Dev);
}

}  // namespace

void JavaScriptPort::begin(std::uint64_t call, const std::string& operation, const std::string& arguments) {
  object_.call<void>("begin", static_cast<double>(call), operation, arguments);
}

void JavaScriptPort::abandon(std::uint64_t call) { object_.call<void>("abandon", static_cast<double>(call)); }

ServicesHandle::ServicesHandle(int handle, DatabaseHandle& database, const std::string& config,
                               const std::string& simulation) {
  auto client = std::make_unique<MemoryClient>(database.engine(), database.time(), simulation_of(simulation), &database.faults());
  memory_ = client.get();
  client_ = std::move(client);
  services_ = std::make_unique<Services>(ServiceContext{*client_, database.time(), database.time(), Host::instance().ids,
                                                        config_of(config), &Host::instance().regex});
  listen(handle);
}

ServicesHandle::ServicesHandle(int handle, emscripten::val port, const std::string& config)
    : own_time_(std::make_unique<TimeLine>()), port_(std::make_unique<JavaScriptPort>(std::move(port))) {
  auto client = std::make_unique<HostClient>(*port_, *own_time_);
  host_ = client.get();
  client_ = std::move(client);
  services_ = std::make_unique<Services>(ServiceContext{*client_, *own_time_, *own_time_, Host::instance().ids,
                                                        config_of(config), &Host::instance().regex});
  listen(handle);
}

void ServicesHandle::answer(double call, bool ok, const std::string& json) {
  Boundary boundary;
  if (host_ != nullptr) host_->answer(static_cast<std::uint64_t>(call), ok, json);
}

void ServicesHandle::listen(int handle) {
  handle_ = handle;
  services_->database().on_connection_change(
      [handle](const DatabaseConnection&) { Host::instance().notify(handle, Topic::Connection); });
  services_->streams().on_change([handle] { Host::instance().notify(handle, Topic::Streams); });
  services_->users().on_change([handle] { Host::instance().notify(handle, Topic::Users); });
  services_->database().on_pending_change([handle] { Host::instance().notify(handle, Topic::Pending); });
}

ServicesHandle::~ServicesHandle() {
  calls_.clear();
  watches_.clear();
  services_.reset();
}

void ServicesHandle::refuse(double call, const Error& error) { Host::instance().complete(call, false, to_json(error)); }

template <class T>
Task<void> deliver(double call, Task<Result<T>> task) {
  const Result<T> result = co_await std::move(task);
  if (!result.ok()) {
    Host::instance().complete(call, false, to_json(result.error()));
  } else if constexpr (std::is_void_v<T>) {
    Host::instance().complete(call, true, outcome_json());
  } else {
    Host::instance().complete(call, true, outcome_json(*result));
  }
}

template <class T>
void ServicesHandle::run(double call, Task<Result<T>> task) {
  begin(call, deliver(call, std::move(task)));
}

void ServicesHandle::begin(double call, Task<void> task) {
  calls_.remove_if([](const Call& each) { return each.task.done(); });
  calls_.push_back({call, std::move(task)});
  calls_.back().task.start();
}

void ServicesHandle::cancel(double call) {
  Boundary boundary;
  calls_.remove_if([call](const Call& each) { return each.number == call; });
}

void ServicesHandle::call(double call, const std::string& operation, const std::string& arguments, double timeout_ms) {
  Boundary boundary;
  OperationOptions options;
  if (timeout_ms > 0) options.timeout = Duration(static_cast<std::int64_t>(timeout_ms * 1000));
  const OperationScope scope(*services_, options);
  dispatch(call, operation, arguments);
}

void ServicesHandle::dispatch(double call, const std::string& operation, const std::string& arguments) {
  // The arguments are held several times over on their way: as text, request, event, list entry and answer.
  constexpr std::uint64_t kCopies = 8;
  constexpr std::uint64_t kReserve = std::uint64_t{2} << 20;
  const std::uint64_t needed = arguments.size() * kCopies + kReserve;
  if (!has_headroom(needed)) {
    return refuse(call, {ErrorCode::OutOfMemory, "There is no memory left for this operation; nothing was changed.",
                         {{"requestedBytes", needed}}});
  }
  if (operation.find("UserData") != std::string::npos) return call_users(call, operation, arguments);
  if (operation.find("Stream") != std::string::npos) return call_streams(call, operation, arguments);
  call_database(call, operation);
}

void ServicesHandle::call_database(double call, std::string_view operation) {
  KurrentDBService& database = services_->database();
  if (operation == "connect") return run(call, database.connect());
  if (operation == "reconnect") return run(call, database.reconnect());
  if (operation == "checkHealth") return run(call, health_of(database));
  if (operation == "metrics") return run(call, database.metrics());
  if (operation == "prometheus") return run(call, database.prometheus());
  if (operation == "disconnect") {
    database.disconnect();
    return Host::instance().complete(call, true, outcome_json());
  }
  refuse(call, {ErrorCode::InvalidArgument, "Unknown operation.", {{"field", std::string(operation)}}});
}

void ServicesHandle::call_streams(double call, std::string_view operation, const std::string& arguments) {
  StreamService& streams = services_->streams();
  ArgumentReader reader(arguments);
  if (operation == "createStream") {
    Result<CreateStreamRequest> request = read_create_request(reader);
    return request ? run(call, streams.create(std::move(*request))) : refuse(call, request.error());
  }
  if (operation == "listStreams") {
    Result<StreamFilter> filter = read_stream_filter(reader);
    return filter ? run(call, streams.list(std::move(*filter))) : refuse(call, filter.error());
  }
  if (call_queries(call, operation, reader)) return;
  if (operation == "declareStreamKind") {
    Result<DocumentKind> kind = read_document_kind(reader);
    if (!kind) return refuse(call, kind.error());
    const Result<void> declared = streams.declare_kind(std::move(*kind));
    return declared ? Host::instance().complete(call, true, outcome_json()) : refuse(call, declared.error());
  }
  if (operation == "runStreamTransaction") {
    Result<std::vector<TransactionStep>> steps = read_transaction(reader);
    return steps ? run(call, streams.transaction(std::move(*steps))) : refuse(call, steps.error());
  }
  const std::string id = reader.required_text("id");
  if (operation == "patchStream") {
    Result<PatchStreamRequest> request = read_patch_request(reader);
    return request ? run(call, streams.patch(id, std::move(*request))) : refuse(call, request.error());
  }
  if (operation == "tagStream") {
    Result<TagChanges> changes = read_tag_changes(reader);
    return changes ? run(call, streams.tag(id, std::move(*changes))) : refuse(call, changes.error());
  }
  if (operation == "setStreamPermissions") {
    Result<PermissionsPatch> permissions = read_permissions_request(reader);
    return permissions ? run(call, streams.set_permissions(id, std::move(*permissions))) : refuse(call, permissions.error());
  }
  if (operation == "transferStream") {
    std::string owner = reader.required_text("owner");
    return reader.ok() ? run(call, streams.transfer_owner(id, std::move(owner))) : refuse(call, reader.error());
  }
  if (operation == "updateStream") {
    Result<UpdateStreamRequest> request = read_update_request(reader);
    return request ? run(call, streams.update(id, std::move(*request))) : refuse(call, request.error());
  }
  if (!reader.ok()) return refuse(call, reader.error());
  if (operation == "getStream") return run(call, streams.get(id));
  if (operation == "deleteStream") return run(call, streams.remove(id));
  if (operation == "archiveStream") return run(call, streams.archive(id));
  if (operation == "restoreStream") return run(call, streams.restore(id));
  call_past(call, operation, id, reader);
}

bool ServicesHandle::call_queries(double call, std::string_view operation, ArgumentReader& reader) {
  StreamService& streams = services_->streams();
  if (operation == "queryStreams" || operation == "explainStreams" || operation == "watchStreams") {
    Result<StreamQuery> query = read_stream_query(reader);
    if (!query) refuse(call, query.error());
    else if (operation == "queryStreams") run(call, streams.query(std::move(*query)));
    else if (operation == "explainStreams") run(call, streams.explain(std::move(*query)));
    else begin(call, begin_watch(call, std::move(*query)));
  } else if (operation == "queryStreamEvents") {
    Result<EventQuery> query = read_event_query(reader);
    query ? run(call, services_->events().query(std::move(*query))) : refuse(call, query.error());
  } else if (operation == "declareStreamIndex") {
    std::string path = reader.required_text("path");
    std::string kind = reader.text("kind").value_or("");
    reader.ok() ? run(call, streams.declare_index(std::move(path), std::move(kind))) : refuse(call, reader.error());
  } else if (operation == "takeStreamUpdates") {
    Host::instance().complete(call, true, take_live_updates());
  } else if (operation == "unwatchStreams") {
    watches_.erase(static_cast<int>(reader.required_whole("watch", 0, INT32_MAX)));
    reader.ok() ? Host::instance().complete(call, true, outcome_json()) : refuse(call, reader.error());
  } else {
    return false;
  }
  return true;
}

Task<void> ServicesHandle::begin_watch(double call, StreamQuery query) {
  const int number = ++last_watch_;
  Task<Result<StreamWatch>> watching = services_->streams().watch(std::move(query), [this, number](LiveUpdate update) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    found->second.updates.push_back(to_json(update));
    Host::instance().notify(handle_, Topic::Live);
  });
  Result<StreamWatch> watch = co_await std::move(watching);
  if (!watch.ok()) {
    refuse(call, watch.error());
    co_return;
  }
  json::Writer out;
  out.begin_object().key("watch").integer(number).key("first").raw(to_json(watch->first()));
  watches_[number].watch.emplace(std::move(*watch));
  Host::instance().complete(call, true, out.end_object().take());
}

std::string ServicesHandle::take_live_updates() {
  json::Writer out;
  out.begin_object();
  for (auto& [number, watch] : watches_) {
    if (watch.updates.empty()) continue;
    out.key(std::to_string(number)).begin_array();
    for (const std::string& update : std::exchange(watch.updates, {})) out.raw(update);
    out.end_array();
  }
  return out.end_object().take();
}

void ServicesHandle::call_past(double call, std::string_view operation, const std::string& id,
                               ArgumentReader& reader) {
  StreamService& streams = services_->streams();
  if (operation == "getStreamHistory") {
    const Result<HistoryOptions> options = read_history_options(reader);
    return options ? run(call, streams.history(id, *options)) : refuse(call, options.error());
  }
  if (operation == "getStreamAt") {
    const std::optional<std::uint64_t> version = reader.whole("version", 1, UINT32_MAX);
    const std::optional<double> time = reader.number("time", -kTimeMaxMs, kTimeMaxMs);
    if (version && time) reader.refuse("time", "must not be given beside a version");
    if (!version && !time && reader.ok()) reader.refuse("version", "or time is required");
    if (!reader.ok()) return refuse(call, reader.error());
    if (version) return run(call, streams.at_version(id, *version));
    return run(call, streams.at_time(id, static_cast<std::int64_t>(std::floor(*time))));
  }
  if (operation == "diffStream") {
    const std::uint64_t from = reader.required_whole("from", 0, UINT32_MAX);
    const std::uint64_t to = reader.required_whole("to", 0, UINT32_MAX);
    return reader.ok() ? run(call, streams.diff(id, from, to)) : refuse(call, reader.error());
  }
  refuse(call, {ErrorCode::InvalidArgument, "Unknown operation.", {{"field", std::string(operation)}}});
}

void ServicesHandle::call_users(double call, std::string_view operation, const std::string& arguments) {
  UserStreamService& users = services_->users();
  ArgumentReader reader(arguments);
  if (operation == "listUserData") {
    std::optional<std::string> user = reader.text("userId");
    return reader.ok() ? run(call, users.list(std::move(user))) : refuse(call, reader.error());
  }
  const bool takes_data = operation == "storeUserData" || operation == "updateUserData";
  std::string data = takes_data ? reader.required_json("data") : std::string();
  const std::optional<bool> is_public = reader.boolean("isPublic");
  const std::optional<std::uint64_t> expected = reader.whole("expectedVersion", 0, UINT32_MAX);
  Result<UserStreamKey> key = read_user_key(reader);
  if (!key) return refuse(call, key.error());
  if (operation == "storeUserData") return run(call, users.store(std::move(*key), std::move(data), is_public, expected));
  if (operation == "updateUserData") return run(call, users.update(std::move(*key), std::move(data), expected));
  if (operation == "getUserData") return run(call, users.get(std::move(*key)));
  if (operation == "deleteUserData") return run(call, users.remove(std::move(*key)));
  refuse(call, {ErrorCode::InvalidArgument, "Unknown operation.", {{"field", std::string(operation)}}});
}

void ServicesHandle::act_as(const emscripten::val& user) {
  Boundary boundary;
  services_->act_as(user.isString() ? Actor(user.as<std::string>()) : std::nullopt);
}

std::string ServicesHandle::connection() { return to_json(services_->database().connection()); }
std::string ServicesHandle::health_history(int limit) {
  return to_json(services_->database().health_history(static_cast<std::size_t>(std::max(limit, 0))));
}
std::string ServicesHandle::series(int seconds, const std::string& operation) {
  return to_json(services_->database().series(static_cast<std::uint32_t>(std::max(seconds, 0)), operation));
}
int ServicesHandle::pending_writes() { return static_cast<int>(services_->database().pending_writes()); }

void ServicesHandle::trace(bool wanted) {
  Boundary boundary;
  spans_.clear();
  if (!wanted) return services_->database().on_spans({});
  services_->database().on_spans([this](std::vector<Span> spans) {
    for (Span& each : spans) spans_.push_back(std::move(each));
    Host::instance().notify(handle_, Topic::Spans);
  });
}

std::string ServicesHandle::take_spans() {
  std::vector<Span> spans;
  spans.swap(spans_);
  return to_json(spans);
}

std::string ServicesHandle::simulation() const { return memory_ != nullptr ? to_json(memory_->profile()) : std::string(); }

void ServicesHandle::set_simulation(const std::string& simulation) {
  Boundary boundary;
  if (memory_ != nullptr) memory_->set_profile(simulation_of(simulation));
}

void ServicesHandle::resync() {
  Boundary boundary;
  services_->resync();
}

}  // namespace kurrentlite::bindings
