#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "async/await.hpp"
#include "base/json.hpp"
#include "kurrentlite/client.hpp"

namespace kurrentlite {

/// Whoever carries out the calls of a HostClient: a JavaScript object. What is said is in host_wire.hpp.
class HostPort {
 public:
  virtual ~HostPort() = default;
  /// Begins `operation`; its outcome comes by `HostClient::answer(call, …)`, perhaps before this returns.
  virtual void begin(std::uint64_t call, const std::string& operation, const std::string& arguments) = 0;
  /// Nobody waits for that call any more. It may still be carried out.
  virtual void abandon(std::uint64_t call) = 0;
};

/// A client whose calls are carried out by its host: by the official client in Node, by whatever has its interface
/// elsewhere. Credentials are the host's own; those of calls are not passed on.
class HostClient final : public Client {
 public:
  /// `port` and `scheduler` must outlive the client, and the scheduler its tasks.
  HostClient(HostPort& port, Scheduler& scheduler);
  ~HostClient() override;

  /// The outcome of a call: JSON of the answer, or of the error. Unknown calls are ignored.
  void answer(std::uint64_t call, bool ok, std::string json);

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
  /// What the host cannot tell is 0.
  Task<Result<DatabaseStatistics>> statistics(CallOptions options) override;
  Task<Result<void>> connect() override;
  void disconnect() override;
  [[nodiscard]] ConnectionState state() const override { return link_->state; }
  void on_state_change(std::function<void(ConnectionState)> listener) override {
    link_->listener = std::move(listener);
  }

 private:
  friend class HostSubscription;
  /// What tasks and subscriptions share with the client, which may be gone before them.
  struct Link {
    struct Waiting {
      std::optional<Result<std::string>> outcome;
      Signal arrived;
      explicit Waiting(Scheduler& scheduler) : arrived(scheduler) {}
    };
    HostPort* port;  ///< null once the client is gone
    Scheduler& scheduler;
    std::map<std::uint64_t, Waiting*> waiting = {};
    std::uint64_t last_call = 0;
    ConnectionState state = ConnectionState::Disconnected;
    std::function<void(ConnectionState)> listener = nullptr;

    void become(ConnectionState next);
    /// Every call under way fails.
    void fail_all(const Error& error);
  };
  class Call;

  static Task<Result<std::string>> ask(std::shared_ptr<Link> link, std::string operation, std::string arguments);
  template <class T>
  static Task<Result<T>> ask_for(std::shared_ptr<Link> link, std::string operation, std::string arguments,
                                 Result<T> (*read)(const json::Value&));
  static Task<Result<std::unique_ptr<Subscription>>> subscribe(std::shared_ptr<Link> link, std::string operation,
                                                               std::string arguments);

  std::shared_ptr<Link> link_;
};

}  // namespace kurrentlite
