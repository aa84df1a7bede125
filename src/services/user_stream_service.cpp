#include <cassert>
#include <utility>

#include "base/json.hpp"
#include "services/access.hpp"
#include "services/runtime.hpp"
#include "services/user_data.hpp"
#include "services/validation.hpp"

namespace kurrentlite {

// Not in the unnamed namespace: clang 14 makes the destructor of a local type that a coroutine calls last a tail call,
// which WebAssembly does not have.

/// What a user stream holds, as its last event tells it.
struct LoadedUserStream {
  std::optional<UserStream> state;
  std::optional<StreamRevision> head;
  std::optional<Position> seen;  ///< of the head
  bool ends_with_event = false;  ///< the event that was looked for is the last one
};

namespace {

constexpr std::uint64_t kPageSize = 500;

std::vector<Fact> facts_of(const UserStreamKey& key) {
  std::vector<Fact> facts{{"id", user_stream_name(key)}, {"userId", key.user_id}, {"type", key.type}};
  if (key.category) facts.push_back({"category", *key.category});
  return facts;
}

std::string described(const UserStreamKey& key) {
  std::string text = "user \"" + key.user_id + "\" of type \"" + key.type + "\"";
  if (key.category) text += " in category \"" + *key.category + "\"";
  return text;
}

Error not_found(const UserStreamKey& key) {
  return {ErrorCode::NotFound, "There are no data of " + described(key) + ".", facts_of(key)};
}

Error conflict(const UserStreamKey& key) {
  return {ErrorCode::Conflict,
          "The data of " + described(key) + " cannot be written: their stream is closed or hidden.", facts_of(key)};
}

/// As with documents; version 0 is nothing.
Error stale(const UserStreamKey& key, std::uint64_t expected, std::uint64_t actual) {
  Error error{ErrorCode::Conflict,
              "The data of " + described(key) + " have version " + std::to_string(actual) + ", not " +
                  std::to_string(expected) + " as expected.",
              facts_of(key)};
  error.facts.push_back({"expectedVersion", expected});
  error.facts.push_back({"actualVersion", actual});
  return error;
}

/// Reads backwards: one event, then pages, until one of ours is found.
Task<Result<LoadedUserStream>> load(ServiceRuntime& runtime, UserStreamKey key, Uuid looked_for) {
  LoadedUserStream loaded;
  ReadStreamOptions options;
  options.direction = Direction::Backwards;
  options.from = End{};
  options.max_count = 1;
  while (true) {
    Task<Result<std::vector<ResolvedEvent>>> reading = runtime.read_stream(user_stream_name(key), options);
    const Result<std::vector<ResolvedEvent>> page = co_await std::move(reading);
    if (!page.ok()) {
      const ErrorCode code = page.error().code;
      if (code != ErrorCode::StreamNotFound && code != ErrorCode::StreamDeleted) co_return page.error();
      co_return LoadedUserStream{};
    }
    std::optional<StreamRevision> oldest;
    for (const ResolvedEvent& resolved : *page) {
      if (!resolved.event) continue;
      oldest = resolved.event->revision;
      if (!loaded.head) {
        loaded.head = oldest;
        loaded.seen = resolved.event->position;
        loaded.ends_with_event = resolved.event->id == looked_for;
      }
      std::optional<services::UserDataChange> change = services::parse_user_data(key, *resolved.event);
      if (!change) continue;
      loaded.state = std::move(change->state);
      if (loaded.state) loaded.state->version = loaded.head->value + 1;
      co_return std::move(loaded);
    }
    if (page->size() < options.max_count || !oldest || oldest->value == 0) co_return std::move(loaded);
    options.from = StreamRevision{oldest->value - 1};
    options.max_count = kPageSize;
  }
}

/// The lists shall not be behind what was read.
void show(ServiceRuntime& runtime, std::uint64_t epoch, const UserStreamKey& key, const LoadedUserStream& loaded) {
  if (loaded.head) runtime.show_user_data(epoch, key, loaded.state, loaded.head->value + 1, loaded.seen);
}

/// One change to what is stored: the next state from the present one, or why there is none.
struct Change {
  std::string_view type;
  std::function<Result<UserStream>(const std::optional<UserStream>&)> next;
  std::optional<std::uint64_t> expected_version;
};

/// As with documents: read, append at the revision that was read, and begin again when somebody else was faster.
Task<Result<UserStream>> change_user_data(ServiceRuntime& runtime, UserStreamKey key, Change change) {
  if (auto refused = services::refusal(runtime.actor(), Access::Write, key, false)) co_return std::move(*refused);
  runtime.begin_operation();
  const std::uint64_t epoch = runtime.epoch();
  const Uuid event_id = runtime.next_id();
  std::optional<ExpectedState> refused;
  while (true) {
    Task<Result<LoadedUserStream>> loading = load(runtime, key, event_id);
    Result<LoadedUserStream> loaded = co_await std::move(loading);
    if (!loaded.ok()) co_return std::move(loaded).error();
    const bool deletes = change.type == services::kUserDataDeleted;
    if (loaded->ends_with_event && loaded->state.has_value() != deletes) {  // an attempt did get through
      show(runtime, epoch, key, *loaded);
      co_return loaded->state.value_or(UserStream{});
    }
    const std::uint64_t version = loaded->state ? loaded->state->version : 0;
    if (change.expected_version.value_or(version) != version) co_return stale(key, *change.expected_version, version);
    Result<UserStream> next = change.next(loaded->state);
    if (!next.ok()) co_return std::move(next).error();
    EventData event =
        deletes ? services::user_data_deleted(event_id, key) : services::user_data_event(event_id, change.type, *next);
    if (auto invalid = services::validate_event_size(event, "data")) co_return std::move(*invalid);

    const ExpectedState expected = loaded->head ? ExpectedState(*loaded->head) : ExpectedState(NoStream{});
    if (refused == expected) co_return conflict(key);
    Task<Result<ServiceRuntime::Written>> appending = runtime.append(user_stream_name(key), std::move(event), expected);
    const Result<ServiceRuntime::Written> written = co_await std::move(appending);
    if (written.ok()) {
      const std::uint64_t now = written->event.revision.value + 1;
      std::optional<services::UserDataChange> settled = services::parse_user_data(key, written->event);
      assert(settled && "our own events make sense to us");
      runtime.show_user_data(epoch, key, settled->state, now, written->position, written->time_is_guess);
      if (settled->state) co_return std::move(*settled->state);
      co_return std::move(next);
    }
    const Error& error = written.error();
    if (error.code == ErrorCode::StreamDeleted) co_return deletes ? not_found(key) : conflict(key);
    if (error.code == ErrorCode::MaxAppendEventSizeExceeded || error.code == ErrorCode::MaxAppendSizeExceeded) {
      co_return services::validation_failed("data", "is too large for the database: " + error.message);
    }
    if (error.code != ErrorCode::WrongExpectedVersion) co_return error;
    refused = expected;
  }
}

Task<Result<UserStream>> store_user_data(ServiceRuntime& runtime, UserStreamKey key, Json data,
                                         std::optional<bool> is_public,
                                         std::optional<std::uint64_t> expected_version) {
  if (std::optional<Error> invalid = services::validate_store(key, data)) co_return std::move(*invalid);
  Change change;
  change.expected_version = expected_version;
  change.type = services::kUserDataStored;
  change.next = [&](const std::optional<UserStream>& present) -> Result<UserStream> {
    UserStream next = present.value_or(UserStream{});
    next.user_id = key.user_id;
    next.type = key.type;
    next.category = key.category;
    next.data = data;
    next.is_public = is_public.value_or(next.is_public);
    return next;
  };
  Task<Result<UserStream>> changing = change_user_data(runtime, key, std::move(change));
  co_return co_await std::move(changing);
}

Task<Result<std::optional<UserStream>>> get_user_data(ServiceRuntime& runtime, UserStreamKey key) {
  if (std::optional<Error> invalid = services::validate_user_key(key)) co_return std::move(*invalid);
  runtime.begin_operation();
  const Actor actor = runtime.actor();
  const std::uint64_t epoch = runtime.epoch();
  Task<Result<LoadedUserStream>> loading = load(runtime, key, Uuid{});
  Result<LoadedUserStream> loaded = co_await std::move(loading);
  if (!loaded.ok()) co_return std::move(loaded).error();
  const bool is_public = loaded->state && loaded->state->is_public;
  if (auto refused = services::refusal(actor, Access::Read, key, is_public)) co_return std::move(*refused);
  show(runtime, epoch, key, *loaded);
  co_return std::move(loaded->state);
}

Task<Result<UserStream>> update_user_data(ServiceRuntime& runtime, UserStreamKey key, Json patch,
                                          std::optional<std::uint64_t> expected_version) {
  if (std::optional<Error> invalid = services::validate_patch(key, patch)) co_return std::move(*invalid);
  Change change;
  change.expected_version = expected_version;
  change.type = services::kUserDataUpdated;
  change.next = [&](const std::optional<UserStream>& present) -> Result<UserStream> {
    if (!present) return not_found(key);
    if (!json::Value(present->data).is(json::Kind::Object)) {
      return services::validation_failed("data",
                                         "cannot be merged: what is stored is not an object; store replaces it.");
    }
    UserStream next = *present;
    next.data = json::merge_top_level(present->data, patch);
    return next;
  };
  Task<Result<UserStream>> changing = change_user_data(runtime, key, std::move(change));
  co_return co_await std::move(changing);
}

Task<Result<void>> delete_user_data(ServiceRuntime& runtime, UserStreamKey key) {
  if (std::optional<Error> invalid = services::validate_user_key(key)) co_return std::move(*invalid);
  Change change;
  change.type = services::kUserDataDeleted;
  change.next = [&](const std::optional<UserStream>& present) -> Result<UserStream> {
    if (!present) return not_found(key);
    return *present;
  };
  Task<Result<UserStream>> changing = change_user_data(runtime, key, std::move(change));
  Result<UserStream> changed = co_await std::move(changing);
  if (!changed.ok()) co_return std::move(changed).error();
  co_return Result<void>();
}

Task<Result<std::vector<UserStream>>> list_user_data(ServiceRuntime& runtime, std::optional<std::string> user_id) {
  if (user_id) {
    if (std::optional<Error> invalid = services::validate_user_id(*user_id)) co_return std::move(*invalid);
  }
  runtime.begin_operation();
  const Actor actor = runtime.actor();
  Task<Result<void>> waiting = runtime.feed().ready();
  Result<void> ready = co_await std::move(waiting);
  if (!ready.ok()) co_return std::move(ready).error();
  std::vector<UserStream> all;
  for (const UserStream* each : runtime.model().user_data(user_id)) {
    const UserStreamKey key{each->user_id, each->type, each->category};
    if (services::may(actor, Access::Read, key, each->is_public)) all.push_back(*each);
  }
  co_return std::move(all);
}

}  // namespace

Task<Result<UserStream>> UserStreamService::store(UserStreamKey key, Json data, std::optional<bool> is_public,
                                                  std::optional<std::uint64_t> expected_version) {
  return runtime_.run("storeUserData",
                      store_user_data(runtime_, std::move(key), std::move(data), is_public, expected_version));
}

Task<Result<std::optional<UserStream>>> UserStreamService::get(UserStreamKey key) {
  return runtime_.run("getUserData", get_user_data(runtime_, std::move(key)));
}

Task<Result<UserStream>> UserStreamService::update(UserStreamKey key, Json patch,
                                                   std::optional<std::uint64_t> expected_version) {
  return runtime_.run("updateUserData",
                      update_user_data(runtime_, std::move(key), std::move(patch), expected_version));
}

Task<Result<void>> UserStreamService::remove(UserStreamKey key) {
  return runtime_.run("deleteUserData", delete_user_data(runtime_, std::move(key)));
}

Task<Result<std::vector<UserStream>>> UserStreamService::list(std::optional<std::string> user_id) {
  return runtime_.run("listUserData", list_user_data(runtime_, std::move(user_id)));
}

void UserStreamService::on_change(std::function<void()> listener) { runtime_.on_users_change(std::move(listener)); }

}  // namespace kurrentlite
