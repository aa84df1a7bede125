#pragma once

#include <memory>
#include <string>

#include "kurrentlite/ports.hpp"

namespace kurrentlite {

/// What one pattern and one answer may cost. Counted, not timed, so that every run ends the same way.
struct RegexLimits {
  std::size_t pattern_max_bytes = 16 << 10;
  std::uint32_t steps_max = 1'000'000;      ///< times PCRE2's matcher is entered; some milliseconds
  std::uint32_t depth_max = 100'000;        ///< choices open at once
  std::uint32_t memory_max_kib = 16 << 10;  ///< for remembering them
};

/// Regular expressions over PCRE2, in .NET's dialect: see regex/dotnet_pattern.hpp for how near it comes.
class Pcre2RegexEngine final : public RegexEngine {
 public:
  explicit Pcre2RegexEngine(RegexLimits limits = {}) : limits_(limits) {}
  /// The message names pattern and problem.
  [[nodiscard]] Result<std::unique_ptr<Regex>> compile(const std::string& pattern) override;

 private:
  RegexLimits limits_;
};

}  // namespace kurrentlite
