#include "engine/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "engine/stream_index.hpp"
#include "engine_support.hpp"

namespace kurrentlite {
namespace {

using namespace testing;

std::string data_of(const Log& log, const Record& record) {
  std::string data(record.data_size, '\0');
  log.copy_body(record, record.metadata_size, record.data_size, data.data());
  return data;
}
std::string metadata_of(const Log& log, const Record& record) {
  std::string metadata(record.metadata_size, '\0');
  log.copy_body(record, 0, record.metadata_size, metadata.data());
  return metadata;
}

class LogTest : public ::testing::Test {
 protected:
  RecordAddress put(const EventView& each, std::uint32_t stream = 1, std::uint32_t type = 1,
                    std::uint64_t revision = 0) {
    EXPECT_TRUE(log.reserve(each, 0, 0));
    const std::uint64_t before = log.size_bytes();
    const RecordAddress address = log.append(each, stream, type, {revision}, 77);
    EXPECT_LE(log.size_bytes() - before, Log::size_max_of(each)) << "no more is written than is reserved";
    return address;
  }
  PageBudget budget;
  Log log{budget};
};

TEST_F(LogTest, ReadsBackWhatWasWritten) {
  const RecordAddress address = put({id_of(0xfedcba9876543210), "", ContentType::Binary, "data", "metadata"},
                                    0xffffffff, (1u << 24) - 1, 4'000'000'000);
  const Record record = log.read(address);
  EXPECT_EQ(record.id, id_of(0xfedcba9876543210));
  EXPECT_EQ(record.stream, 0xffffffff);
  EXPECT_EQ(record.type, (1u << 24) - 1);
  EXPECT_EQ(record.revision.value, 4'000'000'000);
  EXPECT_EQ(record.created_ticks, 77);
  EXPECT_EQ(record.content_type, ContentType::Binary);
  EXPECT_EQ(data_of(log, record), "data");
  EXPECT_EQ(metadata_of(log, record), "metadata");
  EXPECT_FALSE(record.is_tombstone());
}

TEST_F(LogTest, KeepsTheRevisionOfATombstone) {
  const RecordAddress address = put({id_of(1), "", ContentType::Json, {}, {}}, 1, 1, kDeletedRevision);
  EXPECT_EQ(log.read(address).revision.value, kDeletedRevision);
  EXPECT_TRUE(log.read(address).is_tombstone());
}

TEST_F(LogTest, KeepsTimesBeforeAndFarAfterTheEpoch) {
  for (const std::int64_t ticks : {std::int64_t{-1}, INT64_MIN, INT64_MAX, std::int64_t{0}}) {
    ASSERT_TRUE(log.reserve(event(1), 0, 0));
    EXPECT_EQ(log.read(log.append(event(1), 1, 1, {0}, ticks)).created_ticks, ticks);
  }
}

TEST_F(LogTest, KeepsDataAndMetadataAndWhatIsKnownOfThem) {
  for (const std::string data : {"", "\"plain\"", "größer", "\"😀\""}) {
    for (const std::string metadata : {"", "{}", "€"}) {
      for (int known = 0; known < 4; ++known) {
        const EventView given{id_of(1), "", ContentType::Json, data, metadata, 0, (known & 1) != 0, (known & 2) != 0};
        const Record record = log.read(put(given));
        EXPECT_EQ(record.data_checked, given.data_checked);
        EXPECT_EQ(record.metadata_checked, given.metadata_checked);
        EXPECT_EQ(record.data_size, data.size());
        EXPECT_EQ(data_of(log, record), data);
        EXPECT_EQ(metadata_of(log, record), metadata);
      }
    }
  }
}

TEST_F(LogTest, AlignsRecordsAndNeverUsesPositionZero) {
  std::uint64_t expected = 64;
  for (std::size_t size = 0; size < 20; ++size) {
    const Record record = log.read(put({id_of(size), "", ContentType::Json, std::string(size, 'x'), {}}));
    EXPECT_EQ(record.position().commit, expected);
    EXPECT_EQ(record.position().prepare, expected);
    expected += (44 + size + 3) / 4 * 4;
  }
}

TEST_F(LogTest, RecordsCrossPagesAtEveryOffset) {
  // Odd sizes bring each field of a header, once, to the edge of a page.
  Prng random(31);
  std::vector<std::string> written;
  for (int i = 0; i < 3'000; ++i) {
    written.push_back(random_text(random, i % 50 == 0 ? kPageBytes + random.below(3) : 60 + random.below(90)));
    put({id_of(static_cast<std::uint64_t>(i)), "", ContentType::Binary, written.back(), written.back().substr(0, 33)},
        static_cast<std::uint32_t>(i), 5, static_cast<std::uint64_t>(i));
  }
  ASSERT_EQ(log.count(), written.size());
  for (std::uint32_t i = 0; i < written.size(); ++i) {
    const Record record = log.read(log.at(i));
    ASSERT_EQ(record.stream, i);
    ASSERT_EQ(record.revision.value, i);
    ASSERT_EQ(record.id, id_of(i));
    ASSERT_TRUE(data_of(log, record) == written[i]);
    ASSERT_EQ(metadata_of(log, record), written[i].substr(0, 33));
    ASSERT_EQ(log.find(id_of(i)), log.at(i));
  }
}

TEST_F(LogTest, FindsTheNewestEventOfAnId) {
  put(event(1)), put(event(2));
  const RecordAddress newest = put(event(1));
  EXPECT_EQ(log.find(id_of(1)), newest);
  EXPECT_EQ(log.find(id_of(3)), 0u);
}

TEST_F(LogTest, FindsTheFirstEventAtOrAfterAPosition) {
  std::vector<std::uint64_t> positions;
  for (std::uint64_t i = 0; i < 100; ++i) positions.push_back(log.read(put(event(i, "", "12345"))).position().commit);
  EXPECT_EQ(log.lower_bound(0), 0u);
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(log.lower_bound(positions[i]), i);
    EXPECT_EQ(log.lower_bound(positions[i] + 1), i + 1);
    EXPECT_EQ(log.lower_bound(positions[i] - 1), i);
  }
  EXPECT_EQ(log.lower_bound(UINT64_MAX), 100u);
}

TEST_F(LogTest, RefusesWhatItsAddressesCannotReach) {
  EXPECT_FALSE(log.reserve(event(1), 1ull << 34, 0)) << "16 GiB";
  EXPECT_EQ(budget.used_bytes, 0u);
  EXPECT_TRUE(log.reserve(event(1), 0, 0));
}

TEST_F(LogTest, GivesBackWhatWasReservedInVain) {
  put(event(1));
  const std::uint64_t used = budget.used_bytes;
  const std::string large(10 * kPageBytes, 'x');
  for (std::uint32_t i = 0; i < 40'000; i += 1'000) {
    ASSERT_TRUE(log.reserve({id_of(2), "", ContentType::Json, large, {}}, i * 100, i));
  }
  EXPECT_GT(budget.used_bytes, used + 10 * kPageBytes);
  log.trim();
  EXPECT_EQ(budget.used_bytes, used);
  EXPECT_EQ(data_of(log, log.read(log.at(0))), "{}");
}

// The stream index, held against plain vectors.
class StreamIndexTest : public ::testing::Test {
 protected:
  bool add(StreamIndex& to, std::vector<std::vector<RecordAddress>>& rows, std::uint32_t stream, std::uint32_t count) {
    std::uint32_t begun = 0;
    if (!to.own(stream) || !to.reserve(stream, count, begun)) return false;
    if (rows.size() <= stream) rows.resize(stream + 1);
    for (std::uint32_t i = 0; i < count; ++i) {
      to.add(stream, ++last);
      rows[stream].push_back(last);
    }
    return true;
  }
  static void expect_equal(const StreamIndex& found, const std::vector<std::vector<RecordAddress>>& rows) {
    for (std::uint32_t stream = 0; stream < rows.size(); ++stream) {
      const StreamEntry entry = found.entry(stream);
      ASSERT_EQ(entry.count, rows[stream].size());
      for (std::uint32_t i = 0; i < entry.count; ++i) ASSERT_EQ(found.at(entry, i), rows[stream][i]);
    }
  }
  PageBudget budget;
  StreamIndex index{budget};
  std::vector<std::vector<RecordAddress>> wanted;
  RecordAddress last = 0;
};

TEST_F(StreamIndexTest, KnowsNothingOfAStreamNeverWritten) {
  EXPECT_EQ(index.entry(0).count, 0u);
  EXPECT_EQ(index.entry(1'000'000).count, 0u);
  EXPECT_EQ(index.written(), 0u);
}

TEST_F(StreamIndexTest, OneStreamGrowsOverManyBlocks) {
  for (int i = 0; i < 3'000; ++i) ASSERT_TRUE(add(index, wanted, 1, 1));
  ASSERT_TRUE(add(index, wanted, 1, 2'500'000)) << "over blocks of the largest size";
  ASSERT_TRUE(add(index, wanted, 1, 1));
  expect_equal(index, wanted);
}

TEST_F(StreamIndexTest, ManyStreamsGrowSideBySide) {
  Prng random(41);
  for (int i = 0; i < 20'000; ++i) {
    const auto stream = static_cast<std::uint32_t>(1 + random.below(300));
    const auto count = static_cast<std::uint32_t>(random.below(40) == 0 ? random.below(3'000) : random.below(4));
    ASSERT_TRUE(add(index, wanted, stream, count));
  }
  expect_equal(index, wanted);
}

TEST_F(StreamIndexTest, TwoStreamsOfOneWriteGetRoomOfTheirOwn) {
  // Whatever the place in the page at which their new blocks begin. Room is 16,384 numbers a page.
  for (std::uint32_t filler = 16'340; filler < 16'390; ++filler) {
    PageBudget own_budget;
    StreamIndex fresh(own_budget);
    PageBudget fork_budget;
    std::uint32_t begun = 0;
    std::uint32_t streams = 1;
    for (std::uint32_t used = 1; used + 6 <= filler; used += 6) {  // streams of one small block each
      ASSERT_TRUE(fresh.own(streams));
      begun = 0;
      ASSERT_TRUE(fresh.reserve(streams, 1, begun));
      fresh.add(streams++, 1);
    }
    const StreamIndex fork(fresh, fork_budget);  // so that a page not owned is shared, and a wrong write is seen
    ASSERT_TRUE(fresh.own(streams) && fresh.own(streams + 1));
    begun = 0;
    ASSERT_TRUE(fresh.reserve(streams, 9, begun));
    ASSERT_TRUE(fresh.reserve(streams + 1, 9, begun));
    for (std::uint32_t i = 0; i < 9; ++i) fresh.add(streams, 100 + i);
    for (std::uint32_t i = 0; i < 9; ++i) fresh.add(streams + 1, 200 + i);
    for (std::uint32_t i = 0; i < 9; ++i) {
      ASSERT_EQ(fresh.at(fresh.entry(streams), i), 100 + i);
      ASSERT_EQ(fresh.at(fresh.entry(streams + 1), i), 200 + i);
    }
    ASSERT_EQ(fork.entry(streams).count, 0u);
  }
}

TEST_F(StreamIndexTest, AForkIsIndependent) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(add(index, wanted, 1 + static_cast<std::uint32_t>(i) % 7, 3));
  PageBudget fork_budget;
  StreamIndex fork(index, fork_budget);
  std::vector<std::vector<RecordAddress>> wanted_of_fork = wanted;
  for (std::uint32_t i = 1; i < 9; ++i) {
    ASSERT_TRUE(add(index, wanted, i, 5));
    ASSERT_TRUE(add(fork, wanted_of_fork, 9 - i, 11));
  }
  expect_equal(index, wanted);
  expect_equal(fork, wanted_of_fork);
}

TEST_F(StreamIndexTest, ATombstoneCountsAsAStreamButNotAsARevision) {
  ASSERT_TRUE(add(index, wanted, 1, 2));
  ASSERT_TRUE(index.own(2));
  index.tombstone(2, 5);
  index.tombstone(1, 6);
  EXPECT_EQ(index.written(), 2u);
  EXPECT_EQ(index.entry(1).count, 2u);
  EXPECT_EQ(index.entry(2).count, 0u);
  EXPECT_EQ(index.entry(2).tombstone, 5u);
}

TEST_F(StreamIndexTest, RefusesWithoutMemoryAndGivesItBack) {
  ASSERT_TRUE(add(index, wanted, 1, 3));
  budget.max_bytes = budget.used_bytes + 2 * kPageBytes;
  const std::uint64_t used = budget.used_bytes;
  std::uint32_t begun = 0;
  EXPECT_FALSE(index.reserve(1, 100'000, begun));
  index.trim(1);
  EXPECT_EQ(budget.used_bytes, used);
  expect_equal(index, wanted);
  EXPECT_TRUE(add(index, wanted, 1, 20'000));
  expect_equal(index, wanted);
}

}  // namespace
}  // namespace kurrentlite
