#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "async/await.hpp"
#include "async/manual_scheduler.hpp"
#include "base/prng.hpp"
#include "clients/memory/memory_client.hpp"
#include "engine/engine.hpp"
#include "kurrentlite/services.hpp"

namespace kurrentlite {

/// Wall-clock time that moves with a virtual-time scheduler, from 2026-01-01 on.
class SchedulerClock final : public Clock {
 public:
  explicit SchedulerClock(const Scheduler& scheduler) : scheduler_(scheduler) {}
  [[nodiscard]] std::int64_t now_ticks() const override { return kStart + scheduler_.now().count() * 10; }
  static constexpr std::int64_t kStart = 1'767'225'600LL * 10'000'000;

 private:
  const Scheduler& scheduler_;
};

/// One database and clients of it: what the service tests run against. One implementation for each kind of client.
class ServiceHost {
 public:
  virtual ~ServiceHost() = default;
  virtual std::unique_ptr<Client> new_client() = 0;
  virtual Scheduler& scheduler() = 0;
  virtual Clock& clock() = 0;
  /// Lets time pass until `done` answers true; false when it never does.
  virtual bool run_until(const std::function<bool()>& done) = 0;
  /// Empties the database, as its owner may.
  virtual void reset() = 0;
};

/// The memory client under virtual time.
class MemoryHost : public ServiceHost {
 public:
  explicit MemoryHost(SimulationProfile profile) : profile_(std::move(profile)) {}

  std::unique_ptr<Client> new_client() override { return new_memory_client(); }
  std::unique_ptr<MemoryClient> new_memory_client() {
    SimulationProfile profile = profile_;
    profile.seed = profile_.seed * 1000 + ++clients_;  // each client has dice of its own
    return std::make_unique<MemoryClient>(engine_, scheduler_, std::move(profile));
  }
  ManualScheduler& scheduler() override { return scheduler_; }
  Clock& clock() override { return clock_; }
  bool run_until(const std::function<bool()>& done) override {
    while (!done()) {
      const std::optional<Duration> due = scheduler_.next_due();
      if (!due) return false;
      scheduler_.advance(*due - scheduler_.now());
    }
    return true;
  }
  void reset() override { engine_.reset(); }
  [[nodiscard]] Engine& engine() { return engine_; }

 private:
  SimulationProfile profile_;
  std::uint64_t clients_ = 0;
  ManualScheduler scheduler_;
  SchedulerClock clock_{scheduler_};
  Engine engine_{clock_};
};

/// A client of its own and the services over it.
class ServiceUser {
 public:
  ServiceUser(std::unique_ptr<Client> client, ServiceHost& host, std::uint64_t seed,
              DatabaseConfig config = default_config(Environment::Dev))
      : ids_(seed),
        client_(std::move(client)),
        services_(ServiceContext{*client_, host.scheduler(), host.clock(), ids_, std::move(config)}) {}

  [[nodiscard]] Client& client() { return *client_; }
  [[nodiscard]] Services& services() { return services_; }
  StreamService* operator->() { return &services_.streams(); }
  [[nodiscard]] UserStreamService& users() { return services_.users(); }
  [[nodiscard]] KurrentDBService& database() { return services_.database(); }

 private:
  PrngIdSource ids_;
  std::unique_ptr<Client> client_;
  Services services_;
};

/// Starts `task` and lets time pass until it is done. Fails the test when it never is.
template <class T>
T await(ServiceHost& host, Task<T> task) {
  std::optional<T> outcome;
  TaskScope scope;
  scope.spawn(std::move(task), [&](T result) { outcome.emplace(std::move(result)); });
  if (!host.run_until([&] { return outcome.has_value(); })) {
    ADD_FAILURE() << "the task never finishes";
    std::abort();
  }
  return std::move(*outcome);
}

/// The result of a task that needs no waiting.
template <class T>
T at_once(Task<T> task) {
  task.start();
  if (!task.done()) {
    ADD_FAILURE() << "the task did not finish at once";
    std::abort();
  }
  return task.take();
}

}  // namespace kurrentlite
