// Queries over events: scopes, conditions, directions, pages and what a page may cost.
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Fields = std::vector<std::string>;

class EventsQueried : public ServiceSuite {
 protected:
  /// `order-0` to `order-2` and `cart-1`, each with `placed` and `paid` of growing amounts.
  void place_orders() {
    int amount = 0;
    for (int round = 0; round < 5; ++round) {
      for (const char* stream : {"order-0", "order-1", "order-2", "cart-1"}) {
        append_raw(stream, round % 2 == 0 ? "placed" : "paid", R"({"amount": )" + std::to_string(++amount) + "}");
      }
    }
  }
  EventPage page(const EventQuery& query) { return good(documents_.services().events().query(query)); }
  static std::vector<std::string> amounts(const EventPage& page) {
    std::vector<std::string> all;
    for (const RecordedEvent& each : page.items) all.push_back(each.data.substr(11, each.data.size() - 12));
    return all;
  }
  /// All pages, one after the other.
  std::vector<std::string> all_amounts(EventQuery query) {
    std::vector<std::string> all;
    for (int pages = 0; pages < 100; ++pages) {
      const EventPage found = page(query);
      for (const std::string& each : amounts(found)) all.push_back(each);
      EXPECT_LE(found.scanned, query.scan_max);
      if (!found.next) return all;
      query.cursor = found.next;
    }
    ADD_FAILURE() << "pages never end";
    return all;
  }
  static Condition where(const char* json) {
    Result<Condition> parsed = parse_condition(json, QuerySubject::Events);
    EXPECT_THAT(parsed, IsOk());
    return parsed.ok() ? std::move(parsed).value() : Condition{};
  }
};
INSTANTIATE_TEST_SUITE_P(Services, EventsQueried, every_service_host(), host_name);

TEST_P(EventsQueried, OfOneStreamACategoryOrAll) {
  place_orders();
  EventQuery query;
  query.scope.stream = "order-1";
  EXPECT_THAT(amounts(page(query)), ElementsAre("2", "6", "10", "14", "18"));
  query.backwards = true;
  EXPECT_THAT(amounts(page(query)), ElementsAre("18", "14", "10", "6", "2"));
  query = {};
  query.scope.category = "cart";
  EXPECT_THAT(amounts(page(query)), ElementsAre("4", "8", "12", "16", "20"));
  EXPECT_EQ(page(query).scanned, 5u) << "the database left out the rest";
  query = {};
  EXPECT_THAT(page(query).items, SizeIs(20));
  query.scope.stream = "nothing-1";
  EXPECT_THAT(page(query).items, IsEmpty());
  EXPECT_EQ(page(query).next, std::nullopt);
}

TEST_P(EventsQueried, ByConditionsOnEverythingAnEventHas) {
  place_orders();
  EventQuery query;
  query.where = where(R"({"type": "paid", "streamName": {"prefix": "order-"}, "data.amount": {"gt": 6}, "revision": 3})");
  EXPECT_THAT(amounts(page(query)), ElementsAre("13", "14", "15"));
  query.where = where(R"({"type": {"in": ["paid", "refunded"]}})");
  const EventPage paid = page(query);
  EXPECT_THAT(paid.items, SizeIs(8));
  EXPECT_EQ(paid.scanned, 8u);
  query.where = where(R"({"or": [{"data.amount": 1}, {"data.amount": 20}]})");
  query.backwards = true;
  EXPECT_THAT(amounts(page(query)), ElementsAre("20", "1"));
}

TEST_P(EventsQueried, PagesGoOnWhereTheLastOneEnded) {
  place_orders();
  for (const bool backwards : {false, true}) {
    for (const char* scope : {"", "order", "order-1"}) {
      EventQuery query;
      query.backwards = backwards;
      if (std::string(scope) == "order") query.scope.category = scope;
      if (std::string(scope) == "order-1") query.scope.stream = scope;
      query.where = where(R"({"data.amount": {"gte": 3}})");
      query.limit = 1000;
      const std::vector<std::string> expected = amounts(page(query));
      ASSERT_FALSE(expected.empty());
      for (const std::uint32_t limit : {1u, 2u, 3u, 7u}) {
        query.limit = limit;
        query.scan_max = 10'000;
        EXPECT_EQ(all_amounts(query), expected) << scope << limit;
        query.scan_max = 2;
        EXPECT_EQ(all_amounts(query), expected) << scope << limit << " in small bites";
      }
    }
  }
}

TEST_P(EventsQueried, TheDatabasesOwnEventsAreLeftOutUnlessWanted) {
  append_raw("order-0", "placed", "1");
  append_raw("$$order-0", "$metadata", R"({"$maxCount": 5})");
  EventQuery query;
  EXPECT_THAT(page(query).items, SizeIs(1));
  query.system_events = true;
  EXPECT_GE(page(query).items.size(), 2u);
  query = {};
  query.scope.stream = "$$order-0";
  EXPECT_THAT(page(query).items, SizeIs(1)) << "who names the stream wants it";
}

TEST_P(EventsQueried, CountsByGroup) {
  place_orders();
  EventQuery query;
  query.limit = 0;
  query.group_by = "type";
  const EventPage found = page(query);
  EXPECT_THAT(found.items, IsEmpty());
  EXPECT_EQ(found.matched, 20u);
  ASSERT_THAT(found.groups, SizeIs(2));
  EXPECT_EQ(found.groups[0].value, "\"placed\"");
  EXPECT_EQ(found.groups[0].count, 12u);
  EXPECT_EQ(found.groups[1].count, 8u);
}

TEST_P(EventsQueried, EveryBadPlaceIsNamed) {
  EventQuery query;
  query.where = field("name").eq("x");
  query.limit = 1001;
  query.scan_max = 0;
  query.scope = {"a", "b"};
  query.group_by = "owner";
  EXPECT_THAT(await(documents_.services().events().query(query)),
              RefusesFields(Fields{"limit", "scanMax", "category", "where.name.eq", "groupBy"}));
  query = {};
  query.cursor = "abc";
  EXPECT_THAT(await(documents_.services().events().query(query)), RefusesFields(Fields{"cursor"}));
  place_orders();
  query = {};
  query.limit = 1;
  const std::optional<std::string> cursor = page(query).next;
  query.backwards = true;
  query.cursor = cursor;
  EXPECT_THAT(await(documents_.services().events().query(query)), RefusesFields(Fields{"cursor"}));
}

}  // namespace
}  // namespace kurrentlite
