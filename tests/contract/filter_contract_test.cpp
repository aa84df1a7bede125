// Filters of `$all` (3.12): prefixes and regular expressions over stream names and event types.
#include "contract/harness.hpp"

namespace kurrentlite::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Filter names(std::string regex) { return {Filter::On::StreamName, {}, std::move(regex)}; }
Filter types(std::string regex) { return {Filter::On::EventType, {}, std::move(regex)}; }
ReadAllOptions kept_by(Filter filter) { return {.filter = std::move(filter)}; }

TEST_P(ClientContract, RegularExpressionsAreFoundAnywhereInAStreamName) {
  appended("order-1", {event("a")});
  appended("user-12", {event("b")});
  appended("preorder-2", {event("c")});
  EXPECT_THAT(types_in_all(kept_by(names("order"))), ElementsAre("a", "c"));
  EXPECT_THAT(types_in_all(kept_by(names("^order"))), ElementsAre("a"));
  EXPECT_THAT(types_in_all(kept_by(names("-[0-9]{2}$"))), ElementsAre("b"));
  EXPECT_THAT(types_in_all(kept_by(names("^(user|preorder)-"))), ElementsAre("b", "c"));
  EXPECT_THAT(types_in_all(kept_by(names("Order"))), IsEmpty()) << "case counts";
  EXPECT_THAT(types_in_all(kept_by(names("^$"))), IsEmpty());
}

TEST_P(ClientContract, RegularExpressionsAreFoundAnywhereInAnEventType) {
  appended("order-1", {event("order-placed"), event("paid"), event("order-paid")});
  EXPECT_THAT(types_in_all(kept_by(types("paid"))), ElementsAre("paid", "order-paid"));
  EXPECT_THAT(types_in_all(kept_by(types("^paid"))), ElementsAre("paid"));
  EXPECT_THAT(types_in_all(kept_by(types("."))), SizeIs(3));
}

TEST_P(ClientContract, NamesAreTextNotBytes) {
  appended(
      "gr\xC3\xB6\xC3\x9F"
      "e-1",
      {event("a")});
  appended("\xF0\x9F\x98\x80-1", {event("b")});
  EXPECT_THAT(types_in_all(kept_by(names("^gr..e-1$"))), ElementsAre("a"));
  EXPECT_THAT(types_in_all(kept_by(names("^gr\xC3\xB6"))), ElementsAre("a"));
  EXPECT_THAT(types_in_all(kept_by(names("\xF0\x9F\x98\x80"))), ElementsAre("b"));
  EXPECT_THAT(types_in_all(kept_by({Filter::On::StreamName, {"gr\xC3\xB6"}})), ElementsAre("a"));
}

TEST_P(ClientContract, SystemEventsAreExcludedByTheClientsExpression) {
  bring("order-1", StreamState::SoftDeleted);
  appended("links", {link_to("0@order-1")});
  const auto events = read_all(kept_by(types("^[^$].*")));
  ASSERT_THAT(events, IsOk());
  EXPECT_THAT(types_of(*events), ElementsAre("placed", "paid", "shipped"));
}

TEST_P(ClientContract, ARegularExpressionWinsOverPrefixes) {
  appended("order-1", {event("a")});
  appended("user-1", {event("b")});
  EXPECT_THAT(types_in_all(kept_by({Filter::On::StreamName, {"user-"}, "^order-"})), ElementsAre("a"));
  EXPECT_THAT(types_in_all(kept_by({Filter::On::StreamName, {"user-"}, ""})), ElementsAre("b"))
      << "an empty one is none";
}

TEST_P(ClientContract, AnInvalidRegularExpressionIsRefused) {
  appended("order-1", {placed()});
  for (const char* regex : {"(", "[a", "a{2,1}", "*", "(?<n", "\\"}) {
    EXPECT_THAT(read_all(kept_by(names(regex))), FailsWith(ErrorCode::Unknown)) << regex;
    EXPECT_THAT(run(client().subscribe_to_all({.filter = types(regex)})), FailsWith(ErrorCode::Unknown)) << regex;
  }
  EXPECT_THAT(types_in_all(), ElementsAre("placed")) << "and everything goes on";
}

TEST_P(ClientContract, FiltersLookAtTheLinkNotAtItsTarget) {
  appended("order-1", {placed()});
  appended("links", {link_to("0@order-1")});
  const auto kept = [&](Filter filter) {
    const auto events = read_all({.resolve_links = true, .filter = std::move(filter)});
    EXPECT_THAT(events, IsOk());
    std::vector<std::string> streams;
    for (const ResolvedEvent& each : *events) streams.push_back(each.link ? each.link->stream : each.event->stream);
    return streams;
  };
  EXPECT_THAT(kept(names("^links$")), ElementsAre("links"));
  EXPECT_THAT(kept({Filter::On::StreamName, {"order-"}}), ElementsAre("order-1"));
  EXPECT_THAT(kept({Filter::On::EventType, {"placed"}}), ElementsAre("order-1"));
  EXPECT_THAT(kept({Filter::On::EventType, {"$>"}}), ElementsAre("links"));
  const auto subscription = subscribe_to_all({.resolve_links = true, .filter = names("^links$")});
  EXPECT_THAT(next_types(*subscription), ElementsAre("placed"));
}

TEST_P(ClientContract, FilteredReadsGoBackwardsAndCountWhatIsKept) {
  for (int index = 0; index < 5; ++index) {
    appended("order-1", {event("o" + std::to_string(index))});
    appended("user-1", {event("u" + std::to_string(index))});
  }
  EXPECT_THAT(
      types_in_all({.direction = Direction::Backwards, .from = End{}, .max_count = 2, .filter = names("^order")}),
      ElementsAre("o4", "o3"));
  EXPECT_THAT(types_in_all({.max_count = 3, .filter = Filter{Filter::On::EventType, {"u"}}}),
              ElementsAre("u0", "u1", "u2"));
}

TEST_P(ClientContract, FilteredSubscriptionsGoOnLive) {
  appended("order-1", {event("a")});
  appended("user-1", {event("b")});
  const auto by_name = subscribe_to_all({.filter = names("^user-")});
  const auto by_type = subscribe_to_all({.filter = types("^[ac]$")});
  const auto nothing = subscribe_to_all({.filter = Filter{Filter::On::EventType, {}, {}}});
  EXPECT_THAT(next_types(*by_name), ElementsAre("b"));
  EXPECT_THAT(next_types(*by_type), ElementsAre("a"));
  EXPECT_THAT(next_types(*nothing), IsEmpty()) << "no prefix at all keeps nothing";
  appended("user-2", {event("c")});
  appended("order-2", {event("d")});
  EXPECT_THAT(next_types(*by_name, 1), ElementsAre("c")) << "also names that nobody had seen";
  EXPECT_THAT(next_types(*by_type, 1), ElementsAre("c"));
  auto next = nothing->next();
  EXPECT_TRUE(waits(next));
}

}  // namespace
}  // namespace kurrentlite::contract
