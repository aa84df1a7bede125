#pragma once

#include <gmock/gmock.h>

#include "support/faulty_client.hpp"
#include "support/result_matchers.hpp"
#include "support/service_host.hpp"

namespace kurrentlite {

inline constexpr auto kRefused = ScriptedFault::Kind::Refuse;
inline constexpr auto kReplyLost = ScriptedFault::Kind::LoseReply;

inline ScriptedFault fault(ScriptedFault::Kind kind) {
  ScriptedFault fault;
  fault.kind = kind;
  return fault;
}

/// Without jitter, so that tests can say when a retry comes.
inline DatabaseConfig steady_config() {
  DatabaseConfig config = default_config(Environment::Dev);
  config.options.jitter = false;
  return config;
}

/// One user of an instant in-memory database, with a client that fails as told. `dev` settings: 3 retries, 100 ms, 30
/// s.
class Failures : public ::testing::Test {
 protected:
  explicit Failures(DatabaseConfig config = steady_config()) {
    auto memory = host_.new_memory_client();
    memory_ = memory.get();
    auto faulty = std::make_unique<FaultyClient>(std::move(memory), host_.scheduler());
    client_ = faulty.get();
    user_.emplace(std::move(faulty), host_, 1, std::move(config));
  }

  template <class T>
  T await(Task<T> task) {
    return kurrentlite::await(host_, std::move(task));
  }
  Duration now() { return host_.scheduler().now(); }

  /// The calls of `operation` numbered `from` to `to` (from 1) go wrong.
  void break_calls(Operation operation, ScriptedFault::Kind kind, std::uint64_t from, std::uint64_t to) {
    client_->play([=](Operation called, std::uint64_t nth) -> std::optional<ScriptedFault> {
      if (called == operation && nth >= from && nth <= to) return fault(kind);
      return std::nullopt;
    });
  }
  void break_everything(ScriptedFault::Kind kind) {
    client_->play([=](Operation, std::uint64_t) { return fault(kind); });
  }
  void heal() { client_->play({}); }
  void go_offline(bool offline) {
    SimulationProfile profile;
    profile.offline = offline;
    memory_->set_profile(profile);
  }

  static CreateStreamRequest named(const std::string& id, const Json& data = "{}") {
    CreateStreamRequest request;
    request.id = id;
    request.name = "N";
    request.data = data;
    return request;
  }
  static UpdateStreamRequest with_data(const Json& data) {
    UpdateStreamRequest request;
    request.data = data;
    return request;
  }
  StreamService& documents() { return user_->services().streams(); }
  KurrentDBService& database() { return user_->database(); }
  std::size_t events_on(const std::string& stream) {
    Result<std::vector<ResolvedEvent>> read = await(client_->inner().read_stream(stream, {}));
    return read.ok() ? read->size() : 0;
  }
  OperationMetrics metrics_of(Operation operation) {
    Result<DatabaseMetrics> metrics = await(database().metrics());
    return metrics.ok() ? metrics->operations[static_cast<std::size_t>(operation)] : OperationMetrics{};
  }

  MemoryHost host_{SimulationProfile{}};
  MemoryClient* memory_ = nullptr;
  FaultyClient* client_ = nullptr;
  std::optional<ServiceUser> user_;
};

}  // namespace kurrentlite
