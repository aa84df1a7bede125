#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "engine/engine.hpp"

namespace kurrentlite::server {

/// Figures of this process, its machine and the database under the names that KurrentDB gives them, as far as they exist here
/// (a .NET heap, index files and a disk do not). On the engine's thread.
class NodeStatistics {
 public:
  using Figures = std::map<std::string, std::string>;

  /// Taken now, or less than a second ago. Figures that the system does not tell are missing.
  const Figures& sample(const Engine& engine);

 private:
  void add_process();
  void add_system();
  void add(const char* name, double value);
  void add(const char* name, std::uint64_t value) { figures_[name] = std::to_string(value); }

  /// Busy and all time so far, in ticks of the system's.
  struct Load {
    std::uint64_t busy = 0;
    std::uint64_t all = 0;
  };
  /// Percent of the time since `before`, which becomes `now`.
  static double percent(Load& before, const Load& now);

  Figures figures_;
  std::chrono::steady_clock::time_point taken_;
  Load process_;
  Load system_;
};

}  // namespace kurrentlite::server
