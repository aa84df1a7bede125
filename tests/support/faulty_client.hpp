#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "async/await.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/simulation.hpp"

namespace kurrentlite {

/// What goes wrong with one call.
struct ScriptedFault {
  enum class Kind : std::uint8_t {
    Refuse,     ///< fails with `error`, nothing happened
    LoseReply,  ///< carried out, then fails with `error`
    Hang,       ///< never answers
    Delay,      ///< carried out, answered after `delay`
  };
  Kind kind = Kind::Refuse;
  Error error{ErrorCode::Unavailable, "The scripted fault."};
  Duration delay = Duration::zero();
};

/// Passes calls on to another client and goes wrong where the test says so.
class FaultyClient final : public Client {
 public:
  /// Called before each call; `nth` counts the calls of that operation from 1.
  using Script = std::function<std::optional<ScriptedFault>(Operation, std::uint64_t nth)>;

  FaultyClient(std::unique_ptr<Client> inner, Scheduler& scheduler) : inner_(std::move(inner)), scheduler_(scheduler) {}

  void play(Script script) { script_ = std::move(script); }
  /// Calls of `operation` so far.
  [[nodiscard]] std::uint64_t calls(Operation operation) const { return calls_[static_cast<std::size_t>(operation)]; }
  /// Runs before each call reaches the inner client: a place for what others do meanwhile.
  void before_call(std::function<void(Operation)> hook) { before_ = std::move(hook); }
  [[nodiscard]] Client& inner() { return *inner_; }
  /// Where the last subscription to `$all` was asked to begin.
  [[nodiscard]] const ReadPosition& subscribed_from() const { return subscribed_from_; }

  Task<Result<AppendResult>> append_to_stream(StreamName stream, std::vector<EventData> events,
                                              AppendOptions options) override {
    return pass<AppendResult>(Operation::Append, [this, stream, events, options] {
      return inner_->append_to_stream(stream, events, options);
    });
  }
  Task<Result<MultiAppendResult>> multi_stream_append(std::vector<AppendStreamRequest> requests,
                                                      CallOptions options) override {
    return pass<MultiAppendResult>(Operation::Append, [this, requests, options] {
      return inner_->multi_stream_append(requests, options);
    });
  }
  Task<Result<MultiAppendResult>> append_records(std::vector<AppendRecord> records, std::vector<StateCheck> checks,
                                                 CallOptions options) override {
    return pass<MultiAppendResult>(Operation::Append, [this, records, checks, options] {
      return inner_->append_records(records, checks, options);
    });
  }
  Task<Result<std::vector<ResolvedEvent>>> read_stream(StreamName stream, ReadStreamOptions options) override {
    return pass<std::vector<ResolvedEvent>>(Operation::Read,
                                            [this, stream, options] { return inner_->read_stream(stream, options); });
  }
  Task<Result<std::vector<ResolvedEvent>>> read_all(ReadAllOptions options) override {
    return pass<std::vector<ResolvedEvent>>(Operation::Read, [this, options] { return inner_->read_all(options); });
  }
  Task<Result<DeleteResult>> delete_stream(StreamName stream, AppendOptions options) override {
    return pass<DeleteResult>(Operation::Delete,
                              [this, stream, options] { return inner_->delete_stream(stream, options); });
  }
  Task<Result<DeleteResult>> tombstone_stream(StreamName stream, AppendOptions options) override {
    return pass<DeleteResult>(Operation::Delete,
                              [this, stream, options] { return inner_->tombstone_stream(stream, options); });
  }
  Task<Result<std::unique_ptr<Subscription>>> subscribe_to_stream(StreamName stream,
                                                                  SubscribeToStreamOptions options) override {
    return pass<std::unique_ptr<Subscription>>(
        Operation::Subscribe, [this, stream, options] { return inner_->subscribe_to_stream(stream, options); });
  }
  Task<Result<std::unique_ptr<Subscription>>> subscribe_to_all(SubscribeToAllOptions options) override {
    subscribed_from_ = options.from;
    return pass<std::unique_ptr<Subscription>>(Operation::Subscribe,
                                               [this, options] { return inner_->subscribe_to_all(options); });
  }
  Task<Result<DatabaseStatistics>> statistics(CallOptions options) override {
    return pass<DatabaseStatistics>(Operation::Statistics, [this, options] { return inner_->statistics(options); });
  }
  Task<Result<void>> connect() override {
    return pass<void>(Operation::Connect, [this] { return inner_->connect(); });
  }
  void disconnect() override { inner_->disconnect(); }
  [[nodiscard]] ConnectionState state() const override { return inner_->state(); }
  void on_state_change(std::function<void(ConnectionState)> listener) override {
    inner_->on_state_change(std::move(listener));
  }

 private:
  template <class T>
  Task<Result<T>> pass(Operation operation, std::function<Task<Result<T>>()> forward) {
    const std::uint64_t nth = ++calls_[static_cast<std::size_t>(operation)];
    if (before_) before_(operation);
    const std::optional<ScriptedFault> fault = script_ ? script_(operation, nth) : std::nullopt;
    if (fault && fault->kind == ScriptedFault::Kind::Refuse) co_return fault->error;
    if (fault && fault->kind == ScriptedFault::Kind::Hang) {
      Signal never(scheduler_);
      co_await never.wait();
    }
    Task<Result<T>> forwarded = forward();
    Result<T> result = co_await std::move(forwarded);
    if (fault && fault->kind == ScriptedFault::Kind::LoseReply) co_return fault->error;
    if (fault) co_await sleep_for(scheduler_, fault->delay);
    co_return std::move(result);
  }

  std::unique_ptr<Client> inner_;
  Scheduler& scheduler_;
  Script script_;
  std::function<void(Operation)> before_;
  std::array<std::uint64_t, kOperationCount> calls_{};
  ReadPosition subscribed_from_;
};

}  // namespace kurrentlite
