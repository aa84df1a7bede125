#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/access.hpp"
#include "engine/catch_up.hpp"
#include "engine/engine.hpp"
#include "event_codec.hpp"
#include "host.hpp"
#include "simulation/faults.hpp"
#include "time_line.hpp"

namespace kurrentlite::bindings {

/// One in-process database as JavaScript holds it. Every function that can fail answers a failure flag (0, an address of 0,
/// an empty text) and leaves the error's JSON in `lastError`.
///
/// `who` is a number that `login` gave, or 0 for the system account. `from`: 0 start, 1 end, 2 the number beside it.
class DatabaseHandle {
 public:
  /// `handle` names it in `Host::notify`; `memory_max_bytes` 0 = no limit; `fresh_events`: see EngineOptions.
  DatabaseHandle(int handle, double memory_max_bytes, bool fresh_events);
  ~DatabaseHandle();

  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] TimeLine& time() { return time_; }
  [[nodiscard]] Faults& faults() { return faults_; }

  /// A number for a user. Each call that names it fails with AccessDenied once the account is changed, disabled or gone.
  [[nodiscard]] int login(const std::string& login, const std::string& password);

  /// Where it is, for the functions that are called without embind.
  [[nodiscard]] std::uintptr_t address() const { return reinterpret_cast<std::uintptr_t>(this); }
  /// Makes room for a request of `size` bytes; answers its address, 0 when there is no memory.
  [[nodiscard]] std::uintptr_t request(std::size_t size);
  /// Appends what stands in the request. Answers the address of u32 has revision, has position, u64 revision, position.
  [[nodiscard]] std::uintptr_t append(std::size_t size, int who);
  /// Appends what stands in the request to several streams. In the place of the stream's name stands a plan:
  /// {"requests": [{"stream", "expected", "count"}, …]} or {"streams": ["a", …], "of": [0, …], "checks": [{"stream",
  /// "expected"}, …]}; a state is "any", "no_stream", … or a revision's digits. Answers {"position", "revisions": [["a",
  /// "0"], …]}.
  [[nodiscard]] std::string append_many(std::size_t size, int who);
  /// `expected`: 0 any, 1 no stream, 2 stream exists, 3 `revision`. Answers as `append` does.
  [[nodiscard]] std::uintptr_t remove(const std::string& stream, bool tombstone, int expected, std::uint64_t revision,
                                      int who);
  /// Answers the address of a page of events; its place is where the next page begins.
  [[nodiscard]] std::uintptr_t read_stream(const std::string& stream, bool backwards, int from, std::uint64_t revision,
                                           std::size_t max_count, bool resolve_links, int who);
  /// Forwards from a position inclusive, backwards exclusive. `filter` is empty, or {"on": "streamName" | "eventType",
  /// "regex"} or with "prefixes".
  [[nodiscard]] std::uintptr_t read_all(bool backwards, int from, std::uint64_t position, std::size_t max_count,
                                        bool resolve_links, const std::string& filter, int who);
  [[nodiscard]] std::string stream_name(std::uint32_t id) const { return engine_->stream_name(id); }
  [[nodiscard]] std::string type_name(std::uint32_t id) const { return engine_->type_name(id); }
  /// The keys of a shape (engine/shapes.hpp) as a JSON array; empty when there is none.
  [[nodiscard]] std::string shape(std::uint32_t number) const;
  /// The number of the shape with these keys, a JSON array; -1 when it cannot have one.
  [[nodiscard]] int shape_number(const std::string& keys);

  /// Catch-up subscriptions; both answer a number.
  [[nodiscard]] int subscribe_to_stream(const std::string& stream, int from, std::uint64_t revision, int who);
  [[nodiscard]] int subscribe_to_all(int from, std::uint64_t position, const std::string& filter,
                                     double checkpoint_interval, int who);
  /// What there is for a subscription, as a page of events: up to `max_count`, and what comes after them.
  [[nodiscard]] std::uintptr_t take(int subscription, std::size_t max_count, bool resolve_links);
  [[nodiscard]] bool has_news(int subscription);
  void unsubscribe(int subscription) { subscriptions_.erase(subscription); }

  [[nodiscard]] std::string statistics() const;
  [[nodiscard]] std::uint64_t head() const { return engine_->head().commit; }
  void reset();
  /// A database of its own with the same content and time; JavaScript owns it.
  [[nodiscard]] DatabaseHandle* fork(int handle) const;
  /// Takes over the content of `other`, which keeps it too.
  void adopt(DatabaseHandle& other);
  /// Everything after position `after`, as an array of Uint8Arrays of their own; null when memory is used up.
  [[nodiscard]] emscripten::val journal(std::uint64_t after);
  /// Replays the request's first `size` bytes as a journal.
  [[nodiscard]] bool replay(std::size_t size);
  /// Whether `notify(handle, Append)` is called after each write that JavaScript did not make itself.
  void listen(bool wanted);
  [[nodiscard]] std::string last_error() const { return last_error_; }

  /// Answers the fault's number.
  [[nodiscard]] double add_fault(const std::string& fault);
  void remove_fault(double fault) { faults_.remove(static_cast<Faults::Id>(fault)); }
  void clear_faults() { faults_.clear(); }
  [[nodiscard]] bool has_faults() const { return !faults_.empty(); }

  // Time, in milliseconds
  [[nodiscard]] double clock_now() const;
  void clock_set(double ms);
  void clock_freeze() { time_.freeze(); }
  void clock_resume();
  /// Answers how far it went: not past the next timer.
  double clock_advance(double ms);
  [[nodiscard]] bool clock_due() const { return time_.has_due(); }

 private:
  DatabaseHandle(int handle, const DatabaseHandle& origin);
  std::uintptr_t fail(const Error& error);
  /// Who that number, not 0, stands for. Errors: AccessDenied.
  [[nodiscard]] Result<Principal> principal(int who) const;
  [[nodiscard]] bool may(int who, std::string_view stream, Action action);
  [[nodiscard]] FilterJudge* judge_of(const std::string& filter);
  std::uintptr_t outcome(const std::optional<StreamRevision>& revision, const std::optional<Position>& position);
  int add_subscription(CatchUp subscription, int who);

  int handle_;
  TimeLine time_;
  std::unique_ptr<Engine> engine_;
  Faults faults_;
  std::vector<Credentials> users_;  // number 1 first; accounts change, so each call asks again
  std::map<int, CatchUp> subscriptions_;
  int last_subscription_ = 0;
  /// Recently used filters: pages of one read share what was judged.
  struct KnownFilter {
    std::string json;
    FilterJudge judge;
    std::uint64_t generation;
  };
  std::list<KnownFilter> filters_;
  Buffer request_;
  Buffer response_;
  std::uint64_t listener_ = 0;
  bool writing_ = false;
  std::string last_error_;
};

}  // namespace kurrentlite::bindings
