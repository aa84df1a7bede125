// Regular expressions of filters: .NET's dialect over PCRE2 (reference: streams 3.12).
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "regex/dotnet_pattern.hpp"
#include "regex/pcre2_regex.hpp"

namespace kurrentlite {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// "yes", "no", or the refusal.
std::string find(const std::string& pattern, std::string_view text) {
  Pcre2RegexEngine engine;
  Result<std::unique_ptr<Regex>> regex = engine.compile(pattern);
  if (!regex) return regex.error().message;
  const Result<bool> found = (*regex)->matches(text);
  if (!found.ok()) return found.error().message;
  return *found ? "yes" : "no";
}

struct Case {
  std::string pattern;
  std::vector<std::string> found_in;
  std::vector<std::string> not_in;
};

void hold(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    for (const std::string& text : each.found_in) {
      EXPECT_EQ(find(each.pattern, text), "yes") << each.pattern << " in " << ::testing::PrintToString(text);
    }
    for (const std::string& text : each.not_in) {
      EXPECT_EQ(find(each.pattern, text), "no") << each.pattern << " in " << ::testing::PrintToString(text);
    }
  }
}

TEST(Regex, FindsAnywhereAndHonoursAnchors) {
  hold({{"", {"", "x"}, {}},
        {"b", {"abc", "b"}, {"", "B"}},
        {"^b", {"bc"}, {"ab"}},
        {"^[^$].*", {"order-1", "ö"}, {"$metadata", ""}},
        {R"(^[^\$].*)", {"order-1"}, {"$metadata"}},
        {"^order-\\d+$", {"order-12", "order-1\n"}, {"order-", "order-1a", "my-order-1", "order-1\n\n"}},
        {"\\Aa\\z", {"a"}, {"a\n", "ba"}},
        {"a\\Z", {"a", "a\n"}, {"ab"}},
        {"(?m)^$", {"a\n", ""}, {"a"}},
        {"a.c", {"abc", "a\rc"}, {"a\nc", "ac"}},
        {"(?s)a.c", {"a\nc"}, {}}});
}

TEST(Regex, GroupsChoicesAndQuantifiers) {
  hold({{"^(a|bc)+$", {"a", "abca"}, {"", "b"}},
        {"^(?:ab){2,3}$", {"abab", "ababab"}, {"ab", "abababab"}},
        {"^a{2}$", {"aa"}, {"a", "aaa"}},
        {"^a{2,}?$", {"aa", "aaaa"}, {"a"}},
        {"^a??b$", {"ab", "b"}, {"aab"}},
        {"^(?>a*)b$", {"aab"}, {}},
        {"^(?>a*)a$", {}, {"aaa"}},
        {"^(?=.*\\d)(?!.*x)[a-z0-9]+$", {"a1"}, {"a", "a1x"}},
        {"(?<=-)b(?<!-b-)", {"a-b"}, {"ab"}},
        {"^a{,2}$", {"a{,2}"}, {"aa", ""}},
        {"^{a}]$", {"{a}]"}, {"a"}},
        {"x{a", {"x{a"}, {"xa"}}});
}

TEST(Regex, OptionsHoldToTheEndOfTheirGroup) {
  hold({{"(?i)ORDER", {"order", "Order"}, {}},
        {"^(?i:a)b$", {"Ab", "ab"}, {"AB"}},
        {"^(a(?i)b|c)d$", {"aBd", "Cd"}, {"ABd", "cD"}},
        {"(?i-i:a)B", {"aB"}, {"AB", "ab"}},
        {"^(?x) a b # the end\n c$", {"abc"}, {"a b c"}},
        {"^(?x: a\\ b [ ] )c d$", {"a b c d"}, {"abcd"}},
        {"(?n)^(a)(?<x>b)\\1$", {"abb"}, {"aba"}},
        {"a(?#a comment ( [ )+b", {"aab"}, {"a"}},
        {"(?i)ö", {"Ö"}, {}}});
}

TEST(Regex, NamedGroupsAreNumberedAfterTheOthers) {
  hold({{"^(a|b)\\1$", {"aa", "bb"}, {"ab"}},
        {"^(?<x>a)(b)\\1$", {"abb"}, {"aba"}},
        {"^(?<x>a)(b)\\2$", {"aba"}, {"abb"}},
        {"^(?'x'a|b)-\\k<x>$", {"a-a"}, {"a-b"}},
        {"^(?<größe>a|b)-\\k'größe'$", {"b-b"}, {"a-b"}},
        {"^(a)\\10$", {}, {"aa0"}},
        {"^(a)\\101$", {"aA"}, {}},
        {"^(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10$", {"abcdefghijj"}, {"abcdefghija0"}}});
}

TEST(Regex, ClassesByDotNetsCategories) {
  hold({{"^\\w$", {"a", "_", "ö", "٣", "‿", "\u0301"}, {"-", "²", "Ⅷ", "\u20dd"}},
        {"^\\W$", {"-", "²", "Ⅷ", "\u20dd"}, {"a", "_", "‿", "\u0301"}},
        {"^[\\W]$", {"-", "²"}, {"a", "‿"}},
        {"^[^\\W]$", {"a", "‿"}, {"-", "²"}},
        {"^\\d$", {"1", "٣"}, {"a", "²"}},
        {"^\\D$", {"a"}, {"٣"}},
        {"^\\s$", {" ", "\t", "\v", "\u0085", "\u00a0", "\u2028"}, {"a", "\u180e", "\x1c"}},
        {"^\\S$", {"a", "\u180e", "\x1c", "\u0084", "\u0086"}, {"\u0085", " "}},
        {"^[\\S]$", {"a", "\x1c"}, {"\v", "\u2003"}},
        {"^\\p{Lu}\\P{L}$", {"Ä1"}, {"ä1", "ÄÄ"}},
        {"^[\\p{Lu}\\d-]+$", {"A-1"}, {"a"}},
        {"\\bcat\\b", {"a cat", "cat²"}, {"cats", "cat\u0301", "cat\u200d"}},
        {"^\\Ba", {}, {"a"}},
        {"o\\Br", {"order"}, {"o r"}}});
}

TEST(Regex, BracketsAsInDotNet) {
  hold({{"^[a-z-[aeiou]]+$", {"xyz"}, {"xaz", "-", "]"}},
        {"^[a-z-[aeiou-[e]]]+$", {"bed"}, {"bad"}},
        {"^[^a-[x]]$", {"b"}, {"a", "x"}},
        {"^[\\w-[\\d]]$", {"a"}, {"1", "-"}},
        {"^[a-d-[b]-]$", {}, {}},
        {"^[]a]$", {"]", "a"}, {"b"}},
        {"^[^]a]$", {"b"}, {"]", "a"}},
        {"^[a-]$", {"a", "-"}, {"b"}},
        {"^[-a]$", {"a", "-"}, {"b"}},
        {"^[\\w-.]$", {"a", "-", "."}, {"+"}},
        {"^[a\\-z]$", {"a", "-", "z"}, {"b"}},
        {"^[+--]$", {"+", ",", "-"}, {"."}},
        {"^[[a]$", {"[", "a"}, {"]"}},
        {"^[a[.b]$", {"[", ".", "b"}, {":"}},
        {"^[\\b\\x41\\u0042\\103]$", {"\b", "A", "B", "C"}, {"b", "u"}},
        {"^[$.*+?(){}|^#]$", {"$", "^", "#"}, {"a"}}});
}

TEST(Regex, EscapesAsInDotNet) {
  hold({{"^\\u00e4\\xe4\\344$", {"äää"}, {}},
        {"^\\a\\t\\v\\f\\r\\n\\e\\cA\\ca\\c[$", {"\a\t\v\f\r\n\x1b\x01\x01\x1b"}, {}},
        {"^\\v$", {"\v"}, {"\n", "\f"}},
        {"^\\0\\08$",
         {std::string("\0\0"
                      "8",
                      3)},
         {}},
        {"^\\/\\-\\.\\$\\#\\ \\@\\ä$", {"/-.$# @ä"}, {}},
        {"^\\[a\\]\\{1\\}$", {"[a]{1}"}, {}}});
}

TEST(Regex, CountsUtf16UnitsAsTheServerDoes) {
  hold({{"^.$", {"a", "ö", "€"}, {"😀"}},
        {"^..$", {"😀"}, {}},
        {"^\\ud83d\\ude00$", {"😀"}, {}},
        {"😀+$", {"😀"}, {}},
        {"^\\p{Cs}{2}$", {"😀"}, {}}});
}

TEST(Regex, WhatCannotBeAnsweredRightIsRefused) {
  for (const char* pattern :
       {// wrong in .NET, too
        "(", ")", "[", "[a", "a)", "(?", "(?<", "(?<x", "(?<x>", "*", "+a", "a**", "a|*", "(*ACCEPT)", "(*UTF)a", "a++",
        "a{2}{3}", "a{3,2}", "\\", "[\\", "[]", "[z-a]", "[a-\\d]", "\\Qa\\E", "\\K", "\\R", "\\X", "\\h", "\\N", "\\_",
        "\\i", "\\8", "\\1", "(a)\\2", "\\k<x>", "\\k", "\\k{x}", "(?R)", "(?1)", "(?&x)", "(?P<x>a)", "(?P=x)",
        "(?|a)", "(?J)a", "(?y)", "\\x4", "\\xg0", "\\x{41}", "\\u123", "\\c1", "\\c", "\\p{Foo}", "\\p{Greek}", "\\pL",
        "\\p{L", "(?#", "[a-z-[aeiou]x]", "(?x)( ?:a)", "[\\_]", "[\\8]",
        // right in .NET, not supported here
        "(?<a-b>x)", "(?<1>a)", "(?(1)a|b)", "(?<a>x)|(?<a>y)", "\\p{IsGreek}", "(?<=a*)b", "[[:alpha:]]", "\\k<1>",
        "(a)\\<x>"}) {
    Pcre2RegexEngine engine;
    const Result<std::unique_ptr<Regex>> regex = engine.compile(pattern);
    ASSERT_FALSE(regex) << pattern;
    EXPECT_EQ(regex.error().code, ErrorCode::Unknown);
    EXPECT_THAT(regex.error().message, StartsWith("Exception was thrown by handler. The regular expression \"" +
                                                  std::string(pattern) + "\" "));
  }
}

TEST(Regex, ARefusalSaysWhatIsWrongAndWhere) {
  EXPECT_EQ(find("ab(c", "x"),
            "Exception was thrown by handler. The regular expression \"ab(c\" cannot be used: A "
            "parenthesis is not closed (at character 4).");
  EXPECT_THAT(find("\xff", "x"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(find("a", "\xff"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(find(std::string(20'000, 'a'), "x"), HasSubstr("longer than 16384 bytes"));
  EXPECT_LT(find(std::string(20'000, 'a'), "x").size(), 400u);
  for (std::size_t ascii = 197; ascii < 202; ++ascii) {
    const std::string message = find(std::string(ascii, 'a') + "€€(", "x");
    EXPECT_TRUE(utf8::valid(message)) << message;
    EXPECT_THAT(message, HasSubstr("…\" cannot be used"));
  }
}

TEST(Regex, CostlyAnswersAreErrors) {
  const std::string many(40, 'a');
  for (const char* pattern : {"^(a+)+$", "^(a|aa)*$", "^(?:a?){40}a{40}$", "^(a|a)*$", "(.*)*x"}) {
    Pcre2RegexEngine engine;
    Result<std::unique_ptr<Regex>> regex = engine.compile(pattern);
    ASSERT_TRUE(regex) << pattern;
    const Result<bool> found = (*regex)->matches(many + "!");
    if (found.ok()) {
      EXPECT_FALSE(*found) << pattern << ": PCRE2 saw a short way";
    } else {
      EXPECT_EQ(found.error().code, ErrorCode::Unknown);
      EXPECT_THAT(found.error().message, HasSubstr("takes too long"));
    }
    EXPECT_EQ((*regex)->matches("").ok(), true) << "the next text is judged anew";
  }
  EXPECT_THAT(find("^(a+)+$", many + "!"), HasSubstr("takes too long"));
}

TEST(Regex, LimitsAreTheCallers) {
  Pcre2RegexEngine engine({.pattern_max_bytes = 11, .steps_max = 10, .depth_max = 10, .memory_max_kib = 1});
  EXPECT_FALSE(engine.compile("123456789012").ok());
  Result<std::unique_ptr<Regex>> regex = engine.compile("(a|b)*[cd]");
  ASSERT_TRUE(regex);
  EXPECT_FALSE((*regex)->matches("abababababababab!").ok());
}

TEST(Regex, OneAnswersManyTexts) {
  Pcre2RegexEngine engine;
  Result<std::unique_ptr<Regex>> regex = engine.compile("^order-(\\d+)$");
  ASSERT_TRUE(regex);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE((*regex)->matches("order-" + std::to_string(i)).value());
    EXPECT_FALSE((*regex)->matches("order-x" + std::to_string(i)).value());
  }
}

TEST(Utf16, EveryLengthOfCharacter) {
  EXPECT_EQ(*regex::to_utf16("aö€😀"), (regex::Units{'a', 0xF6, 0x20AC, 0xD83D, 0xDE00}));
  EXPECT_TRUE(regex::to_utf16("")->empty());
  EXPECT_FALSE(regex::to_utf16("a\xc3"));
}

}  // namespace
}  // namespace kurrentlite
