#include <algorithm>

#include "base/json.hpp"
#include "base/json_scan.hpp"

namespace kurrentlite::json {

namespace {

/// Walks over text once, remembering only which of the open brackets are objects.
class Checker {
 public:
  Checker(std::string_view text, std::size_t depth_max)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), depth_max_(std::min(depth_max, kDepthCeiling)) {}

  std::optional<Fault> run();

 private:
  enum class Next : std::uint8_t { Value, ValueOrEnd, Key, KeyOrEnd, CommaOrEnd, Nothing };

  /// Each reads one part of the text and says what may follow. After a fault the answer means nothing.
  Next value();
  Next key();
  Next comma_or_end();
  Next open(bool is_object);
  Next close();

  void word(std::string_view expected);
  void number();
  void digits();
  void string();
  void escape();

  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] bool sees(char wanted) const { return at_ != end_ && *at_ == wanted; }
  [[nodiscard]] bool in_object() const { return (objects_[depth_ / 64] >> (depth_ % 64) & 1U) != 0; }
  [[nodiscard]] Next after_value() const { return depth_ == 0 ? Next::Nothing : Next::CommaOrEnd; }
  void fail(const char* problem) {
    if (problem_ == nullptr) problem_ = problem;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t depth_max_;
  std::size_t depth_ = 0;
  std::array<std::uint64_t, kDepthCeiling / 64 + 1> objects_{};  // bit d: the d-th open bracket is an object's
  const char* problem_ = nullptr;
};

std::optional<Fault> Checker::run() {
  Next next = Next::Value;
  for (;;) {
    at_ = detail::skip_space(at_, end_);
    switch (next) {
      case Next::Value: next = value(); break;
      case Next::ValueOrEnd: next = sees(']') ? close() : value(); break;
      case Next::Key: next = key(); break;
      case Next::KeyOrEnd: next = sees('}') ? close() : key(); break;
      case Next::CommaOrEnd: next = comma_or_end(); break;
      case Next::Nothing:
        if (at_end()) return std::nullopt;
        fail("text follows the value");
        break;
    }
    if (problem_ != nullptr) return Fault{static_cast<std::size_t>(at_ - begin_), problem_};
  }
}

Checker::Next Checker::value() {
  if (at_end()) {
    fail("a value is missing");
    return Next::Nothing;
  }
  switch (*at_) {
    case '{': return open(true);
    case '[': return open(false);
    case '"': string(); break;
    case 't': word("true"); break;
    case 'f': word("false"); break;
    case 'n': word("null"); break;
    default: number(); break;
  }
  return after_value();
}

Checker::Next Checker::open(bool is_object) {
  if (depth_ == depth_max_) {
    fail("it is nested too deeply");
    return Next::Nothing;
  }
  ++depth_;
  ++at_;
  const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
  std::uint64_t& bits = objects_[depth_ / 64];
  bits = is_object ? bits | bit : bits & ~bit;
  return is_object ? Next::KeyOrEnd : Next::ValueOrEnd;
}

Checker::Next Checker::close() {
  ++at_;
  --depth_;
  return after_value();
}

Checker::Next Checker::key() {
  if (!sees('"')) {
    fail("a member's name in double quotes is missing");
    return Next::Nothing;
  }
  string();
  at_ = detail::skip_space(at_, end_);
  if (sees(':')) {
    ++at_;
  } else {
    fail("a colon is missing");
  }
  return Next::Value;
}

Checker::Next Checker::comma_or_end() {
  if (sees(',')) {
    ++at_;
    return in_object() ? Next::Key : Next::Value;
  }
  if (sees(in_object() ? '}' : ']')) return close();
  fail("a comma or a closing bracket is missing");
  return Next::Nothing;
}

void Checker::word(std::string_view expected) {
  if (static_cast<std::size_t>(end_ - at_) >= expected.size() && std::string_view(at_, expected.size()) == expected) {
    at_ += expected.size();
  } else {
    fail("a value is malformed");
  }
}

void Checker::number() {
  if (sees('-')) ++at_;
  if (at_end() || !detail::is_digit(*at_)) {
    fail("a value is malformed");
    return;
  }
  if (*at_ == '0') {
    ++at_;  // a digit behind it is caught as text that does not belong there
  } else {
    digits();
  }
  if (sees('.')) {
    ++at_;
    digits();
  }
  if (sees('e') || sees('E')) {
    ++at_;
    if (sees('+') || sees('-')) ++at_;
    digits();
  }
}

void Checker::digits() {
  if (at_end() || !detail::is_digit(*at_)) {
    fail("a digit is missing");
    return;
  }
  while (at_ != end_ && detail::is_digit(*at_)) ++at_;
}

void Checker::string() {
  ++at_;
  while (problem_ == nullptr) {
    at_ = detail::skip_plain(at_, end_);
    if (at_end()) {
      fail("a string is not closed");
    } else if (*at_ == '"') {
      ++at_;
      return;
    } else if (*at_ == '\\') {
      escape();
    } else if (static_cast<unsigned char>(*at_) < 0x20U) {
      fail("a control character in a string is not escaped");
    } else {
      const std::size_t size = utf8::character_size({at_, static_cast<std::size_t>(end_ - at_)});
      if (size == 0) fail("the text is not valid UTF-8");
      at_ += size;
    }
  }
}

void Checker::escape() {
  const std::ptrdiff_t left = end_ - at_;
  if (left < 2) {
    at_ = end_;
    fail("a string is not closed");
    return;
  }
  switch (at_[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': at_ += 2; return;
    case 'u': break;
    default: fail("an escape sequence is unknown"); return;
  }
  for (int index = 2; index < 6; ++index) {
    if (index >= left || detail::hex_value(at_[index]) > 15U) {
      fail("\\u needs four hexadecimal digits");
      return;
    }
  }
  at_ += 6;
}

}  // namespace

std::optional<Fault> check(std::string_view text, Limits limits) { return Checker(text, limits.depth_max).run(); }

}  // namespace kurrentlite::json
