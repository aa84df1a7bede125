// Holds base/json against nlohmann/json on seeded random texts: both accept and refuse the same ones, and read the same
// values from them. Deliberate differences: numbers beyond a double and half surrogate pairs are JSON by its grammar, so
// ours takes them; nlohmann skips a byte order mark and stops at a NUL, ours refuses both as JSON.parse does.
#include <gmock/gmock.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/prng.hpp"
#include "base/utf8.hpp"

namespace kurrentlite::json {
namespace {

std::uint64_t seed_of_run() {
  const char* given = std::getenv("KURRENTLITE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

/// What a reader sees, one line each: the common language of both readers.
struct Trace : nlohmann::json_sax<nlohmann::json> {
  std::string lines;
  std::string failure;

  void line(char tag, std::string_view text = {}) { (lines += tag).append(text).push_back('\n'); }
  void double_line(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    line('f', std::to_string(bits));
  }
  bool null() override { return line('n'), true; }
  bool boolean(bool value) override { return line(value ? 't' : 'b'), true; }
  bool number_integer(std::int64_t value) override { return line('i', std::to_string(value)), true; }
  bool number_unsigned(std::uint64_t value) override {
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) return number_integer(static_cast<std::int64_t>(value));
    return double_line(static_cast<double>(value)), true;
  }
  bool number_float(double value, const std::string&) override { return double_line(value), true; }
  bool string(std::string& value) override { return line('s', value), true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return line('{'), true; }
  bool key(std::string& value) override { return line('k', value), true; }
  bool end_object() override { return line('}'), true; }
  bool start_array(std::size_t) override { return line('['), true; }
  bool end_array() override { return line(']'), true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& problem) override {
    failure = problem.what();
    return false;
  }
};

void walk(const Value& value, Trace& trace) {
  switch (value.kind()) {
    case Kind::Null: trace.null(); return;
    case Kind::Bool: trace.boolean(*value.boolean()); return;
    case Kind::Number: {
      const bool written_as_integer = value.raw().find_first_of(".eE") == std::string_view::npos;
      if (written_as_integer && value.integer()) {
        trace.number_integer(*value.integer());
      } else {
        trace.double_line(*value.number());
      }
      return;
    }
    case Kind::String: trace.line('s', *value.string()); return;
    case Kind::Array:
      trace.start_array(0);
      for (const Value& each : value.elements()) walk(each, trace);
      trace.end_array();
      return;
    case Kind::Object:
      trace.start_object(0);
      for (const Member& each : value.members()) {
        trace.line('k', each.key);
        walk(each.value, trace);
      }
      trace.end_object();
      return;
  }
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : prng_(seed) {}

  std::string any_text() {
    std::string text = prng_.chance(0.15) ? soup() : value(0);
    for (std::uint64_t edits = prng_.chance(0.6) ? prng_.below(3) + 1 : 0; edits > 0; --edits) edit(text);
    return text;
  }
  std::string value(int depth) {
    switch (prng_.below(depth < 6 ? 9 : 6)) {
      case 0: return pick({"null", "true", "false"});
      case 1:
      case 2: return number();
      case 3:
      case 4:
      case 5: return string();
      case 6: return list('[', ']', depth, false);
      default: return object(depth);
    }
  }
  std::string object(int depth) { return list('{', '}', depth, true); }
  Prng& prng() { return prng_; }

 private:
  std::string pick(std::initializer_list<const char*> choices) { return choices.begin()[prng_.below(choices.size())]; }
  std::string space() { return prng_.chance(0.2) ? pick({" ", "\n", "\t", "\r", "  "}) : ""; }
  std::string list(char open, char close, int depth, bool named) {
    std::string text(1, open);
    for (std::uint64_t count = prng_.below(5), index = 0; index < count; ++index) {
      if (index > 0) text += ',';
      text += space();
      if (named) text += string() + space() + ':' + space();
      text += value(depth + 1) + space();
    }
    return text + space() + close;
  }
  std::string number() {
    std::string text = prng_.chance(0.3) ? "-" : "";
    text += prng_.chance(0.2) ? "0" : std::to_string(prng_.next() >> prng_.below(64));
    if (prng_.chance(0.3)) text += '.' + std::to_string(prng_.next() >> prng_.below(64));
    if (prng_.chance(0.3)) text += pick({"e", "E"}) + pick({"", "+", "-"}) + std::to_string(prng_.below(400));
    return text;
  }
  std::string string() {
    std::string text = "\"";
    for (std::uint64_t count = prng_.below(12); count > 0; --count) {
      if (prng_.chance(0.6)) {
        text += static_cast<char>('a' + prng_.below(26));
      } else {
        text += pick({"\\n",
                      "\\\"",
                      "\\\\",
                      "\\/",
                      "\\b",
                      "\\f",
                      "\\r",
                      "\\t",
                      "\\u0041",
                      "\\u00e9",
                      "\\uD83D\\uDE00",
                      "\\ud83d\\ude00",
                      "\xC3\xA9",
                      "\xE2\x82\xAC",
                      "\xF0\x9F\x98\x80",
                      "\x7F",
                      " ",
                      "{",
                      "]",
                      ",",
                      "\\u0000",
                      "\\uFFFF",
                      "\\ud800"});
      }
    }
    return text + '"';
  }
  std::string token() {
    return pick({"{",
                 "}",
                 "[",
                 "]",
                 ",",
                 ":",
                 "\"",
                 "\\",
                 "0",
                 "1",
                 "-",
                 "+",
                 ".",
                 "e",
                 "E",
                 "null",
                 "true",
                 "fals",
                 " ",
                 "\n",
                 "\\u",
                 "d83d",
                 "\"\"",
                 "\"a\"",
                 "\xC3",
                 "\xA9",
                 "\xED\xA0\x80",
                 "\xF4\x90",
                 "\x01",
                 "\x1F",
                 "\xFF",
                 "\xEF\xBB\xBF",
                 "1e999",
                 "//",
                 "'"});
  }
  std::string soup() {
    std::string text;
    for (std::uint64_t count = prng_.below(12); count > 0; --count) text += token();
    return text;
  }
  void edit(std::string& text) {
    const std::size_t at = prng_.below(text.size() + 1);
    switch (prng_.below(5)) {
      case 0: text.insert(at, token()); return;
      case 1: text.resize(at); return;
      case 2: text.erase(at, prng_.below(4)); return;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(prng_.below(256));
        return;
      default: text.insert(at, text.substr(prng_.below(text.size() + 1), prng_.below(8))); return;
    }
  }

  Prng prng_;
};

/// Checks a copy that ends where its memory ends, so that the address sanitizer sees a step too far.
std::optional<Fault> check_bounded(const std::string& text) {
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  std::memcpy(exact.get(), text.data(), text.size());
  return check({exact.get(), text.size()});
}

bool is_deliberate(const std::string& failure) {
  return failure.find("out_of_range.406") != std::string::npos || failure.find("surrogate") != std::string::npos;
}

TEST(JsonFuzz, AgreesWithNlohmannOnRandomTexts) {
  Generator generator(seed_of_run());
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::string text = generator.any_text();
    SCOPED_TRACE("replay: KURRENTLITE_SEED=" + std::to_string(seed_of_run()) + ", round " + std::to_string(round) +
                 ", text " + testing::PrintToString(text));
    const auto fault = check_bounded(text);
    if (text.find('\0') != std::string::npos || text.substr(0, 3) == "\xEF\xBB\xBF") {
      ASSERT_TRUE(fault);
      continue;
    }
    Trace theirs;
    const bool they_accept = nlohmann::json::sax_parse(text, &theirs);
    if (!they_accept && !fault) {
      ASSERT_TRUE(is_deliberate(theirs.failure)) << theirs.failure;
    } else {
      ASSERT_EQ(!fault.has_value(), they_accept) << (fault ? fault->problem : theirs.failure.c_str());
    }
    if (fault) {
      ASSERT_LE(fault->offset, text.size());
      ++refused;
      continue;
    }
    ++accepted;
    Trace ours;
    walk(Value(text), ours);
    if (they_accept) {
      ASSERT_EQ(ours.lines, theirs.lines);
    }
    const bool has_half_pair = theirs.failure.find("surrogate") != std::string::npos;
    if (has_half_pair) {
      ASSERT_TRUE(find_hazard(text));
    }
  }
  EXPECT_GT(accepted, 20'000);
  EXPECT_GT(refused, 15'000);
}

TEST(JsonFuzz, MergesAsNlohmannUpdates) {
  Generator generator(seed_of_run() + 1);
  for (int round = 0; round < 5'000; ++round) {
    const std::string base = generator.object(3);
    const std::string patch = generator.object(3);
    SCOPED_TRACE(base + " with " + patch);
    auto expected = nlohmann::json::parse(base, nullptr, false);
    const auto update = nlohmann::json::parse(patch, nullptr, false);
    const std::string merged = merge_top_level(base, patch);
    ASSERT_FALSE(check(merged));
    if (expected.is_discarded() || update.is_discarded()) continue;  // a number beyond a double, a half pair
    expected.update(update);
    ASSERT_EQ(nlohmann::json::parse(merged, nullptr, false), expected);
  }
}

TEST(JsonFuzz, WritesNumbersThatReadBack) {
  Prng prng(seed_of_run() + 2);
  for (int round = 0; round < 50'000; ++round) {
    const std::uint64_t bits = prng.next();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = Writer().number(value).take();
    ASSERT_FALSE(check(text)) << text;
    ASSERT_EQ(Value(text).number(), value) << text;
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
  }
}

TEST(JsonFuzz, WritesTextsThatReadBack) {
  Prng prng(seed_of_run() + 3);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const bool ascii = prng.chance(0.3);
    for (std::uint64_t size = prng.below(24); size > 0; --size) {
      if (prng.chance(0.3)) {
        utf8::append(text, static_cast<std::uint32_t>(prng.below(0x10FFFF)));
      } else {
        text.push_back(static_cast<char>(prng.below(ascii ? 128 : 256)));
      }
    }
    std::string written;
    append_string(written, text);
    ASSERT_FALSE(check(written));
    const auto theirs = nlohmann::json::parse(written, nullptr, false);
    ASSERT_TRUE(theirs.is_string()) << written;
    ASSERT_EQ(Value(written).string(), theirs.get<std::string>());
    if (utf8::valid(text)) {
      ASSERT_EQ(theirs.get<std::string>(), text);
    }
  }
}

}  // namespace
}  // namespace kurrentlite::json
