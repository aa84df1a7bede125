#include "regex/dotnet_pattern.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "regex/dotnet_translator.hpp"

namespace kurrentlite::regex {

void Translator::write_unit(std::uint32_t unit) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  if (is_letter(unit) || is_digit(unit)) {
    out_.push_back(static_cast<std::uint16_t>(unit));
    return;
  }
  write("\\x{");
  for (int shift = 12; shift >= 0; shift -= 4) {
    out_.push_back(static_cast<std::uint16_t>(kDigits[unit >> static_cast<unsigned>(shift) & 0xFU]));
  }
  write("}");
}

void Translator::run() {
  while (!failed()) {
    skip_blanks();
    if (peek() == kEnd) break;
    element();
  }
  if (scopes_.size() > 1) fail("A parenthesis is not closed");
}

void Translator::skip_blanks() {
  for (;;) {
    if (scopes_.back().ignore_blanks && is_blank(peek())) {
      ++at_;
    } else if (scopes_.back().ignore_blanks && peek() == '#') {
      while (peek() != kEnd && peek() != '\n') ++at_;
    } else if (peek() == '(' && peek(1) == '?' && peek(2) == '#') {
      while (peek() != kEnd && peek() != ')') ++at_;
      if (!take(')')) return fail("A comment is not closed");
    } else {
      return;
    }
  }
}

void Translator::element() {
  const std::uint32_t unit = peek();
  switch (unit) {
    case '\\': return escape();
    case '[': return bracket(0);
    case '(': return open_group();
    case ')': return close_group();
    case '*':
    case '+':
    case '?': return quantifier();
    case '{':
      if (at_counted_quantifier()) return quantifier();
      break;
    case '|':
      ++at_;
      write("|");
      repeatable_ = false;
      return;
    case '^':
    case '$':
    case '.': {
      ++at_;
      const char text = static_cast<char>(unit);
      return write_atom({&text, 1});
    }
    default: break;
  }
  ++at_;
  write_unit(unit);
  repeatable_ = true;
}

// ---- groups

void Translator::open_group() {
  ++at_;
  repeatable_ = false;
  scopes_.push_back(Scope(scopes_.back()));
  if (!take('?')) return scopes_.back().explicit_capture ? write("(?:") : open_capture({});
  const std::uint32_t kind = peek();
  const std::uint32_t next = peek(1);
  if (kind == ':' || kind == '=' || kind == '!' || kind == '>') {
    ++at_;
    const char text = static_cast<char>(kind);
    write("(?");
    return write({&text, 1});
  }
  if (kind == '<' && (next == '=' || next == '!')) {
    at_ += 2;
    return write(next == '=' ? "(?<=" : "(?<!");
  }
  if (kind == '<' || kind == '\'') {
    ++at_;
    return open_named_group(kind == '<' ? '>' : '\'');
  }
  if (kind == '(') return fail("Conditions are not supported");
  options();
}

void Translator::open_named_group(std::uint32_t closing) {
  if (is_digit(peek())) return fail("Groups named by a number are not supported");
  if (peek() == '-') return fail("Balancing groups are not supported");
  Units name = name_until(closing);
  if (failed()) return;
  const auto is_same = [&](const Group& group) { return group.name == name; };
  if (std::any_of(groups_.begin(), groups_.end(), is_same)) return fail("Two groups of one name are not supported");
  open_capture(std::move(name));
}

void Translator::open_capture(Units name) {
  groups_.push_back({std::move(name)});
  write("(");
}

Units Translator::name_until(std::uint32_t closing) {
  Units name;
  while (is_name_unit(peek())) {
    name.push_back(static_cast<std::uint16_t>(peek()));
    ++at_;
  }
  if (peek() == '-') {
    fail("Balancing groups are not supported");
  } else if (name.empty() || !take(closing)) {
    fail("The name of a group is not valid");
  }
  return name;
}

/// `(?ims)` holds to the end of the group around it, `(?ims:` to that of its own.
void Translator::options() {
  Scope scope = scopes_.back();
  std::string switched_on;
  std::string switched_off;
  bool on = true;
  for (;; ++at_) {
    const std::uint32_t option = is_letter(peek()) ? peek() | 0x20U : peek();
    if (option == '+' || option == '-') {
      on = option == '+';
    } else if (option == 'n') {
      scope.explicit_capture = on;
    } else if (option == 'x') {
      scope.ignore_blanks = on;
    } else if (option == 'i' || option == 'm' || option == 's') {
      const char letter = static_cast<char>(option);
      std::erase(switched_on, letter);
      std::erase(switched_off, letter);
      (on ? switched_on : switched_off).push_back(letter);
    } else {
      break;
    }
  }
  std::string letters = switched_on;
  if (!switched_off.empty()) letters += "-" + switched_off;
  if (take(':')) {
    scopes_.back() = scope;
    return write("(?" + letters + ":");
  }
  if (!take(')')) return fail("This kind of group is not known");
  scopes_.pop_back();
  scopes_.back() = scope;
  if (!letters.empty()) write("(?" + letters + ")");
}

void Translator::close_group() {
  if (scopes_.size() == 1) return fail("A parenthesis is closed that was not opened");
  ++at_;
  scopes_.pop_back();
  write_atom(")");
}

// ---- quantifiers

bool Translator::at_counted_quantifier() const {
  std::size_t ahead = 1;
  if (!is_digit(peek(ahead))) return false;
  while (is_digit(peek(ahead))) ++ahead;
  if (peek(ahead) == ',') ++ahead;
  while (is_digit(peek(ahead))) ++ahead;
  return peek(ahead) == '}';
}

void Translator::quantifier() {
  if (!repeatable_) return fail("A quantifier follows nothing that can be repeated");
  const std::size_t begin = at_;
  if (peek() == '{') {
    while (peek() != '}') ++at_;
  }
  ++at_;
  out_.insert(out_.end(), in_.begin() + static_cast<std::ptrdiff_t>(begin),
              in_.begin() + static_cast<std::ptrdiff_t>(at_));
  skip_blanks();
  if (take('?')) write("?");
  repeatable_ = false;
}

std::optional<Units> to_utf16(std::string_view text) {
  if (!utf8::valid(text)) return std::nullopt;
  Units units;
  units.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8::character_size(text.substr(at));
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
    };
    std::uint32_t code = size == 1 ? byte(0) : byte(0) & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) code = code << 6U | (byte(i) & 0x3FU);
    at += size;
    if (code >= 0x10000) {
      units.push_back(static_cast<std::uint16_t>(0xD7C0U + (code >> 10U)));
      code = 0xDC00U + (code & 0x3FFU);
    }
    units.push_back(static_cast<std::uint16_t>(code));
  }
  return units;
}

Translation translate(const Units& pattern) {
  Translator groups(pattern, nullptr);
  groups.run();
  if (!groups.problem().empty()) return {{}, std::move(groups.problem())};
  Translator translator(pattern, &groups.groups());
  translator.run();
  return {std::move(translator.pattern()), std::move(translator.problem())};
}

}  // namespace kurrentlite::regex
