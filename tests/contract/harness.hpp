#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/client.hpp"

/// The behaviour suite that holds for every client. A client joins by writing a ClientHarness and one
/// INSTANTIATE_TEST_SUITE_P(<name>, ClientContract, testing::Values(...)); see memory_harness.cpp.
/// Sections named in the tests are those of KurrentDB's behaviour as written down in the project's stream reference.
namespace kurrentlite::contract {

/// A fresh database, clients to it, and a way to let time pass.
class ClientHarness {
 public:
  virtual ~ClientHarness() = default;
  /// Clients of one harness share its database.
  virtual std::unique_ptr<Client> make_client() = 0;
  /// Lets the clients work until `done`, or until nothing is left to do; false in the latter case.
  virtual bool run_until(const std::function<bool()>& done) = 0;
  /// Lets the database's clock go ahead; false when this database's clock cannot be moved.
  virtual bool advance_clock(std::chrono::seconds by) = 0;
};

struct HarnessFactory {
  std::string name;
  std::function<std::unique_ptr<ClientHarness>()> make;
};
inline void PrintTo(const HarnessFactory& factory, std::ostream* out) { *out << factory.name; }

/// States a stream can be in, as the tables of 3.4 and 3.10 tell them apart. Streams with events hold three: last is 2.
enum class StreamState { Absent, OnlyMetadata, Existing, Truncated, SoftDeleted, Tombstoned };
inline constexpr std::uint64_t kLast = 2;

/// Tests read like the domain: `append("order-1", NoStream{}, {placed(), paid()})`.
class ClientContract : public testing::TestWithParam<HarnessFactory> {
 protected:
  ClientContract() : harness_(GetParam().make()), client_(harness_->make_client()) {}

  template <class T>
  T run(Task<T> task) {
    task.start();
    const bool finished = harness_->run_until([&] { return task.done(); });
    if (!finished) {
      ADD_FAILURE() << "the call never finishes";
      std::abort();
    }
    return task.take();
  }
  /// Starts `task` and answers whether it is still waiting once nothing is left to do.
  template <class T>
  bool waits(Task<T>& task) {
    task.start();
    return !harness_->run_until([&] { return task.done(); });
  }

  Client& client() { return *client_; }
  ClientHarness& harness() { return *harness_; }

  // Events
  EventData event(std::string type, std::string data = "{}", std::string metadata = "");
  EventData placed() { return event("placed"); }
  EventData paid() { return event("paid"); }
  EventData shipped() { return event("shipped"); }
  EventData link_to(const std::string& target) { return event("$>", target); }
  std::vector<EventData> several(std::size_t count);

  // Calls
  using Events = std::vector<ResolvedEvent>;
  Result<AppendResult> append(const StreamName& stream, ExpectedState expected, std::vector<EventData> events);
  /// Must succeed.
  AppendResult appended(const StreamName& stream, std::vector<EventData> events);
  Result<AppendResult> set_metadata(const StreamName& stream, std::string json);
  Result<MultiAppendResult> append_session(std::vector<AppendStreamRequest> requests, CallOptions call = {});
  Result<MultiAppendResult> append_records(std::vector<AppendRecord> records, std::vector<StateCheck> checks = {},
                                           CallOptions call = {});
  Result<DeleteResult> delete_stream(const StreamName& stream, ExpectedState expected = Any{});
  Result<DeleteResult> tombstone(const StreamName& stream, ExpectedState expected = Any{});
  Result<Events> read(const StreamName& stream, ReadStreamOptions options = {});
  Result<Events> read_all(ReadAllOptions options = {});
  std::unique_ptr<Subscription> subscribe(const StreamName& stream, SubscribeToStreamOptions options = {});
  std::unique_ptr<Subscription> subscribe_to_all(SubscribeToAllOptions options = {});
  /// Makes `stream` be in `state`.
  void bring(const StreamName& stream, StreamState state);

  // Tables
  struct Row {
    ExpectedState expected;
    const char* outcome;
  };
  /// Brings a fresh stream into `state` for each row, writes with its expected state and compares the outcome; a refused
  /// write must change nothing.
  void expect_appends(StreamState state, const std::vector<Row>& rows);
  void expect_deletes(StreamState state, const std::vector<Row>& rows);
  void expect_tombstones(StreamState state, const std::vector<Row>& rows);

  /// How a check of a multi-stream append ends, when its stream is only checked and when it is written, too: "ok", or
  /// "is <actual state>".
  struct CheckRow {
    CheckedState expected;
    const char* only_checked;
    const char* written;
  };
  /// Brings fresh streams into `state` for each row; a refused append must change nothing.
  void expect_checks(StreamState state, const std::vector<CheckRow>& rows);

  // What is seen; a failed read adds a failure and sees nothing
  std::vector<std::string> types_in(const StreamName& stream, ReadStreamOptions options = {});
  std::vector<std::uint64_t> revisions_in(const StreamName& stream, ReadStreamOptions options = {});
  /// Where `$all` ends: what a test does comes behind it, whatever a fresh database holds.
  ReadPosition end_of_all();
  /// The events behind such an end; a failed read adds a failure and sees nothing.
  Events all_since(const ReadPosition& end);
  /// Types of the user's events in `$all`.
  std::vector<std::string> types_in_all(ReadAllOptions options = {});
  std::string metadata_of(const StreamName& stream);
  /// Batches until `count` events are there, or until caught up when `count` is 0.
  std::vector<std::string> next_types(Subscription& subscription, std::size_t count = 0);

 private:
  using Write = std::function<std::string(const StreamName& stream, const ExpectedState& expected)>;
  void expect_outcomes(StreamState state, const std::vector<Row>& rows, const Write& write);

  std::unique_ptr<ClientHarness> harness_;
  std::unique_ptr<Client> client_;
};

/// An id that no other call of the process gives.
Uuid unique_id();
std::vector<std::string> types_of(const std::vector<ResolvedEvent>& events);
std::vector<std::uint64_t> revisions_of(const std::vector<ResolvedEvent>& events);
const char* to_string(StreamState state);
inline void PrintTo(StreamState state, std::ostream* out) { *out << to_string(state); }

/// How a write ended, in one value that tables can hold: "ok at 3", "ok", "conflict at 2", "conflict at no stream" or the
/// error's code.
std::string outcome(const Result<AppendResult>& result);
std::string outcome(const Result<DeleteResult>& result);
/// "ok a@3 b@0", "conflict at 2 in a", "<code> a", "violated 0 a -1 is 2, 1 b -4 is -1" or the error's code.
std::string outcome(const Result<MultiAppendResult>& result);

MATCHER(IsOk, "succeeds") {
  if (arg.ok()) return true;
  *result_listener << "failed with " << to_string(arg.error().code) << ": " << arg.error().message;
  return false;
}
MATCHER_P(FailsWith, code, std::string("fails with ") + to_string(code)) {
  if (arg.ok()) {
    *result_listener << "succeeded";
    return false;
  }
  *result_listener << "failed with " << to_string(arg.error().code) << ": " << arg.error().message;
  return arg.error().code == code;
}

}  // namespace kurrentlite::contract
