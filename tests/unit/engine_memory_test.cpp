#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/pages.hpp"
#include "engine_support.hpp"

// A database with little memory: whatever does not fit leaves it as it was, and in working order.
namespace kurrentlite {
namespace {

using namespace testing;

constexpr std::uint64_t kPagesToBegin =
    14;  // one of each kind: 4 of the log, 4 each of stream names and types, 2 of the index

std::uint64_t pages_to_fit(const std::function<bool(Engine&)>& operation, const std::function<void(Engine&)>& before) {
  ManualClock clock;
  for (std::uint64_t pages = 1; pages < 2'000; ++pages) {
    Engine engine(clock, {.memory_max_bytes = 0});
    before(engine);
    // The same content under a limit: a fork takes the limit of the original, so the content is replayed.
    Engine limited(clock, {.memory_max_bytes = pages * kPageBytes});
    bool held = true;
    for (const RecordedEvent& each : everything(engine)) {
      held = held && limited
                         .replay(each.stream, {each.id, each.type, each.content_type, each.data, each.metadata},
                                 each.revision, each.created_ticks)
                         .ok();
    }
    if (!held) continue;  // not even what was there before fits
    const std::vector<std::string> contents_before = contents(limited);
    const DatabaseStatistics statistics = limited.statistics();
    const Position head = limited.head();
    int heard = 0;
    limited.on_append([&] { ++heard; });
    if (operation(limited)) return pages;

    EXPECT_EQ(heard, 0);
    EXPECT_EQ(limited.head(), head);
    EXPECT_EQ(contents(limited), contents_before) << pages << " pages";
    EXPECT_EQ(limited.statistics().total_streams, statistics.total_streams);
    EXPECT_EQ(limited.statistics().storage_used_bytes, statistics.storage_used_bytes);
    const std::uint64_t used_bytes = limited.memory_used_bytes();
    EXPECT_FALSE(operation(limited)) << "and refuses it again";
    EXPECT_EQ(limited.memory_used_bytes(), used_bytes) << "at no further cost";
    // It still works, and knows nothing of what was refused.
    EXPECT_EQ(limited.open_stream("new-stream", Direction::Forwards, Start{}).error().code, ErrorCode::StreamNotFound);
    const std::unique_ptr<Engine> fork = limited.fork(clock);
    EXPECT_EQ(contents(*fork), contents_before);
  }
  ADD_FAILURE() << "never fitted";
  return 0;
}

bool out_of_memory(const Error& error) {
  EXPECT_EQ(error.code, ErrorCode::OutOfMemory) << error.message;
  EXPECT_TRUE(error.number("requestedBytes"));
  return false;
}

void a_few_streams(Engine& engine) {
  ASSERT_TRUE(append(engine, "kept", {event(1), event(2)}));
  ASSERT_TRUE(append(engine, "deleted", {event(3)}));
  ASSERT_TRUE(set_metadata(engine, 4, "deleted", R"({"$maxCount":3})"));
  ASSERT_TRUE(engine.delete_stream("deleted", Any{}));
}

TEST(EngineMemory, TheFirstEventNeedsOnePageOfEachKind) {
  const auto operation = [](Engine& engine) {
    const Result<AppendResult> result = append(engine, "new-stream", {event(10, "new-type")});
    return result || out_of_memory(result.error());
  };
  EXPECT_EQ(pages_to_fit(operation, [](Engine&) {}), kPagesToBegin);
}

TEST(EngineMemory, ALargeAppendThatDoesNotFitChangesNothing) {
  const std::string data(100'000, 'x');
  const auto operation = [&](Engine& engine) {
    std::vector<EventView> events;
    for (std::uint64_t i = 0; i < 20; ++i)
      events.push_back(event(100 + i, i % 2 == 0 ? "new-type" : "other-type", data));
    const Result<AppendResult> result = append(engine, "new-stream", events);
    return result || out_of_memory(result.error());
  };
  EXPECT_GT(pages_to_fit(operation, a_few_streams), kPagesToBegin + 29);
}

TEST(EngineMemory, ManyEventsThatDoNotFitChangeNothing) {
  const auto operation = [](Engine& engine) {
    std::vector<EventView> events;
    for (std::uint64_t i = 0; i < 20'000; ++i) events.push_back(event(1'000 + i, "t", ""));
    const Result<AppendResult> result = append(engine, "new-stream", events);
    return result || out_of_memory(result.error());
  };
  EXPECT_GT(pages_to_fit(operation, a_few_streams), kPagesToBegin + 13);
}

TEST(EngineMemory, LongNamesThatDoNotFitChangeNothing) {
  const std::string name = "new-stream" + std::string(300'000, 'n');
  const std::string type(200'000, 't');
  const auto operation = [&](Engine& engine) {
    const Result<AppendResult> result = append(engine, name, {event(10, type)});
    return result || out_of_memory(result.error());
  };
  EXPECT_GT(pages_to_fit(operation, a_few_streams), kPagesToBegin + 6);
}

TEST(EngineMemory, MetadataThatDoNotFitHideNothing) {
  const std::string metadata = R"({"$maxCount":1,"note":")" + std::string(300'000, 'm') + "\"}";
  const auto operation = [&](Engine& engine) {
    const Result<AppendResult> result = set_metadata(engine, 10, "kept", metadata);
    if (result) return true;
    EXPECT_EQ(read(engine, "kept").size(), 2u);
    return out_of_memory(result.error());
  };
  EXPECT_GT(pages_to_fit(operation, a_few_streams), kPagesToBegin + 3);
}

TEST(EngineMemory, AStreamThatCannotComeBackStaysDeleted) {
  // Both the event and the metadata that revive its stream must fit.
  const std::string metadata = R"({"$tb":9223372036854775807,"note":")" + std::string(150'000, 'm') + "\"}";
  const auto before = [&](Engine& engine) {
    ASSERT_TRUE(append(engine, "deleted", {event(1)}));
    ASSERT_TRUE(set_metadata(engine, 2, "deleted", metadata));
  };
  const auto operation = [](Engine& engine) {
    const Result<AppendResult> result = append(engine, "deleted", {event(10)});
    if (result) {
      EXPECT_EQ(read(engine, "deleted").size(), 1u);
      EXPECT_EQ(everything(engine).back().stream, "$$deleted");
      return true;
    }
    EXPECT_FALSE(engine.open_stream("deleted", Direction::Forwards, Start{}));
    return out_of_memory(result.error());
  };
  EXPECT_GT(pages_to_fit(operation, before), kPagesToBegin + 3);
}

TEST(EngineMemory, ADeleteOrTombstoneThatDoesNotFitChangesNothing) {
  const auto fill_up = [](Engine& engine) {
    ASSERT_TRUE(set_metadata(engine, 1, "kept", "{}"));
    // Leave 20 bytes of the log's page: room for what the last append makes sure of, not for another event.
    constexpr std::uint64_t kFirstPosition = 64;
    constexpr std::uint64_t kHeaderBytes = 44;
    const std::uint64_t end = kFirstPosition + engine.statistics().storage_used_bytes;
    ASSERT_TRUE(append(engine, "kept", {event(2, "t", std::string(kPageBytes - 20 - kHeaderBytes - end, 'x'))}));
  };
  const auto tombstone = [](Engine& engine) {
    const Result<DeleteResult> result = engine.tombstone_stream("kept", Any{});
    return result || out_of_memory(result.error());
  };
  const auto remove = [](Engine& engine) {
    const Result<DeleteResult> result = engine.delete_stream("kept", Any{});
    return result || out_of_memory(result.error());
  };
  const auto nothing = [](Engine&) { return true; };
  const std::uint64_t before = pages_to_fit(nothing, fill_up);
  EXPECT_EQ(pages_to_fit(tombstone, fill_up), before + 1);
  EXPECT_EQ(pages_to_fit(remove, fill_up), before + 1);
}

TEST(EngineMemory, FollowingANameThatDoesNotFitIsRefused) {
  ManualClock clock;
  Engine engine(clock, {.memory_max_bytes = 14 * kPageBytes});
  ASSERT_TRUE(append(engine, "s", {event(1)}));
  for (int i = 0; i < 10; ++i) {
    const Result<StreamCursor> cursor = engine.follow_stream(std::string(500'000, 'n'), Start{});
    ASSERT_FALSE(cursor);
    EXPECT_EQ(cursor.error().code, ErrorCode::OutOfMemory);
  }
  EXPECT_TRUE(engine.follow_stream("short", Start{}));
  EXPECT_TRUE(append(engine, "s", {event(2)}));
}

// An event and the metadata that revive its stream both begin a block of the stream index, wherever in a page that is.
TEST(EngineMemory, BothRowsOfARevivalHaveRoomOfTheirOwn) {
  constexpr std::uint64_t kPageNumbers = kPageBytes / 4;
  constexpr std::uint64_t kSmallBlock = 6;  // numbers that a stream of one event takes
  ManualClock clock;
  Engine engine(clock);
  std::uint64_t id = 0;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(engine, "revived", {event(++id)}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(set_metadata(engine, ++id, "revived", "{}"));
  ASSERT_TRUE(engine.delete_stream("revived", Any{}));  // the fourth of each: both rows are full now
  while (engine.statistics().total_streams < kPageNumbers / kSmallBlock + 20) {
    ++id;
    ASSERT_TRUE(append(engine, "filler-" + std::to_string(id), {event(id)}));
    if (engine.statistics().total_streams < kPageNumbers / kSmallBlock - 20) continue;
    const std::unique_ptr<Engine> fork = engine.fork(clock);
    const std::uint64_t next = read(*fork, "$$revived").at(0).revision.value + 1;
    ASSERT_TRUE(append(*fork, "revived", {event(1'000'000)}));
    ASSERT_EQ(read(*fork, "revived").size(), 1u);
    ASSERT_EQ(read(*fork, "$$revived").at(0).revision.value, next);
    ASSERT_EQ(read(*fork, "revived", Direction::Backwards, End{}).at(0).id, id_of(1'000'000));
    ASSERT_FALSE(engine.open_stream("revived", Direction::Forwards, Start{}));
  }
}

// Multi-stream appends

std::vector<RecordView> alternating(std::uint64_t count, const std::vector<std::string>& streams, std::string_view type,
                                    std::string_view data) {
  std::vector<RecordView> records;
  for (std::uint64_t i = 0; i < count; ++i)
    records.push_back({streams[i % streams.size()], event(10'000 + i, type, data)});
  return records;
}

/// `before` apart, what these records take must be refused at each limit that does not hold them.
std::uint64_t pages_to_fit(const std::vector<RecordView>& records, const std::function<void(Engine&)>& before) {
  const auto operation = [&](Engine& engine) {
    const Result<MultiAppendResult> result = engine.append_records(records, {});
    if (!result) return out_of_memory(result.error());
    std::size_t count = 0;
    for (const MultiAppendResult::Written& each : result->revisions) {
      EXPECT_EQ(read(engine, each.stream).back().revision, each.revision);
      count += read(engine, each.stream).size();
    }
    EXPECT_GE(count, std::min<std::size_t>(records.size(), 3));
    return true;
  };
  return pages_to_fit(operation, before);
}

TEST(EngineMemory, AlternatingStreamsThatDoNotFitChangeNothing) {
  const std::vector<std::string> streams = {"new-stream", "kept", "other-new-stream", "deleted", "$$new-stream"};
  EXPECT_GT(pages_to_fit(alternating(20, streams, "new-type", std::string(60'000, 'x')), a_few_streams),
            kPagesToBegin + 17);
}

TEST(EngineMemory, ManyAlternatingEventsThatDoNotFitChangeNothing) {
  // Enough to need further pages of the stream index: whole blocks of doubling size are taken for each stream.
  const std::vector<std::string> streams = {"new-stream", "kept", "c", "d", "e", "f", "g", "h", "i"};
  EXPECT_GT(pages_to_fit(alternating(9 * 1'030, streams, "t", ""), a_few_streams), kPagesToBegin + 10);
}

TEST(EngineMemory, ManyStreamsThatDoNotFitTogetherChangeNothing) {
  std::vector<std::string> streams;
  for (int i = 0; i < 800; ++i) streams.push_back("new-stream-" + std::to_string(i) + std::string(500, 'n'));
  EXPECT_GT(pages_to_fit(alternating(800, streams, "t", ""), a_few_streams), kPagesToBegin + 5);
}

TEST(EngineMemory, StreamsThatCannotComeBackTogetherStayDeleted) {
  const std::string metadata = R"({"$tb":9223372036854775807,"note":")" + std::string(150'000, 'm') + "\"}";
  const auto before = [&](Engine& engine) {
    for (std::uint64_t i = 0; i < 3; ++i) {
      const std::string stream = "deleted-" + std::to_string(i);
      ASSERT_TRUE(append(engine, stream, {event(3 * i + 1), event(3 * i + 2)}));
      ASSERT_TRUE(set_metadata(engine, 3 * i + 3, stream, metadata));
    }
  };
  const auto operation = [](Engine& engine) {
    const std::vector<EventView> one = {event(100), event(101)};
    const std::vector<EventView> two = {event(102)};
    const std::vector<StreamAppend> requests = {{"deleted-0", NoStream{}, one}, {"deleted-2", Any{}, two}};
    const Result<MultiAppendResult> result = engine.append_session(requests);
    EXPECT_EQ(engine.open_stream("deleted-1", Direction::Forwards, Start{}).error().code, ErrorCode::StreamNotFound);
    if (result) {
      EXPECT_EQ(revisions(read(engine, "deleted-0")), (std::vector<std::uint64_t>{2, 3}));
      EXPECT_EQ(revisions(read(engine, "deleted-2")), (std::vector<std::uint64_t>{2}));
      return true;
    }
    for (const char* stream : {"deleted-0", "deleted-2"}) {
      EXPECT_EQ(engine.open_stream(stream, Direction::Forwards, Start{}).error().code, ErrorCode::StreamNotFound);
    }
    return out_of_memory(result.error());
  };
  EXPECT_GT(pages_to_fit(operation, before), kPagesToBegin + 8);
}

// Each stream begins new blocks of the index while the others do, wherever in a page that is.
TEST(EngineMemory, RowsOfAlternatingStreamsHaveRoomOfTheirOwn) {
  ManualClock clock;
  Engine engine(clock);
  std::uint64_t id = 0;
  constexpr std::uint64_t kPageNumbers = kPageBytes / 4;
  constexpr std::uint64_t kSmallBlock = 6;  // numbers that a stream of one event takes
  const std::vector<std::string> streams = {"a", "b", "c"};
  while (engine.statistics().total_streams < kPageNumbers / kSmallBlock + 10) {
    ++id;
    ASSERT_TRUE(append(engine, "filler-" + std::to_string(id), {event(id)}));
    if (engine.statistics().total_streams < kPageNumbers / kSmallBlock - 50) continue;
    const std::unique_ptr<Engine> fork = engine.fork(clock);
    ASSERT_TRUE(fork->append_records(alternating(31, streams, "t", ""), {}));
    ASSERT_TRUE(append(*fork, "after", {event(900'000)}));
    for (std::size_t stream = 0; stream < streams.size(); ++stream) {
      const std::vector<RecordedEvent> events = read(*fork, streams[stream]);
      ASSERT_EQ(events.size(), stream == 0 ? 11U : 10U);
      for (std::size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].id, id_of(10'000 + 3 * i + stream));
    }
  }
}

TEST(EngineMemory, RefusedMultiStreamAppendsCostNothingWhicheverPageIsMissing) {
  ManualClock clock;
  const std::string data(4'000, 'x');
  const std::vector<std::string> streams = {"one", "two", "three", "four"};
  const std::vector<RecordView> many = alternating(250, streams, "new-type", data);
  const auto events_that_fit = [&](std::uint64_t pages, bool with_refusal) -> std::optional<std::uint64_t> {
    Engine engine(clock, {.memory_max_bytes = pages * kPageBytes});
    if (with_refusal && engine.append_records(many, {})) return std::nullopt;
    std::uint64_t count = 0;
    const auto fits = [&] {
      const std::vector<RecordView> two = {{"s", event(2 * count, "t", data)}, {"z", event(2 * count + 1, "t", data)}};
      return engine.append_records(two, {}).ok();
    };
    while (fits()) ++count;
    EXPECT_EQ(engine.statistics().total_events, 2 * count);
    return count;
  };
  std::uint64_t refusals = 0;
  for (std::uint64_t pages = kPagesToBegin;; ++pages) {
    const std::optional<std::uint64_t> count = events_that_fit(pages, true);
    if (!count) break;
    ++refusals;
    ASSERT_EQ(count, events_that_fit(pages, false)) << pages << " pages";
  }
  EXPECT_GT(refusals, 5U);
}

// What was refused must not take memory from what comes later.
TEST(EngineMemory, RefusedWritesCostNothing) {
  ManualClock clock;
  const auto events_that_fit = [&](bool with_refusals) {
    Engine engine(clock, {.memory_max_bytes = 40 * kPageBytes});
    const std::string large(60 * kPageBytes, 'x');
    std::uint64_t count = 0;
    for (;; ++count) {
      if (with_refusals && count % 64 == 0) {
        const std::string name = "refused-" + std::to_string(count) + std::string(5'000, 'n');
        EXPECT_FALSE(append(engine, name, {event(1'000'000 + count, name, large)}));
        EXPECT_FALSE(append(engine, "$$" + name, {event(1'000'000 + count, "$metadata", large)}));
        EXPECT_FALSE(append(engine, "s", {event(2'000'000 + count), event(3'000'000 + count, name, large)}));
        EXPECT_FALSE(engine.replay(name, event(4'000'000 + count, name, large), {0}, 0));
      }
      if (!append(engine, "s-" + std::to_string(count % 50), {event(count, "t", std::string(100, 'd'))})) break;
    }
    EXPECT_EQ(engine.statistics().total_events, count);
    return count;
  };
  const std::uint64_t without = events_that_fit(false);
  EXPECT_GT(without, 5'000u);
  EXPECT_EQ(events_that_fit(true), without);
}

TEST(EngineMemory, RefusedWritesCostNothingWhicheverPageIsMissing) {
  ManualClock clock;
  std::vector<EventView> many;
  for (std::uint64_t i = 0; i < 20'000; ++i) many.push_back(event(1'000'000 + i, "t", ""));
  const auto events_that_fit = [&](std::uint64_t pages, bool with_refusal) -> std::optional<std::uint64_t> {
    Engine engine(clock, {.memory_max_bytes = pages * kPageBytes});
    if (with_refusal && append(engine, "many", many)) return std::nullopt;
    std::uint64_t count = 0;
    while (append(engine, "s", {event(count, "t", "")})) ++count;
    return count;
  };
  for (std::uint64_t pages = kPagesToBegin;; ++pages) {
    const std::optional<std::uint64_t> count = events_that_fit(pages, true);
    if (!count) break;
    ASSERT_EQ(count, events_that_fit(pages, false)) << pages << " pages";
  }
}

TEST(EngineMemory, AfterARefusalTheSameAppendFitsOnceThereIsRoom) {
  ManualClock clock;
  Engine engine(clock, {.memory_max_bytes = 20 * kPageBytes});
  const std::string large(3 * kPageBytes, 'x');
  std::uint64_t count = 0;
  while (append(engine, "s", {event(count, "t", large)})) ++count;
  ASSERT_GT(count, 0u);
  engine.reset();
  EXPECT_TRUE(everything(engine).empty());
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE(append(engine, "s", {event(i, "t", large)}));
  EXPECT_FALSE(append(engine, "s", {event(count, "t", large)}));
}

}  // namespace
}  // namespace kurrentlite
