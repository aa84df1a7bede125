// Queries, indexes and live results, by what users see of them: through StreamService on every kind of client.
#include "support/query_world.hpp"
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Fields = std::vector<std::string>;

Condition where(const char* json) {
  Result<Condition> parsed = parse_condition(json);
  EXPECT_THAT(parsed, IsOk());
  return parsed.ok() ? std::move(parsed).value() : Condition{};
}

class Queried : public ServiceSuite {
 protected:
  std::vector<std::string> ids(const QueryPage& page) {
    std::vector<std::string> all;
    for (const Stream& each : page.items) all.push_back(each.id);
    return all;
  }
  /// Ten orders, `o0` to `o9`, with totals 0, 10, … 90 in two countries.
  void place_orders() {
    for (int i = 0; i < 10; ++i) {
      CreateStreamRequest request = named("o" + std::to_string(i), "Order", "");
      request.kind = "order";
      request.data = R"({"total": )" + std::to_string(i * 10) + R"(, "country": ")" + (i % 3 == 0 ? "DE" : "FR") + R"("})";
      if (i % 2 == 0) request.tags = std::vector<std::string>{"even", "n" + std::to_string(i)};
      good(documents_->create(std::move(request)));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Services, Queried, every_service_host(), host_name);

TEST_P(Queried, FindsByConditionInOrderWithTotalAndGroups) {
  place_orders();
  StreamQuery query;
  query.where = where(R"({"data.total": {"gte": 20}, "kind": "order"})");
  query.sort = {{"data.country"}, {"data.total", true}};
  query.limit = 3;
  query.total = true;
  query.group_by = "data.country";
  const QueryPage page = good(documents_->query(query));
  EXPECT_THAT(ids(page), ElementsAre("o9", "o6", "o3"));
  EXPECT_EQ(page.total, 8u);
  ASSERT_THAT(page.groups, SizeIs(2));
  EXPECT_EQ(page.groups[0].value, "\"FR\"");
  EXPECT_EQ(page.groups[0].count, 5u);
  EXPECT_EQ(page.groups[1].count, 3u);
  EXPECT_EQ(page.groups_total, 2u);
}

TEST_P(Queried, GroupsCountElementsOfArraysAndWhatIsMissing) {
  place_orders();
  good(documents_->create(named("x", "N", R"({"total": [1, 1, {"a": 1}]})")));
  StreamQuery query;
  query.group_by = "data.total.0";
  const QueryPage first = good(documents_->query(query));
  ASSERT_THAT(first.groups, SizeIs(2));
  EXPECT_EQ(first.groups[0].value, "");
  EXPECT_EQ(first.groups[0].count, 10u);
  query.group_by = "tags";
  query.where = where(R"({"tags": {"contains": "even"}})");
  const QueryPage tags = good(documents_->query(query));
  ASSERT_THAT(tags.groups, SizeIs(6));
  EXPECT_EQ(tags.groups[0].value, "\"even\"");
  EXPECT_EQ(tags.groups[0].count, 5u);
}

TEST_P(Queried, CursorsKeepTheirPlaceWhileDocumentsComeAndGo) {
  place_orders();
  StreamQuery query;
  query.sort = {{"data.total"}};
  query.limit = 4;
  const QueryPage first = good(documents_->query(query));
  EXPECT_THAT(ids(first), ElementsAre("o0", "o1", "o2", "o3"));
  EXPECT_THAT(await(documents_->remove("o1")), IsOk());
  EXPECT_THAT(await(documents_->remove("o3")), IsOk()) << "the very document that the cursor stands on";
  created("new-before", "N", R"({"total": 15})");
  created("new-behind", "N", R"({"total": 45})");
  query.cursor = first.next;
  const QueryPage second = good(documents_->query(query));
  EXPECT_THAT(ids(second), ElementsAre("o4", "new-behind", "o5", "o6"));
  query.cursor = second.next;
  const QueryPage last = good(documents_->query(query));
  EXPECT_THAT(ids(last), ElementsAre("o7", "o8", "o9"));
  EXPECT_EQ(last.next, std::nullopt);
}

TEST_P(Queried, ACursorOfAnotherQueryIsRefused) {
  place_orders();
  StreamQuery query;
  query.limit = 1;
  query.sort = {{"data.total"}};
  query.cursor = good(documents_->query(query)).next;
  ASSERT_TRUE(query.cursor.has_value());
  query.limit = 2;
  EXPECT_THAT(ids(good(documents_->query(query))), ElementsAre("o1", "o2")) << "the size of a page may change";
  StreamQuery other = query;
  other.sort[0].descending = true;
  EXPECT_THAT(await(documents_->query(other)), RefusesFields(Fields{"cursor"}));
  other = query;
  other.where = field("owner").eq("ann");
  EXPECT_THAT(await(documents_->query(other)), RefusesFields(Fields{"cursor"}));
  for (const char* nonsense : {"", "x", "!!!!", "W10", "bnVsbA"}) {
    other = query;
    other.cursor = nonsense;
    EXPECT_THAT(await(documents_->query(other)), RefusesFields(Fields{"cursor"})) << nonsense;
  }
}

TEST_P(Queried, RowsHoldWhatWasSelected) {
  created("a", "N", R"({"x": 1.50, "o": {"k": [1, 2.0]}, "t": "q\"\u00e9"})");
  StreamQuery query;
  query.select = {"name", "data.x", "data.o", "/data/t", "data.none", "tags", "version", "id"};
  const QueryPage page = good(documents_->query(query));
  EXPECT_THAT(page.items, IsEmpty());
  EXPECT_THAT(page.rows,
              ElementsAre(R"({"id":"a","name":"N","data.x":1.5,"data.o":{"k": [1, 2.0]},"/data/t":"q\"é","tags":[],"version":1})"));
}

TEST_P(Queried, DeletedDocumentsAreFoundOnlyByTheirStatus) {
  created("a");
  created("b");
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  good(documents_->archive("b"));
  EXPECT_THAT(ids(good(documents_->query({}))), ElementsAre("b"));
  StreamQuery query;
  query.where = where(R"({"status": {"in": ["deleted", "archived"]}})");
  EXPECT_THAT(ids(good(documents_->query(query))), ElementsAre("a", "b"));
}

TEST_P(Queried, EveryBadPlaceOfAQueryIsNamed) {
  StreamQuery query;
  query.where = field("data.x").gt(nullptr);
  query.sort = {{"data.a"}, {"nothing"}};
  query.select = {"id", "permissions"};
  query.group_by = "x.y";
  query.limit = 1001;
  EXPECT_THAT(await(documents_->query(query)),
              RefusesFields(Fields{"where.data.x.gt", "sort[1]", "select[1]", "groupBy", "limit"}));
  EXPECT_THAT(await(documents_->explain(query)), RefusesFields(Fields{"where.data.x.gt", "sort[1]", "select[1]", "groupBy", "limit"}));
  query = {};
  query.limit = 0;
  EXPECT_THAT(await(documents_->query(query)), RefusesFields(Fields{"limit"}));
  query = {};
  query.where = field("name").regex("x");
  EXPECT_THAT(await(documents_->query(query)), RefusesFields(Fields{"where.name.regex"})) << "no engine was given";
}

TEST_P(Queried, IndexesAreUsedAndKeptUpToDate) {
  EXPECT_THAT(await(documents_->declare_index("data.total")), IsOk());
  place_orders();
  EXPECT_THAT(await(documents_->declare_index("tags", "order")), IsOk());
  StreamQuery query;
  query.where = where(R"({"data.total": {"gt": 30, "lte": 50}})");
  QueryExplanation how = good(documents_->explain(query));
  EXPECT_TRUE(how.uses_index);
  EXPECT_EQ(how.index, "data.total");
  EXPECT_EQ(how.index_use, "range");
  EXPECT_EQ(how.sorted_by, "id");
  EXPECT_EQ(how.examined, 2u);
  EXPECT_EQ(how.matched, 2u);
  EXPECT_EQ(how.documents, 10u);
  good(documents_->update("o9", with_data(R"({"total": 45})")));
  EXPECT_THAT(await(documents_->remove("o4")), IsOk());
  EXPECT_THAT(ids(good(documents_->query(query))), ElementsAre("o5", "o9"));

  query.where = where(R"({"tags": {"contains": "n6"}})");
  EXPECT_FALSE(good(documents_->explain(query)).uses_index) << "documents of other kinds are not in the index";
  query.where = where(R"({"tags": {"contains": "n6"}, "kind": "order"})");
  how = good(documents_->explain(query));
  EXPECT_EQ(how.index_use, "contains");
  EXPECT_EQ(how.index_kind, "order");
  EXPECT_EQ(how.examined, 1u);

  query = {};
  query.sort = {{"data.total", true}};
  query.limit = 1;
  how = good(documents_->explain(query));
  EXPECT_EQ(how.index_use, "sort");
  EXPECT_EQ(how.sorted_by, "index");
  EXPECT_THAT(ids(good(documents_->query(query))), ElementsAre("o8"));
  query.sort = {{"data.country"}};
  EXPECT_EQ(good(documents_->explain(query)).sorted_by, "sort");

  query = {};
  query.where = where(R"({"id": {"in": ["o3", "nobody", "o1"]}})");
  how = good(documents_->explain(query));
  EXPECT_EQ(how.index, "id");
  EXPECT_EQ(how.examined, 2u);
  EXPECT_THAT(await(documents_->declare_index("total")), RefusesFields(Fields{"path"}));
}

TEST_P(Queried, QueriesShowWhatTheActingUserMayRead) {
  CreateStreamRequest secret = named("secret");
  secret.owner = "ann";
  secret.permissions = PermissionsPatch{std::vector<std::string>{"bob"}, std::nullopt, std::nullopt};
  good(documents_->create(secret));
  created("open");
  documents_.services().act_as("eve");
  StreamQuery query;
  query.total = true;
  EXPECT_EQ(good(documents_->query(query)).total, 1u);
  StreamWatch watch = std::move(await(documents_->watch({}, [](const LiveUpdate&) {}))).value();
  EXPECT_THAT(watch.first().ids, ElementsAre("open"));
  documents_.services().act_as("bob");
  EXPECT_THAT(ids(good(documents_->query(query))), ElementsAre("open", "secret"));
}

/// A live result as its listener knows it.
struct Followed {
  std::vector<LiveUpdate> updates;
  std::function<void(LiveUpdate)> listener() {
    return [this](LiveUpdate update) { updates.push_back(std::move(update)); };
  }
  bool shows(const std::vector<std::string>& ids) const { return !updates.empty() && updates.back().ids == ids; }
};

TEST_P(Queried, ALiveResultFollowsWhatEntersLeavesAndMoves) {
  place_orders();
  StreamQuery query;
  query.where = where(R"({"data.total": {"gte": 70}})");
  query.sort = {{"data.total", true}};
  query.limit = 2;
  Followed followed;
  Result<StreamWatch> watch = await(documents_->watch(query, followed.listener()));
  ASSERT_THAT(watch, IsOk());
  EXPECT_THAT(watch->first().ids, ElementsAre("o9", "o8"));
  EXPECT_EQ(watch->first().total, 3u);
  ASSERT_THAT(watch->first().changes, SizeIs(2));
  EXPECT_EQ(watch->first().changes[1].item->id, "o8");

  good(others_->update("o9", with_data(R"({"total": 75})")));  // moves behind o8, and stays within the limit
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({"o8", "o9"}); }));
  EXPECT_EQ(followed.updates.back().changes.back().kind, LiveChange::Kind::Changed);
  EXPECT_EQ(followed.updates.back().changes.back().index, 1u);
  EXPECT_EQ(followed.updates.back().changes.back().previous_index, 0u);
  EXPECT_THAT(await(others_->remove("o8")), IsOk());  // o7 moves up
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({"o9", "o7"}); }));
  EXPECT_EQ(followed.updates.back().total, 2u);
  EXPECT_EQ(followed.updates.back().changes[0].kind, LiveChange::Kind::Removed);
  good(others_->create(named("top", "N", R"({"total": 500})")));
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({"top", "o9"}); }));
  EXPECT_EQ(followed.updates.back().total, 3u);
  const std::size_t told = followed.updates.size();
  good(others_->update("o1", with_data(R"({"total": 11})")));
  good(others_->update("o7", with_data(R"({"total": 71})")));  // matches, but is beyond the limit
  wait_for_lists(documents_);
  pause();
  EXPECT_EQ(followed.updates.size(), told) << "nothing that is shown has changed";
}

TEST_P(Queried, ALiveResultTellsOnceATurnAndNoMoreWhenItsHandleIsGone) {
  Followed followed;
  std::optional<StreamWatch> watch = std::move(await(documents_->watch({}, followed.listener()))).value();
  for (int i = 0; i < 20; ++i) append_raw("document-d" + std::to_string(i), "document-created",
                                          R"({"id":"x","name":"N","data":1,"tags":[],"owner":"a","permissions":{"read":["*"],"write":[],"admin":[]}})");
  ASSERT_TRUE(host_->run_until([&] { return !followed.updates.empty() && followed.updates.back().ids.size() == 20; }));
  EXPECT_LE(followed.updates.size(), 20u);
  watch.reset();
  const std::size_t told = followed.updates.size();
  created("after");
  wait_for_lists(documents_);
  pause();
  EXPECT_EQ(followed.updates.size(), told);
}

TEST_P(Queried, ALiveResultGrowsAndShrinksWithoutANewSearch) {
  place_orders();
  StreamQuery query;
  query.sort = {{"data.total", true}};
  query.limit = 1;
  Followed followed;
  Result<StreamWatch> watch = await(documents_->watch(query, followed.listener()));
  ASSERT_THAT(watch, IsOk());
  std::optional<LiveUpdate> update = watch->resize(3);
  ASSERT_TRUE(update.has_value());
  EXPECT_THAT(update->ids, ElementsAre("o9", "o8", "o7"));
  ASSERT_THAT(update->changes, SizeIs(2));
  EXPECT_EQ(update->changes[0].kind, LiveChange::Kind::Added);
  EXPECT_EQ(update->changes[0].index, 1u);
  EXPECT_FALSE(watch->resize(3).has_value()) << "nothing is different";
  update = watch->resize(2);
  ASSERT_TRUE(update.has_value());
  EXPECT_THAT(update->ids, ElementsAre("o9", "o8"));
  EXPECT_THAT(await(others_->remove("o9")), IsOk());
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({"o8", "o7"}); }));
}

TEST_P(Queried, AListIsFollowedInItsOwnOrder) {
  good(documents_->create(named("1", "b")));
  good(documents_->create(named("2", "A")));
  StreamFilter filter;
  filter.sort = StreamSort::Name;
  filter.limit = 2000;
  Followed followed;
  Result<StreamWatch> watch = await(documents_->watch_list(filter, followed.listener()));
  ASSERT_THAT(watch, IsOk());
  EXPECT_THAT(watch->first().ids, ElementsAre("2", "1"));
  good(others_->create(named("3", "aa")));
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({"2", "3", "1"}); }));
  filter.limit = StreamWatch::kLimitMax + 1;
  EXPECT_THAT(await(documents_->watch_list(filter, [](const LiveUpdate&) {})), RefusesFields(Fields{"limit"}));
}

TEST_P(Queried, ALiveResultSurvivesResetAndReconnection) {
  place_orders();
  StreamQuery query;
  query.limit = 3;
  Followed followed;
  Result<StreamWatch> watch = await(documents_->watch(query, followed.listener()));
  ASSERT_THAT(watch, IsOk());
  documents_.database().disconnect();
  good(others_->create(named("a0")));
  ASSERT_THAT(await(documents_.database().connect()), IsOk());
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({"a0", "o0", "o1"}); }));
  host_->reset();
  documents_.services().resync();
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({}); }));
  EXPECT_EQ(followed.updates.back().changes.size(), 3u);
  others_.services().resync();
  good(others_->create(named("z")));
  ASSERT_TRUE(host_->run_until([&] { return followed.shows({"z"}); }));
}

TEST_P(Queried, AListenerMayEndItsWatchAndAWatchMayOutliveTheServices) {
  auto user = std::make_unique<ServiceUser>(host_->new_client(), *host_, 9);
  std::optional<StreamWatch> watch;
  int calls = 0;
  watch = std::move(await((*user)->watch({}, [&](const LiveUpdate&) {
            ++calls;
            watch.reset();
          }))).value();
  good(documents_->create(named("a")));
  ASSERT_TRUE(host_->run_until([&] { return calls == 1; }));
  EXPECT_FALSE(watch.has_value());
  watch = std::move(await((*user)->watch({}, [&](const LiveUpdate&) { ++calls; }))).value();
  good(documents_->create(named("b")));
  user.reset();
  pause();
  EXPECT_LE(calls, 2);
  watch.reset();
}

TEST_P(Queried, WatchRefusesGroupsAndBadQueries) {
  StreamQuery query;
  query.group_by = "owner";
  EXPECT_FALSE(await(documents_->watch(query, [](const LiveUpdate&) {})).ok());
  query = {};
  query.where = field("x").eq(1);
  EXPECT_FALSE(await(documents_->watch(query, [](const LiveUpdate&) {})).ok());
}

// The plan, on documents in memory.

TEST(QueryPlan, TakesTheMostSelectiveIndexOrNone) {
  QueryWorld world;
  for (int i = 0; i < 1000; ++i) {
    Stream document;
    document.id = "d" + std::to_string(i);
    document.data = R"({"n": )" + std::to_string(i) + R"(, "half": )" + (i % 2 == 0 ? "true" : "false") + "}";
    document.metadata.owner = "u" + std::to_string(i % 10);
    world.put(std::move(document));
  }
  world.index("owner");
  world.index("data.half");
  world.index("data.n");
  StreamQuery query;
  query.total = true;
  query.where = where(R"({"owner": "u4", "data.half": true, "data.n": {"lt": 900}})");
  EXPECT_EQ(world.run(query).total, 90u);
  EXPECT_EQ(world.explanation.index, "owner");
  EXPECT_EQ(world.explanation.examined, 100u);
  query.where = where(R"({"owner": "u4", "data.n": {"lt": 5}})");
  EXPECT_EQ(world.run(query).total, 1u);
  EXPECT_EQ(world.explanation.index, "data.n");
  query.where = where(R"({"data.half": {"ne": null}, "data.n": {"gte": 100}})");
  world.run(query);
  EXPECT_FALSE(world.explanation.uses_index) << "most documents match: going through all of them costs less";
  query.total = false;
  query.sort = {{"data.n", true}};
  query.limit = 10;
  query.where = where(R"({"data.half": true})");
  EXPECT_EQ(world.ids(query).front(), "d998");
  EXPECT_EQ(world.explanation.index_use, "sort");
  EXPECT_LT(world.explanation.examined, 100u) << "it stops when the page is full";
}

TEST(QueryPlan, WithoutASortReadingStopsWhenThePageIsFull) {
  QueryWorld world;
  for (int i = 0; i < 1000; ++i) {
    Stream document;
    document.id = "d" + std::to_string(1000 + i);
    document.data = "1";
    world.put(std::move(document));
  }
  StreamQuery query;
  query.limit = 10;
  EXPECT_EQ(world.ids(query).back(), "d1009");
  EXPECT_LT(world.explanation.examined, 100u);
  query.cursor = world.run(query).next;
  EXPECT_EQ(world.ids(query).front(), "d1010");
}

TEST(QueryPlan, WhatLeavesTheTopWhileItIsFoundMakesRoomForOthers) {
  QueryWorld world(std::chrono::milliseconds(9));  // every look at the clock ends a slice
  const auto document = [](int i, int total) {
    Stream made;
    made.id = "d" + std::to_string(10'000 + i);
    made.data = R"({"total": )" + std::to_string(total) + R"(, "state": ")" + (total < 0 ? "gone" : "here") + R"("})";
    return made;
  };
  for (int i = 0; i < 1000; ++i) world.put(document(i, i));
  StreamQuery query;
  query.sort = {{"data.total", true}};
  query.limit = 5;
  query.group_by = "data.state";
  int top = 1000;
  // The best leave faster than spare ones are kept, for as long as anything is left to be found.
  const QueryPage page = world.run(query, [&] {
    for (int i = 0; i < 50 && top > 100; ++i) {
      --top;
      world.put(document(top, -top));
    }
  });
  ASSERT_EQ(top, 100);
  std::vector<std::string> found;
  for (const Stream& each : page.items) found.push_back(each.id);
  EXPECT_THAT(found, ElementsAre("d10099", "d10098", "d10097", "d10096", "d10095"));
  ASSERT_THAT(page.groups, SizeIs(2));
  EXPECT_EQ(page.groups[0].value, "\"gone\"");
  EXPECT_EQ(page.groups[0].count, 900u);
  EXPECT_EQ(page.groups[1].count, 100u);
}

TEST(QueryPlan, AnExpressionThatTakesTooLongIsAnError) {
  QueryWorld world;
  world.regexes = Pcre2RegexEngine({1 << 10, 100, 100, 1000});
  Stream document;
  document.id = "a";
  document.name = std::string(40, 'a') + "!";
  document.data = "1";
  world.put(std::move(document));
  StreamQuery query;
  query.where = field("name").regex("^(a+)+$");
  services::CompiledQuery compiled = world.compiled(query);
  services::QueryRun run(world.queries, compiled, {});
  EXPECT_TRUE(run.step(TimeSlice(world.scheduler)));
  EXPECT_THAT(run.page(), RefusesFields(Fields{"where"}));
}

}  // namespace
}  // namespace kurrentlite
