// Conditions: how they are written, what they hold for, and what is refused.
#include <gmock/gmock.h>

#include "regex/pcre2_regex.hpp"
#include "services/query/condition.hpp"
#include "support/result_matchers.hpp"

namespace kurrentlite {
namespace {

using services::CompiledCondition;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Fields = std::vector<std::string>;

Stream sample() {
  Stream document;
  document.id = "doc-1";
  document.kind = "order";
  document.name = "First Order";
  document.data = R"( {"total": 120.5, "customer": {"name": "Zo\u00eb", "tags": ["a", "b", 3, null]}, "none": null,
    "yes": true, "no": false, "a.b": {"c/d": 1, "~": 2}, "": {"": 5}, "items": [{"sku": "x1"}, {"sku": "x2"}],
    "twice": 1, "twice": 2, "text": "line\nbreak", "deep": [[1, 2], {"k": [1.0]}], "big": 1e400, "k\u0065y": 7} )";
  document.metadata = {1000, 2000, 3, {"vip", "Blue"}, "ann"};
  document.status = StreamStatus::Archived;
  document.permissions = {{"*"}, {"ann", "bob"}, {}};
  return document;
}

class Conditions : public ::testing::Test {
 protected:
  bool holds(const std::string& json, const Stream& document = sample()) {
    const Result<Condition> parsed = parse_condition(json);
    EXPECT_THAT(parsed, IsOk()) << json;
    if (!parsed.ok()) return false;
    return holds(*parsed, document);
  }
  bool holds(const Condition& condition, const Stream& document = sample()) {
    Result<CompiledCondition> compiled = CompiledCondition::compile(condition, QuerySubject::Documents, &regexes_);
    EXPECT_THAT(compiled, IsOk()) << to_json(condition);
    return compiled.ok() && compiled->matches(document);
  }
  bool event_holds(const std::string& json, const RecordedEvent& event) {
    const Result<Condition> parsed = parse_condition(json, QuerySubject::Events);
    EXPECT_THAT(parsed, IsOk()) << json;
    Result<CompiledCondition> compiled = CompiledCondition::compile(*parsed, QuerySubject::Events, &regexes_);
    EXPECT_THAT(compiled, IsOk()) << json;
    return compiled->matches(event);
  }
  Pcre2RegexEngine regexes_;
};

TEST_F(Conditions, AnEmptyConditionHoldsForEverything) { EXPECT_TRUE(holds("{}")); }

TEST_F(Conditions, EveryFieldOfADocumentHasAPath) {
  for (const char* json :
       {R"({"id": "doc-1"})", R"({"kind": "order"})", R"({"name": "First Order"})", R"({"status": "archived"})",
        R"({"owner": "ann"})", R"({"metadata.owner": "ann"})", R"({"tags": ["vip", "Blue"]})", R"({"tags.1": "Blue"})",
        R"({"createdAt": 1000})", R"({"updatedAt": 2000.0})", R"({"metadata.version": 3})", R"({"/metadata/tags/0": "vip"})",
        R"({"permissions.read": ["*"]})", R"({"permissions.write": {"contains": "bob"}})", R"({"permissions.admin": []})",
        R"({"description": {"exists": false}})", R"({"data.total": 120.5})", R"({"/name": "First Order"})"}) {
    EXPECT_TRUE(holds(json)) << json;
  }
  Stream plain = sample();
  plain.kind.reset();
  plain.description = "";
  EXPECT_TRUE(holds(R"({"kind": {"exists": false}, "description": ""})", plain));
}

TEST_F(Conditions, PathsLeadIntoData) {
  for (const char* json :
       {R"({"data.customer.name": "Zoë"})", R"({"data.customer.tags.0": "a"})", R"({"data.items.1.sku": "x2"})",
        R"({"/data/a.b/c~1d": 1})", R"({"/data/a.b/~0": 2})", R"({"/data//": 5})", R"({"data.twice": 2})",
        R"({"data.key": 7})", R"({"data.deep.1.k.0": 1})", R"({"data.text": "line\nbreak"})", R"({"data.none": null})",
        R"({"data.deep": {"eq": [[1, 2], {"k": [1]}]}})", R"({"data.customer": {"exists": true}})"}) {
    EXPECT_TRUE(holds(json)) << json;
  }
  for (const char* json :
       {R"({"data.items.2.sku": {"exists": true}})", R"({"data.items.01.sku": "x2"})", R"({"data.items.sku": "x1"})",
        R"({"data.total.x": {"exists": true}})", R"({"data.missing": null})", R"({"tags.2": {"exists": true}})",
        R"({"data.customer.tags.-1": {"exists": true}})"}) {
    EXPECT_FALSE(holds(json)) << json;
  }
}

TEST_F(Conditions, ComparisonsOfDifferentTypesAreFalse) {
  for (const char* json : {R"({"data.total": "120.5"})", R"({"data.total": {"lt": "z"}})", R"({"name": {"gt": 1}})",
                           R"({"data.yes": 1})", R"({"data.no": null})", R"({"data.missing": {"lt": 5}})",
                           R"({"data.missing": {"gte": ""}})", R"({"data.total": {"prefix": "1"}})",
                           R"({"data.none": {"lte": 0}})", R"({"data.items": {"gte": ""}})"}) {
    EXPECT_FALSE(holds(json)) << json;
  }
  for (const char* json : {R"({"data.total": {"ne": "120.5"}})", R"({"data.missing": {"ne": 1}})",
                           R"({"data.missing": {"ne": null}})", R"({"data.yes": {"ne": 1}})"}) {
    EXPECT_TRUE(holds(json)) << json;
  }
}

TEST_F(Conditions, OrderedComparisonsKnowTheirBounds) {
  EXPECT_TRUE(holds(R"({"data.total": {"gte": 120.5, "lte": 120.5}})"));
  EXPECT_FALSE(holds(R"({"data.total": {"gt": 120.5}})"));
  EXPECT_FALSE(holds(R"({"data.total": {"lt": 120.5}})"));
  EXPECT_FALSE(holds(R"({"data.total": {"gt": 120, "lt": 1e2}})"));
  EXPECT_TRUE(holds(R"({"data.big": {"gt": 1e308}})"));
  EXPECT_TRUE(holds(R"({"name": {"gte": "First", "lt": "Firsu"}})"));
  EXPECT_TRUE(holds(R"({"data.customer.name": {"gt": "Zoz", "lt": "Zp"}})")) << "by code point: ë comes after z";
}

TEST_F(Conditions, InContainsPrefixRegexAndExists) {
  EXPECT_TRUE(holds(R"({"data.total": {"in": ["x", 120.50, null]}})"));
  EXPECT_TRUE(holds(R"({"data.none": {"in": [null]}})"));
  EXPECT_FALSE(holds(R"({"data.missing": {"in": [null]}})"));
  EXPECT_FALSE(holds(R"({"data.total": {"in": []}})"));
  EXPECT_FALSE(holds(R"({"data.items": {"in": ["x"]}})"));
  EXPECT_TRUE(holds(R"({"tags": {"contains": "vip"}})"));
  EXPECT_FALSE(holds(R"({"tags": {"contains": "vi"}})"));
  EXPECT_TRUE(holds(R"({"name": {"contains": "st Or"}})"));
  EXPECT_TRUE(holds(R"({"name": {"contains": ""}})"));
  EXPECT_FALSE(holds(R"({"name": {"contains": 1}})"));
  EXPECT_TRUE(holds(R"({"data.customer.tags": {"contains": 3.0}})"));
  EXPECT_TRUE(holds(R"({"data.customer.tags": {"contains": null}})"));
  EXPECT_FALSE(holds(R"({"data.customer.tags": {"contains": "3"}})"));
  EXPECT_FALSE(holds(R"({"data.customer": {"contains": "name"}})")) << "an object has no elements";
  EXPECT_TRUE(holds(R"({"name": {"prefix": "First"}})"));
  EXPECT_FALSE(holds(R"({"name": {"prefix": "irst"}})"));
  EXPECT_FALSE(holds(R"({"id": {"prefix": "doc-1-and-more"}})"));
  EXPECT_TRUE(holds(R"({"name": {"regex": "^F.*r$"}})"));
  EXPECT_FALSE(holds(R"({"name": {"regex": "^order"}})"));
  EXPECT_TRUE(holds(R"({"data.none": {"exists": true}})"));
  EXPECT_FALSE(holds(R"({"data.none": {"exists": false}})"));
}

TEST_F(Conditions, GroupsCombine) {
  EXPECT_TRUE(holds(R"({"or": [{"id": "x"}, {"owner": "ann"}]})"));
  EXPECT_FALSE(holds(R"({"or": [{"id": "x"}, {"owner": "bob"}]})"));
  EXPECT_TRUE(holds(R"({"and": [{"id": "doc-1"}, {"owner": "ann"}]})"));
  EXPECT_FALSE(holds(R"({"and": [{"id": "doc-1"}, {"owner": "bob"}]})"));
  EXPECT_TRUE(holds(R"({"not": {"id": "doc-1", "owner": "bob"}})"));
  EXPECT_FALSE(holds(R"({"not": {}})"));
  EXPECT_TRUE(holds(R"({"not": {"not": {"or": [{"not": {"id": "doc-1"}}, {"data.total": {"gt": 1}, "kind": "order"}]}}})"));
  EXPECT_FALSE(holds(R"({"data.total": {"gt": 1}, "and": [{"data.total": {"lt": 100}}]})"));
}

TEST_F(Conditions, BuildersSayTheSame) {
  const Condition built =
      all_of({field("data.total").gte(100), any_of({field("id").eq("x"), field("tags").contains("vip")}),
              not_(field("name").in({"a", 1, nullptr, true, 2.5})), field("data.none").exists()});
  EXPECT_TRUE(holds(built));
  EXPECT_EQ(to_json(built),
            R"({"and":[{"data.total":{"gte":100}},{"or":[{"id":{"eq":"x"}},{"tags":{"contains":"vip"}}]},)"
            R"({"not":{"name":{"in":["a",1,null,true,2.5]}}},{"data.none":{"exists":true}}]})");
  const Result<Condition> again = parse_condition(to_json(built));
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(holds(*again));
}

TEST_F(Conditions, SearchLooksIntoIdNameDescriptionAndTagsIgnoringCase) {
  const auto found = [&](const char* text) {
    return holds(Condition{Condition::Op::Search, {}, Literal(text).json});
  };
  EXPECT_TRUE(found("FIRST"));
  EXPECT_TRUE(found("oc-"));
  EXPECT_TRUE(found("blu"));
  EXPECT_TRUE(found(""));
  EXPECT_FALSE(found("zoë"));
  EXPECT_FALSE(found("first order and more"));
}

Fields refused(const std::string& json, QuerySubject subject = QuerySubject::Documents) {
  const Result<Condition> parsed = parse_condition(json, subject);
  Fields fields;
  if (parsed.ok()) return fields;
  for (const Violation& each : parsed.error().violations) fields.push_back(each.field);
  return fields;
}

TEST_F(Conditions, EveryBadPlaceIsNamed) {
  EXPECT_THAT(refused(R"({"total": 1, "data.total": {"gte": null, "above": 3, "lt": 5}, "or": [{"status": {"in": "a"}}, 5],
                          "not": {"data..x": 1}, "/data/a~2": 1, "name.x": 1})"),
              ElementsAre("where.total", "where.data.total.gte", "where.data.total.above", "where.or[0].status.in",
                          "where.or[1]", "where.not.data..x", "where./data/a~2", "where.name.x"));
  EXPECT_THAT(refused("5"), ElementsAre("where"));
  EXPECT_THAT(refused("{"), ElementsAre("where"));
  EXPECT_THAT(refused(R"({"or": [], "and": {}, "data.x": {}})"), ElementsAre("where.or", "where.and", "where.data.x"));
  EXPECT_THAT(refused(R"({"name": {"prefix": 1, "regex": true, "exists": 1, "contains": {}, "in": [[]]}})"),
              ElementsAre("where.name.prefix", "where.name.regex", "where.name.exists", "where.name.contains",
                          "where.name.in"));
  EXPECT_THAT(refused(R"({"name": "\ud800"})"), ElementsAre("where.name"));
  EXPECT_THAT(refused(R"({"permissions": 1, "streamName": "x"})"), ElementsAre("where.permissions", "where.streamName"));
  EXPECT_THAT(refused(R"({"name": "x"})", QuerySubject::Events), ElementsAre("where.name"));
}

TEST_F(Conditions, DepthAndNumberAreLimited) {
  std::string deep = "{}";
  for (int i = 0; i < 16; ++i) deep = R"({"not":)" + deep + "}";
  EXPECT_THAT(refused(deep), ElementsAre());
  std::string deeper = R"({"not":)" + deep + "}";
  EXPECT_EQ(refused(deeper).size(), 1u);
  std::string many = R"({"data.x": 0)";
  for (int i = 0; i < 1000; ++i) many += R"(, "data.x)" + std::to_string(i) + R"(": 0)";
  EXPECT_THAT(refused(many + "}"), ElementsAre("where.data.x999"));
}

TEST_F(Conditions, ABadExpressionIsRefusedAtItsPlace) {
  const Condition condition = *parse_condition(R"({"or": [{"name": {"regex": "("}}]})");
  const auto compiled = CompiledCondition::compile(condition, QuerySubject::Documents, &regexes_);
  EXPECT_THAT(compiled, RefusesFields(Fields{"where.or[0].name.regex"}));
  EXPECT_THAT(CompiledCondition::compile(field("name").regex("a"), QuerySubject::Documents, nullptr),
              RefusesFields(Fields{"where.name.regex"}));
}

TEST_F(Conditions, AnExpressionThatGivesUpIsAFailureNotAnAnswer) {
  Stream document = sample();
  document.name = std::string(40, 'a') + "!";
  Pcre2RegexEngine impatient({1 << 10, 100, 100, 1000});
  Result<CompiledCondition> compiled =
      CompiledCondition::compile(field("name").regex("^(a+)+$"), QuerySubject::Documents, &impatient);
  ASSERT_THAT(compiled, IsOk());
  EXPECT_FALSE(compiled->matches(document));
  ASSERT_TRUE(compiled->failure().has_value());
  EXPECT_EQ(compiled->failure()->code, ErrorCode::Unknown);
}

TEST_F(Conditions, EventsHavePathsOfTheirOwn) {
  RecordedEvent event;
  event.stream = "order-1";
  event.type = "paid";
  event.revision = {4};
  event.position = {90, 90};
  event.created_ticks = 12'345 * kTicksPerMillisecond;
  event.data = R"({"amount": 5})";
  event.metadata = R"({"user": "ann"})";
  EXPECT_TRUE(event_holds(R"({"type": "paid", "streamName": {"prefix": "order-"}, "revision": 4, "position": {"gte": 90},
                              "created": 12345, "data.amount": {"lt": 6}, "metadata.user": "ann"})",
                          event));
  event.data = "{not JSON";
  EXPECT_FALSE(event_holds(R"({"data": {"exists": true}})", event));
  EXPECT_FALSE(event_holds(R"({"data.amount": 5})", event));
  event.data = R"({"amount": 5})";
  event.content_type = ContentType::Binary;
  EXPECT_FALSE(event_holds(R"({"data.amount": 5})", event));
}

TEST_F(Conditions, RequiredComparisonsAreThoseOfTheOuterObject) {
  const Condition condition =
      *parse_condition(R"({"data.total": {"gte": 1, "lt": 9}, "or": [{"id": "x"}], "and": [{"kind": "order"}]})");
  Result<CompiledCondition> compiled = CompiledCondition::compile(condition, QuerySubject::Documents, nullptr);
  ASSERT_THAT(compiled, IsOk());
  std::vector<std::size_t> tests;
  for (const services::FieldTests* each : compiled->required()) tests.push_back(each->tests.size());
  EXPECT_THAT(tests, ElementsAre(1u, 2u)) << "kind, then both comparisons of data.total";
  EXPECT_TRUE(compiled->mentions(services::QueryField::Id));
  EXPECT_FALSE(compiled->mentions(services::QueryField::Status));
}

}  // namespace
}  // namespace kurrentlite
