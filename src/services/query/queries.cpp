#include "services/query/queries.hpp"

#include <algorithm>

namespace kurrentlite::services {

void Queries::before_change(DocumentPlace place) {
  for (SecondaryIndex& index : indexes_) index.before_change(place);
  for (Listener* listener : listeners_) listener->before_change(place);
}

void Queries::after_change(DocumentPlace place) {
  for (SecondaryIndex& index : indexes_) index.after_change(place);
  for (Listener* listener : listeners_) listener->changed(place);
}

void Queries::synced() {
  for (Listener* listener : listeners_) listener->synced();
}

void Queries::close() {
  for (Listener* listener : listeners_) listener->closed();
}

void Queries::before_clear() {
  for (SecondaryIndex& index : indexes_) index.clear();
  for (Listener* listener : listeners_) listener->cleared();
}

namespace {

using Op = Condition::Op;

/// Of all documents, or of those the query is about.
bool covers(const SecondaryIndex& index, const CompiledQuery& query) {
  return index.complete() && (index.kind().empty() || index.kind() == query.kind);
}

/// The documents with the ids that the condition names; nothing when it names none.
std::optional<Plan> by_id(const Queries& queries, const std::vector<const FieldTests*>& required) {
  const ReadModel::Documents& documents = queries.model().places();
  for (const FieldTests* tests : required) {
    if (tests->path.field() != QueryField::Id) continue;
    for (const Test& test : tests->tests) {
      if (test.op != Op::Eq && test.op != Op::In) continue;
      Plan plan{Plan::Kind::Lookup, nullptr, test.op == Op::Eq ? "eq" : "in"};
      const auto add = [&](const Key& key) {
        const auto found = key.rank == Rank::Text ? documents.find(key.text) : documents.end();
        if (found == documents.end()) return;
        if (plan.candidates.empty() || plan.candidates.back() != &*found) plan.candidates.push_back(&*found);
      };
      if (test.op == Op::Eq) add(test.operand);
      for (const Key& key : test.operands) add(key);
      return plan;
    }
  }
  return std::nullopt;
}

struct BestLookup {
  const SecondaryIndex* index = nullptr;
  SecondaryIndex::Lookup lookup = {};
  std::size_t count = 0;
};

BestLookup best_lookup(const Queries& queries, const CompiledQuery& query,
                       const std::vector<const FieldTests*>& required) {
  BestLookup best;
  best.count = queries.model().places().size() + 1;
  for (const SecondaryIndex& index : queries.indexes()) {
    if (!covers(index, query)) continue;
    for (const FieldTests* tests : required) {
      if (!(tests->path == index.compiled())) continue;
      for (SecondaryIndex::Lookup& lookup : index.lookups(tests->tests)) {
        const std::size_t count = SecondaryIndex::count(lookup, best.count);
        if (count < best.count) best = {&index, std::move(lookup), count};
      }
    }
  }
  return best;
}

/// An index whose order begins as that of the result does.
const SecondaryIndex* walkable(const Queries& queries, const CompiledQuery& query) {
  if (query.sort.empty() || query.sort.front().ignore_case) return nullptr;
  for (const SecondaryIndex& index : queries.indexes()) {
    if (covers(index, query) && index.compiled() == query.sort.front().path) return &index;
  }
  return nullptr;
}

}  // namespace

Plan make_plan(const Queries& queries, const CompiledQuery& query, bool all) {
  const std::vector<const FieldTests*> required = query.where.required();
  if (std::optional<Plan> plan = by_id(queries, required)) return std::move(*plan);
  BestLookup best = best_lookup(queries, query, required);

  const double documents = static_cast<double>(queries.model().places().size());
  const double matching = best.index != nullptr ? static_cast<double>(best.count) : documents;
  // Going through the documents in the order wanted, one meets a matching one every documents/matching steps.
  const double walk = matching > 0 ? (double{1} * query.limit + query.offset) * documents / matching : documents;
  const bool is_ordered = query.sort.empty();
  const SecondaryIndex* const by_order = walkable(queries, query);
  const bool stops = !all && (is_ordered || by_order != nullptr);

  if (best.index != nullptr && matching <= documents / 2 && (!stops || matching <= walk)) {
    Plan plan{Plan::Kind::Lookup, best.index, best.lookup.use};
    plan.candidates.reserve(best.count);
    for (const SecondaryIndex::Lookup::Range& range : best.lookup.ranges) {
      for (auto each = range.begin; each != range.end; ++each) {
        plan.candidates.insert(plan.candidates.end(), each->second.begin(), each->second.end());
      }
    }
    if (is_ordered) std::sort(plan.candidates.begin(), plan.candidates.end(), SecondaryIndex::ById());
    return plan;
  }
  if (!all && by_order != nullptr) return {Plan::Kind::Walk, by_order, "sort"};
  return {};
}

}  // namespace kurrentlite::services
