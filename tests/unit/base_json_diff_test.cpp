// The comparison of two JSON texts: what it finds, where, and that it takes any text that passes the checker.
#include "base/json_diff.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/prng.hpp"

namespace kurrentlite::json {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "+ /path after", "- /path before" or "~ /path before -> after" for each difference.
std::vector<std::string> lines(std::string_view before, std::string_view after, DiffLimits limits = {}) {
  EXPECT_FALSE(check(before) || check(after));
  std::vector<std::string> all;
  for (const Difference& each : diff(before, after, limits).items) {
    const std::string path = each.path + " ";
    const std::string old(each.before);
    const std::string fresh(each.after);
    switch (each.kind) {
      case Difference::Kind::Added:
        EXPECT_EQ(old, "");
        all.push_back("+ " + path + fresh);
        break;
      case Difference::Kind::Removed:
        EXPECT_EQ(fresh, "");
        all.push_back("- " + path + old);
        break;
      case Difference::Kind::Replaced: all.push_back("~ " + path + old + " -> " + fresh); break;
    }
  }
  EXPECT_EQ(same(before, after), all.empty());
  return all;
}

TEST(JsonDiff, OfEqualTextsIsEmpty) {
  for (const char* text : {"null", "1", "\"a\"", "[]", "{}", "[1,[2],{}]", R"({"a":{"b":[null]}})"}) {
    EXPECT_THAT(lines(text, text), IsEmpty()) << text;
  }
}

TEST(JsonDiff, ReadsMembersWhateverTheirOrderAndSpacing) {
  EXPECT_THAT(lines(R"({"a":1,"b":[1,2]})", " { \"b\" : [ 1 , 2 ] ,\n \"a\" : 1 } "), IsEmpty());
}

TEST(JsonDiff, ComparesWhatScalarsMean) {
  EXPECT_THAT(lines(R"(["a","\/","1",1,100,-0,0.5,0])", R"(["\u0061","/","1",1.0,1E2,0,5e-1,0e9])"), IsEmpty());
  EXPECT_THAT(lines("[1,1]", R"(["1",-1])"), ElementsAre("~ /0 1 -> \"1\"", "~ /1 1 -> -1"));
  // More digits than a double holds, and more than a double's range.
  EXPECT_THAT(lines("12345678901234567890123", "12345678901234567890124"),
              ElementsAre("~  12345678901234567890123 -> 12345678901234567890124"));
  EXPECT_THAT(lines("1E400", "1E401"), ElementsAre("~  1E400 -> 1E401"));
  EXPECT_THAT(lines("true", "false"), ElementsAre("~  true -> false"));
  EXPECT_THAT(lines("null", "[]"), ElementsAre("~  null -> []"));
  EXPECT_THAT(lines("{}", "[]"), ElementsAre("~  {} -> []"));
}

TEST(JsonDiff, KeepsTheOrderOfTheFirstTextAndAddsAfterIt) {
  EXPECT_THAT(lines(R"({"gone":1,"deep":{"x":1,"y":[1,{"z":2}]},"last":0})",
                    R"({"new":[ 1 ],"last":1,"deep":{"y":[1,{"z":3,"n":null}],"x":1}})"),
              ElementsAre("- /gone 1", "~ /deep/y/1/z 2 -> 3", "+ /deep/y/1/n null", "~ /last 0 -> 1", "+ /new [ 1 ]"));
}

TEST(JsonDiff, ComparesArraysByIndex) {
  EXPECT_THAT(lines("[1,2,3]", "[2,3]"), ElementsAre("~ /0 1 -> 2", "~ /1 2 -> 3", "- /2 3"));
  EXPECT_THAT(lines("[]", R"([[],{"a":1}])"), ElementsAre("+ /0 []", "+ /1 {\"a\":1}"));
  EXPECT_THAT(lines("[[1],[2],3]", "[[],[2],4]"), ElementsAre("- /0/0 1", "~ /2 3 -> 4"));
}

TEST(JsonDiff, EscapesPointers) {
  EXPECT_THAT(lines(R"({"a/b~c":1,"":2,"q\"\u00e9":3})", R"({"a/b~c":2,"":3,"q\"\u00e9":4})"),
              ElementsAre("~ /a~1b~0c 1 -> 2", "~ / 2 -> 3", "~ /q\"é 3 -> 4"));
}

TEST(JsonDiff, CountsTheLastOfEqualKeys) {
  EXPECT_THAT(lines(R"({"a":1,"a":2})", R"({"\u0061":2})"), IsEmpty());
  EXPECT_THAT(lines(R"({"a":{"x":1},"a":[3]})", R"({"a":[1],"a":[4]})"), ElementsAre("~ /a/0 3 -> 4"));
}

TEST(JsonDiff, FindsMembersOfObjectsOfAnySize) {
  for (const int size : {1, 7, 8, 9, 10, 100}) {
    std::string forth = "{";
    std::string back = "{";
    for (int i = 0; i < size; ++i) {
      forth += "\"" + std::to_string(i) + "\":0,";
      back += "\"" + std::to_string(size - 1 - i) + "\":0,";
    }
    const std::string last = "\"" + std::to_string(size - 1) + "\":";
    EXPECT_THAT(lines(forth + last + "0}", back + last + "0}"), IsEmpty()) << size;
    EXPECT_THAT(lines(forth + "\"a\":0,\"b\":1}", back + "\"c\":1," + last + "2}"),
                ElementsAre("~ /" + std::to_string(size - 1) + " 0 -> 2", "- /a 0", "- /b 1", "+ /c 1"))
        << size;
  }
}

TEST(JsonDiff, IsNotMisledByBracketsInStrings) {
  EXPECT_THAT(lines(R"({"]}":["[{\"","}"],"b":[[1]]})", R"({"]}":["[{\"","]"],"b":[[2]]})"),
              ElementsAre("~ /]}/1 \"}\" -> \"]\"", "~ /b/0/0 1 -> 2"));
}

TEST(JsonDiff, StopsAtItsLimitsAndSaysSo) {
  DiffLimits two;
  two.differences_max = 2;
  EXPECT_FALSE(diff("[1,2]", "[3,4]", two).truncated);
  EXPECT_TRUE(diff("[1,2,3]", "[3,4,5]", two).truncated);
  EXPECT_THAT(lines("[1,2,3]", "[3,4,5]", two), ElementsAre("~ /0 1 -> 3", "~ /1 2 -> 4"));
  DiffLimits short_paths;
  short_paths.path_bytes_max = 4;
  EXPECT_FALSE(diff("[1,2]", "[3,4]", short_paths).truncated);
  EXPECT_TRUE(diff("[1,2,3]", "[3,4,5]", short_paths).truncated);
}

TEST(JsonDiff, GoesAsDeepAsTextsAre) {
  const auto nested = [](std::size_t depth, const std::string& inner) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += i % 2 == 0 ? "[" : "{\"k\":";
    text += inner;
    for (std::size_t i = depth; i > 0; --i) text += (i - 1) % 2 == 0 ? "]" : "}";
    return text;
  };
  std::string path;
  for (int i = 0; i < 256; ++i) path += "/0/k";
  EXPECT_THAT(lines(nested(512, "1"), nested(512, "2")), ElementsAre("~ " + path + " 1 -> 2"));
}

TEST(JsonDiff, TakesTextsThatAreBothDeepAndLarge) {
  // If the ends of arrays were searched for, each of 500 levels would read the megabyte below it anew.
  std::string filling;
  while (filling.size() < (1u << 20)) filling += "{\"a\":[1,2]},";
  const auto text = [&](const char* last) { return std::string(500, '[') + filling + last + std::string(500, ']'); };
  std::string path;
  for (int i = 0; i < 499; ++i) path += "/0";
  const std::vector<std::string> found = lines(text("1"), text("2"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().substr(0, path.size() + 3), "~ " + path + "/");
}

/// A random value with few keys and scalars, so that pairs of them have much in common.
void append_random(std::string& out, Prng& prng, int depth) {
  const std::uint64_t kind = prng.below(depth > 0 ? 6 : 4);
  if (kind < 4) {
    static constexpr const char* kScalars[] = {"1", "\"a\"", "null", "true"};
    out += kScalars[kind];
    return;
  }
  const bool is_object = kind == 4;
  out += is_object ? "{" : "[";
  std::vector<std::string> keys{"a", "b", "c/~"};
  const std::uint64_t size = prng.below(4);
  for (std::uint64_t i = 0; i < size; ++i) {
    if (i > 0) out += ",";
    if (is_object) out += "\"" + keys[(i + size) % 3] + "\":";
    append_random(out, prng, depth - 1);
  }
  out += is_object ? "}" : "]";
}

/// The slow and obvious comparison: counts the places that differ.
std::size_t count_differences(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return 1;
  std::size_t count = 0;
  if (a.is(Kind::Array)) {
    const std::vector<Value> left = a.elements();
    const std::vector<Value> right = b.elements();
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) count += count_differences(left[i], right[i]);
    return count + left.size() + right.size() - 2 * common;
  }
  if (!a.is(Kind::Object)) return a.raw() == b.raw() ? 0 : 1;
  for (const Member& member : a.members()) {
    const std::optional<Value> other = b.find(member.key);
    count += other ? count_differences(*a.find(member.key), *other) : 1;
  }
  for (const Member& member : b.members()) count += a.find(member.key) ? 0u : 1u;
  return count;
}

TEST(JsonDiff, AgreesWithASlowComparisonOfRandomTexts) {
  Prng prng(11);
  std::size_t with_differences = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string before = "{\"a\":";
    std::string after = "{\"b\":";
    append_random(before, prng, 4);
    append_random(after, prng, 4);
    before += ",\"b\":";
    after += ",\"a\":";
    append_random(before, prng, 4);
    append_random(after, prng, 4);
    before += "}";
    after += "}";
    const std::size_t expected = count_differences(Value(before), Value(after));
    ASSERT_EQ(lines(before, after).size(), expected) << before << "\n" << after;
    ASSERT_EQ(lines(after, before).size(), expected) << before << "\n" << after;
    ASSERT_THAT(lines(before, before), IsEmpty());
    with_differences += expected > 1 ? 1 : 0;
  }
  EXPECT_GT(with_differences, 2000u);
}

}  // namespace
}  // namespace kurrentlite::json
