#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "kurrentlite/result.hpp"
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

/// A regular expression of a filter, ready to be asked about many texts.
class Regex {
 public:
  virtual ~Regex() = default;
  /// Whether it is found anywhere in `text` (UTF-8).
  /// Errors: Unknown   the answer would cost too much; never a wrong answer instead
  [[nodiscard]] virtual Result<bool> matches(std::string_view text) = 0;
};

/// Regular expressions in the dialect of the server's platform, .NET. A host brings its own engine: natively PCRE2, in a
/// browser or Node JavaScript's RegExp.
class RegexEngine {
 public:
  virtual ~RegexEngine() = default;
  /// Errors: Unknown   the pattern is invalid, or means something here that it does not mean in .NET. KurrentDB answers
  ///                   an invalid one with a failed handler, hence the code.
  [[nodiscard]] virtual Result<std::unique_ptr<Regex>> compile(const std::string& pattern) = 0;
};

inline constexpr std::int64_t kTicksPerMillisecond = 10'000;

}  // namespace kurrentlite
