#include "simulation/faults.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite {

Faults::Id Faults::add(Fault fault) {
  fault.nth = std::max<std::uint64_t>(fault.nth, 1);
  entries_.push_back({++last_id_, std::move(fault), 0});
  return last_id_;
}

bool Faults::remove(Id id) {
  return std::erase_if(entries_, [id](const Entry& each) { return each.id == id; }) > 0;
}

std::optional<Fault> Faults::strike(Operation operation) {
  std::optional<Fault> hit;
  for (Entry& entry : entries_) {
    if (entry.fault.operation != operation) continue;
    ++entry.calls;
    if (!hit && entry.calls >= entry.fault.nth) hit = entry.fault;
  }
  std::erase_if(entries_, [](const Entry& each) {
    return each.fault.times != 0 && each.calls >= each.fault.nth && each.calls - each.fault.nth >= each.fault.times - 1;
  });
  return hit;
}

}  // namespace kurrentlite
