#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/prng.hpp"
#include "base/utf8.hpp"
#include "event_codec.hpp"
#include "support/shaped.hpp"

// What JavaScript writes into linear memory is read back as views. Whatever stands there, nothing outside of it is touched:
// each request lies in a block of its very size, which the address sanitizer watches.
namespace kurrentlite::bindings {
namespace {

std::uint64_t seed() {
  const char* const given = std::getenv("KURRENTLITE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261123;
}

void put_u32(std::string& out, std::uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); }

/// A well-formed request, as web/src/wasm/outgoing_events.ts writes one.
std::string request(Prng& prng, const std::string& name, std::uint32_t count, bool may_be_shaped = true) {
  std::string rows;
  std::string text = name;
  std::string binary;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (int word = 0; word < 4; ++word) put_u32(rows, static_cast<std::uint32_t>(prng.next()));
    const std::string type = prng.chance(0.2) ? "t\xc3\xa4\xf0\x9f\x98\x80" : "type";
    const std::string metadata(prng.below(9), 'm');
    const std::string data(prng.below(20), 'd');
    const bool is_shaped = may_be_shaped && prng.chance(0.3);
    const bool is_text = is_shaped || prng.chance(0.7);
    put_u32(rows, static_cast<std::uint32_t>(utf8::utf16_length(type)));
    put_u32(rows, static_cast<std::uint32_t>(metadata.size()));
    put_u32(rows, static_cast<std::uint32_t>(data.size()));
    put_u32(rows, kMetadataIsText | (is_shaped ? kJson | kDataIsShaped : is_text ? kJson | kDataIsText : 0u));
    if (is_shaped) binary += std::string("\1\0", 2) + static_cast<char>(data.size());
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
  std::size_t shaped = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string bytes = request(prng, prng.chance(0.3) ? "str\xc3\xb6m" : "stream", static_cast<std::uint32_t>(prng.below(5)));
    if (round % 4 != 0) mutate(prng, bytes);
    const auto block = exactly(bytes);
    const Result<AppendRequest> decoded = decode_append(block.get(), bytes.size());
    if (!decoded) continue;
    ++accepted;
    sum += touch(decoded->stream);
    for (const EventView& event : decoded->events) {
      sum += touch(event.type) + touch(event.metadata) + touch(event.data) + touch(event.data_head);
      shaped += event.data_shaped ? 1 : 0;
    }
  }
  EXPECT_GT(accepted, 10'000u);
  EXPECT_GT(shaped, 1'000u);
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
    std::string bytes = request(prng, plan, count, prng.chance(0.1));
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

class StillClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ticks() const override { return 0; }
};

/// What JavaScript finds in a page: the elements of its JSON array, and the rows.
struct ReadPage {
  std::vector<std::string> values;
  std::vector<std::uint32_t> flags;
  std::size_t binary_bytes = 0;
  std::string shaped;  // tags, then text
};

std::uint32_t u32_at(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, 4);
  return value;
}

ReadPage read_page(const char* page) {
  ReadPage read;
  const std::uint32_t count = u32_at(page);
  const std::string_view json(page + 32 + std::size_t{count} * 48, u32_at(page + 4));
  const std::optional<json::Fault> fault = json::check(json);
  EXPECT_FALSE(fault) << (fault ? fault->problem : "") << " in " << json;
  if (fault) return read;
  std::size_t text_bytes = 0;
  for (const json::Value& each : json::Value(json).elements()) read.values.emplace_back(each.raw());
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* row = page + 32 + std::size_t{i} * 48;
    const std::uint32_t flags = u32_at(row + 40);
    read.flags.push_back(flags);
    if ((flags & (kMetadataIsValue | kMetadataIsShaped)) == 0) read.binary_bytes += u32_at(row + 32);
    if ((flags & (kDataIsValue | kDataIsShaped)) == 0) read.binary_bytes += u32_at(row + 36);
    text_bytes += u32_at(row + 44);
  }
  read.shaped.assign(json.data() + json.size(), u32_at(page + 8) + text_bytes);
  return read;
}

TEST(BoundaryFuzz, PagesHoldOneJsonArrayWhateverTheEventsHold) {
  Prng prng(seed());
  StillClock clock;
  // What is JSON, and what would break an array of it.
  const std::vector<std::string> json = {"{}", "[1,2]", "\"a\"", "0", R"({"a":"\u0000"})", "\"\xf0\x9f\x98\x80\"", " null "};
  const std::vector<std::string> other = {"", "1,2", "[1", "2]", "\"", "{\"a\":", "\xff", "tr\xc3\xa4", std::string(1, '\0')};
  for (int round = 0; round < 300; ++round) {
    Engine engine(clock);
    std::vector<std::string> expected;
    std::size_t binary_bytes = 0;
    std::string tags;
    std::string text;
    Buffer buffer;
    PageEncoder encoder(engine, buffer, false);
    const std::uint64_t count = prng.below(20);
    for (std::uint64_t i = 0; i < count; ++i) {
      EventView event;
      for (std::uint8_t& byte : event.id.bytes) byte = static_cast<std::uint8_t>(prng.next());
      event.type = "t";
      const bool is_json = prng.chance(0.7);
      if (!is_json) event.content_type = ContentType::Binary;
      const bool good_data = prng.chance(0.6);
      const bool good_metadata = prng.chance(0.6);
      event.data = good_data ? json[prng.below(json.size())] : other[prng.below(other.size())];
      event.metadata = good_metadata ? json[prng.below(json.size())] : other[prng.below(other.size())];
      event.data_checked = is_json && good_data && prng.chance(0.5);
      event.metadata_checked = good_metadata && prng.chance(0.5);
      event.data_shaped = is_json && good_data && prng.chance(0.4);
      const std::string code = event.data_shaped ? testing::shaped(engine, event.data) : std::string();
      if (event.data_shaped) {
        event.data_checked = false;
        event.data = code;
        const std::size_t size = static_cast<std::uint8_t>(code[0]);
        tags += code.substr(2, size);
        text += code.substr(2 + size);
      }
      const auto appended = engine.append("s", std::span(&event, 1), Any{});
      ASSERT_TRUE(appended.ok());
      expected.push_back("\"" + event.id.to_string() + "\"");
      const auto part = [&](bool is_value, std::string_view bytes) {
        if (is_value) {
          expected.emplace_back(json::Value(bytes).raw());
        } else {
          binary_bytes += bytes.size();
        }
      };
      part(good_metadata, event.metadata);
      if (!event.data_shaped) part(is_json && good_data, event.data);
    }
    if (count > 0) {
      StreamCursor cursor = engine.open_stream("s", Direction::Forwards, Start{}).value();
      while (const std::optional<Record> record = engine.next(cursor)) encoder.add(*record, false);
    }
    const Result<char*> page = encoder.finish({0, 0, 0});
    ASSERT_TRUE(page.ok());
    const ReadPage read = read_page(*page);
    ASSERT_EQ(read.values, expected);
    ASSERT_EQ(read.binary_bytes, binary_bytes);
    ASSERT_EQ(read.shaped, tags + text);
    ASSERT_EQ(read.flags.size(), count);
  }
}

}  // namespace
}  // namespace kurrentlite::bindings
