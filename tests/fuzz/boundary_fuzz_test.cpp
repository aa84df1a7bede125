#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/utf8.hpp"
#include "event_codec.hpp"

// What JavaScript writes into linear memory is read back as views. Whatever stands there, nothing outside of it is touched:
// each request lies in a block of its very size, which the address sanitizer watches.
namespace kurrentlite::bindings {
namespace {

std::uint64_t seed() {
  const char* const given = std::getenv("KURRENTLITE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261123;
}

void put_u32(std::string& out, std::uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); }

/// A well-formed request, as web/src/wasm/events.ts writes one.
std::string request(Prng& prng, const std::string& name, std::uint32_t count) {
  std::string rows;
  std::string text = name;
  std::string binary;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (int word = 0; word < 4; ++word) put_u32(rows, static_cast<std::uint32_t>(prng.next()));
    const std::string type = prng.chance(0.2) ? "t\xc3\xa4\xf0\x9f\x98\x80" : "type";
    const std::string metadata(prng.below(9), 'm');
    const std::string data(prng.below(20), 'd');
    const bool is_text = prng.chance(0.7);
    put_u32(rows, static_cast<std::uint32_t>(utf8::utf16_length(type)));
    put_u32(rows, static_cast<std::uint32_t>(metadata.size()));
    put_u32(rows, static_cast<std::uint32_t>(data.size()));
    put_u32(rows, kMetadataIsText | (is_text ? kJson | kDataIsText : 0u));
    const double created = 0;
    rows.append(reinterpret_cast<const char*>(&created), 8);
    text += type + metadata;
    (is_text ? text : binary) += data;
  }
  std::string result;
  put_u32(result, count);
  put_u32(result, static_cast<std::uint32_t>(prng.below(5)));
  const std::uint64_t revision = prng.next();
  result.append(reinterpret_cast<const char*>(&revision), 8);
  put_u32(result, static_cast<std::uint32_t>(utf8::utf16_length(name)));
  put_u32(result, static_cast<std::uint32_t>(text.size()));
  put_u32(result, static_cast<std::uint32_t>(binary.size()));
  put_u32(result, 0);
  return result + rows + text + binary;
}

void mutate(Prng& prng, std::string& bytes) {
  for (std::uint64_t changes = prng.below(6); changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = prng.below(bytes.size());
    switch (prng.below(4)) {
      case 0: bytes[at] = static_cast<char>(prng.next()); break;
      case 1: bytes[at] = prng.chance(0.5) ? '\xff' : '\0'; break;
      case 2: bytes.resize(at); break;
      default: bytes.insert(at, 1 + prng.below(8), static_cast<char>(prng.next())); break;
    }
  }
}

/// The request in a block without a byte to spare.
std::unique_ptr<char[]> exactly(const std::string& bytes) {
  std::unique_ptr<char[]> block(new char[bytes.size()]);
  std::memcpy(block.get(), bytes.data(), bytes.size());
  return block;
}

std::size_t touch(std::string_view view) {
  std::size_t sum = 0;
  for (const char c : view) sum += static_cast<unsigned char>(c);
  return sum;
}

TEST(BoundaryFuzz, AppendRequestsAreReadWithinTheirBytesOrRefused) {
  Prng prng(seed());
  std::size_t accepted = 0;
  std::size_t sum = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string bytes = request(prng, prng.chance(0.3) ? "str\xc3\xb6m" : "stream", static_cast<std::uint32_t>(prng.below(5)));
    if (round % 4 != 0) mutate(prng, bytes);
    const auto block = exactly(bytes);
    const Result<AppendRequest> decoded = decode_append(block.get(), bytes.size());
    if (!decoded) continue;
    ++accepted;
    sum += touch(decoded->stream);
    for (const EventView& event : decoded->events) sum += touch(event.type) + touch(event.metadata) + touch(event.data);
  }
  EXPECT_GT(accepted, 10'000u);
  EXPECT_GT(sum, 0u);
}

TEST(BoundaryFuzz, PlansOfMultiStreamAppendsAreReadOrRefused) {
  Prng prng(seed());
  std::size_t accepted = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::uint32_t count = static_cast<std::uint32_t>(prng.below(4));
    std::string plan = prng.chance(0.5)
                           ? R"({"requests":[{"stream":"a","expected":"any","count":)" + std::to_string(count) + "}]}"
                           : R"({"streams":["a","b"],"of":[)" + std::string(count > 0 ? "0" : "") +
                                 (count > 1 ? ",1" : "") + (count > 2 ? ",0" : "") +
                                 R"(],"checks":[{"stream":"c","expected":"tombstoned"},{"stream":"d","expected":"7"}]})";
    if (round % 3 == 1) mutate(prng, plan);
    std::string bytes = request(prng, plan, count);
    if (round % 3 == 2) mutate(prng, bytes);
    const auto block = exactly(bytes);
    const Result<MultiAppendRequest> decoded = decode_multi_append(block.get(), bytes.size());
    if (!decoded) continue;
    ++accepted;
    std::size_t events = 0;
    for (const StreamAppend& each : decoded->requests) {
      (void)touch(each.stream);
      for (const EventView& event : each.events) (void)(touch(event.type) + touch(event.data));
      events += each.events.size();
    }
    for (const RecordView& each : decoded->records) (void)(touch(each.stream) + touch(each.event.data));
    EXPECT_EQ(events + decoded->records.size(), decoded->events.size());
  }
  EXPECT_GT(accepted, 10'000u);
}

}  // namespace
}  // namespace kurrentlite::bindings
