#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/await.hpp"
#include "clients/memory/journey.hpp"
#include "database_handle.hpp"

namespace kurrentlite::bindings {

/// The simulated network between one JavaScript client and its database. The client's calls are carried out by JavaScript
/// through `DatabaseHandle`; here they travel there and back. Outcomes come by `Host::complete(call, …)`, possibly before
/// the function returns.
class NetworkHandle {
 public:
  /// `handle` names it in `Host::notify(handle, Connection)`, which tells of every change of the connection.
  NetworkHandle(int handle, DatabaseHandle& database, const std::string& simulation);
  ~NetworkHandle();

  /// Travels to the database; `operation` is a number of `Operation`. The call may be carried out once it is completed,
  /// and must then `comeBack`. `deadline_ms`: what the call may take from now on, both ways.
  void depart(double call, int operation, double deadline_ms);
  /// The second half of the call that departed as `departed`.
  void come_back(double call, double departed);
  /// News of a subscription travel to the client.
  void deliver(double call);
  /// Breaks the connection.
  void lose();
  [[nodiscard]] bool connected() const { return connection_->connected(); }
  void set_simulation(const std::string& simulation);

 private:
  struct Journey {
    CallPlan plan;
    Duration due;  // the deadline
  };
  void answer(double call, const Result<void>& result);

  DatabaseHandle& database_;
  std::shared_ptr<Connection> connection_;
  std::map<double, Journey> under_way_;
  TaskScope calls_;
};

}  // namespace kurrentlite::bindings
