#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regex/dotnet_pattern.hpp"

namespace kurrentlite::regex {

inline bool is_digit(std::uint32_t unit) { return unit >= '0' && unit <= '9'; }
inline bool is_octal(std::uint32_t unit) { return unit >= '0' && unit <= '7'; }
inline bool is_letter(std::uint32_t unit) { return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z'); }
/// Beyond ASCII .NET takes letters only; PCRE2 never sees names, so that taking more does no harm.
inline bool is_name_unit(std::uint32_t unit) {
  return is_letter(unit) || is_digit(unit) || unit == '_' || (unit >= 0x80 && unit <= 0xFFFF);
}
inline bool is_blank(std::uint32_t unit) { return unit == ' ' || (unit >= 9 && unit <= 13); }

inline int hex_value(std::uint32_t unit) {
  if (is_digit(unit)) return static_cast<int>(unit - '0');
  const std::uint32_t lower = unit | 0x20U;
  return lower >= 'a' && lower <= 'f' ? static_cast<int>(lower - 'a') + 10 : -1;
}

/// A capturing group in order of its opening parenthesis, which is PCRE2's number for it.
struct Group {
  Units name;  ///< empty: none
};

/// One pass over the pattern. The first pass finds the groups, the second writes references to them.
class Translator {
 public:
  Translator(const Units& pattern, const std::vector<Group>* known) : in_(pattern), known_(known) {}

  void run();
  [[nodiscard]] std::string& problem() { return problem_; }
  [[nodiscard]] Units& pattern() { return out_; }
  [[nodiscard]] std::vector<Group>& groups() { return groups_; }

 private:
  static constexpr std::uint32_t kEnd = 0x10000;  // beyond every unit

  /// Options that change how the pattern is read; the others are PCRE2's business.
  struct Scope {
    bool explicit_capture = false;
    bool ignore_blanks = false;
  };

  [[nodiscard]] std::uint32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? in_[at_ + ahead] : kEnd;
  }
  bool take(std::uint32_t unit) {
    if (peek() != unit) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool failed() const { return !problem_.empty(); }
  void fail(std::string_view problem) {
    if (failed()) return;
    problem_ = std::string(problem) + " (at character " + std::to_string(at_) + ")";
  }
  void write(std::string_view ascii) { out_.insert(out_.end(), ascii.begin(), ascii.end()); }
  void write_unit(std::uint32_t unit);
  void write_atom(std::string_view ascii) {
    write(ascii);
    repeatable_ = true;
  }

  void element();
  void skip_blanks();
  void open_group();
  void open_named_group(std::uint32_t closing);
  void open_capture(Units name);
  void options();
  void close_group();
  void quantifier();
  [[nodiscard]] bool at_counted_quantifier() const;

  void escape();
  void back_reference();
  void named_reference();
  void write_reference(std::size_t pcre_number) { write_atom("\\g{" + std::to_string(pcre_number) + "}"); }
  [[nodiscard]] Units name_until(std::uint32_t closing);
  [[nodiscard]] std::string category();
  /// The character an escape stands for; what `\` stands before is next.
  std::uint32_t character_escape();
  std::uint32_t octal();
  std::uint32_t hex(std::size_t digits);

  void bracket(std::size_t depth);
  void bracket_members(std::size_t depth, Units& subtracted);
  /// Writes the class behind a backslash, if that is what comes next.
  bool class_escape();

  const Units& in_;
  const std::vector<Group>* known_;
  std::size_t at_ = 0;
  Units out_;
  std::string problem_;
  std::vector<Group> groups_;
  std::vector<Scope> scopes_ = {Scope{}};
  bool repeatable_ = false;  ///< what was written last may be followed by a quantifier
};

}  // namespace kurrentlite::regex
