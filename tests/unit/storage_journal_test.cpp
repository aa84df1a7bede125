#include "storage/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/crc32c.hpp"
#include "engine_support.hpp"
#include "support/shaped.hpp"

namespace kurrentlite {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::size_t kHeaderBytes = 20;

/// A database with every kind of event in it.
void fill(Engine& engine, ManualClock& clock) {
  const std::string every_byte = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    return bytes;
  }();
  ASSERT_TRUE(
      append(engine, "plain", {event(1, "placed", R"({"amount":1})"), event(2, "paid", "{}", R"({"by":"x"})")}));
  clock.ticks += 12'345;
  ASSERT_TRUE(append(engine, "binary", {event(3, "blob", every_byte, every_byte, ContentType::Binary)}));
  ASSERT_TRUE(append(engine, "naïve-名前-😀", {event(4, "größer", R"({"text":"ä€😀"})", R"({"ß":"ß"})")}));
  clock.ticks -= 99'999;  // a clock may go back
  ASSERT_TRUE(append(engine, "empty", {event(5, "nothing", "", ""), event(6, "nothing", "", "", ContentType::Binary)}));
  ASSERT_TRUE(set_metadata(engine, 7, "limited", R"({"$maxCount":1,"note":"ü"})"));
  ASSERT_TRUE(append(engine, "limited", {event(8), event(9), event(10)}));
  ASSERT_TRUE(append(engine, "deleted", {event(11), event(12)}));
  ASSERT_TRUE(engine.delete_stream("deleted", Any{}));
  ASSERT_TRUE(append(engine, "revived", {event(13)}));
  ASSERT_TRUE(engine.delete_stream("revived", Any{}));
  ASSERT_TRUE(append(engine, "revived", {event(14)}));
  ASSERT_TRUE(append(engine, "gone", {event(15)}));
  ASSERT_TRUE(engine.tombstone_stream("gone", Any{}));
  ASSERT_TRUE(engine.tombstone_stream("never-was", Any{}));
  ASSERT_TRUE(append(engine, "links", {event(16, "$>", "0@plain")}));
}

/// Puts a right checksum and length on a payload of one's own.
std::string sealed(std::string_view payload, std::string header = std::string("KLJ1\1\0\0\0", 8)) {
  for (std::size_t i = 0; i < 8; ++i)
    header.push_back(static_cast<char>(std::uint64_t{payload.size()} >> (8 * i) & 0xff));
  const std::uint32_t checksum = crc32c(payload, crc32c(header));
  for (std::size_t i = 0; i < 4; ++i) header.push_back(static_cast<char>(checksum >> (8 * i) & 0xff));
  return header.append(payload);
}

class Journal : public ::testing::Test {
 protected:
  Journal() { fill(engine, clock); }

  /// Replays into an empty database and hands back what it then holds.
  std::vector<std::string> replayed(std::string_view pieces) {
    Engine fresh(clock);
    const Result<void> result = replay_journal(fresh, clock, pieces);
    EXPECT_TRUE(result.ok()) << (result ? "" : result.error().message);
    return contents(fresh);
  }

  /// That `pieces` are refused with a sentence holding `why`, and that nothing changes.
  void expect_corrupt(std::string_view pieces, const std::string& why = "") {
    Engine fresh(clock);
    ASSERT_TRUE(append(fresh, "mine", {event(1'000)}));
    const std::vector<std::string> before = contents(fresh);
    int heard = 0;
    fresh.on_append([&] { ++heard; });
    const Result<void> result = replay_journal(fresh, clock, pieces);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::CorruptData);
    EXPECT_THAT(result.error().message, HasSubstr("Piece "));
    EXPECT_THAT(result.error().message, HasSubstr(why));
    EXPECT_EQ(contents(fresh), before);
    EXPECT_EQ(heard, 0);
  }

  ManualClock clock;
  Engine engine{clock};
};

TEST_F(Journal, ReplayedIntoAnEmptyDatabaseGivesTheSameDatabase) {
  const Bytes journal = encode_journal(engine, {});
  Engine fresh(clock);
  ASSERT_TRUE(replay_journal(fresh, clock, journal));
  EXPECT_EQ(contents(fresh), contents(engine));
  EXPECT_EQ(fresh.head(), engine.head());
  EXPECT_EQ(fresh.statistics().total_streams, engine.statistics().total_streams);
  EXPECT_EQ(fresh.statistics().storage_used_bytes, engine.statistics().storage_used_bytes);
  EXPECT_EQ(encode_journal(fresh, {}), journal);
}

/// An event in shape code; `code` must outlive the view.
EventView in_shape_code(std::uint64_t number, const std::string& code) {
  EventView view = event(number, "shaped", code);
  view.data_shaped = true;
  return view;
}

TEST_F(Journal, TellsTheShapesThatItsEventsUse) {
  EXPECT_EQ(encode_journal(engine, {})[4], 1);
  const Position before = engine.head();
  const std::string first = shaped(engine, R"({"a":{"b":1},"list":[{"b":2}]})");
  const std::string second = shaped(engine, R"({"a":{"ä":"ö"},"list":[]})");
  ASSERT_TRUE(append(engine, "shaped", {in_shape_code(51, first), event(52), in_shape_code(53, second)}));
  const Bytes journal = encode_journal(engine, {});
  EXPECT_EQ(journal[4], 2);

  Engine fresh(clock);
  for (const char* keys : {R"(["other"])", R"(["list","a"])", R"(["ä"])"}) ASSERT_TRUE(fresh.shape_number(keys));
  ASSERT_TRUE(replay_journal(fresh, clock, journal));
  EXPECT_EQ(contents(fresh), contents(engine));
  EXPECT_EQ(fresh.head(), engine.head());
  EXPECT_EQ(testing::read(fresh, "shaped").back().data, R"({"a":{"ä":"ö"},"list":[]})");

  // Pieces stand for themselves.
  Engine by_pieces(clock);
  ASSERT_TRUE(replay_journal(by_pieces, clock, encode_journal(engine, {})));
  const std::string third = shaped(engine, R"({"b":3})");
  const Position middle = engine.head();
  ASSERT_TRUE(append(engine, "shaped", {in_shape_code(54, third)}));
  ASSERT_TRUE(replay_journal(by_pieces, clock, encode_journal(engine, middle)));
  EXPECT_EQ(contents(by_pieces), contents(engine));
  EXPECT_NE(before, middle);
}

TEST_F(Journal, RefusesDamagedShapeCode) {
  const std::string code = shaped(engine, R"({"a":{"b":"text"},"c":[1,2.5,null]})");
  ASSERT_TRUE(append(engine, "shaped", {in_shape_code(51, code)}));
  const Position last = engine.head();
  ASSERT_TRUE(append(engine, "shaped", {in_shape_code(52, code)}));
  const Bytes journal = encode_journal(engine, last);
  const std::string payload = journal.substr(kHeaderBytes);
  const std::string header(journal.substr(0, 8));
  Prng prng(5);
  int refused = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::string damaged = payload;
    for (std::uint64_t i = 0; i <= prng.below(3); ++i) damaged[prng.below(damaged.size())] = static_cast<char>(prng.next());
    const std::unique_ptr<Engine> fork = engine.fork(clock);
    const std::vector<std::string> before = contents(*fork);
    if (replay_journal(*fork, clock, sealed(damaged, header))) {
      contents(*fork);  // whatever it means, it can be read
    } else {
      ++refused;
      EXPECT_EQ(contents(*fork), before);
    }
  }
  EXPECT_GT(refused, 1'000);
}

TEST_F(Journal, KeepsWhatStreamsHideAndRefuse) {
  Engine fresh(clock);
  ASSERT_TRUE(replay_journal(fresh, clock, encode_journal(engine, {})));
  EXPECT_EQ(revisions(read(fresh, "limited")), std::vector<std::uint64_t>{2});
  EXPECT_EQ(fresh.open_stream("deleted", Direction::Forwards, Start{}).error().code, ErrorCode::StreamNotFound);
  EXPECT_EQ(revisions(read(fresh, "revived")), std::vector<std::uint64_t>{1});
  EXPECT_EQ(fresh.open_stream("gone", Direction::Forwards, Start{}).error().code, ErrorCode::StreamDeleted);
  EXPECT_EQ(code_of(append(fresh, "never-was", {event(99)})), ErrorCode::StreamDeleted);
  // A repeat is known as one.
  EXPECT_EQ(append(fresh, "plain", {event(1)}).value().revision, StreamRevision{0});
  EXPECT_EQ(contents(fresh), contents(engine));
}

TEST_F(Journal, AnEventOfSixteenMebibytesSurvives) {
  Prng random(7);
  const std::string large = random_text(random, (16u << 20) - 100);
  ASSERT_TRUE(append(engine, "large", {event(200, "blob", large, "m", ContentType::Binary)}));
  Engine fresh(clock);
  ASSERT_TRUE(replay_journal(fresh, clock, encode_journal(engine, {})));
  ASSERT_EQ(read(fresh, "large").size(), 1u);
  EXPECT_TRUE(read(fresh, "large")[0].data == large);
}

TEST_F(Journal, IsEmptyWhenNothingIsNew) {
  EXPECT_EQ(encode_journal(engine, engine.head()), "");
  EXPECT_EQ(encode_journal(engine, {UINT64_MAX, UINT64_MAX}), "");
  EXPECT_EQ(encode_journal(Engine(clock), {}), "");
  EXPECT_EQ(replayed(""), std::vector<std::string>{});
}

TEST_F(Journal, PiecesAfterEachEventJoinToTheWhole) {
  Bytes pieces;
  Position after;
  for (const RecordedEvent& each : everything(engine)) {
    Engine partial(clock);  // the database as it was when this event was the last one
    ASSERT_TRUE(replay_journal(partial, clock, pieces));
    const std::size_t held = everything(partial).size();
    // A piece of the whole database from here on holds all the rest …
    EXPECT_EQ(replayed(pieces + encode_journal(engine, after)), contents(engine));
    // … and one written at that time holds one event.
    ASSERT_TRUE(partial.replay(each.stream, {each.id, each.type, each.content_type, each.data, each.metadata},
                               each.revision, each.created_ticks));
    EXPECT_EQ(partial.head(), each.position);
    pieces += encode_journal(partial, after);
    after = each.position;
    EXPECT_EQ(replayed(pieces).size(), held + 1);
  }
  EXPECT_EQ(replayed(pieces), contents(engine));
}

TEST_F(Journal, IsWrittenInPiecesOfAnySize) {
  for (const std::uint64_t size : {1u, 100u, 300u, 1'000u, 1'000'000u}) {
    Bytes pieces;
    std::size_t count = 0;
    write_journal(engine, {}, size, [&](std::string_view piece) {
      pieces += piece;
      ++count;
    });
    EXPECT_EQ(replayed(pieces), contents(engine));
    if (size == 1) {
      EXPECT_EQ(count, everything(engine).size());
    }
    if (size == 1'000'000) {
      EXPECT_EQ(pieces, encode_journal(engine, {}));
    }
  }
  write_journal(engine, engine.head(), 100, [](std::string_view) { FAIL() << "nothing is new"; });
  Bytes rest;
  const Position middle = everything(engine)[5].position;
  write_journal(engine, middle, 1, [&](std::string_view piece) { rest += piece; });
  ASSERT_TRUE(replay_journal(engine, clock, rest)) << "all of it is there already";
}

TEST_F(Journal, OverlappingAndRepeatedPiecesAreHarmless) {
  const Bytes whole = encode_journal(engine, {});
  for (const RecordedEvent& each : everything(engine)) {
    EXPECT_EQ(replayed(whole + encode_journal(engine, each.position) + whole), contents(engine));
  }
  int heard = 0;
  engine.on_append([&] { ++heard; });
  const std::vector<std::string> before = contents(engine);
  ASSERT_TRUE(replay_journal(engine, clock, whole));
  EXPECT_EQ(contents(engine), before);
  EXPECT_EQ(heard, 0) << "nothing was added";
}

TEST_F(Journal, ListenersAndCursorsGoOnAfterAReplay) {
  Engine fresh(clock);
  int heard = 0;
  fresh.on_append([&] { ++heard; });
  StreamCursor follower = fresh.follow_stream("plain", Start{}).value();
  EXPECT_FALSE(fresh.next(follower));
  const std::uint64_t generation = fresh.generation();
  ASSERT_TRUE(replay_journal(fresh, clock, encode_journal(engine, {})));
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(fresh.generation(), generation) << "nothing was replaced";
  const std::optional<Record> first = fresh.next(follower);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, id_of(1));
}

TEST_F(Journal, OfADatabaseThatHasOtherStreamsToo) {
  Engine other(clock);
  ASSERT_TRUE(append(other, "own", {event(500)}));
  ASSERT_TRUE(replay_journal(other, clock, encode_journal(engine, {})));
  EXPECT_EQ(everything(other).size(), everything(engine).size() + 1);
  EXPECT_EQ(describe(read(other, "own")).size(), 1u);
}

TEST_F(Journal, OfAScavengedDatabaseKeepsRevisionsAndPositions) {
  ASSERT_GT(engine.scavenge()->events, 3u);
  for (const std::uint64_t piece_bytes : {std::uint64_t{1}, std::uint64_t{200}, kNoLimit}) {
    Engine fresh(clock);
    Bytes pieces;
    write_journal(engine, {}, piece_bytes, [&](std::string_view piece) { pieces += piece; });
    ASSERT_TRUE(replay_journal(fresh, clock, pieces));
    EXPECT_EQ(contents(fresh), contents(engine));
    EXPECT_EQ(fresh.statistics().total_events, engine.statistics().total_events);
    EXPECT_EQ(fresh.statistics().total_streams, engine.statistics().total_streams);
    EXPECT_EQ(fresh.statistics().storage_used_bytes, engine.statistics().storage_used_bytes);
    EXPECT_EQ(encode_journal(fresh, {}), encode_journal(engine, {}));
    EXPECT_EQ(read(fresh, "limited").at(0).revision, StreamRevision{2});
    EXPECT_EQ(append(fresh, "limited", {event(50)}, StreamRevision{2})->revision, StreamRevision{3});
    EXPECT_EQ(append(fresh, "deleted", {event(51)}, NoStream{})->revision, StreamRevision{2});
    EXPECT_EQ(code_of(append(fresh, "gone", {event(52)})), ErrorCode::StreamDeleted);
    EXPECT_TRUE(replay_journal(fresh, clock, pieces)) << "what it holds already";
    EXPECT_EQ(fresh.scavenge()->events, 3u) << "what the appends have hidden: an event of each, and metadata";
  }
}

TEST_F(Journal, ThatContradictsTheDatabaseChangesNothing) {
  const Bytes journal = encode_journal(engine, {});
  Engine other(clock);
  ASSERT_TRUE(append(other, "own", {event(500)}));
  ASSERT_TRUE(append(other, "gone", {event(501)}));  // not the event that the journal has at gone@0
  const std::vector<std::string> before = contents(other);
  const Result<void> result = replay_journal(other, clock, journal);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::CorruptData);
  EXPECT_THAT(result.error().message, HasSubstr("\"gone\""));
  EXPECT_EQ(contents(other), before);
}

TEST_F(Journal, WithAMissingPieceIsRefused) {
  const Position middle = everything(engine)[5].position;
  const Bytes late = encode_journal(engine, middle);
  Engine fresh(clock);
  const Result<void> result = replay_journal(fresh, clock, late);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("begins after position " + std::to_string(middle.commit)));
  EXPECT_EQ(contents(fresh), std::vector<std::string>{});
}

TEST_F(Journal, CutOffAnywhereIsRefused) {
  const Bytes first = encode_journal(engine, {});
  ASSERT_TRUE(append(engine, "more", {event(300)}));
  const Bytes journal = first + encode_journal(engine, everything(engine).rbegin()[1].position);
  for (std::size_t size = 1; size < journal.size(); ++size) {
    if (size == first.size()) continue;  // whole pieces are fine
    expect_corrupt(std::string_view(journal).substr(0, size), "cut off");
    expect_corrupt(std::string_view(journal).substr(size));
  }
}

TEST_F(Journal, WithAnyBitFlippedIsRefused) {
  const Bytes journal = encode_journal(engine, {});
  for (std::size_t i = 0; i < journal.size() * 8; ++i) {
    Bytes damaged = journal;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << (i % 8)));
    expect_corrupt(damaged);
  }
}

// Whoever seals a piece with a right checksum may still have written nonsense: memory must be safe, and what is not
// refused must be a sound database.
TEST_F(Journal, WithASealedButDamagedPayloadNeverReadsOutOfRange) {
  const Bytes journal = encode_journal(engine, {});
  const std::string payload = journal.substr(kHeaderBytes);
  for (std::size_t i = 0; i < payload.size() * 2; ++i) {
    std::string damaged = payload;
    damaged[i / 2] = static_cast<char>(damaged[i / 2] ^ (i % 2 == 0 ? 0x80 : 1 << (i / 2 % 7)));
    Engine fresh(clock);
    if (replay_journal(fresh, clock, sealed(damaged))) {
      Engine again(clock);
      ASSERT_TRUE(replay_journal(again, clock, encode_journal(fresh, {})));
      ASSERT_EQ(contents(again), contents(fresh));
    } else {
      ASSERT_EQ(fresh.statistics().total_events, 0u);
    }
  }
  for (std::size_t size = 0; size < payload.size(); ++size) expect_corrupt(sealed(payload.substr(0, size)));
  expect_corrupt(sealed(payload + '\0'), "not written as a journal is");
}

TEST_F(Journal, OfRandomBytesIsRefused) {
  Prng random(20261123);
  for (int round = 0; round < 20'000; ++round) {
    const std::string garbage = random_text(random, random.below(80));
    Engine fresh(clock);
    if (!garbage.empty()) {
      EXPECT_FALSE(replay_journal(fresh, clock, garbage));
    }
    // The same as a payload behind a plausible start: position 0, end 64, some events.
    std::string payload = std::string("\0\x40", 2) + static_cast<char>(1 + random.below(3)) + garbage;
    const Result<void> result = replay_journal(fresh, clock, sealed(payload));
    if (!result) {
      ASSERT_EQ(result.error().code, ErrorCode::CorruptData);
      ASSERT_EQ(fresh.statistics().total_events, 0u);
    }
  }
}

TEST_F(Journal, NamesTheReasonOfARefusal) {
  const Bytes journal = encode_journal(engine, {});
  const std::string payload = journal.substr(kHeaderBytes);
  expect_corrupt("KLJ1", "cut off within its header");
  expect_corrupt(std::string(64, 'x'), "does not begin as a journal does");
  expect_corrupt(sealed(payload, std::string("KLJ1\3\0\0\0", 8)), "format version 3");
  expect_corrupt(journal + "?", "Piece 2 of the journal, at byte " + std::to_string(journal.size()));
  Bytes longer = journal;
  longer[8] = '\xff', longer[15] = '\xff';  // a length of nearly 2^64
  expect_corrupt(longer, "is cut off");
  // One event, fields in the order of the format.
  const std::string id(16, 'i');
  const auto one_event = [&](const std::string& names, char flags, const std::string& rest) {
    return sealed(std::string("\0\x40\1", 3) + names + flags + rest);
  };
  const std::string names("\0\1s\0\1t", 6);
  const std::string rest = std::string("\0\0", 2) + id + std::string("\0\0", 2);
  EXPECT_EQ(replayed(one_event(names, '\0', rest)).size(), 1u) << "the piece that the following spoil is right";
  expect_corrupt(one_event(names, '\x10', rest), "not written as a journal is");
  // Bit 2: a position of its own; bit 3: the stream begins later.
  EXPECT_EQ(replayed(one_event(names, '\4', '\x10' + rest)).size(), 1u) << "where it would stand anyway";
  EXPECT_EQ(replayed(one_event(names, '\x8', '\1' + rest.substr(1))).size(), 1u) << "revision 1 is its first";
  expect_corrupt(one_event(names, '\4', '\xf' + rest), "does not follow");
  Engine empty(clock);
  EXPECT_THAT(replay_journal(empty, clock, one_event(names, '\4', '\x20' + rest)).error().message,
              HasSubstr("ends at position 128 instead of 64"));
  expect_corrupt(one_event(names, '\4', std::string("\x80\x80\x80\x80\x10", 5) + rest), "not written as a journal is");
  expect_corrupt(one_event(names, '\x8', std::string("\xff\xff\xff\xff\x0f", 5) + rest.substr(1)), "does not follow");
  expect_corrupt(one_event(std::string("\1\0\1t", 4), '\0', rest), "not written as a journal is");
  expect_corrupt(one_event(std::string("\0\0\0\1t", 5), '\0', rest), "does not follow");
  expect_corrupt(one_event(std::string("\0\2$$\0\1t", 7), '\0', rest), "does not follow");
  expect_corrupt(one_event(std::string("\0\4$all\0\1t", 9), '\0', rest), "does not follow");
  expect_corrupt(one_event(std::string("\0\1\xff\0\1t", 6), '\0', rest), "does not follow");
  expect_corrupt(one_event(std::string("\0\1s\0\1\xff", 6), '\0', rest), "does not follow");
  expect_corrupt(one_event(std::string("\0\1s\0\0", 5), '\0', rest), "does not follow");
  expect_corrupt(one_event(names, '\0', '\1' + rest.substr(1)), "does not follow");
  const std::string deleted_revision = std::string(8, '\xff') + '\x7f';
  expect_corrupt(one_event(names, '\0', deleted_revision + rest.substr(1)), "not written as a journal is");
  const std::string too_long_varint = std::string(10, '\xff') + '\1';
  expect_corrupt(one_event(names, '\0', too_long_varint + rest.substr(1)), "not written as a journal is");
  const std::string four_gibibytes("\x80\x80\x80\x80\x10", 5);
  expect_corrupt(one_event(names, '\0', rest.substr(0, 19) + four_gibibytes), "not written as a journal is");
}

TEST_F(Journal, ThatDoesNotFitIntoMemoryChangesNothing) {
  const Bytes journal = encode_journal(engine, {});
  bool fitted = false;
  for (std::uint64_t pages = 1; pages < 40 && !fitted; ++pages) {
    Engine small(clock, {.memory_max_bytes = pages * (64u << 10)});
    const Result<void> result = replay_journal(small, clock, journal);
    fitted = result.ok();
    if (fitted) {
      EXPECT_EQ(contents(small), contents(engine));
      EXPECT_GT(pages, 5u);
      continue;
    }
    EXPECT_EQ(result.error().code, ErrorCode::OutOfMemory);
    EXPECT_EQ(small.statistics().total_events, 0u);
  }
  EXPECT_TRUE(fitted);
}

}  // namespace
}  // namespace kurrentlite
