// The JSON checker, reader and writer. tests/fuzz/json_fuzz_test.cpp holds them against nlohmann/json.
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace kurrentlite::json {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::Optional;

bool is_json(std::string_view text) { return !check(text).has_value(); }
std::string nested(std::size_t depth, std::string_view inner = "1") {
  return std::string(depth, '[') + std::string(inner) + std::string(depth, ']');
}

TEST(JsonCheck, AcceptsEveryKindOfValue) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-0",
                           "1.5",
                           "1e5",
                           "1E+5",
                           "-1.25e-10",
                           "\"\"",
                           "\"a\"",
                           "[]",
                           "{}",
                           "[1,[2],{}]",
                           R"({"a":{"b":[null]}})",
                           " \t\r\n1 \t\r\n",
                           "[ 1 , 2 ]",
                           "{ \"a\" : 1 }",
                           R"("\"\\\/\b\f\n\r\t\u00e9")",
                           "1E400",
                           "\"\x7F\"",
                           "{\"\":1,\"\":2}"}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
}

TEST(JsonCheck, RefusesWhatIsNotJson) {
  for (const std::string& text : {""s,
                                  " "s,
                                  "nul"s,
                                  "nulll"s,
                                  "True"s,
                                  "NaN"s,
                                  "Infinity"s,
                                  "-"s,
                                  "+1"s,
                                  "01"s,
                                  "-01"s,
                                  "1."s,
                                  ".5"s,
                                  "1e"s,
                                  "1e+"s,
                                  "0x10"s,
                                  "1 2"s,
                                  "[1"s,
                                  "[1,]"s,
                                  "[,1]"s,
                                  "]"s,
                                  "[1}"s,
                                  "{\"a\":1]"s,
                                  "{a:1}"s,
                                  "{'a':1}"s,
                                  "{\"a\"}"s,
                                  "{\"a\" 1}"s,
                                  "{\"a\":}"s,
                                  "{\"a\":1,}"s,
                                  "{,}"s,
                                  "{1:1}"s,
                                  "\"a"s,
                                  "\"\\"s,
                                  "\"\\x\""s,
                                  "\"\\u12\""s,
                                  "\"\\u12g4\""s,
                                  "\"\n\""s,
                                  "\"\0\""s,
                                  "1\0"s,
                                  "// a\n1"s,
                                  "\"\x80\""s,
                                  "\"\xC3\""s,
                                  "\"\xED\xA0\x80\""s,
                                  "\xEF\xBB\xBF"
                                  "1"s,
                                  "\xC2\xA0"
                                  "1"s,
                                  "[1 2]"s,
                                  "{}{}"s,
                                  "--1"s}) {
    EXPECT_FALSE(is_json(text)) << testing::PrintToString(text);
  }
}

TEST(JsonCheck, SaysWhereAndWhy) {
  const auto fault = check(R"({"a":1,})");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->offset, 7U);
  EXPECT_STREQ(fault->problem, "a member's name in double quotes is missing");
  EXPECT_STREQ(check("\"abc")->problem, "a string is not closed");
  EXPECT_EQ(check("\"abc")->offset, 4U);
  EXPECT_EQ(check("[1,2")->offset, 4U);
}

TEST(JsonCheck, LimitsDepthWithoutRecursion) {
  EXPECT_TRUE(is_json(nested(512)));
  EXPECT_FALSE(is_json(nested(513)));
  EXPECT_STREQ(check(nested(513))->problem, "it is nested too deeply");
  EXPECT_FALSE(check(nested(3), {.depth_max = 3}).has_value());
  EXPECT_TRUE(check(nested(4), {.depth_max = 3}).has_value());
  EXPECT_FALSE(check("1", {.depth_max = 0}).has_value());
  EXPECT_FALSE(is_json(std::string(5'000'000, '[')));
  std::string objects;
  for (int depth = 0; depth < 512; ++depth) objects += "{\"k\":";
  EXPECT_TRUE(is_json(objects + "1" + std::string(512, '}')));
  EXPECT_FALSE(is_json(objects + "1" + std::string(511, '}') + "]"));
}

TEST(JsonValue, TellsKindsAndKeepsBytes) {
  EXPECT_EQ(Value(" null ").kind(), Kind::Null);
  EXPECT_EQ(Value("true").kind(), Kind::Bool);
  EXPECT_EQ(Value("-1").kind(), Kind::Number);
  EXPECT_EQ(Value("\"\"").kind(), Kind::String);
  EXPECT_EQ(Value("[]").kind(), Kind::Array);
  EXPECT_EQ(Value("{}").kind(), Kind::Object);
  EXPECT_EQ(Value(" [1 , 2] ").raw(), "[1 , 2]");
}

TEST(JsonValue, DecodesStrings) {
  EXPECT_THAT(Value(R"("a\"\\\/\b\f\n\r\t")").string(), Optional("a\"\\/\b\f\n\r\t"s));
  EXPECT_THAT(Value(R"("\u0041\u00e9\u20ac")").string(), Optional("A\xC3\xA9\xE2\x82\xAC"s));
  EXPECT_THAT(Value(R"("\ud83d\ude00!")").string(), Optional("\xF0\x9F\x98\x80!"s));
  EXPECT_THAT(Value(R"("\u0000")").string(), Optional("\0"s));
  EXPECT_EQ(Value("1").string(), std::nullopt);
}

TEST(JsonValue, ReplacesLoneSurrogates) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_THAT(Value(R"("\ud800")").string(), Optional(replacement));
  EXPECT_THAT(Value(R"("\udc00x")").string(), Optional(replacement + "x"));
  EXPECT_THAT(Value(R"("\ud800\ud83d\ude00")").string(), Optional(replacement + "\xF0\x9F\x98\x80"));
  EXPECT_THAT(Value(R"("\ud800\n")").string(), Optional(replacement + "\n"));
}

TEST(JsonValue, ReadsIntegersInEverySpelling) {
  EXPECT_THAT(Value("0").integer(), Optional(0));
  EXPECT_THAT(Value("-0.000e5").integer(), Optional(0));
  EXPECT_THAT(Value("1.0").integer(), Optional(1));
  EXPECT_THAT(Value("1e3").integer(), Optional(1000));
  EXPECT_THAT(Value("12.5e1").integer(), Optional(125));
  EXPECT_THAT(Value("1200e-2").integer(), Optional(12));
  EXPECT_THAT(Value("0.0000012e7").integer(), Optional(12));
  EXPECT_THAT(Value("9223372036854775807").integer(), Optional(std::numeric_limits<std::int64_t>::max()));
  EXPECT_THAT(Value("-9223372036854775808").integer(), Optional(std::numeric_limits<std::int64_t>::min()));
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "1.5", "1e19", "1e-1", "1e400",
                           "1e99999999999", "1e-99999999999", "\"1\"", "null", "true"}) {
    EXPECT_EQ(Value(text).integer(), std::nullopt) << text;
  }
}

TEST(JsonValue, ReadsNumbersAsJavaScriptDoes) {
  EXPECT_THAT(Value("0.1").number(), Optional(0.1));
  EXPECT_THAT(Value("-1.25e-3").number(), Optional(-0.00125));
  EXPECT_THAT(Value("5e-324").number(), Optional(5e-324));
  EXPECT_THAT(Value("1e400").number(), Optional(std::numeric_limits<double>::infinity()));
  EXPECT_THAT(Value("-1e400").number(), Optional(-std::numeric_limits<double>::infinity()));
  EXPECT_THAT(Value("1e-400").number(), Optional(0.0));
  EXPECT_THAT(Value("0.000e99999").number(), Optional(0.0));
  EXPECT_THAT(Value("123456789012345678901234567890").number(), Optional(123456789012345678901234567890.0));
  EXPECT_THAT(Value("-0").number(), Optional(0.0));
  EXPECT_THAT(Value("99.95").number(), Optional(99.95));
  EXPECT_THAT(Value("-123456789012.345").number(), Optional(-123456789012.345));
  EXPECT_THAT(Value("0.12345678901234").number(), Optional(0.12345678901234));
  EXPECT_THAT(Value("9007199254740993").number(), Optional(9007199254740992.0));
  EXPECT_THAT(Value("0.000000000000000000000000001").number(), Optional(1e-27));
  EXPECT_THAT(Value("0.0001e400").number(), Optional(std::numeric_limits<double>::infinity()));
  EXPECT_THAT(Value("1000e-400").number(), Optional(0.0));
  EXPECT_EQ(Value("{}").number(), std::nullopt);
}

// Against the C library, which rounds correctly.
TEST(JsonValue, ReadsAndWritesRandomNumbersExactly) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = std::to_string(static_cast<std::int64_t>(random()) >> (random() % 63));
    if (random() % 2 == 0) text += '.' + std::to_string(random() % 1'000'000);
    if (random() % 4 == 0) text += 'e' + std::to_string(static_cast<int>(random() % 40) - 20);
    EXPECT_EQ(Value(text).number(), std::strtod(text.c_str(), nullptr)) << text;

    const auto bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string written = Writer().number(value).take();
    EXPECT_EQ(Value(written).number(), value) << written;
  }
}

TEST(JsonValue, CutsArraysAndObjects) {
  std::vector<std::string> seen;
  for (const Value& each : Value(R"( [1 , "a]\"," , [2,[3]] , {"k":"}"} , null] )").elements()) {
    seen.emplace_back(each.raw());
  }
  EXPECT_THAT(seen, ElementsAre("1", R"("a]\",")", "[2,[3]]", R"({"k":"}"})", "null"));
  EXPECT_TRUE(Value("[ ]").elements().empty());
  EXPECT_TRUE(Value("{}").elements().empty());

  const auto members = Value(R"({ "a" : 1 , "\u0062\"":{"x":[1]} ,"a":2})").members();
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].key, "a");
  EXPECT_EQ(members[0].raw_key, "\"a\"");
  EXPECT_EQ(members[1].key, "b\"");
  EXPECT_EQ(members[1].raw_key, R"("\u0062\"")");
  EXPECT_EQ(members[1].value.raw(), R"({"x":[1]})");
  EXPECT_EQ(members[2].value.raw(), "2");
  EXPECT_TRUE(Value("[1]").members().empty());
}

TEST(JsonValue, FindsTheLastOfEqualKeys) {
  const Value object(R"({"a":1,"b":2,"\u0061":3})");
  EXPECT_EQ(object.find("a")->raw(), "3");
  EXPECT_EQ(object.find("b")->raw(), "2");
  EXPECT_FALSE(object.find("c"));
  EXPECT_FALSE(Value("[1]").find("a"));
}

TEST(JsonValue, CopesWithManyKeys) {
  std::string text = "{";
  for (int index = 0; index < 30'000; ++index) text += (index > 0 ? ",\"k" : "\"k") + std::to_string(index) + "\":1";
  text += "}";
  ASSERT_TRUE(is_json(text));
  EXPECT_EQ(Value(text).members().size(), 30'000U);
  EXPECT_EQ(Value(merge_top_level(text, R"({"k29999":2})")).find("k29999")->raw(), "2");
}

TEST(JsonHazard, FindsPoisonedKeysAndSaysWhere) {
  EXPECT_EQ(find_hazard(R"({"a":[1,{"__proto__":{}}]})")->path, "a[1].__proto__");
  EXPECT_EQ(find_hazard(R"({"\u005f_proto__":1})")->path, "__proto__");
  EXPECT_EQ(find_hazard(R"({"constructor":{"x":1,"prototype":{}}})")->path, "constructor.prototype");
  EXPECT_EQ(find_hazard(R"([[],[{"a":{"__proto__":1}}]])")->path, "[1][0].a.__proto__");
}

TEST(JsonHazard, FindsLoneSurrogates) {
  EXPECT_EQ(find_hazard(R"({"a":["x","\ud800"]})")->path, "a[1]");
  EXPECT_EQ(find_hazard(R"("\udc00")")->path, "");
  EXPECT_TRUE(find_hazard(R"({"\udfff":1})"));
  EXPECT_TRUE(find_hazard(R"("\ud800\ud800\udc00")"));
  EXPECT_FALSE(find_hazard(R"("\ud83d\ude00")"));
  EXPECT_FALSE(find_hazard(R"("\\ud800")"));
}

TEST(JsonHazard, LeavesHarmlessTextsAlone) {
  for (const char* text : {"1", "{}", R"({"a":"__proto__"})", R"({"prototype":1})", R"({"constructor":"prototype"})",
                           R"({"constructor":[{"prototype":1}]})", R"({"constructor":{},"x":{"prototype":1}})",
                           R"(["__proto__","constructor"])", R"({"__proto":1,"proto__":2})"}) {
    EXPECT_FALSE(find_hazard(text)) << text;
  }
  EXPECT_FALSE(find_hazard(nested(512)));
}

TEST(JsonMerge, ReplacesInPlaceAndAppends) {
  EXPECT_EQ(merge_top_level(R"({ "a" : 1, "b": [ 2 ] })", R"({"b":{"deep":1},"c":1E400})"),
            R"({"a":1,"b":{"deep":1},"c":1E400})");
  EXPECT_EQ(merge_top_level("{}", "{}"), "{}");
  EXPECT_EQ(merge_top_level(R"({"a":1})", "{}"), R"({"a":1})");
  EXPECT_EQ(merge_top_level("{}", R"({"a":1,"a":2})"), R"({"a":2})");
  EXPECT_EQ(merge_top_level(R"({"\u0061":1})", R"({"a":2})"), R"({"\u0061":2})");
}

// The examples of RFC 7396, appendix A, and what its rules leave to us.
TEST(JsonMergePatch, ChangesWhatThePatchSays) {
  EXPECT_EQ(merge_patch(R"({"a":"b"})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merge_patch(R"({"a":"b"})", R"({"b":"c"})"), R"({"a":"b","b":"c"})");
  EXPECT_EQ(merge_patch(R"({"a":"b"})", R"({"a":null})"), "{}");
  EXPECT_EQ(merge_patch(R"({"a":"b","b":"c"})", R"({"a":null})"), R"({"b":"c"})");
  EXPECT_EQ(merge_patch(R"({"a":["b"]})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merge_patch(R"({"a":"c"})", R"({"a":["b"]})"), R"({"a":["b"]})");
  EXPECT_EQ(merge_patch(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merge_patch(R"({"a":[{"b":"c"}]})", R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(merge_patch(R"(["a","b"])", R"(["c","d"])"), R"(["c","d"])");
  EXPECT_EQ(merge_patch(R"({"a":"b"})", R"(["c"])"), R"(["c"])");
  EXPECT_EQ(merge_patch(R"({"a":"foo"})", "null"), "null");
  EXPECT_EQ(merge_patch(R"({"a":"foo"})", R"("bar")"), R"("bar")");
  EXPECT_EQ(merge_patch(R"({"e":null})", R"({"a":1})"), R"({"e":null,"a":1})");
  EXPECT_EQ(merge_patch("[1,2]", R"({"a":"b","c":null})"), R"({"a":"b"})");
  EXPECT_EQ(merge_patch("{}", R"({"a":{"bb":{"ccc":null}}})"), R"({"a":{"bb":{}}})");
}

TEST(JsonMergePatch, KeepsBytesAndComesOutOnce) {
  EXPECT_EQ(merge_patch(R"({ "n" : 1E400, "o": { "x" : [ 2 ] } })", R"({"o":{"y":1.0}})"),
            R"({"n":1E400,"o":{"x":[ 2 ],"y":1.0}})");
  EXPECT_EQ(merge_patch(R"({"\u0061":1,"a":2})", R"({"a":3})"), R"({"\u0061":3})");
  EXPECT_EQ(merge_patch(R"({"a":1,"a":2})", R"({"a":null})"), "{}");
  std::string deep = "1";
  for (std::size_t depth = 1; depth < kDepthMax; ++depth) deep = R"({"a":)" + deep + "}";
  EXPECT_EQ(merge_patch("{}", deep), deep);
  EXPECT_EQ(merge_patch(deep, deep), deep);
}

std::string as_json(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

TEST(JsonWrite, EscapesAsJavaScriptDoes) {
  EXPECT_EQ(as_json(""), "\"\"");
  EXPECT_EQ(as_json("a\"\\/\b\f\n\r\t\x01\x1F\x7F"), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"");
  EXPECT_EQ(as_json("\0x"s), "\"\\u0000x\"");
  EXPECT_EQ(as_json("caf\xC3\xA9 \xF0\x9F\x98\x80"), "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"");
  EXPECT_EQ(as_json("a\xFF"
                   "b\xC3"),
            "\"a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\"");
}

TEST(JsonWrite, PutsCommasAndColonsByItself) {
  Writer writer;
  writer.begin_object().key("a").integer(-1).key("b").begin_array().null().boolean(true).begin_object().end_object();
  writer.begin_array().end_array().string("x").end_array().key("c").raw("{ }").key("d").unsigned_integer(~0ULL);
  writer.end_object();
  EXPECT_EQ(writer.take(), R"({"a":-1,"b":[null,true,{},[],"x"],"c":{ },"d":18446744073709551615})");
}

TEST(JsonWrite, WritesTheShortestNumberThatReadsBack) {
  const auto written = [](double value) { return Writer().number(value).take(); };
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(5), "5");
  EXPECT_EQ(written(-0.5), "-0.5");
  EXPECT_EQ(written(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(written(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(written(1e300), "1e+300");
  EXPECT_EQ(written(-1.5e-300), "-1.5e-300");
  EXPECT_EQ(written(1e21), "1e+21");
  EXPECT_EQ(written(1e20), "100000000000000000000");
  EXPECT_EQ(written(123456.75), "123456.75");
  EXPECT_EQ(written(0.000001), "0.000001");
  EXPECT_EQ(written(0.0000001), "1e-7");
  EXPECT_EQ(written(5e-324), "5e-324");
  EXPECT_EQ(written(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(written(-0.0), "0");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(std::nan("")), "null");
}

}  // namespace
}  // namespace kurrentlite::json
