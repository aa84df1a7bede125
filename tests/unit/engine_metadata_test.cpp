#include "engine/stream_metadata.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kurrentlite {
namespace {

Retention json(std::string_view text) { return parse_retention(ContentType::Json, text); }

bool is_void(std::string_view text) {
  const Retention retention = json(text);
  return retention.truncate_before == 0 && retention.max_count == 0 && retention.max_age_s == 0;
}

TEST(StreamMetadata, ReadsWhatHidesEvents) {
  const Retention retention = json(R"( {"$maxCount": 3, "$maxAge" :3600,"$tb":7, "mine": {"$tb": "no"}} )");
  EXPECT_EQ(retention.max_count, 3u);
  EXPECT_EQ(retention.max_age_s, 3600u);
  EXPECT_EQ(retention.truncate_before, 7u);
  EXPECT_FALSE(retention.soft_deleted());
}

TEST(StreamMetadata, TakesEveryInteger64) {
  EXPECT_EQ(json(R"({"$tb":0})").truncate_before, 0u);
  EXPECT_EQ(json(R"({"$tb":9007199254740993})").truncate_before, 9007199254740993u) << "beyond a double's 53 bits";
  EXPECT_EQ(json(R"({"$tb":9223372036854775806})").truncate_before, kDeletedRevision - 1);
  EXPECT_TRUE(json(R"({"$tb":9223372036854775807})").soft_deleted());
  EXPECT_EQ(json(R"({"$maxCount":9223372036854775807})").max_count, kDeletedRevision);
  EXPECT_EQ(json(R"({"$maxAge":922337203685})").max_age_s, 922337203685u) << "as many seconds as .NET counts";
}

TEST(StreamMetadata, IgnoresValuesOutOfRangeOneByOne) {
  for (const char* ignored : {R"("$maxCount":0)", R"("$maxCount":-1)", R"("$maxAge":0)", R"("$maxAge":-5)",
                              R"("$tb":-1)", R"("$cacheControl":0)", R"("$tb":-9223372036854775808)"}) {
    const Retention retention = json("{" + std::string(ignored) + R"(,"$acl":{},"$tmp":false})");
    EXPECT_EQ(retention.truncate_before + retention.max_count + retention.max_age_s, 0u) << ignored;
  }
  EXPECT_EQ(json(R"({"$maxCount":0,"$tb":4})").truncate_before, 4u);
  EXPECT_EQ(json(R"({"$tb":-1,"$maxCount":4})").max_count, 4u);
}

TEST(StreamMetadata, OneWrongTypeVoidsTheWhole) {
  for (const char* wrong : {R"("$maxCount":"3")",
                            R"("$maxCount":3.0)",
                            R"("$maxCount":3e0)",
                            R"("$maxCount":3E0)",
                            R"("$maxCount":null)",
                            R"("$maxCount":[3])",
                            R"("$maxCount":true)",
                            R"("$maxAge":"60")",
                            R"("$maxAge":1.5)",
                            R"("$maxAge":922337203686)",
                            R"("$cacheControl":-922337203686)",
                            R"("$tb":9223372036854775808)",
                            R"("$tb":-9223372036854775809)",
                            R"("$tb":1e400)",
                            R"("$tb":{})",
                            R"("$cacheControl":"1")",
                            R"("$tmp":1)",
                            R"("$tmp":null)",
                            R"("$acl":null)",
                            R"("$acl":[])",
                            R"("$acl":"x")",
                            R"("$acl":{"$x":"a"})",
                            R"("$acl":{"$r":1})",
                            R"("$acl":{"$r":["a",1]})",
                            R"("$acl":{"$r":null})",
                            R"("$acl":{"$R":"a"})"}) {
    EXPECT_TRUE(is_void("{\"$maxCount\":5,\"$tb\":2," + std::string(wrong) + "}")) << wrong;
    EXPECT_TRUE(is_void("{" + std::string(wrong) + ",\"$maxCount\":5,\"$tb\":2}")) << wrong;
  }
}

TEST(StreamMetadata, AcceptsEveryFormOfAnAcl) {
  EXPECT_EQ(json(R"({"$acl":{"$r":"a","$w":["b","c"],"$d":[],"$mr":"","$mw":["ü"]},"$tb":1})").truncate_before, 1u);
  EXPECT_EQ(json(R"({"$acl":{},"$tb":1})").truncate_before, 1u);
}

TEST(StreamMetadata, IsEmptyWhenNotAJsonObject) {
  for (const char* text :
       {"", " ", "null", "[]", "3", "\"{}\"", "{", "{\"$tb\":1", "{\"$tb\":1}x", "{'$tb':1}", "{\"$tb\":1,}",
        "{\"$tb\":01}", "{\"$tb\":+1}", "\xef\xbb\xbf{\"$tb\":1}", "{\"\xff\":1,\"$tb\":1}"}) {
    EXPECT_TRUE(is_void(text)) << text;
    EXPECT_FALSE(is_json_object(text)) << text;
  }
  EXPECT_TRUE(is_json_object("\n{ }\t"));
  EXPECT_EQ(parse_retention(ContentType::Binary, R"({"$tb":5})").truncate_before, 0u) << "must be marked as JSON";
}

TEST(StreamMetadata, KeysAreExactAndMayBeEscaped) {
  EXPECT_TRUE(is_void(R"({"$TB":1,"$maxcount":1,"tb":1,"$tb ":1})"));
  EXPECT_EQ(json(R"({"\u0024tb":6})").truncate_before, 6u);
  EXPECT_EQ(json(R"({"$tb":1,"$tb":2})").truncate_before, 2u) << "the last of equal keys";
  EXPECT_EQ(json(R"({"$tb":1,"$tb":-2})").truncate_before, 0u) << "also when it is ignored";
}

TEST(StreamMetadata, DeepAndLargeTextsAreRead) {
  std::string deep = R"({"$tb":3,"deep":)" + std::string(400, '[') + std::string(400, ']') + "}";
  EXPECT_EQ(json(deep).truncate_before, 3u);
  std::string endless = R"({"$tb":3,"deep":)" + std::string(1'000'000, '[');
  EXPECT_TRUE(is_void(endless));
}

TEST(StreamMetadata, TruncateBeforeIsReplacedAndTheRestKept) {
  EXPECT_EQ(with_truncate_before(R"({"$tb":9223372036854775807})", 4), R"({"$tb":4})");
  EXPECT_EQ(with_truncate_before(R"({})", 0), R"({"$tb":0})");
  EXPECT_EQ(with_truncate_before(R"({"a":1.0,"$tb":1,"ü":"\u00fc","n":1e400})", kDeletedRevision),
            R"({"a":1.0,"$tb":9223372036854775807,"ü":"\u00fc","n":1e400})");
  EXPECT_EQ(with_truncate_before(R"({"a":[1, 2]})", 12), R"({"a":[1, 2],"$tb":12})");
}

}  // namespace
}  // namespace kurrentlite
