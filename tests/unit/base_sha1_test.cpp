// SHA-1, PBKDF2 and base64, by the test vectors of their standards.
#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/base64.hpp"
#include "base/sha1.hpp"

namespace kurrentlite {
namespace {

using namespace std::string_literals;

std::string hex(const Sha1Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) text += {"0123456789abcdef"[byte >> 4U], "0123456789abcdef"[byte & 0xfU]};
  return text;
}

TEST(Sha1, AgreesWithTheExamplesOfTheStandard) {
  EXPECT_EQ(hex(sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(hex(sha1(std::string(1'000'000, 'a'))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, PadsEveryLengthAroundABlock) {
  // By another implementation: the bytes 'a' in the numbers where padding changes.
  EXPECT_EQ(hex(sha1(std::string(55, 'a'))), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  EXPECT_EQ(hex(sha1(std::string(56, 'a'))), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  EXPECT_EQ(hex(sha1(std::string(63, 'a'))), "03f09f5b158a7a8cdad920bddc29b81c18a551f5");
  EXPECT_EQ(hex(sha1(std::string(64, 'a'))), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
  EXPECT_EQ(hex(sha1(std::string(65, 'a'))), "11655326c708d70319be2610e8a57d9a5b959d3b");
}

// The vectors of RFC 6070, of which one has no more bytes here.
TEST(Pbkdf2, AgreesWithTheTestVectors) {
  EXPECT_EQ(hex(pbkdf2_sha1("password", "salt", 1)), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  EXPECT_EQ(hex(pbkdf2_sha1("password", "salt", 2)), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
  EXPECT_EQ(hex(pbkdf2_sha1("password", "salt", 4096)), "4b007901b765489abead49d926f721d065a429c1");
  EXPECT_EQ(hex(pbkdf2_sha1("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096)),
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a96");
  EXPECT_EQ(hex(pbkdf2_sha1("pass\0word"s, "sa\0lt"s, 4096)), "56fa6aa75548099dcc37d7f03425e0c37f1c42b2");
}

// Values of Python's hashlib.
TEST(Pbkdf2, TakesPasswordsLongerThanABlockAndEmptyOnes) {
  EXPECT_EQ(hex(pbkdf2_sha1(std::string(65, 'p'), "", 3)), "e39482b8a758a0e3bf7ae6f22f559e2f1fbdbe90");
  EXPECT_EQ(hex(pbkdf2_sha1("", std::string(60, 's'), 1000)), "1a9a4a595478db4b0a96831455f992ebe501ff9d");
}

// RFC 4648, section 10
TEST(Base64, AgreesWithTheTestVectorsBothWays) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64::encode(bytes), text);
    EXPECT_EQ(base64::decode(text), bytes);
  }
}

TEST(Base64, KeepsEveryByte) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    EXPECT_EQ(base64::decode(base64::encode(bytes.substr(0, size))), bytes.substr(0, size));
  }
  EXPECT_EQ(base64::encode("\xfb\xff\xfe"), "+//+");
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zm9vY", "=", "====", "Zg==Zg==", "Z=g=", "Zm9-", "Zm9_", "Zm\xc3\xa4", "Zm9v\x01"}) {
    EXPECT_FALSE(base64::decode(text)) << text;
  }
  EXPECT_FALSE(base64::decode("Zm9\0"s));
}

TEST(Base64, SkipsWhiteSpace) { EXPECT_EQ(base64::decode(" Zm9v\r\n\tYg = =\n"), "foob"); }

}  // namespace
}  // namespace kurrentlite
