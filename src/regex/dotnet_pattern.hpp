#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// .NET's regular expressions in PCRE2's words.
///
/// .NET matches UTF-16 code units, so `^.$` does not find an emoji; so does PCRE2's 16-bit library without UTF mode.
/// Every construct is written anew so that nothing is read in PCRE2's way by accident: `\w`, `\s` and `\b` by .NET's
/// character categories, `\v` as one character, `\uXXXX`, groups and references by .NET's numbers (named groups count
/// after the others), `[a-z-[aeiou]]` as a difference. PCRE2's own inventions (`a++`, `\Q`, `\K`, `(?R)`, `(*VERB)`)
/// are errors as they are in .NET.
///
/// What has no equal is refused rather than answered wrongly: balancing groups, conditions, numbered group names, two
/// groups of one name, named blocks such as `\p{IsGreek}`, and, by PCRE2, look-behind of no fixed length.
/// What remains different: rare letters that ignoring case makes equal, and the version of Unicode.
namespace kurrentlite::regex {

using Units = std::vector<std::uint16_t>;  ///< UTF-16

/// Empty when `text` is not valid UTF-8.
[[nodiscard]] std::optional<Units> to_utf16(std::string_view text);

struct Translation {
  Units pattern;
  /// Why there is no pattern; empty when there is one. A sentence without its full stop.
  std::string problem;
};

/// `pattern` for PCRE2 with PCRE2_UCP and PCRE2_ALT_CIRCUMFLEX, and a line feed as the only newline.
[[nodiscard]] Translation translate(const Units& pattern);

}  // namespace kurrentlite::regex
