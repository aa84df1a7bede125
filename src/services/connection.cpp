#include "services/connection.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite::services {

Connection::Connection(Caller& caller, Scheduler& scheduler, Clock& clock, IdSource& ids, const DatabaseConfig& config,
                       Hooks hooks)
    : caller_(caller),
      scheduler_(scheduler),
      clock_(clock),
      ids_(ids),
      config_(config),
      hooks_(std::move(hooks)),
      notifier_(scheduler) {
  state_.environment = to_string(config.environment);
  caller_.client().on_state_change([this](ConnectionState state) { follow_client(state); });
  caller_.on_unreachable([this] { connection_failed(); });
  caller_.breaker().on_change([this] {
    state_.circuit = caller_.breaker().circuit();
    notifier_.changed();
  });
  // Somebody may have used this client before.
  if (caller_.client().state() == ConnectionState::Connected) become_connected();
}

void Connection::close() {
  caller_.client().on_state_change({});
  cancel_restoration();
  on_change({});
}

/// One `connect` or `reconnect` under way; ends with an error unless it got through, also when its deadline abandons
/// it.
class Connection::Attempt {
 public:
  explicit Attempt(Connection& connection) : connection_(connection) { ++connection_.attempts_; }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() {
    --connection_.attempts_;
    const bool pending = connection_.attempts_ > 0 || connection_.restoring_ || connection_.ended_by_user_;
    if (!pending && !connection_.state_.is_connected) connection_.become(ConnectionState::Error);
  }

 private:
  Connection& connection_;
};

Task<Result<DatabaseConnection>> Connection::connect() {
  ended_by_user_ = false;
  const Attempt attempt(*this);
  if (state_.status == ConnectionState::Disconnected || state_.status == ConnectionState::Error) {
    become(ConnectionState::Connecting);
  }
  Task<Result<void>> opening = caller_.call<void>(Operation::Connect, [this] { return caller_.client().connect(); });
  Result<void> opened = co_await std::move(opening);
  if (!opened.ok()) co_return std::move(opened).error();
  if (!ended_by_user_) become_connected();
  co_return state_;
}

void Connection::drop() {
  ended_by_user_ = false;
  cancel_restoration();
  become(ConnectionState::Reconnecting);
  disconnect_client();
}

void Connection::disconnect() {
  ended_by_user_ = true;
  caller_.give_up_retries();
  cancel_restoration();
  become(ConnectionState::Disconnected);
  disconnect_client();
}

void Connection::cancel_restoration() {
  task_.clear();
  restoring_ = false;
}

void Connection::disconnect_client() {
  replacing_ = true;
  caller_.client().disconnect();
  replacing_ = false;
}

Duration Connection::uptime() const {
  return first_connected_ ? scheduler_.now() - *first_connected_ : Duration::zero();
}

void Connection::note_sync() {
  const bool first = !state_.last_sync_ms.has_value();
  state_.last_sync_ms = clock_.now_ticks() / kTicksPerMillisecond;
  if (first) notifier_.changed();
}

void Connection::on_change(std::function<void(const DatabaseConnection&)> listener) {
  told_ = state_;
  if (!listener) return notifier_.listen({});
  notifier_.listen([this, listener = std::move(listener)] {
    if (told_ == state_) return;  // there and back within one turn
    told_ = state_;
    const DatabaseConnection now = state_;
    listener(now);  // may destroy this connection
  });
}

void Connection::become(ConnectionState status) {
  if (state_.status == status) return;
  state_.status = status;
  state_.is_connected = status == ConnectionState::Connected;
  notifier_.changed();
}

void Connection::become_connected() {
  if (state_.is_connected) return;
  if (!first_connected_) first_connected_ = scheduler_.now();
  state_.connection_id = ids_.next().to_string();
  become(ConnectionState::Connected);
}

void Connection::follow_client(ConnectionState client_state) {
  if (replacing_) return;
  const ConnectionState status = state_.status;
  switch (client_state) {
    case ConnectionState::Connected: become_connected(); break;
    case ConnectionState::Connecting:
    case ConnectionState::Reconnecting:
      if (status == ConnectionState::Connected) become(ConnectionState::Reconnecting);
      if (status == ConnectionState::Disconnected || status == ConnectionState::Error) {
        become(ConnectionState::Connecting);
      }
      break;
    case ConnectionState::Disconnected:
    case ConnectionState::Error:
      // While connecting, retries go on; `connection_failed` tells when they end.
      if (status == ConnectionState::Connected || status == ConnectionState::Reconnecting) begin_restoration();
      break;
  }
}

void Connection::connection_failed() {
  if (ended_by_user_ || caller_.client().state() == ConnectionState::Connected) return;
  const ConnectionState status = state_.status;
  const bool was_tried = status == ConnectionState::Connecting || status == ConnectionState::Disconnected;
  if (was_tried) become(ConnectionState::Error);
}

void Connection::begin_restoration() {
  become(ConnectionState::Reconnecting);
  if (restoring_ || attempts_ > 0) return;  // it is being worked on
  restoring_ = true;
  task_.spawn(restore());
}

Task<void> Connection::restore() {
  Error error{ErrorCode::Unavailable, "The connection was lost."};
  for (std::uint32_t attempt = 0; attempt < config_.max_retries; ++attempt) {
    // Never at once: the client that reports the loss is still busy with it.
    co_await sleep_for(scheduler_, std::max(caller_.backoff(attempt), Duration(1)));
    if (!state_.is_connected) {  // no operation has connected meanwhile
      Task<Result<void>> connecting = caller_.client().connect();
      Task<Result<void>> bounded = caller_.within_deadline<void>("reconnect", std::move(connecting));
      Result<void> connected = co_await std::move(bounded);
      if (connected.ok()) {
        caller_.breaker().succeeded();
        become_connected();
      } else {
        error = std::move(connected).error();
      }
    }
    // A connection may be up although the call that asked for it failed.
    if (!state_.is_connected) continue;
    restoring_ = false;
    hooks_.on_restored();
    co_return;
  }
  restoring_ = false;
  become(ConnectionState::Error);
  hooks_.on_given_up(std::move(error));
}

}  // namespace kurrentlite::services
