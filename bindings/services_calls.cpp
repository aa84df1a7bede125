/// The operations of the services by name: from arguments to calls.

#include <cmath>
#include <optional>
#include <utility>

#include "services_handle.hpp"

namespace kurrentlite::bindings {
namespace {

/// The last millisecond that a JavaScript Date knows.
constexpr double kTimeMaxMs = 8.64e15;

Task<Result<DatabaseHealth>> health_of(KurrentDBService& database) {
  DatabaseHealth health = co_await database.check_health();
  co_return health;
}

}  // namespace

void ServicesHandle::refuse_unknown(double call, std::string_view operation) {
  refuse(call, {ErrorCode::InvalidArgument, "Unknown operation.", {{"field", std::string(operation)}}});
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
  refuse_unknown(call, operation);
}

void ServicesHandle::call_streams(double call, std::string_view operation, const std::string& arguments) {
  StreamService& streams = services_->streams();
  ArgumentReader reader(arguments);
  if (operation == "createStream") {
    return run_with(call, read_create_request(reader), [&](auto request) { return streams.create(std::move(request)); });
  }
  if (operation == "listStreams") {
    return run_with(call, read_stream_filter(reader), [&](auto filter) { return streams.list(std::move(filter)); });
  }
  if (operation == "runStreamTransaction") {
    return run_with(call, read_transaction(reader), [&](auto steps) { return streams.transaction(std::move(steps)); });
  }
  if (operation == "declareStreamKind") {
    Result<DocumentKind> kind = read_document_kind(reader);
    if (!kind) return refuse(call, kind.error());
    const Result<void> declared = streams.declare_kind(std::move(*kind));
    return declared ? Host::instance().complete(call, true, outcome_json()) : refuse(call, declared.error());
  }
  if (operation == "claimStreamValues") {
    std::string kind = reader.required_text("kind");
    return reader.ok() ? run(call, streams.claim_unique(std::move(kind))) : refuse(call, reader.error());
  }
  if (call_queries(call, operation, reader)) return;
  const std::string id = reader.required_text("id");
  if (call_change(call, operation, id, reader)) return;
  if (!reader.ok()) return refuse(call, reader.error());
  if (operation == "getStream") return run(call, streams.get(id));
  call_past(call, operation, id, reader);
}

bool ServicesHandle::call_change(double call, std::string_view operation, const std::string& id,
                                 ArgumentReader& reader) {
  StreamService& streams = services_->streams();
  if (operation == "updateStream") {
    run_with(call, read_update_request(reader), [&](auto request) { return streams.update(id, std::move(request)); });
  } else if (operation == "patchStream") {
    run_with(call, read_patch_request(reader), [&](auto request) { return streams.patch(id, std::move(request)); });
  } else if (operation == "tagStream") {
    run_with(call, read_tag_changes(reader), [&](auto changes) { return streams.tag(id, std::move(changes)); });
  } else if (operation == "setStreamPermissions") {
    run_with(call, read_permissions_request(reader),
             [&](auto permissions) { return streams.set_permissions(id, std::move(permissions)); });
  } else if (operation == "transferStream") {
    std::string owner = reader.required_text("owner");
    reader.ok() ? run(call, streams.transfer_owner(id, std::move(owner))) : refuse(call, reader.error());
  } else if (operation == "deleteStream") {
    reader.ok() ? run(call, streams.remove(id)) : refuse(call, reader.error());
  } else if (operation == "archiveStream") {
    reader.ok() ? run(call, streams.archive(id)) : refuse(call, reader.error());
  } else if (operation == "restoreStream") {
    reader.ok() ? run(call, streams.restore(id)) : refuse(call, reader.error());
  } else {
    return false;
  }
  return true;
}

bool ServicesHandle::call_queries(double call, std::string_view operation, ArgumentReader& reader) {
  StreamService& streams = services_->streams();
  if (operation == "queryStreams" || operation == "explainStreams") {
    Result<StreamQuery> query = read_stream_query(reader);
    if (!query) refuse(call, query.error());
    else if (operation == "queryStreams") run(call, streams.query(std::move(*query)));
    else run(call, streams.explain(std::move(*query)));
  } else if (operation == "watchStreams") {
    Result<StreamQuery> query = read_stream_query(reader, StreamWatch::kLimitMax);
    const int watch = ++last_watch_;
    query ? begin(call, begin_watch(call, watch, streams.watch(std::move(*query), teller(watch))))
          : refuse(call, query.error());
  } else if (operation == "watchStreamList") {
    Result<StreamFilter> filter = read_stream_filter(reader, StreamWatch::kLimitMax);
    const int watch = ++last_watch_;
    filter ? begin(call, begin_watch(call, watch, streams.watch_list(std::move(*filter), teller(watch))))
           : refuse(call, filter.error());
  } else if (operation == "resizeStreamWatch") {
    const auto watch = watches_.find(static_cast<int>(reader.required_whole("watch", 0, INT32_MAX)));
    const auto limit = static_cast<std::uint32_t>(reader.required_whole("limit", 1, StreamWatch::kLimitMax));
    if (!reader.ok()) {
      refuse(call, reader.error());
      return true;
    }
    if (watch != watches_.end() && watch->second.watch) {
      if (const auto update = watch->second.watch->resize(limit)) watch->second.updates.push_back(to_json(*update));
    }
    Host::instance().complete(call, true, take_live_updates());  // in their order: those told before it first
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

std::function<void(LiveUpdate)> ServicesHandle::teller(int number) {
  return [this, number](LiveUpdate update) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    found->second.updates.push_back(to_json(update));
    Host::instance().notify(handle_, Topic::Live);
  };
}

Task<void> ServicesHandle::begin_watch(double call, int number, Task<Result<StreamWatch>> watching) {
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
  refuse_unknown(call, operation);
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
  refuse_unknown(call, operation);
}

}  // namespace kurrentlite::bindings
