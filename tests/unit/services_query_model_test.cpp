// Queries against a naive evaluation of the same: random documents, conditions, orders, pages, indexes and changes.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/prng.hpp"
#include "support/query_world.hpp"

namespace kurrentlite {
namespace {

using Node = nlohmann::json;

// The naive evaluation: everything by its definition, on parsed documents.

Node as_json(const Stream& document) {
  Node all;
  all["id"] = document.id;
  if (document.kind) all["kind"] = *document.kind;
  all["name"] = document.name;
  if (document.description) all["description"] = *document.description;
  all["status"] = to_string(document.status);
  all["owner"] = document.metadata.owner;
  all["tags"] = document.metadata.tags;
  all["createdAt"] = document.metadata.created_at_ms;
  all["data"] = Node::parse(document.data);
  return all;
}

std::optional<Node> value_at(const Node& document, const std::string& path) {
  const Node* at = &document;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (at->is_object() && at->contains(key)) {
      at = &(*at)[key];
    } else if (at->is_array() && key == "0" && !at->empty()) {
      at = &(*at)[0];
    } else {
      return std::nullopt;
    }
    begin = end + 1;
  }
  return *at;
}

int rank(const std::optional<Node>& value) {
  if (!value) return 0;
  if (value->is_null()) return 1;
  if (value->is_boolean()) return value->get<bool>() ? 3 : 2;
  if (value->is_number()) return 4;
  return value->is_string() ? 5 : 6;
}

int order(const std::optional<Node>& a, const std::optional<Node>& b) {
  if (rank(a) != rank(b)) return rank(a) < rank(b) ? -1 : 1;
  if (rank(a) != 4 && rank(a) != 5) return 0;
  return *a < *b ? -1 : (*b < *a ? 1 : 0);
}

bool same(const std::optional<Node>& value, const Node& operand) { return value && *value == operand; }

bool test(const std::string& op, const std::optional<Node>& value, const Node& operand) {
  if (op == "eq") return same(value, operand);
  if (op == "ne") return !same(value, operand);
  if (op == "exists") return value.has_value() == operand.get<bool>();
  if (op == "in") return std::any_of(operand.begin(), operand.end(), [&](const Node& each) { return same(value, each); });
  if (op == "contains") {
    if (value && value->is_string()) {
      return operand.is_string() && value->get<std::string>().find(operand.get<std::string>()) != std::string::npos;
    }
    return value && value->is_array() &&
           std::any_of(value->begin(), value->end(), [&](const Node& each) { return each == operand; });
  }
  if (op == "prefix") {
    return value && value->is_string() && value->get<std::string>().rfind(operand.get<std::string>(), 0) == 0;
  }
  if (rank(value) != rank(operand)) return false;
  const int way = order(value, operand);
  if (op == "lt") return way < 0;
  if (op == "lte") return way <= 0;
  return op == "gt" ? way > 0 : way >= 0;
}

bool matches(const Node& where, const Node& document) {
  for (const auto& [key, what] : where.items()) {
    const auto holds = [&](const Node& part) { return matches(part, document); };
    bool is_met = true;
    if (key == "and") {
      is_met = std::all_of(what.begin(), what.end(), holds);
    } else if (key == "or") {
      is_met = std::any_of(what.begin(), what.end(), holds);
    } else if (key == "not") {
      is_met = !holds(what);
    } else if (!what.is_object()) {
      is_met = test("eq", value_at(document, key), what);
    } else {
      for (const auto& [op, operand] : what.items()) is_met = is_met && test(op, value_at(document, key), operand);
    }
    if (!is_met) return false;
  }
  return true;
}

// Random material.

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : prng_(seed) {}
  std::uint64_t below(std::uint64_t limit) { return prng_.below(limit); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  std::string text() { return of<std::string>({"", "a", "ab", "abc", "b", "é", "\xF0\x9F\x98\x80", "B", "a\"\n", "10"}); }
  Node scalar() {
    switch (below(8)) {
      case 0: return nullptr;
      case 1: return true;
      case 2: return false;
      case 3: return static_cast<double>(below(8)) / 2;
      case 4: return -static_cast<int>(below(3));
      case 5: return static_cast<int>(below(5));
      default: return text();
    }
  }
  Node value() {
    switch (below(6)) {
      case 0: {
        Node list = Node::array();
        for (std::uint64_t i = below(4); i > 0; --i) list.push_back(scalar());
        return list;
      }
      case 1: return Node{{"p", scalar()}};
      default: return scalar();
    }
  }
  Stream document(std::uint64_t ids) {
    Stream made;
    made.id = "d" + std::to_string(below(ids));
    if (!one_in(3)) made.kind = one_in(2) ? "order" : "customer";
    made.name = text();
    if (one_in(3)) made.description = text();
    made.status = one_in(6) ? StreamStatus::Deleted : (one_in(3) ? StreamStatus::Archived : StreamStatus::Active);
    made.metadata.owner = of<std::string>({"ann", "bob"});
    for (std::uint64_t i = below(3); i > 0; --i) made.metadata.tags.push_back(text());
    made.metadata.created_at_ms = static_cast<std::int64_t>(below(20));
    Node data = Node::object();
    for (const char* key : {"n", "s", "o", "t"}) {
      if (!one_in(5)) data[key] = key[0] == 's' ? Node(text()) : (key[0] == 'n' ? scalar() : value());
    }
    made.data = one_in(20) ? value().dump() : data.dump();
    return made;
  }

  std::string path() {
    return of<std::string>({"data.n", "data.n", "data.s", "data.o", "data.o.p", "data.t", "data.t.0", "tags", "owner", "status",
                            "createdAt", "name", "kind", "description", "id"});
  }
  Node comparison() {
    const std::string op =
        of<std::string>({"eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "prefix", "exists"});
    Node operand = op == "eq" || op == "ne" ? value() : scalar();
    if (op == "in") {
      operand = Node::array();
      for (std::uint64_t i = below(4); i > 0; --i) operand.push_back(scalar());
    } else if (op == "prefix") {
      operand = text();
    } else if (op == "exists") {
      operand = one_in(2);
    } else if (op[0] == 'l' || op[0] == 'g') {
      operand = one_in(2) ? Node(text()) : Node(static_cast<double>(below(10)) / 2 - 1);
    }
    return Node{{op, operand}};
  }
  Node condition(int depth = 0) {
    Node all = Node::object();
    for (std::uint64_t i = depth == 0 ? below(4) : 1 + below(2); i > 0; --i) {
      if (depth < 2 && one_in(4)) {
        const std::string group = of<std::string>({"and", "or", "not"});
        all[group] = group == "not" ? condition(depth + 1) : Node::array({condition(depth + 1), condition(depth + 1)});
      } else if (one_in(4)) {
        all[path()] = scalar();
      } else {
        Node tests = comparison();
        if (one_in(3)) tests.update(comparison());
        all[path()] = tests;
      }
    }
    return all;
  }
  StreamQuery query(const Node& where) {
    StreamQuery made;
    Result<Condition> parsed = parse_condition(where.dump());
    EXPECT_TRUE(parsed.ok()) << where.dump() << (parsed.ok() ? "" : parsed.error().message);
    if (parsed.ok()) made.where = std::move(parsed).value();
    for (std::uint64_t i = below(3); i > 0; --i) made.sort.push_back({path(), one_in(2)});
    made.limit = static_cast<std::uint32_t>(1 + below(12));
    made.total = one_in(3);
    return made;
  }

 private:
  Prng prng_;
};

class QueryModel : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  std::uint64_t seed() const {
    const char* const given = std::getenv("KURRENTLITE_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : GetParam();
  }
  QueryModel() : dice_(seed()) {
    indexable_ = {"data.n", "data.o", "tags", "status", "createdAt", "data.t", "owner", "data.s"};
  }

  void change() {
    if (dice_.one_in(12)) {
      const std::string id = "d" + std::to_string(dice_.below(kIds));
      documents_.erase(id);
      world_.remove(id);
      return;
    }
    Stream document = dice_.document(kIds);
    documents_[document.id] = document;
    parsed_[document.id] = as_json(document);
    world_.put(std::move(document));
  }
  void declare_some() {
    if (indexable_.empty()) return;
    const std::string path = indexable_.back();
    indexable_.pop_back();
    world_.index(path, dice_.one_in(3) ? "order" : "");
  }

  /// The ids of everything that matches, in order.
  std::vector<std::string> expected(const Node& where, const StreamQuery& query) {
    const bool names_status = where.dump().find("\"status\"") != std::string::npos;
    std::vector<std::pair<std::string, const Node*>> found;
    for (const auto& [id, document] : documents_) {
      if (!names_status && document.status == StreamStatus::Deleted) continue;
      const Node& json = parsed_.at(id);
      if (matches(where, json)) found.emplace_back(id, &json);
    }
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
      for (const SortKey& key : query.sort) {
        const int way = order(value_at(*a.second, key.path), value_at(*b.second, key.path));
        if (way != 0) return key.descending ? way > 0 : way < 0;
      }
      return a.first < b.first;
    });
    std::vector<std::string> ids;
    for (const auto& each : found) ids.push_back(each.first);
    return ids;
  }

  static constexpr std::uint64_t kIds = 120;
  Dice dice_;
  QueryWorld world_;
  std::map<std::string, Stream> documents_;
  std::map<std::string, Node> parsed_;
  std::vector<std::string> indexable_;
};

TEST_P(QueryModel, PagesAreThoseOfTheNaiveEvaluation) {
  for (int round = 0; round < 80; ++round) {
    for (std::uint64_t i = dice_.below(30); i > 0; --i) change();
    if (dice_.one_in(10)) declare_some();
    const Node where = dice_.condition();
    StreamQuery query = dice_.query(where);
    const std::vector<std::string> all = expected(where, query);
    std::vector<std::string> paged;
    do {
      const QueryPage page = world_.run(query);
      for (const Stream& each : page.items) paged.push_back(each.id);
      if (query.total) {
        ASSERT_EQ(page.total, all.size()) << where.dump();
      }
      query.cursor = page.next;
    } while (query.cursor && paged.size() <= all.size());
    ASSERT_EQ(paged, all) << where.dump() << "\nreplay: KURRENTLITE_SEED=" << seed() << " round " << round;
  }
}

TEST_P(QueryModel, ChangesBetweenSlicesLeaveTheStateOfTheEnd) {
  QueryWorld& world = world_;
  world.scheduler = BusyScheduler(std::chrono::milliseconds(9));  // every look at the clock ends a slice
  for (int i = 0; i < 250; ++i) change();
  std::uint64_t slices = 0;
  for (int round = 0; round < 60; ++round) {
    if (dice_.one_in(8)) declare_some();
    const Node where = dice_.condition();
    StreamQuery query = dice_.query(where);
    int changes = 40;
    const QueryPage page = world.run(query, [&] {
      for (std::uint64_t i = dice_.below(6); i > 0 && changes > 0; --i, --changes) change();
    });
    slices += world.explanation.slices;
    std::vector<std::string> all = expected(where, query);
    if (query.total) {
      ASSERT_EQ(page.total, all.size()) << where.dump();
    }
    ASSERT_EQ(page.next.has_value(), all.size() > query.limit) << where.dump();
    if (all.size() > query.limit) all.resize(query.limit);
    std::vector<std::string> found;
    for (const Stream& each : page.items) {
      found.push_back(each.id);
      ASSERT_EQ(each, documents_.at(each.id));
    }
    ASSERT_EQ(found, all) << where.dump() << "\nreplay: KURRENTLITE_SEED=" << seed() << " round " << round;
  }
  EXPECT_GT(slices, 80u) << "queries took several slices";
}

TEST_P(QueryModel, ALiveResultIsAlwaysThatOfAFreshQuery) {
  for (int i = 0; i < 200; ++i) change();
  for (int round = 0; round < 15; ++round) {
    if (dice_.one_in(3)) declare_some();
    const Node where = dice_.condition();
    StreamQuery query = dice_.query(where);
    query.cursor.reset();
    services::LiveQuery live(world_.queries, world_.scheduler, world_.compiled(query), {}, [] { return true; });
    std::vector<std::string> shown;
    std::map<std::string, Stream> known;
    for (int turn = 0; turn < 12; ++turn) {
      while (!live.catch_up(TimeSlice(world_.scheduler))) {
      }
      const std::optional<LiveUpdate> update = live.update();
      std::vector<std::string> all = expected(where, query);
      if (turn == 0) {
        ASSERT_TRUE(update.has_value());
      }
      if (update) {
        ASSERT_EQ(update->total, all.size());
        // Removals are told by old places, the rest by new ones; both lead to the list of ids.
        std::vector<std::string> applied = shown;
        for (auto each = update->changes.rbegin(); each != update->changes.rend(); ++each) {
          if (each->kind != LiveChange::Kind::Removed) continue;
          ASSERT_EQ(applied.at(each->index), each->id);
          applied.erase(applied.begin() + static_cast<std::ptrdiff_t>(each->index));
          known.erase(each->id);
        }
        for (const LiveChange& each : update->changes) {
          if (each.kind == LiveChange::Kind::Removed) continue;
          ASSERT_EQ(update->ids.at(each.index), each.id);
          if (each.kind == LiveChange::Kind::Changed) {
            ASSERT_EQ(shown.at(each.previous_index), each.id);
          }
          ASSERT_EQ(known.contains(each.id), each.kind == LiveChange::Kind::Changed);
          known[each.id] = *each.item;
        }
        shown = update->ids;
      }
      if (all.size() > query.limit) all.resize(query.limit);
      ASSERT_EQ(shown, all) << where.dump() << "\nreplay: KURRENTLITE_SEED=" << seed() << " round " << round;
      ASSERT_EQ(known.size(), shown.size());
      for (const std::string& id : shown) ASSERT_EQ(known.at(id), documents_.at(id));
      for (std::uint64_t i = dice_.below(5); i > 0; --i) change();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, QueryModel, ::testing::Range<std::uint64_t>(1, 5));

}  // namespace
}  // namespace kurrentlite
