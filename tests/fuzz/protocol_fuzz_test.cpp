// What clients send, read as the server reads it and done to a database: bytes of every kind of request that has a mapping,
// valid and mutated. Whatever they are, nothing outside of them is touched (each message lies in a block of its very size,
// which the address sanitizer watches), the database takes what the mapping makes of them or refuses it by an error that
// names what it must, and no refusal changes anything.
#include <gmock/gmock.h>
#if __has_include(<google/protobuf/stubs/logging.h>)
#include <google/protobuf/stubs/logging.h>
#define KURRENTLITE_PROTOBUF_LOGS
#endif

#include <cstdlib>
#include <string>
#include <vector>

#include "fuzz/requests.hpp"
#include "fuzz/wire_messages.hpp"

namespace kurrentlite::protocol {
namespace {

using testing::ManualClock;
using testing::WireMessages;
std::uint64_t seed() {
  const char* const given = std::getenv("KURRENTLITE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261123;
}

/// Makes one message of that kind, valid or not, and does what it says when it is one.
template <class Request>
bool one(WireMessages& messages, Requests& requests, bool valid) {
  Request made, received;
  messages.fill(made);
  const std::string bytes = valid ? made.SerializeAsString() : messages.mutated(made.SerializeAsString());
  if (!received.ParseFromArray(exactly(bytes).get(), static_cast<int>(bytes.size()))) return false;
  requests.take(received);
  return true;
}

TEST(ProtocolFuzz, RequestsAreDoneOrRefusedWhateverTheirBytesAre) {
#ifdef KURRENTLITE_PROTOBUF_LOGS
  google::protobuf::SetLogHandler(nullptr);  // it would tell of each invalid text
#endif
  Prng prng(seed());
  WireMessages messages(prng);
  Requests requests(prng);
  const std::vector<bool (*)(WireMessages&, Requests&, bool)> kinds = {
      one<v1::streams::AppendReq>, one<v1::streams::AppendReq>,    one<v1::streams::BatchAppendReq>, one<v1::streams::ReadReq>,
      one<v1::streams::ReadReq>,   one<v1::streams::DeleteReq>,    one<v1::streams::TombstoneReq>,   one<v2::AppendRequest>,
      one<v2::AppendRequest>,      one<v2::AppendRecordsRequest>,  one<users::CreateReq>,            one<users::UpdateReq>,
      one<users::DeleteReq>,       one<users::DisableReq>,         one<users::EnableReq>,            one<users::ResetPasswordReq>,
      one<users::DetailsReq>};
  int parsed = 0;
  for (int round = 0; round < 30'000; ++round) {
    parsed += kinds[prng.below(kinds.size())](messages, requests, prng.chance(0.4)) ? 1 : 0;
    if (round % 100 == 99) requests.look_at_everything();
    if (round % 500 == 499) requests.begin_anew();
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
  // Else nothing of worth was tried.
  EXPECT_GT(parsed, 12'000);
  EXPECT_GT(requests.written, 2'000u);
  EXPECT_GT(requests.refused, 6'000u);
  EXPECT_GT(requests.events_read, 1'500u);
}

TEST(ProtocolFuzz, EveryErrorCanBeTold) {
  Prng prng(seed() + 1);
  const auto text = [&] { return testing::random_text(prng, prng.chance(0.02) ? 5'000 : prng.below(12)); };
  const std::vector<const char*> names = {"stream", "expected", "actual", "size", "maxSize", "maxAppendSize", "eventId",
                                          "proposedEventSize", "maxAppendEventSize", "recordId", "login", "field", "required"};
  for (int round = 0; round < 20'000; ++round) {
    Error error{static_cast<ErrorCode>(prng.below(static_cast<std::uint64_t>(ErrorCode::Unknown) + 1)), text()};
    for (std::uint64_t count = prng.below(6); count > 0; --count) {
      const char* const name = names[prng.below(names.size())];
      if (prng.chance(0.5)) error.facts.push_back({name, prng.next() >> prng.below(64)});
      else error.facts.push_back({name, prng.chance(0.3) ? std::string("stream_exists") : text()});
    }
    if (prng.chance(0.2)) error.check_violations.push_back({static_cast<std::uint32_t>(prng.next()), text(), -2, -6});
    expect_tellable(error);
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
}

TEST(ProtocolFuzz, SchemaNamesAreTextThatTheDatabaseTakes) {
  Prng prng(seed() + 2);
  ManualClock clock;
  Engine engine(clock);
  const std::vector<std::string> pieces = {"a", "Z", "0", "_", ".", "$", ":", "-", " ", "\xc3\xbc", "\xcc\x81", "\xe1\x84\x80",
                                           "\xe1\x85\xa1", "\xea\xb0\x80", "\xf0\x9f\x98\x80", "\xff", "\xc3", "\xe1\x84"};
  int taken = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    std::string name;
    for (std::uint64_t count = prng.below(5); count > 0; --count) name += pieces[prng.below(pieces.size())];
    const auto block = exactly(name);
    if (!is_schema_name({block.get(), name.size()})) continue;
    ++taken;
    ASSERT_TRUE(utf8::valid(name));
    const RecordView record{"a", {testing::id_of(round + 1), name, ContentType::Json, "{}", {}}};
    ASSERT_TRUE(engine.append_records({&record, 1}, {})) << name;
  }
  EXPECT_GT(taken, 2'000);
}

}  // namespace
}  // namespace kurrentlite::protocol
