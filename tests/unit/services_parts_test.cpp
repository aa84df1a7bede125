// Parts of the services by themselves: lists, the read model, statistics of calls.
#include "services/metrics.hpp"
#include "services/read_model.hpp"

#include <gmock/gmock.h>

#include "base/prng.hpp"
#include "support/query_world.hpp"

namespace kurrentlite::services {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Lists

Stream document(std::string id, std::string name, std::int64_t created_at_ms, std::int64_t updated_at_ms) {
  Stream stream;
  stream.id = std::move(id);
  stream.name = std::move(name);
  stream.metadata.created_at_ms = created_at_ms;
  stream.metadata.updated_at_ms = updated_at_ms;
  stream.metadata.owner = "ann";
  return stream;
}

class List : public ::testing::Test {
 protected:
  List() {
    documents_.push_back(document("d", "beta", 1, 9));
    documents_.push_back(document("c", "Alpha", 2, 8));
    documents_.push_back(document("b", "alpha", 2, 7));
    documents_.push_back(document("a", "gamma", 3, 9));
    documents_[0].metadata.tags = {"x", "Green"};
    documents_[1].metadata.tags = {"x"};
    documents_[1].description = "Some WORDS";
    documents_[2].metadata.owner = "bob";
    documents_[3].status = StreamStatus::Archived;
  }
  StreamPage page(const StreamFilter& filter) {
    QueryWorld world;
    for (const Stream& each : documents_) world.put(each);
    QueryPage found = world.run(query_of(filter));
    return {std::move(found.items), found.total.value_or(0), filter.offset, filter.limit};
  }
  std::vector<std::string> ids(const StreamFilter& filter) {
    std::vector<std::string> all;
    for (const Stream& each : page(filter).items) all.push_back(each.id);
    return all;
  }
  std::vector<Stream> documents_;
};

TEST_F(List, OrdersStablyWithTiesById) {
  StreamFilter filter;
  EXPECT_THAT(ids(filter), ElementsAre("d", "b", "c", "a"));
  filter.descending = true;
  EXPECT_THAT(ids(filter), ElementsAre("a", "b", "c", "d"));
  filter.sort = StreamSort::UpdatedAt;
  EXPECT_THAT(ids(filter), ElementsAre("a", "d", "c", "b"));
  filter.descending = false;
  EXPECT_THAT(ids(filter), ElementsAre("b", "c", "a", "d"));
  filter.sort = StreamSort::Name;
  EXPECT_THAT(ids(filter), ElementsAre("b", "c", "d", "a"));
  filter.sort = StreamSort::Id;
  EXPECT_THAT(ids(filter), ElementsAre("a", "b", "c", "d"));
}

TEST_F(List, EveryConditionMustHold) {
  StreamFilter filter;
  filter.owner = "ann";
  EXPECT_THAT(ids(filter), ElementsAre("d", "c", "a"));
  filter.tags = {"x"};
  EXPECT_THAT(ids(filter), ElementsAre("d", "c"));
  filter.tags = {"x", "Green"};
  EXPECT_THAT(ids(filter), ElementsAre("d"));
  filter.tags = {"green"};
  EXPECT_THAT(ids(filter), IsEmpty());
  filter = {};
  filter.status = StreamStatus::Archived;
  EXPECT_THAT(ids(filter), ElementsAre("a"));
  filter.owner = "bob";
  EXPECT_THAT(ids(filter), IsEmpty());
}

TEST_F(List, SearchLooksInIdNameDescriptionAndTagsWhateverTheCase) {
  const auto search = [&](const char* text) {
    StreamFilter filter;
    filter.search = text;
    return ids(filter);
  };
  EXPECT_THAT(search("ALPHA"), ElementsAre("b", "c"));
  EXPECT_THAT(search("words"), ElementsAre("c"));
  EXPECT_THAT(search("gree"), ElementsAre("d"));
  EXPECT_THAT(search("D"), ElementsAre("d", "c"));
  EXPECT_THAT(search("zeta"), IsEmpty());
}

TEST_F(List, PagesNeitherOverlapNorLeaveGaps) {
  for (std::uint32_t limit = 1; limit <= 5; ++limit) {
    std::vector<std::string> all;
    for (std::uint32_t offset = 0; offset < 6; offset += limit) {
      StreamFilter filter;
      filter.offset = offset;
      filter.limit = limit;
      const StreamPage part = page(filter);
      EXPECT_EQ(part.total, 4u);
      EXPECT_EQ(part.offset, offset);
      EXPECT_EQ(part.limit, limit);
      for (const Stream& each : part.items) all.push_back(each.id);
    }
    EXPECT_THAT(all, ElementsAre("d", "b", "c", "a")) << limit;
  }
  StreamFilter far;
  far.offset = 4'000'000'000;
  EXPECT_THAT(page(far).items, IsEmpty());
}

// Read model

RecordedEvent recorded(const std::string& stream, std::uint64_t revision, std::uint64_t position,
                       const std::string& type, const std::string& data) {
  RecordedEvent event;
  event.stream = stream;
  event.revision = {revision};
  event.position = {position, position};
  event.type = type;
  event.data = data;
  event.created_ticks = static_cast<std::int64_t>(position) * kTicksPerMillisecond;
  return event;
}

constexpr const char* kCreated = R"({"name":"N","data":1})";
constexpr const char* kSoftDelete = R"({"$tb":9223372036854775807})";

class Model : public ::testing::Test {
 protected:
  /// The fold of what the model was told, as our own write would bring it.
  static DocumentFold fold(const std::vector<RecordedEvent>& events) {
    DocumentFold fold;
    for (const RecordedEvent& each : events) fold.apply("a", each);
    return fold;
  }
  ReadModel model_;
};

TEST_F(Model, WhatItHasSeenChangesNothing) {
  const RecordedEvent created = recorded("document-a", 0, 10, "document-created", kCreated);
  EXPECT_TRUE(model_.apply(created).documents);
  EXPECT_FALSE(model_.apply(created).documents);
  EXPECT_FALSE(model_.put_document("a", fold({created}), {10, 10}).documents);
  const RecordedEvent updated = recorded("document-a", 1, 20, "document-updated", R"({"data":2})");
  EXPECT_TRUE(model_.put_document("a", fold({created, updated}), {20, 20}).documents);
  EXPECT_FALSE(model_.apply(updated).documents);
  EXPECT_FALSE(model_.apply(created).documents);
  ASSERT_THAT(model_.documents(), SizeIs(1));
  EXPECT_EQ(model_.documents().front()->data, "2");
  EXPECT_EQ(model_.documents().front()->metadata.created_at_ms, 10);
  EXPECT_EQ(model_.documents().front()->metadata.updated_at_ms, 20);
}

TEST_F(Model, AGuessedTimeIsSetRightByTheEvent) {
  const RecordedEvent created = recorded("document-a", 0, 10, "document-created", kCreated);
  const RecordedEvent deleted = recorded("document-a", 1, 20, "document-deleted", "{}");
  RecordedEvent guessed = created;
  guessed.created_ticks += 5 * kTicksPerMillisecond;
  model_.put_document("a", fold({guessed}), {10, 10}, DocumentFold{});
  EXPECT_EQ(model_.documents().front()->metadata.created_at_ms, 15);
  EXPECT_TRUE(model_.apply(created).documents);
  EXPECT_EQ(*model_.documents().front(), *fold({created}).document);
  EXPECT_FALSE(model_.apply(created).documents);
  guessed = deleted;
  guessed.created_ticks += 5 * kTicksPerMillisecond;
  model_.put_document("a", fold({created, guessed}), {20, 20}, fold({created}));
  EXPECT_FALSE(model_.apply(created).documents);
  EXPECT_TRUE(model_.apply(deleted).documents);
  EXPECT_EQ(*model_.documents().front(), *fold({created, deleted}).document);

  const UserStreamKey key{"u", "t"};
  const RecordedEvent stored = recorded("user-u-t", 0, 30, "user-data-stored", R"({"data":1})");
  UserStream state = *parse_user_data(key, stored)->state;
  state.created_at_ms += 5;
  model_.put_user_data(key, state, 1, {30, 30}, true);
  EXPECT_TRUE(model_.apply(stored).users);
  EXPECT_EQ(model_.user_data("u").front()->created_at_ms, 30);
  EXPECT_FALSE(model_.apply(stored).users);
}

TEST_F(Model, ADeletionBeforeOurOwnWriteDoesNotUndoIt) {
  const RecordedEvent first = recorded("document-a", 0, 10, "document-created", kCreated);
  const RecordedEvent again = recorded("document-a", 1, 30, "document-created", R"({"name":"again","data":1})");
  model_.apply(first);
  model_.put_document("a", fold({again}), {30, 30});  // re-created by us, ahead of the feed
  EXPECT_FALSE(model_.apply(recorded("$$document-a", 0, 20, "$metadata", kSoftDelete)).documents);
  EXPECT_FALSE(model_.apply(again).documents);
  ASSERT_THAT(model_.documents(), SizeIs(1));
  EXPECT_EQ(model_.documents().front()->name, "again");
  EXPECT_TRUE(model_.apply(recorded("$$document-a", 1, 40, "$metadata", kSoftDelete)).documents);
  EXPECT_THAT(model_.documents(), IsEmpty());
  EXPECT_FALSE(model_.put_document("a", fold({again}), {30, 30}).documents) << "no ghosts";
}

TEST_F(Model, OtherMetadataDeleteNothing) {
  model_.apply(recorded("document-a", 0, 10, "document-created", kCreated));
  for (const char* metadata :
       {"{}", "", "[]", R"({"$tb":5})", R"({"$tb":"9223372036854775807"})", R"({"$maxCount":1})"}) {
    EXPECT_FALSE(model_.apply(recorded("$$document-a", 0, 20, "$metadata", metadata)).documents);
  }
  EXPECT_FALSE(model_.apply(recorded("$$document-b", 0, 30, "$metadata", kSoftDelete)).documents);
  EXPECT_THAT(model_.documents(), SizeIs(1));
}

TEST_F(Model, ATombstoneIsFinal) {
  model_.apply(recorded("document-a", 0, 10, "document-created", kCreated));
  EXPECT_TRUE(model_.apply(recorded("document-a", kDeletedRevision, 20, "$streamDeleted", "")).documents);
  EXPECT_FALSE(model_.apply(recorded("document-a", 1, 30, "document-created", kCreated)).documents);
  EXPECT_THAT(model_.documents(), IsEmpty());
  model_.apply(recorded("user-u-t", 0, 40, "user-data-stored", R"({"data":1})"));
  EXPECT_TRUE(model_.apply(recorded("user-u-t", kDeletedRevision, 50, "$streamDeleted", "")).users);
  EXPECT_THAT(model_.user_data(std::nullopt), IsEmpty());
}

TEST_F(Model, OtherStreamsDoNotConcernIt) {
  for (const char* stream : {"order-1", "$settings", "$$order-1", "documents-1", "users-a-b", "document-", ""}) {
    const ReadModel::Changed changed = model_.apply(recorded(stream, 0, 10, "document-created", kCreated));
    EXPECT_FALSE(changed.documents || changed.users) << stream;
  }
  EXPECT_THAT(model_.documents(), IsEmpty());
}

TEST_F(Model, CountsUsersOnce) {
  std::uint64_t position = 0;
  for (const char* stream : {"user-a-s", "user-a-t", "user-a%2Db-t", "user-ab-t"}) {
    model_.apply(recorded(stream, 0, ++position, "user-data-stored", R"({"data":1})"));
  }
  EXPECT_EQ(model_.counts().users, 3u);
}

TEST_F(Model, NothingThatStreamsMayHoldBreaksIt) {
  // Random events, also nonsense; afterwards a fold of each stream from the start must agree with the model.
  Prng prng(7);
  const std::vector<std::string> types{"document-created", "document-updated", "document-archived", "document-restored",
                                       "document-deleted", "user-data-stored", "user-data-deleted", "other"};
  const std::vector<std::string> bodies{kCreated,
                                        "{}",
                                        "",
                                        "null",
                                        R"({"data":{"a":[1]}})",
                                        R"({"tags":["t"]})",
                                        R"({"name":1,"data":1})",
                                        "\xff",
                                        R"({"data":1,"isPublic":true})"};
  const auto one_of = [&](const std::vector<std::string>& texts) { return texts[prng.below(texts.size())]; };
  std::vector<RecordedEvent> events;
  std::size_t applied = 0;
  int documents_seen = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    if (prng.chance(0.02)) {
      events.clear();
      model_.clear();
      applied = 0;
    }
    const std::uint64_t revision = events.size();
    events.push_back(recorded("document-a", revision, i * 2 + 2, one_of(types), one_of(bodies)));
    if (prng.chance(0.3)) continue;  // the feed is behind
    if (prng.chance(0.5)) model_.put_document("a", fold(events), events.back().position);
    // Again from some point on, as after a lost subscription.
    for (std::size_t k = prng.below(applied + 1); k < events.size(); ++k) model_.apply(events[k]);
    applied = events.size();
    model_.apply(recorded("user-u-t", i, i * 2 + 3, one_of(types), one_of(bodies)));
    const DocumentFold expected = fold(events);
    const std::vector<const Stream*> documents = model_.documents();
    ASSERT_EQ(documents.size(), expected.document ? 1u : 0u);
    if (!expected.document) continue;
    ASSERT_EQ(*documents.front(), *expected.document);
    ++documents_seen;
  }
  EXPECT_GT(documents_seen, 1000);
}

// Statistics

TEST(CallStatistics, PercentilesAreOfTheLast512Calls) {
  CallStatistics calls;
  EXPECT_EQ(calls.summary({}, {}).p99_ms, 0);
  calls.add({}, std::chrono::hours(1), true);  // will be forgotten, but counted
  for (int i = 1; i <= 512; ++i) calls.add({}, std::chrono::milliseconds(i), i == 5);
  calls.add_retry({});
  const OperationMetrics summary = calls.summary({}, {});
  EXPECT_EQ(summary.count, 513u);
  EXPECT_EQ(summary.errors, 2u);
  EXPECT_EQ(summary.retries, 1u);
  EXPECT_EQ(summary.p50_ms, 256);
  EXPECT_EQ(summary.p95_ms, 487);
  EXPECT_EQ(summary.p99_ms, 507);
}

TEST(CallStatistics, OneCallIsEveryPercentile) {
  CallStatistics calls;
  calls.add({}, std::chrono::microseconds(1500), false);
  EXPECT_EQ(calls.summary({}, {}).p50_ms, 1.5);
  EXPECT_EQ(calls.summary({}, {}).p99_ms, 1.5);
}

TEST(Models, HaveNames) {
  EXPECT_STREQ(to_string(StreamStatus::Archived), "archived");
  EXPECT_EQ(parse_stream_status("deleted"), StreamStatus::Deleted);
  EXPECT_EQ(parse_stream_status("Deleted"), std::nullopt);
  EXPECT_STREQ(to_string(HealthStatus::Degraded), "degraded");
}

}  // namespace
}  // namespace kurrentlite::services
