#pragma once

#include <emscripten/val.h>

#include <list>
#include <string>
#include <string_view>

#include "async/await.hpp"
#include "clients/memory/memory_client.hpp"
#include "convert.hpp"
#include "database_handle.hpp"
#include "host.hpp"
#include "kurrentlite/services.hpp"

namespace kurrentlite::bindings {

/// The three services over a simulated client of one database, as JavaScript holds them. The database must outlive it.
class ServicesHandle {
 public:
  /// `config` and `simulation` are JSON that `configProblem` and `simulationProblem` found nothing wrong with.
  ServicesHandle(int handle, DatabaseHandle& database, const std::string& config, const std::string& simulation);
  ~ServicesHandle();

  /// Starts `operation` (web/src/wasm/core.ts lists them); its outcome comes by `Host::complete(call, …)`, before this
  /// returns when nothing has to be waited for. `timeout_ms` is its deadline, 0 that of the configuration.
  void call(double call, const std::string& operation, const std::string& arguments, double timeout_ms);
  /// Abandons a call under way: it is not completed. Does nothing for any other number.
  void cancel(double call);
  /// For whom operations are made from now on: a user's name, or null for the program itself.
  void act_as(const emscripten::val& user);
  [[nodiscard]] std::string connection();
  [[nodiscard]] std::string simulation() const;
  void set_simulation(const std::string& simulation);
  /// Reads the lists anew, after the database was reset.
  void resync();

 private:
  template <class T>
  void run(double call, Task<Result<T>> task);
  void refuse(double call, const Error& error);
  void call_database(double call, std::string_view operation);
  void call_streams(double call, std::string_view operation, const std::string& arguments);
  void call_past(double call, std::string_view operation, const std::string& id, ArgumentReader& reader);
  void call_users(double call, std::string_view operation, const std::string& arguments);

  MemoryClient client_;
  Services services_;
  struct Call {
    double number;
    Task<void> task;
  };
  void begin(double call, Task<void> task);
  void dispatch(double call, const std::string& operation, const std::string& arguments);
  std::list<Call> calls_;  // abandoned first
};

}  // namespace kurrentlite::bindings
