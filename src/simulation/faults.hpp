#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kurrentlite/simulation.hpp"

namespace kurrentlite {

/// Faults injected into the calls of all clients of one database, on top of what their profiles draw by chance.
class Faults {
 public:
  using Id = std::uint64_t;
  /// Holds for calls made from now on. `nth` counts from here.
  Id add(Fault fault);
  /// False when it is not there any more.
  bool remove(Id id);
  void clear() { entries_.clear(); }
  /// True when no call can be hit.
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// Counts one call of `operation`; answers the first fault that hits it.
  [[nodiscard]] std::optional<Fault> strike(Operation operation);

 private:
  struct Entry {
    Id id;
    Fault fault;
    std::uint64_t calls;  // seen so far
  };
  std::vector<Entry> entries_;
  Id last_id_ = 0;
};

}  // namespace kurrentlite
