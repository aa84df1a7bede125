#pragma once

#include <functional>
#include <string>

#include "async/await.hpp"
#include "kurrentlite/models.hpp"
#include "kurrentlite/ports.hpp"
#include "services/caller.hpp"
#include "services/notifier.hpp"

namespace kurrentlite::services {

/// The state of the connection as users see it, and its restoration after a loss.
///
///     disconnected --call--> connecting --> connected --loss--> reconnecting --> connected
///                                 \-> error <-- retries used up --/
///
/// The client reports its own ups and downs; what they mean depends on whether the user asked for them.
class Connection {
 public:
  struct Hooks {
    std::function<void()> on_restored;       ///< connected again after a loss
    std::function<void(Error)> on_given_up;  ///< a loss that retries did not cure
  };

  Connection(Caller& caller, Scheduler& scheduler, Clock& clock, IdSource& ids, const DatabaseConfig& config,
             Hooks hooks);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  /// Lets go of the client, for good.
  void close();

  Task<Result<DatabaseConnection>> connect();
  /// Ends the connection in order to `connect` anew.
  void drop();
  /// Ends the connection until somebody asks for one.
  void disconnect();

  [[nodiscard]] const DatabaseConnection& state() const { return state_; }
  [[nodiscard]] bool is_connected() const { return state_.is_connected; }
  /// The user ended the connection and nothing has asked for it since.
  [[nodiscard]] bool ended_by_user() const { return ended_by_user_; }
  /// Time since the first connection; zero before.
  [[nodiscard]] Duration uptime() const;

  /// An operation begins: it may connect.
  void allow() { ended_by_user_ = false; }
  /// The lists are up to date now.
  void note_sync();
  void on_change(std::function<void(const DatabaseConnection&)> listener);

 private:
  class Attempt;
  void follow_client(ConnectionState client_state);
  void become_connected();
  void become(ConnectionState status);
  void begin_restoration();
  void connection_failed();
  void cancel_restoration();
  void disconnect_client();
  Task<void> restore();

  Caller& caller_;
  Scheduler& scheduler_;
  Clock& clock_;
  IdSource& ids_;
  const DatabaseConfig& config_;
  Hooks hooks_;
  DatabaseConnection state_;
  DatabaseConnection told_;  // what the listener knows
  std::optional<Duration> first_connected_;
  bool ended_by_user_ = false;
  bool replacing_ = false;  // the client is being disconnected by us
  bool restoring_ = false;
  int attempts_ = 0;  // `connect` calls under way
  Notifier notifier_;
  TaskScope task_;  // last: its frames refer to the rest
};

}  // namespace kurrentlite::services
