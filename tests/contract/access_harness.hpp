#pragma once

#include <string>

#include "contract/harness.hpp"

namespace kurrentlite::contract {

/// Whether a call was let in: "yes", "no", or what else went wrong.
template <class T>
std::string let_in(const Result<T>& result) {
  if (result.ok()) return "yes";
  return result.error().code == ErrorCode::AccessDenied ? "no" : to_string(result.error().code);
}

/// The part of the suite for clients whose calls bring credentials to a database that enforces its access lists: they
/// write INSTANTIATE_TEST_SUITE_P(<name>, AccessContract, ...) too.
class AccessContract : public ClientContract {
 protected:
  std::string reads(const StreamName& stream, const CallOptions& who) { return let_in(read(stream, {.call = who})); }
  std::string reads_all(const CallOptions& who) { return let_in(read_all({.call = who})); }
  std::string appends(const StreamName& stream, const CallOptions& who) {
    return let_in(run(client().append_to_stream(stream, {event("added", "{}")}, {Any{}, who})));
  }
  std::string deletes(const StreamName& stream, const CallOptions& who) {
    return let_in(run(client().delete_stream(stream, {Any{}, who})));
  }
  std::string tombstones(const StreamName& stream, const CallOptions& who) {
    return let_in(run(client().tombstone_stream(stream, {Any{}, who})));
  }
  std::string subscribes(const StreamName& stream, const CallOptions& who) {
    return let_in(run(client().subscribe_to_stream(stream, {.call = who})));
  }
  std::string subscribes_to_all(const CallOptions& who) {
    return let_in(run(client().subscribe_to_all({.call = who})));
  }
  void set_defaults(const std::string& json) { appended("$settings", {event("update", json)}); }
};

}  // namespace kurrentlite::contract
