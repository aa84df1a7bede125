#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kurrentlite/services.hpp"
#include "services/caller.hpp"
#include "services/connection.hpp"
#include "services/constraints.hpp"
#include "services/feed.hpp"
#include "services/notifier.hpp"
#include "services/query/queries.hpp"
#include "services/operation_run.hpp"
#include "services/read_model.hpp"
#include "services/storage_count.hpp"

namespace kurrentlite {

/// What the three services share: calls with retries and deadlines, the connection, and the lists.
class ServiceRuntime : public std::enable_shared_from_this<ServiceRuntime> {
 public:
  explicit ServiceRuntime(ServiceContext context);
  ServiceRuntime(const ServiceRuntime&) = delete;
  ServiceRuntime& operator=(const ServiceRuntime&) = delete;

  [[nodiscard]] const DatabaseConfig& config() const { return context_.config; }
  [[nodiscard]] Scheduler& scheduler() const { return context_.scheduler; }
  [[nodiscard]] Clock& clock() const { return context_.clock; }
  [[nodiscard]] RegexEngine* regexes() const { return context_.regexes; }
  [[nodiscard]] Uuid next_id() { return context_.ids.next(); }
  [[nodiscard]] services::Caller& caller() { return caller_; }
  [[nodiscard]] services::Connection& connection() { return connection_; }
  [[nodiscard]] services::Feed& feed() { return feed_; }
  [[nodiscard]] const services::ReadModel& model() const { return model_; }
  [[nodiscard]] services::Constraints& constraints() { return constraints_; }
  [[nodiscard]] services::Queries& queries() { return queries_; }
  [[nodiscard]] services::StorageCount& storage() { return storage_; }

  /// The last health checks, newest first.
  [[nodiscard]] const std::deque<DatabaseHealth>& health_history() const { return health_history_; }
  void remember_health(DatabaseHealth health);

  /// Who the operations that begin now are made for.
  [[nodiscard]] const Actor& actor() const { return actor_; }
  /// Lists may show other entries from now on, so their listeners are told.
  void act_as(Actor actor);

  /// An operation begins: it may connect, and the lists follow the database from now on.
  void begin_operation();
  void disconnect();
  void resync();
  /// The services are destroyed: nothing goes on but tasks that somebody still holds, and these fail with Cancelled.
  void close();

  /// Runs an operation under its deadline. `name` is what callers know it by. Whoever calls this, which every method of
  /// the services does before it returns its task, gets the options of the `OperationScope` that lives now.
  template <class T>
  Task<Result<T>> run(const char* name, Task<Result<T>> operation) {
    return run_started<T>(start(name), std::move(operation));
  }
  /// An operation that begins now, under the deadline that it has.
  [[nodiscard]] services::OperationStart start(const char* name) {
    return {shared_from_this(), name, timeout_of(name)};
  }
  /// The options of operations that begin now. Answers those that held before.
  OperationOptions exchange_options(OperationOptions options) { return std::exchange(options_, options); }

  Task<Result<std::vector<ResolvedEvent>>> read_stream(StreamName stream, ReadStreamOptions options);

  /// An event as the database recorded it.
  struct Written {
    RecordedEvent event;
    /// Empty when it was written earlier and can no longer be read.
    std::optional<Position> position;
    /// The database did not tell when: `event.created_ticks` is our own clock's.
    bool time_is_guess = false;
  };
  /// Appends one event and learns when it was recorded.
  Task<Result<Written>> append(StreamName stream, EventData event, ExpectedState expected);

  /// What a write to several streams came to.
  struct WrittenStreams {
    std::vector<StreamRevision> last;  ///< of the last event on each stream, in the order of the request
    std::optional<Position> position;  ///< of the last event; empty when it was written earlier and cannot be read
    std::int64_t created_ticks = 0;    ///< of the events on the first stream
    bool time_is_guess = false;        ///< the database did not tell: our own clock's
  };
  /// Appends to one stream, or to several at once, and learns when it was recorded. Each request holds events.
  Task<Result<WrittenStreams>> append(std::vector<AppendStreamRequest> requests);

  /// Changes with each `resync`: what was written before must not enter the lists after it.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  /// Shows what we wrote or read in the lists at once, see ReadModel. Nothing happens when `epoch` has passed.
  void show_document(std::uint64_t epoch, const std::string& id, const services::DocumentFold& fold,
                     std::optional<Position> position,
                     std::optional<services::DocumentFold> before_guess = std::nullopt);
  void show_user_data(std::uint64_t epoch, const UserStreamKey& key, const std::optional<UserStream>& state,
                      std::uint64_t next_revision, std::optional<Position> position, bool time_is_guess = false);

  void on_documents_change(std::function<void()> listener) { documents_notifier_.listen(std::move(listener)); }
  void on_users_change(std::function<void()> listener) { users_notifier_.listen(std::move(listener)); }
  void on_pending_change(std::function<void()> listener);

 private:
  template <class T>
  static Task<Result<T>> run_started(services::OperationStart start, Task<Result<T>> operation) {
    TaskContext* const outer = co_await current_context();
    services::OperationRun run(std::move(start), outer);
    std::optional<Result<T>> outcome;
    Task<Result<void>> running = run.bounded(detail::keep<T>(std::move(operation), outcome));
    Result<void> ran = co_await std::move(running);
    if (ran.ok() && !outcome->ok()) ran = outcome->error();
    run.finish(ran.ok() ? nullptr : &ran.error());
    if (!ran.ok()) co_return std::move(ran).error();
    co_return std::move(*outcome);
  }
  [[nodiscard]] Duration timeout_of(std::string_view name) const;
  void announce(services::ReadModel::Changed changed);
  Task<Result<WrittenStreams>> write(std::vector<AppendStreamRequest> requests);
  Task<std::optional<std::int64_t>> recorded_at(StreamName stream, StreamRevision revision, Uuid id);

  ServiceContext context_;
  OperationOptions options_;
  services::Caller caller_;
  services::Notifier documents_notifier_;
  services::Notifier users_notifier_;
  services::Notifier pending_notifier_;
  std::uint32_t pending_told_ = 0;  // what its listener knows
  services::ReadModel model_;
  services::Queries queries_;
  services::StorageCount storage_;
  std::deque<DatabaseHealth> health_history_;
  Actor actor_;
  services::Constraints constraints_;
  std::uint64_t epoch_ = 0;
  services::Connection connection_;
  services::Feed feed_;  // last: it refers to the rest
};

}  // namespace kurrentlite
