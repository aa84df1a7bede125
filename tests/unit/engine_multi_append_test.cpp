#include <gtest/gtest.h>

#include "engine_support.hpp"

// Sizes of multi-stream appends (reference: streams 3.6); their other rules stand in the contract suite.
namespace kurrentlite {
namespace {

using namespace testing;

constexpr std::uint64_t kEventMax = 200;
constexpr std::uint64_t kAppendMax = 500;

class MultiAppendSizes : public ::testing::Test {
 protected:
  Result<MultiAppendResult> append_records(const std::vector<RecordView>& records) {
    return engine_.append_records(records, {});
  }
  /// The size that a refusal tells; 0 when there was none.
  std::uint64_t refused_size(const EventView& event) {
    const Result<MultiAppendResult> result = append_records({{"s", event}});
    if (result) return 0;
    EXPECT_EQ(result.error().code, ErrorCode::AppendRecordSizeExceeded) << result.error().message;
    EXPECT_EQ(result.error().number("maxSize"), kEventMax);
    EXPECT_EQ(result.error().text("stream"), "s");
    EXPECT_EQ(result.error().text("recordId"), event.id.to_string());
    return result.error().number("size").value_or(0);
  }

  ManualClock clock_;
  Engine engine_{clock_, {.append_size_max_bytes = kAppendMax, .event_size_max_bytes = kEventMax}};
};

TEST_F(MultiAppendSizes, ARecordCountsDataTypeAndProperties) {
  const std::string data(kEventMax - 4, 'x');
  EXPECT_EQ(refused_size(event(1, "type", data)), 0U);
  EXPECT_EQ(refused_size(event(2, "type", data + "x")), kEventMax + 1);
  EXPECT_EQ(refused_size(event(3, "größe", std::string(kEventMax - 6, 'x'))), kEventMax + 1) << "bytes, not letters";
  // A property of a google.protobuf.Struct: 2 + (2 + key) + 2 + (2 + text) bytes while these are short.
  EXPECT_EQ(refused_size(event(4, "type", data, R"({"key":"text"})")), kEventMax + 8 + 7);
  EXPECT_EQ(refused_size(event(5, "type", data, R"({"key":"\n\u00e9"})")), kEventMax + 8 + 6) << "as decoded";
  EXPECT_EQ(refused_size(event(6, "type", data, R"({"a":"","b":""})")), kEventMax + 2 * 9);
  const std::string long_text(130, 't');  // its length takes a second byte, and so do those around it
  EXPECT_EQ(refused_size(event(7, "type", data, R"({"key":")" + long_text + "\"}")), kEventMax + 8 + 3 + 130 + 3);
  EXPECT_EQ(refused_size(event(8, "type", data, {}, ContentType::Binary)), kEventMax + 8 + 14 + 5)
      << "$schema.format: Bytes";
}

TEST_F(MultiAppendSizes, AllRecordsTogetherAreLimitedToo) {
  const std::string data(120, 'x');
  std::vector<RecordView> records;
  for (std::uint64_t i = 0; i < 4; ++i) records.push_back({i % 2 == 0 ? "s" : "z", event(i, "12345", data)});
  const Result<MultiAppendResult> fits = append_records(records);
  EXPECT_TRUE(fits) << "exactly so many";
  for (std::uint64_t i = 0; i < 4; ++i) records[i].event.id = id_of(100 + i);
  records.back().event.type = "123456";
  const std::vector<std::string> before = contents(engine_);
  const Result<MultiAppendResult> refused = append_records(records);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::TransactionMaxSizeExceeded);
  EXPECT_EQ(refused.error().number("size"), kAppendMax + 1);
  EXPECT_EQ(refused.error().number("maxSize"), kAppendMax);
  const std::vector<EventView> events = {records[0].event, records[1].event, records[2].event, records[3].event};
  const std::vector<StreamAppend> requests = {{"s", Any{}, events}};
  EXPECT_EQ(engine_.append_session(requests).error().code, ErrorCode::TransactionMaxSizeExceeded);
  EXPECT_EQ(contents(engine_), before);
}

TEST_F(MultiAppendSizes, ARecordTooLargeIsToldBeforeTheWholeIs) {
  const std::string data(kEventMax, 'x');
  const std::vector<EventView> events = {event(1, "t", data), event(2, "t", data), event(3, "t", data)};
  const std::vector<StreamAppend> requests = {{"s", Any{}, events}};
  EXPECT_EQ(engine_.append_session(requests).error().code, ErrorCode::AppendRecordSizeExceeded);
}

}  // namespace
}  // namespace kurrentlite
