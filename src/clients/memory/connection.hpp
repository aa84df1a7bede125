#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "engine/engine.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/coroutine.hpp"
#include "kurrentlite/scheduler.hpp"
#include "simulation/faults.hpp"
#include "simulation/simulator.hpp"

namespace kurrentlite {

/// Something on the server's side of a connection that a new event or the end of the connection concerns.
class ConnectionGuest {
 public:
  virtual ~ConnectionGuest() = default;
  virtual void on_append() = 0;
  virtual void on_connection_lost(const Error& reason) = 0;
};

/// The simulated network between one client and the engine: one ordered connection, as HTTP/2 is. What is sent first
/// arrives first, in both directions; when the connection breaks, everything on its way is lost with it.
///
/// Shared by the client, its calls under way and its subscriptions, so that they may be destroyed in any order. Engine and
/// scheduler must outlive all of them.
class Connection : public std::enable_shared_from_this<Connection> {
  struct Lane;

 public:
  /// `faults`, when there are any to inject, must outlive the connection.
  Connection(Engine& engine, Scheduler& scheduler, SimulationProfile profile, Faults* faults = nullptr);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] Scheduler& scheduler() { return scheduler_; }
  [[nodiscard]] Simulator& simulator() { return simulator_; }
  /// How the next call of this kind will go, by chance and by injected faults.
  [[nodiscard]] CallPlan plan(Operation operation);
  [[nodiscard]] ConnectionState state() const { return state_; }
  [[nodiscard]] bool connected() const { return state_ == ConnectionState::Connected; }
  void on_state_change(std::function<void(ConnectionState)> listener) { listener_ = std::move(listener); }

  /// Takes effect at once: going offline breaks the connection.
  void set_profile(SimulationProfile profile);
  /// Starts to connect unless that is done or under way. Answers why it cannot work, when that is known at once.
  std::optional<Error> open();
  /// Breaks the connection: whatever is under way fails with `reason`. A failed attempt and a broken connection leave
  /// state Error, so that the next attempt is a reconnection.
  void lose(const Error& reason, ConnectionState next_state = ConnectionState::Error);
  /// The end of the client: everything fails with Cancelled, now and from now on.
  void close();

  /// `co_await` answers nothing on arrival, or why the connection was lost on the way. Does not wait when there is
  /// nothing to wait for.
  class [[nodiscard]] Trip {
   public:
    Trip(Connection& connection, Lane& lane, Duration delay) : connection_(connection), lane_(lane), delay_(delay) {}
    Trip(const Trip&) = delete;
    Trip& operator=(const Trip&) = delete;
    ~Trip();
    [[nodiscard]] bool await_ready();
    void await_suspend(coro::coroutine_handle<> awaiting);
    [[nodiscard]] std::optional<Error> await_resume() { return std::move(lost_); }

   private:
    friend class Connection;
    void fail(const Error& reason);
    Connection& connection_;
    Lane& lane_;
    Duration delay_;
    Duration due_ = Duration::zero();
    coro::coroutine_handle<> awaiting_ = nullptr;
    std::optional<Scheduler::TimerId> timer_;
    std::optional<Error> lost_;
    bool in_lane_ = false;
  };
  Trip to_server(Duration delay) { return Trip(*this, requests_, delay); }
  Trip to_client(Duration delay) { return Trip(*this, replies_, delay); }

  /// Guests must leave before they are destroyed.
  void add_guest(ConnectionGuest& guest);
  void remove_guest(ConnectionGuest& guest);

 private:
  /// What travels in one direction, in order of arrival.
  struct Lane {
    std::list<Trip*> trips;
    Duration clear_at = Duration::zero();  ///< arrival of the last one sent: nothing overtakes it
    std::optional<Scheduler::TimerId> timer;
    Duration timer_due = Duration::zero();
  };

  void enter(Lane& lane, Trip& trip);
  void arm(Lane& lane);
  void deliver(Lane& lane);
  void finish_connecting();
  void set_state(ConnectionState state);

  Engine& engine_;
  Scheduler& scheduler_;
  Simulator simulator_;
  Faults* faults_;
  ConnectionState state_ = ConnectionState::Disconnected;
  std::function<void(ConnectionState)> listener_;
  Lane requests_;
  Lane replies_;
  std::optional<Scheduler::TimerId> connecting_;
  Duration up_at_ = Duration::zero();  ///< when the connection stands, or will
  std::vector<ConnectionGuest*> guests_;
  std::uint64_t append_listener_ = 0;  ///< key of the engine's listener, while there are guests
  bool closed_ = false;
};

}  // namespace kurrentlite
