#pragma once

#include <functional>
#include <memory>

#include "clients/memory/connection.hpp"
#include "engine/engine.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/scheduler.hpp"
#include "kurrentlite/simulation.hpp"

namespace kurrentlite {

/// The mock: an engine in the same process behind a simulated network.
///
/// With an instant profile every call finishes before it returns and the scheduler is never used; a subscription that has
/// to wait still wakes through it. Otherwise half of a call's latency passes before the database sees it and half after,
/// so that calls of several clients interleave; calls of one client reach the database, and are answered, in the order in
/// which they were made. Everything is drawn from the profile's seed.
///
/// State after a lost connection or a failed attempt is Error; the next call then reconnects. Credentials, when a call
/// brings them, must be those of a user, and the access lists decide what that user may do; without, everything is allowed.
///
/// `engine`, `scheduler` and `faults` must outlive the client, its tasks and its subscriptions; these three may go in any order.
/// Destroying the client fails its calls under way and its subscriptions with Cancelled.
class MemoryClient final : public Client {
 public:
  MemoryClient(Engine& engine, Scheduler& scheduler, SimulationProfile profile = {}, Faults* faults = nullptr);
  ~MemoryClient() override;
  MemoryClient(const MemoryClient&) = delete;
  MemoryClient& operator=(const MemoryClient&) = delete;

  Task<Result<AppendResult>> append_to_stream(StreamName stream, std::vector<EventData> events,
                                              AppendOptions options) override;
  Task<Result<MultiAppendResult>> multi_stream_append(std::vector<AppendStreamRequest> requests,
                                                      CallOptions options) override;
  Task<Result<MultiAppendResult>> append_records(std::vector<AppendRecord> records, std::vector<StateCheck> checks,
                                                 CallOptions options) override;
  Task<Result<std::vector<ResolvedEvent>>> read_stream(StreamName stream, ReadStreamOptions options) override;
  Task<Result<std::vector<ResolvedEvent>>> read_all(ReadAllOptions options) override;
  Task<Result<DeleteResult>> delete_stream(StreamName stream, AppendOptions options) override;
  Task<Result<DeleteResult>> tombstone_stream(StreamName stream, AppendOptions options) override;
  Task<Result<std::unique_ptr<Subscription>>> subscribe_to_stream(StreamName stream,
                                                                  SubscribeToStreamOptions options) override;
  Task<Result<std::unique_ptr<Subscription>>> subscribe_to_all(SubscribeToAllOptions options) override;
  Task<Result<DatabaseStatistics>> statistics(CallOptions options) override;
  Task<Result<void>> connect() override;
  void disconnect() override;
  [[nodiscard]] ConnectionState state() const override { return connection_->state(); }
  void on_state_change(std::function<void(ConnectionState)> listener) override;

  [[nodiscard]] const SimulationProfile& profile() const { return connection_->simulator().profile(); }
  /// Holds for calls made from now on; turning offline breaks the connection at once.
  void set_profile(SimulationProfile profile) { connection_->set_profile(std::move(profile)); }

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace kurrentlite
