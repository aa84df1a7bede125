// Random patterns and texts: an answer or an error within its limits, never a crash or a hang; and patterns of a plain
// kind are answered as a slow, simple matcher answers them.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/utf8.hpp"
#include "regex/pcre2_regex.hpp"

namespace kurrentlite {
namespace {

std::uint64_t seed_of_run() {
  const char* given = std::getenv("KURRENTLITE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

std::string pick(Prng& prng, const std::vector<const char*>& from) { return from[prng.below(from.size())]; }

/// Pieces that make valid patterns often enough, and broken ones in every way.
std::string random_pattern(Prng& prng) {
  static const std::vector<const char*> kPieces = {
      "a",           "b",     "ab",      "ö",       "😀",    ".",      "^",
      "$",           "|",     "*",       "+",       "?",    "??",     "*?",
      "{2}",         "{1,3}", "{0,}",    "{9999}",  "{",    "}",      "(",
      ")",           "(?:",   "(?=",     "(?!",     "(?<=", "(?<!",   "(?>",
      "(?<n>",       "(?'m'", "(?i)",    "(?x)",    "(?n:", "(?s-i:", "(?#c)",
      "[",           "]",     "[^",      "-",       "-[",   "[a-z]",  "[a-z-[aeiou]]",
      "[\\w-[\\d]]", "\\w",   "\\W",     "\\s",     "\\S",  "\\d",    "\\D",
      "\\b",         "\\B",   "\\1",     "\\2",     "\\12", "\\k<n>", "\\p{L}",
      "\\P{Lu}",     "\\x41", "\\u0061", "\\uD83D", "\\cA", "\\0",    "\\",
      " ",           "#",     "\n",      "\\Q",     "(*F)", "(?R)",   "(?(1)a|b)",
      "(a|b)",       "(a+)+", "(?<n-m>"};
  std::string pattern;
  for (std::uint64_t pieces = prng.below(12) + 1; pieces > 0; --pieces) pattern += pick(prng, kPieces);
  if (prng.chance(0.1)) pattern.insert(prng.below(pattern.size() + 1), 1, static_cast<char>(prng.below(256)));
  return pattern;
}

std::string random_text(Prng& prng) {
  static const std::vector<const char*> kPieces = {"a", "b", "ab", "aaaaaaaa", "ö", "😀", "A", " ", "\n", "1", "-", "_"};
  std::string text;
  for (std::uint64_t pieces = prng.below(24); pieces > 0; --pieces) text += pick(prng, kPieces);
  if (prng.chance(0.05)) text.push_back(static_cast<char>(prng.below(256)));
  return text;
}

TEST(RegexFuzz, AnswersOrRefusesAndNeverHangs) {
  Prng prng(seed_of_run());
  Pcre2RegexEngine engine({.steps_max = 20'000});
  std::size_t compiled = 0;
  std::size_t found = 0;
  std::size_t too_costly = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int round = 0; round < 60'000; ++round) {
    const std::string pattern = random_pattern(prng);
    SCOPED_TRACE(pattern);
    Result<std::unique_ptr<Regex>> regex = engine.compile(pattern);
    if (!regex) {
      ASSERT_EQ(regex.error().code, ErrorCode::Unknown);
      ASSERT_TRUE(utf8::valid(regex.error().message));
      continue;
    }
    ++compiled;
    for (int texts = 0; texts < 4; ++texts) {
      const std::string text = random_text(prng);
      const Result<bool> first = (*regex)->matches(text);
      const Result<bool> again = (*regex)->matches(text);
      ASSERT_EQ(first.ok(), again.ok());
      if (!first.ok()) {
        ASSERT_TRUE(utf8::valid(first.error().message)) << first.error().message;
        if (utf8::valid(text)) ++too_costly;
        continue;
      }
      ASSERT_EQ(*first, *again);
      if (*first) ++found;
    }
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  std::printf("%zu patterns compiled, %zu texts matched, %zu too costly, %lld ms\n", compiled, found, too_costly,
              static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_GT(compiled, 3'000u);
  EXPECT_GT(found, 3'000u);
}

TEST(RegexFuzz, BytesOfAnyKind) {
  Prng prng(seed_of_run() + 1);
  Pcre2RegexEngine engine({.steps_max = 20'000});
  for (int round = 0; round < 40'000; ++round) {
    std::string pattern;
    for (std::uint64_t size = prng.below(20); size > 0; --size) {
      pattern.push_back(static_cast<char>(prng.chance(0.7) ? 32 + prng.below(95) : prng.below(256)));
    }
    SCOPED_TRACE(::testing::PrintToString(pattern));
    Result<std::unique_ptr<Regex>> regex = engine.compile(pattern);
    if (regex) (void)(*regex)->matches(pattern + pattern);
  }
}

// ---- a second opinion

/// A pattern of letters, `.`, classes, groups, choices and quantifiers, both as text and as what it means: the set of
/// places where a match that begins at a place may end.
struct Node {
  enum class Kind { Set, Sequence, Choice, Repeat } kind = Kind::Set;
  std::string set;  // the letters it accepts
  std::vector<Node> parts;
  int least = 0;
  int most = 0;
};

using Places = std::vector<bool>;

Places step(const Node& node, const std::string& text, const Places& from) {
  Places to(text.size() + 1, false);
  switch (node.kind) {
    case Node::Kind::Set:
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (from[i] && node.set.find(text[i]) != std::string::npos) to[i + 1] = true;
      }
      return to;
    case Node::Kind::Sequence:
      to = from;
      for (const Node& part : node.parts) to = step(part, text, to);
      return to;
    case Node::Kind::Choice:
      for (const Node& part : node.parts) {
        const Places places = step(part, text, from);
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] || places[i];
      }
      return to;
    case Node::Kind::Repeat: {
      Places places = from;
      if (node.least == 0) to = from;
      for (int times = 1; times <= node.most; ++times) {
        places = step(node.parts[0], text, places);
        if (times < node.least) continue;
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] || places[i];
      }
      return to;
    }
  }
  return to;
}

Node random_node(Prng& prng, int depth, std::string& pattern) {
  static const std::string kLetters = "abc-1";
  Node node;
  const std::uint64_t choice = prng.below(depth > 0 ? 10 : 5);
  if (choice < 2) {
    node.set = kLetters[prng.below(3)];
    pattern += node.set;
  } else if (choice == 2) {
    node.set = kLetters;
    pattern += ".";
  } else if (choice == 3) {
    node.set = "1";
    pattern += "\\d";
  } else if (choice == 4) {
    const bool subtracts = prng.chance(0.5);
    node.set = subtracts ? "ac" : "ab-";
    pattern += subtracts ? "[a-c-[b]]" : "[^c1]";
  } else if (choice < 7) {
    node.kind = Node::Kind::Sequence;
    for (std::uint64_t parts = prng.below(4); parts > 0; --parts) {
      node.parts.push_back(random_node(prng, depth - 1, pattern));
    }
  } else if (choice == 7) {
    node.kind = Node::Kind::Choice;
    pattern += prng.chance(0.5) ? "(" : "(?:";
    for (std::uint64_t parts = prng.below(3) + 1; parts > 0; --parts) {
      node.parts.push_back(random_node(prng, depth - 1, pattern));
      if (parts > 1) pattern += "|";
    }
    pattern += ")";
  } else {
    node.kind = Node::Kind::Repeat;
    node.least = static_cast<int>(prng.below(3));
    node.most = node.least + static_cast<int>(prng.below(3));
    pattern += "(?:";
    node.parts.push_back(random_node(prng, depth - 1, pattern));
    pattern +=
        "){" + std::to_string(node.least) + "," + std::to_string(node.most) + "}" + (prng.chance(0.3) ? "?" : "");
  }
  return node;
}

TEST(RegexFuzz, AgreesWithASimpleMatcher) {
  Prng prng(seed_of_run() + 2);
  Pcre2RegexEngine engine;
  std::size_t found = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string pattern;
    const Node node = random_node(prng, 4, pattern);
    const bool from_begin = prng.chance(0.5);
    const bool to_end = prng.chance(0.5);
    const std::string whole = (from_begin ? "^(?:" : "(?:") + pattern + (to_end ? ")$" : ")");
    SCOPED_TRACE(whole);
    Result<std::unique_ptr<Regex>> regex = engine.compile(whole);
    ASSERT_TRUE(regex) << regex.error().message;
    for (int texts = 0; texts < 5; ++texts) {
      std::string text;
      for (std::uint64_t size = prng.below(9); size > 0; --size) text.push_back("abc-1"[prng.below(5)]);
      Places from(text.size() + 1, !from_begin);
      from[0] = true;
      const Places ends = step(node, text, from);
      bool expected = false;
      for (std::size_t i = 0; i < ends.size(); ++i) expected = expected || (ends[i] && (!to_end || i == text.size()));
      const Result<bool> answer = (*regex)->matches(text);
      ASSERT_TRUE(answer.ok()) << text;
      ASSERT_EQ(*answer, expected) << text;
      if (expected) ++found;
    }
  }
  EXPECT_GT(found, 5'000u);
}

}  // namespace
}  // namespace kurrentlite
