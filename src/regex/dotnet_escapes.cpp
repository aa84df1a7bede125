#include <algorithm>
#include <array>

#include "regex/dotnet_translator.hpp"

namespace kurrentlite::regex {
namespace {

// .NET's classes by Unicode category, to stand inside brackets: PCRE2's differ in marks, numbers and connectors.
constexpr std::string_view kWord = R"(\p{L}\p{Mn}\p{Nd}\p{Pc})";
constexpr std::string_view kNoWord = R"(\p{Mc}\p{Me}\p{Nl}\p{No}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{S}\p{Z}\p{C})";
constexpr std::string_view kSpace = R"(\x{9}-\x{d}\x{85}\p{Z})";
constexpr std::string_view kNoSpace =
    R"(\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Cs}\p{Co}\p{Cn}\x{0}-\x{8}\x{e}-\x{1f}\x{7f}-\x{84}\x{86}-\x{9f})";
// What `\b` takes for part of a word: two joiners more than `\w`.
#define KURRENTLITE_BOUNDARY_WORD R"([\p{L}\p{Mn}\p{Nd}\p{Pc}\x{200c}\x{200d}])"
constexpr std::string_view kBoundary = "(?:(?<=" KURRENTLITE_BOUNDARY_WORD ")(?!" KURRENTLITE_BOUNDARY_WORD
                                       ")|(?<!" KURRENTLITE_BOUNDARY_WORD ")(?=" KURRENTLITE_BOUNDARY_WORD "))";
constexpr std::string_view kNoBoundary = "(?:(?<=" KURRENTLITE_BOUNDARY_WORD ")(?=" KURRENTLITE_BOUNDARY_WORD
                                         ")|(?<!" KURRENTLITE_BOUNDARY_WORD ")(?!" KURRENTLITE_BOUNDARY_WORD "))";
#undef KURRENTLITE_BOUNDARY_WORD

constexpr std::array<std::string_view, 37> kCategories = {
    "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Ps", "Pe",
    "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk", "So", "Z",  "Zs", "Zl", "Zp", "C",  "Cc", "Cf", "Cs", "Co", "Cn"};

constexpr std::size_t kSubtractionsMax = 32;

}  // namespace

// ---- escapes

void Translator::escape() {
  ++at_;
  const std::uint32_t unit = peek();
  if (unit >= '1' && unit <= '9') return back_reference();
  if (unit == 'k') return named_reference();
  if ((unit == '<' || unit == '\'') && is_name_unit(peek(1))) {
    return fail("References written \\<name> are not supported");
  }
  switch (unit) {
    case 'b': ++at_; return write_atom(kBoundary);
    case 'B': ++at_; return write_atom(kNoBoundary);
    case 'A': ++at_; return write_atom("\\A");
    case 'G': ++at_; return write_atom("\\G");
    case 'Z': ++at_; return write_atom("\\Z");
    case 'z': ++at_; return write_atom("\\z");
    default: break;
  }
  write("[");
  if (class_escape()) return write_atom("]");
  out_.pop_back();
  write_unit(character_escape());
  repeatable_ = true;
}

void Translator::back_reference() {
  std::size_t number = 0;
  std::size_t digits = 0;
  for (; is_digit(peek(digits)) && number < 100'000; ++digits) number = number * 10 + (peek(digits) - '0');
  if (known_ == nullptr) {
    at_ += digits;
    repeatable_ = true;
    return;
  }
  // Groups without a name are numbered first, then those with one.
  std::size_t counted = 0;
  for (const bool named : {false, true}) {
    for (std::size_t i = 0; i < known_->size(); ++i) {
      if ((*known_)[i].name.empty() == named || ++counted != number) continue;
      at_ += digits;
      return write_reference(i + 1);
    }
  }
  if (number <= 9) return fail("A reference names a group that does not exist");
  write_unit(character_escape());
  repeatable_ = true;
}

void Translator::named_reference() {
  ++at_;
  const std::uint32_t closing = peek() == '<' ? '>' : '\'';
  if (!take('<') && !take('\'')) return fail("A reference by name is not complete");
  if (is_digit(peek())) return fail("References by number inside \\k<> are not supported");
  const Units name = name_until(closing);
  if (failed() || known_ == nullptr) {
    repeatable_ = true;
    return;
  }
  for (std::size_t i = 0; i < known_->size(); ++i) {
    if ((*known_)[i].name == name) return write_reference(i + 1);
  }
  fail("A reference names a group that does not exist");
}

bool Translator::class_escape() {
  const std::uint32_t unit = peek();
  switch (unit) {
    case 'd': write("\\d"); break;
    case 'D': write("\\D"); break;
    case 'w': write(kWord); break;
    case 'W': write(kNoWord); break;
    case 's': write(kSpace); break;
    case 'S': write(kNoSpace); break;
    case 'p':
    case 'P': {
      ++at_;
      const std::string name = category();
      write((unit == 'p' ? "\\p{" : "\\P{") + name + "}");
      return true;
    }
    default: return false;
  }
  ++at_;
  return true;
}

std::string Translator::category() {
  if (!take('{')) return fail("A category must stand in braces"), "";
  std::string name;
  while (is_letter(peek())) name.push_back(static_cast<char>(in_[at_++]));
  if (!take('}')) return fail("The name of a category is not supported"), "";
  const bool known = std::find(kCategories.begin(), kCategories.end(), name) != kCategories.end();
  if (!known) fail("The category \"" + name + "\" is not supported");
  return name;
}

std::uint32_t Translator::character_escape() {
  if (is_octal(peek())) return octal();
  const std::uint32_t unit = peek();
  if (unit == kEnd) return fail("The pattern ends with a backslash"), 0;
  ++at_;
  switch (unit) {
    case 'a': return 0x07;
    case 'b': return 0x08;
    case 't': return 0x09;
    case 'n': return 0x0A;
    case 'v': return 0x0B;
    case 'f': return 0x0C;
    case 'r': return 0x0D;
    case 'e': return 0x1B;
    case 'x': return hex(2);
    case 'u': return hex(4);
    case 'c': {
      const std::uint32_t control = is_letter(peek()) ? peek() & ~0x20U : peek();
      if (control < '@' || control > '_') return fail("\\c must be followed by a letter"), 0;
      ++at_;
      return control - '@';
    }
    default: break;
  }
  if (is_letter(unit) || is_digit(unit) || unit == '_') fail("This escape sequence is not known");
  return unit;
}

std::uint32_t Translator::octal() {
  std::uint32_t value = 0;
  for (int digits = 0; digits < 3 && is_octal(peek()); ++digits) value = value * 8 + (in_[at_++] - std::uint32_t{'0'});
  return value & 0xFFU;
}

std::uint32_t Translator::hex(std::size_t digits) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = hex_value(peek());
    if (digit < 0) return fail("A hexadecimal digit is missing"), 0;
    ++at_;
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

// ---- brackets

/// `[a-z-[aeiou]]` becomes `(?:(?![aeiou])[a-z])`.
void Translator::bracket(std::size_t depth) {
  if (depth > kSubtractionsMax) return fail("Too many classes stand inside each other");
  ++at_;
  const bool negated = take('^');
  Units before;
  before.swap(out_);
  write(negated ? "[^" : "[");
  Units subtracted;
  bracket_members(depth, subtracted);
  write("]");
  before.swap(out_);
  if (subtracted.empty()) {
    out_.insert(out_.end(), before.begin(), before.end());
  } else {
    write("(?:(?!");
    out_.insert(out_.end(), subtracted.begin(), subtracted.end());
    write(")");
    out_.insert(out_.end(), before.begin(), before.end());
    write(")");
  }
  repeatable_ = true;
}

/// Members up to and with the closing bracket; the class to take away, if any, goes to `subtracted`.
void Translator::bracket_members(std::size_t depth, Units& subtracted) {
  std::optional<std::uint32_t> range_from;
  for (bool first = true; !failed(); first = false) {
    const std::uint32_t unit = peek();
    if (unit == kEnd) return fail("A bracket is not closed");
    if (unit == ']' && !first) {
      ++at_;
      return;
    }
    if (unit == '[' && !range_from && peek(1) == ':') return fail("Classes written [:name:] are not supported");
    std::uint32_t member = unit;
    bool escaped = false;
    if (unit == '\\') {
      ++at_;
      if (peek() == '-' && !range_from) {  // never the begin of a range
        ++at_;
        write_unit('-');
        continue;
      }
      const bool in_range = range_from.has_value();
      if (class_escape()) {
        if (in_range) fail("A class cannot end a range");
        continue;
      }
      member = character_escape();
      escaped = true;
    }
    // A class to take away follows a dash, which may have looked like that of a range.
    const bool after_dash = range_from && !first;
    const bool own_dash = !range_from && unit == '-' && peek(1) == '[' && !first;
    if ((after_dash && unit == '[') || own_dash) {
      if (range_from) write_unit(*range_from);
      if (own_dash) ++at_;
      Units members;
      members.swap(out_);
      bracket(depth + 1);
      subtracted.swap(out_);
      out_.swap(members);
      if (!take(']')) fail("Nothing may follow a class that is taken away");
      return;
    }
    if (!escaped) ++at_;
    if (range_from) {
      if (*range_from > member) return fail("A range is in reverse order");
      write_unit(*range_from);
      write("-");
      write_unit(member);
      range_from.reset();
    } else if (peek() == '-' && peek(1) != ']' && peek(1) != kEnd) {
      ++at_;
      range_from = member;
    } else {
      write_unit(member);
    }
  }
}

}  // namespace kurrentlite::regex
