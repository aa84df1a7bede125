#pragma once

#include <emscripten/val.h>

#include <list>
#include <memory>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/await.hpp"
#include "clients/host/host_client.hpp"
#include "clients/memory/memory_client.hpp"
#include "convert.hpp"
#include "database_handle.hpp"
#include "host.hpp"
#include "kurrentlite/services.hpp"

namespace kurrentlite::bindings {

/// What JavaScript is answered, as JSON; nothing is null.
inline std::string outcome_json() { return "null"; }
template <class T>
std::string outcome_json(const T& value) {
  return to_json(value);
}
template <class T>
std::string outcome_json(const std::optional<T>& value) {
  return value ? to_json(*value) : "null";
}

/// Answers `call` with what `task` brings.
template <class T>
Task<void> deliver(double call, Task<Result<T>> task) {
  const Result<T> result = co_await std::move(task);
  if (!result.ok()) {
    Host::instance().complete(call, false, to_json(result.error()));
  } else if constexpr (std::is_void_v<T>) {
    Host::instance().complete(call, true, outcome_json());
  } else {
    Host::instance().complete(call, true, outcome_json(*result));
  }
}

/// The calls of a HostClient, carried out by a JavaScript object with `begin(call, operation, json)` and `abandon(call)`.
class JavaScriptPort final : public HostPort {
 public:
  explicit JavaScriptPort(emscripten::val object) : object_(std::move(object)) {}
  void begin(std::uint64_t call, const std::string& operation, const std::string& arguments) override;
  void abandon(std::uint64_t call) override;

 private:
  emscripten::val object_;
};

/// The three services as JavaScript holds them: over a simulated client of one database, which must outlive it, or over a
/// client that JavaScript has.
class ServicesHandle {
 public:
  /// `config` and `simulation` are JSON that `configProblem` and `simulationProblem` found nothing wrong with.
  ServicesHandle(int handle, DatabaseHandle& database, const std::string& config, const std::string& simulation);
  /// `port` answers by `answer`.
  ServicesHandle(int handle, emscripten::val port, const std::string& config);
  ~ServicesHandle();

  /// The outcome of a call of the port: JSON of the answer, or of the error.
  void answer(double call, bool ok, const std::string& json);

  /// Starts `operation` (web/src/wasm/core.ts lists them); its outcome comes by `Host::complete(call, …)`, before this
  /// returns when nothing has to be waited for. `timeout_ms` is its deadline, 0 that of the configuration.
  void call(double call, const std::string& operation, const std::string& arguments, double timeout_ms);
  /// Abandons a call under way: it is not completed. Does nothing for any other number.
  void cancel(double call);
  /// For whom operations are made from now on: a user's name, or null for the program itself.
  void act_as(const emscripten::val& user);
  [[nodiscard]] std::string connection();
  /// The last `limit` health checks, newest first.
  [[nodiscard]] std::string health_history(int limit);
  /// The last `seconds` of calls, of all kinds when `operation` is empty.
  [[nodiscard]] std::string series(int seconds, const std::string& operation);
  [[nodiscard]] int pending_writes();
  /// Whether spans are made. Topic Spans tells of those to be taken.
  void trace(bool wanted);
  /// The spans that ended since the last call.
  [[nodiscard]] std::string take_spans();
  /// Empty over a client of JavaScript's, which has no simulated network.
  [[nodiscard]] std::string simulation() const;
  /// Not over a client of JavaScript's.
  void set_simulation(const std::string& simulation);
  /// Reads the lists anew, after the database was reset.
  void resync();

 private:
  template <class T>
  void run(double call, Task<Result<T>> task) {
    begin(call, deliver(call, std::move(task)));
  }
  /// Runs what `start` makes of a request, unless there is something wrong with that.
  template <class T, class F>
  void run_with(double call, Result<T> request, F start) {
    if (!request.ok()) return refuse(call, request.error());
    run(call, start(std::move(request).value()));
  }
  void refuse(double call, const Error& error);
  void refuse_unknown(double call, std::string_view operation);
  void call_database(double call, std::string_view operation);
  void call_streams(double call, std::string_view operation, const std::string& arguments);
  /// False when `operation` is none of queries.
  bool call_queries(double call, std::string_view operation, ArgumentReader& reader);
  /// Hands on what the watch with this number tells.
  std::function<void(LiveUpdate)> teller(int number);
  Task<void> begin_watch(double call, int number, Task<Result<StreamWatch>> watching);
  /// The news of all live results since the last time, as {number: [update, …]}.
  [[nodiscard]] std::string take_live_updates();
  /// False when `operation` is none of those that change the document `id`.
  bool call_change(double call, std::string_view operation, const std::string& id, ArgumentReader& reader);
  void call_past(double call, std::string_view operation, const std::string& id, ArgumentReader& reader);
  void call_users(double call, std::string_view operation, const std::string& arguments);

  void listen(int handle);

  int handle_ = 0;
  std::vector<Span> spans_;
  std::unique_ptr<TimeLine> own_time_;    // over a client of JavaScript's
  std::unique_ptr<JavaScriptPort> port_;  // the same
  MemoryClient* memory_ = nullptr;        // one of these is `client_`
  HostClient* host_ = nullptr;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Services> services_;
  struct Call {
    double number;
    Task<void> task;
  };
  void begin(double call, Task<void> task);
  void dispatch(double call, const std::string& operation, const std::string& arguments);
  struct Watch {
    std::optional<StreamWatch> watch;
    std::vector<std::string> updates;  // not taken yet
  };
  std::map<int, Watch> watches_;  // by number
  int last_watch_ = 0;
  std::list<Call> calls_;  // abandoned first
};

}  // namespace kurrentlite::bindings
