#pragma once

#include <functional>
#include <optional>

#include "async/await.hpp"
#include "services/caller.hpp"
#include "services/read_model.hpp"
#include "services/storage_count.hpp"

namespace kurrentlite::services {

/// Keeps the read model up to date through one catch-up subscription to `$all`, which it renews from the last
/// checkpoint after a loss.
class Feed {
 public:
  /// What the feed asks of and tells to the rest of the services.
  struct Hooks {
    std::function<bool()> is_connected;
    std::function<void(ReadModel::Changed)> on_change;
    std::function<void()> on_synced;  ///< the model is as new as the database was a moment ago
  };

  Feed(Caller& caller, Scheduler& scheduler, const DatabaseConfig& config, ReadModel& model, StorageCount& storage,
       Hooks hooks)
      : caller_(caller),
        scheduler_(scheduler),
        config_(config),
        model_(model),
        storage_(storage),
        hooks_(std::move(hooks)),
        progress_(scheduler) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  /// Starts following unless it does already; goes on where it stopped.
  void ensure_started();
  /// Stops following; lists that still wait for the first complete read fail with `error`. Never called by the feed
  /// itself.
  void stop(Error error);
  /// The connection is lost for good: lists that still wait fail with `error`.
  void fail(Error error);
  /// Forgets everything and reads anew.
  void restart();

  /// The model has been complete once since it was cleared.
  [[nodiscard]] bool caught_up() const { return caught_up_; }
  /// Waits until the model has been complete once.
  Task<Result<void>> ready();
  /// Waits until the model includes everything up to `position`.
  Task<Result<void>> has_seen(Position position);

 private:
  Task<void> follow();
  Task<Result<std::unique_ptr<Subscription>>> subscribe();
  void take(SubscriptionBatch batch);

  Caller& caller_;
  Scheduler& scheduler_;
  const DatabaseConfig& config_;
  ReadModel& model_;
  StorageCount& storage_;
  Hooks hooks_;

  bool running_ = false;
  bool caught_up_ = false;              // once, since the last restart
  std::optional<Error> failure_;        // why it does not run
  std::optional<Position> considered_;  // everything up to here is in the model
  Signal progress_;                     // after any change of the above
  TaskScope task_;                      // last: its frames refer to the rest
};

}  // namespace kurrentlite::services
