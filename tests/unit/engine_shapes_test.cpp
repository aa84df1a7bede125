#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/shape_code.hpp"
#include "engine_support.hpp"
#include "support/shaped.hpp"

namespace kurrentlite {
namespace {

using namespace testing;
using ::testing::Optional;

TEST(Shapes, HaveOneNumberForTheSameKeys) {
  Shapes shapes;
  const std::optional<std::uint16_t> first = shapes.number_of(R"(["id","total"])");
  ASSERT_TRUE(first);
  EXPECT_EQ(shapes.number_of(R"(["id","total"])"), first);
  EXPECT_EQ(shapes.number_of(R"([ "id", "tot\u0061l" ])"), first);
  EXPECT_NE(shapes.number_of(R"(["total","id"])"), first);
  EXPECT_THAT(shapes.number_of("[]"), Optional(std::uint16_t{2}));
  EXPECT_EQ(shapes.count(), 3u);
  EXPECT_EQ(shapes.find(0)->json, R"(["id","total"])");
  EXPECT_EQ(shapes.find(3), nullptr);
}

TEST(Shapes, RefuseWhatNoObjectHas) {
  Shapes shapes;
  std::string many = "[";
  for (std::size_t i = 0; i <= Shapes::kKeysMax; ++i) many += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + '"';
  const std::string large = "[\"" + std::string(Shapes::kKeyBytesMax, 'k') + "\"]";
  for (const std::string& keys : {std::string(), std::string("{}"), std::string("[1]"), std::string(R"(["a","a"])"),
                                  std::string(R"(["__proto__"])"), std::string(R"(["a")"), many + "]", large}) {
    EXPECT_EQ(shapes.number_of(keys), std::nullopt) << keys;
  }
  EXPECT_EQ(shapes.count(), 0u);
}

TEST(Shapes, HaveAsManyAsThereAreNumbers) {
  Shapes shapes;
  for (std::size_t i = 0; i < Shapes::kShapesMax; ++i) {
    ASSERT_TRUE(shapes.number_of("[\"k" + std::to_string(i) + "\"]"));
  }
  EXPECT_EQ(shapes.number_of(R"(["one too many"])"), std::nullopt);
  EXPECT_THAT(shapes.number_of(R"(["k17"])"), Optional(std::uint16_t{17}));
}

class ShapeCode : public ::testing::Test {
 protected:
  std::string json_of(std::string_view code) {
    std::string json;
    shape_code::append_json(json, code, engine.shapes());
    return json;
  }
  std::optional<std::uint16_t> same(std::uint16_t number) { return number; }

  ManualClock clock;
  Engine engine{clock};
};

constexpr std::string_view kValues[] = {
    "null", "true", "false", "0", "255", "256", "65535", "65536", "-1", "2147483647", "-2147483648", "2147483648",
    "0.01", "1.1", "-0.05", "12.34", "21474836.47", "0.1", "1e+21", "5e-324", "0.30000000000000004", R"("")",
    R"("text")", "\"a\\\"b\\\\c\\n\\u0001\x7f\"", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", "[]", "{}", "[[],[{}]]",
    R"({"a":{"b":{"c":[1,"two",null,{"d":3.5}]}},"e":""})",
    "{\"\xc3\xa4\":1,\"with \\\"quotes\\\"\":2,\"__proto__\":3}",
};

TEST_F(ShapeCode, BecomesTheJsonThatItWas) {
  for (const std::string_view json : kValues) EXPECT_EQ(json_of(shaped(engine, json)), json);
  const std::string large = '"' + std::string(70'000, 'x') + '"';
  EXPECT_EQ(json_of(shaped(engine, large)), large);
}

TEST_F(ShapeCode, ThatIsCutOffIsRefusedAndReadAsSomething) {
  for (const std::string_view json : kValues) {
    std::string code = shaped(engine, json);
    for (std::size_t size = 0; size < code.size(); ++size) {
      std::string cut = code.substr(0, size);
      EXPECT_FALSE(json::check(json_of(cut))) << json << " cut to " << size;
      EXPECT_FALSE(shape_code::renumber(cut, engine.shapes(), [&](auto number) { return same(number); }));
    }
    code.push_back('x');
    EXPECT_EQ(json_of(code), "null") << json << " with a byte too many";
  }
}

TEST_F(ShapeCode, OfArraysWithinArraysEndsSomewhere) {
  std::string tags;
  for (int i = 0; i < 60; ++i) tags += std::string("\xcb\1\0\0\0", 5);
  tags += '\xc3';
  EXPECT_EQ(json_of(std::string{static_cast<char>(tags.size() & 0xff), static_cast<char>(tags.size() >> 8)} + tags), "null");
}

TEST_F(ShapeCode, IsRenumberedForOtherShapes) {
  const std::string json = R"({"a":{"b":1},"c":[{"b":2},{"d":"x"}]})";
  std::string code = shaped(engine, json);
  Engine other(clock);
  for (const char* keys : {R"(["x"])", R"(["d"])", R"(["y"])"}) ASSERT_TRUE(other.shape_number(keys));
  const auto number_there = [&](std::uint16_t number) -> std::optional<std::uint16_t> {
    const Shapes::Shape* const shape = engine.shapes().find(number);
    return shape == nullptr ? std::nullopt : other.shape_number(shape->json);
  };
  std::string moved = code;
  const Shapes before = engine.shapes();
  for (std::uint16_t i = 0; i < engine.shapes().count(); ++i) ASSERT_TRUE(number_there(i));
  ASSERT_TRUE(shape_code::renumber(moved, other.shapes(), number_there));
  EXPECT_NE(moved, code);
  EXPECT_EQ(moved.size(), code.size());
  std::string there;
  shape_code::append_json(there, moved, other.shapes());
  EXPECT_EQ(there, json);
  EXPECT_FALSE(shape_code::renumber(code, other.shapes(), [](auto) { return std::nullopt; }));
}

class ShapedEvents : public ShapeCode {
 protected:
  /// An append of one event whose data, and metadata, are in shape code, its text apart from the rest.
  Result<AppendResult> append_shaped(Engine& to, std::uint64_t number, std::string_view data, std::string_view metadata) {
    const std::string data_code = shaped(to, data);
    const std::string metadata_code = shaped(to, metadata);
    EventView view = event(number);
    const auto split = [](std::string_view code, std::string_view& head, std::string_view& rest) {
      const std::size_t size = 2 + static_cast<std::uint8_t>(code[0]) + 256u * static_cast<std::uint8_t>(code[1]);
      head = code.substr(0, size);
      rest = code.substr(size);
    };
    split(data_code, view.data_head, view.data);
    split(metadata_code, view.metadata_head, view.metadata);
    view.data_shaped = view.metadata_shaped = true;
    return append(to, "s", {view});
  }
};

TEST_F(ShapedEvents, AreReadAsJson) {
  ASSERT_TRUE(append_shaped(engine, 1, R"({"a":"ä","n":1.5})", R"({"by":"me"})"));
  ASSERT_TRUE(append(engine, "s", {event(2, "plain", R"({"a":2})", "{}")}));
  ASSERT_TRUE(append_shaped(engine, 3, R"([{"a":"x","n":null}])", "17"));
  const std::vector<RecordedEvent> events = testing::read(engine, "s");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].data, R"({"a":"ä","n":1.5})");
  EXPECT_EQ(events[0].metadata, R"({"by":"me"})");
  EXPECT_EQ(events[1].data, R"({"a":2})");
  EXPECT_EQ(events[2].data, R"([{"a":"x","n":null}])");
  EXPECT_EQ(events[2].metadata, "17");
}

TEST_F(ShapedEvents, OfForksLearnApart) {
  ASSERT_TRUE(append_shaped(engine, 1, R"({"a":1})", "{}"));
  const std::unique_ptr<Engine> fork = engine.fork(clock);
  ASSERT_TRUE(append_shaped(*fork, 2, R"({"fork":1})", "{}"));
  ASSERT_TRUE(append_shaped(engine, 3, R"({"origin":1})", "{}"));
  EXPECT_EQ(testing::read(*fork, "s").back().data, R"({"fork":1})");
  EXPECT_EQ(testing::read(engine, "s").back().data, R"({"origin":1})");
  engine.adopt(*fork);
  EXPECT_EQ(testing::read(engine, "s").back().data, R"({"fork":1})");
  EXPECT_EQ(testing::read(*fork, "s").back().data, R"({"origin":1})");
  engine.reset();
  EXPECT_EQ(engine.shapes().count(), 0u);
}

TEST_F(ShapedEvents, AreAsLargeAsTheirJson) {
  const std::string key(60, 'k');
  const std::string data = "[{\"" + key + "\":1},{\"" + key + "\":2},{\"" + key + "\":3}]";
  EngineOptions options;
  options.event_size_max_bytes = data.size() + 2 * 8 + 2;  // and the type "happened", and metadata of two bytes
  Engine fits(clock, options);
  EXPECT_TRUE(append_shaped(fits, 1, data, "{}"));
  options.event_size_max_bytes -= 1;
  Engine refuses(clock, options);
  const Result<AppendResult> refused = append_shaped(refuses, 1, data, "{}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::MaxAppendEventSizeExceeded);
  EXPECT_EQ(refused.error().number("proposedEventSize"), options.event_size_max_bytes + 1);
}

}  // namespace
}  // namespace kurrentlite
