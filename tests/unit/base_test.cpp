// Uuid, Prng, UTF-8 and CRC32C.
#include <gmock/gmock.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/crc32c.hpp"
#include "base/prng.hpp"
#include "base/utf8.hpp"

namespace kurrentlite {
namespace {

using namespace std::string_literals;

TEST(Uuid, ReadsBothCasesAndWritesLowerCase) {
  const auto uuid = Uuid::parse("01234567-89AB-cdef-0123-456789abCDEF");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->bytes[0], 0x01);
  EXPECT_EQ(uuid->bytes[7], 0xEF);
  EXPECT_EQ(uuid->to_string(), "01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(Uuid().to_string(), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuid, RefusesEveryOtherForm) {
  const std::string good = "01234567-89ab-cdef-0123-456789abcdef";
  for (std::size_t index = 0; index < good.size(); ++index) {
    std::string bad = good;
    bad[index] = bad[index] == '-' ? 'a' : '-';
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
    bad[index] = 'g';
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
  EXPECT_FALSE(Uuid::parse(""));
  EXPECT_FALSE(Uuid::parse(good + " "));
  EXPECT_FALSE(Uuid::parse("{" + good + "}"));
  EXPECT_FALSE(Uuid::parse("0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(Uuid::parse(good.substr(0, 35)));
}

TEST(Prng, MatchesTheReferenceGenerator) {
  // xoshiro256** seeded by splitmix64(0), computed with the authors' C code.
  Prng prng(0);
  EXPECT_EQ(prng.next(), 0x99EC5F36CB75F2B4U);
  EXPECT_EQ(prng.next(), 0xBF6E1F784956452AU);
  EXPECT_EQ(prng.next(), 0x1A5F849D4933E6E0U);
}

TEST(Prng, BelowStaysBelowAndReachesEveryValue) {
  Prng prng(7);
  std::vector<int> count(10);
  for (int drawn = 0; drawn < 10'000; ++drawn) ++count.at(prng.below(10));
  for (const int each : count) EXPECT_NEAR(each, 1000, 150);
  EXPECT_EQ(prng.below(1), 0U);
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;
  for (int drawn = 0; drawn < 100; ++drawn) EXPECT_LT(prng.below(large), large);
}

TEST(Prng, UniformAndNormalHaveTheirMoments) {
  Prng prng(11);
  constexpr int kDraws = 100'000;
  double sum = 0;
  double normal_sum = 0;
  double normal_squares = 0;
  for (int drawn = 0; drawn < kDraws; ++drawn) {
    const double each = prng.uniform();
    ASSERT_GE(each, 0);
    ASSERT_LT(each, 1);
    sum += each;
    const double normal = prng.normal();
    normal_sum += normal;
    normal_squares += normal * normal;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.01);
  EXPECT_NEAR(normal_sum / kDraws, 0, 0.02);
  EXPECT_NEAR(normal_squares / kDraws, 1, 0.03);
}

TEST(Prng, ChanceOfZeroNeverAndOfOneAlways) {
  Prng prng(3);
  for (int drawn = 0; drawn < 1000; ++drawn) {
    EXPECT_FALSE(prng.chance(0));
    EXPECT_TRUE(prng.chance(1));
  }
}

TEST(PrngIdSource, GivesDistinctVersion4IdsAndTheSameFromTheSameSeed) {
  PrngIdSource first(42);
  PrngIdSource second(42);
  std::set<std::string> seen;
  for (int drawn = 0; drawn < 1000; ++drawn) {
    const Uuid uuid = first.next();
    const std::string text = uuid.to_string();
    EXPECT_EQ(text[14], '4');
    EXPECT_THAT("89ab"s, testing::HasSubstr(std::string(1, text[19])));
    EXPECT_TRUE(seen.insert(text).second);
    EXPECT_EQ(second.next(), uuid);
  }
}

/// A decoder written from the table of the Unicode standard (3-7), to hold ours against.
bool valid_by_the_table(std::string_view text) {
  struct Row {
    unsigned lead_min, lead_max, second_min, second_max;
    std::size_t size;
  };
  constexpr Row kRows[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
                           {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
                           {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
  const auto byte = [&](std::size_t index) { return static_cast<unsigned>(static_cast<unsigned char>(text[index])); };
  while (!text.empty()) {
    const Row* match = nullptr;
    for (const Row& row : kRows) {
      if (byte(0) >= row.lead_min && byte(0) <= row.lead_max) match = &row;
    }
    if (match == nullptr || text.size() < match->size) return false;
    if (match->size > 1 && (byte(1) < match->second_min || byte(1) > match->second_max)) return false;
    for (std::size_t index = 2; index < match->size; ++index) {
      if (byte(index) < 0x80 || byte(index) > 0xBF) return false;
    }
    text.remove_prefix(match->size);
  }
  return true;
}

TEST(Utf8, AgreesWithTheUnicodeTableOnEveryLeadPairAndOnRandomText) {
  for (unsigned lead = 0; lead < 256; ++lead) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string pair{static_cast<char>(lead), static_cast<char>(second)};
      for (const std::string& tail : {""s, "\x80"s, "\x80\x80"s, "\xBF\xBF\xBF"s, "plain ascii text"s}) {
        ASSERT_EQ(utf8::valid(pair + tail), valid_by_the_table(pair + tail)) << lead << ' ' << second;
      }
    }
  }
  Prng prng(5);
  constexpr unsigned char kBytes[] = {'a',  0x80, 0xBF, 0xC2, 0xE0, 0xA0, 0xED,
                                      0x9F, 0xF0, 0x90, 0xF4, 0x8F, 0xC3, 0xFF};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint64_t size = prng.below(14); size > 0; --size) {
      text.push_back(static_cast<char>(kBytes[prng.below(sizeof kBytes)]));
    }
    ASSERT_EQ(utf8::valid(text), valid_by_the_table(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, EncodesEveryCodePointValidly) {
  for (std::uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    std::string text;
    utf8::append(text, code_point);
    ASSERT_TRUE(utf8::valid(text)) << code_point;
    ASSERT_EQ(utf8::character_size(text), text.size()) << code_point;
    ASSERT_EQ(utf8::utf16_length(text), code_point > 0xFFFF ? 2U : 1U) << code_point;
  }
  std::string text;
  utf8::append(text, 0xD800);
  utf8::append(text, 0x110000);
  EXPECT_EQ(text, "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8, CountsWhatJavaScriptCounts) {
  EXPECT_EQ(utf8::utf16_length(""), 0U);
  EXPECT_EQ(utf8::utf16_length("plain text, longer than eight"), 29U);
  EXPECT_EQ(utf8::utf16_length("h\xC3\xA9llo"), 5U);
  EXPECT_EQ(utf8::utf16_length("\xF0\x9F\x98\x80!"), 3U);
  EXPECT_EQ(utf8::utf16_length("a\xFF\xC3"), 3U) << "a byte that begins no character counts one";
}

TEST(Utf8, LowersAsciiOnly) { EXPECT_EQ(utf8::ascii_lower("AZaz09-\xC3\x89"), "azaz09-\xC3\x89"); }

TEST(Crc32c, MatchesPublishedSums) {
  // RFC 3720, appendix B.4, and the usual check value.
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, ContinuesFromAnyCut) {
  std::string bytes;
  Prng prng(9);
  for (int index = 0; index < 100; ++index) bytes.push_back(static_cast<char>(prng.below(256)));
  const std::uint32_t whole = crc32c(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(crc32c(bytes.substr(cut), crc32c(bytes.substr(0, cut))), whole) << cut;
  }
}

}  // namespace
}  // namespace kurrentlite
