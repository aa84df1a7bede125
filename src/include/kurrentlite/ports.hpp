#pragma once

#include <cstdint>

#include "kurrentlite/uuid.hpp"

namespace kurrentlite {

/// Wall-clock time, passed in so that a test or a demo can move it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// 100 ns since 1970-01-01 UTC.
  [[nodiscard]] virtual std::int64_t now_ticks() const = 0;
};

/// Source of event and connection ids. Random by default: a repeated id is an idempotent repeat whose event vanishes.
class IdSource {
 public:
  virtual ~IdSource() = default;
  [[nodiscard]] virtual Uuid next() = 0;
};

inline constexpr std::int64_t kTicksPerMillisecond = 10'000;

}  // namespace kurrentlite
