#include "services/query/index.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace kurrentlite::services {

namespace {

using Op = Condition::Op;

/// Where values of a type begin.
Key first_of(Rank rank) {
  Key key;
  key.rank = rank;
  if (rank == Rank::Number) key.number = -std::numeric_limits<double>::infinity();
  return key;
}

Rank next_rank(Rank rank) { return static_cast<Rank>(static_cast<int>(rank) + 1); }

/// Arrays and objects are all in one place of the order, which needs no text.
Key index_key(const ValueView& value) { return value.rank == Rank::Composite ? first_of(Rank::Composite) : Key(value); }

bool same(const std::optional<Key>& a, const std::optional<Key>& b) {
  return a.has_value() == b.has_value() && (!a || compare(*a, *b) == 0);
}

}  // namespace

bool SecondaryIndex::build(const ReadModel& model, std::size_t count) {
  const ReadModel::Documents& documents = model.places();
  auto at = built_up_to_.empty() ? documents.begin() : documents.upper_bound(built_up_to_);
  for (; at != documents.end() && count > 0; ++at, --count) {
    built_up_to_ = at->first;
    before_ = {};
    after_change(&*at);
  }
  complete_ = complete_ || at == documents.end();
  return complete_;
}

void SecondaryIndex::clear() {
  values_.clear();
  elements_.clear();
  built_up_to_.clear();
  complete_ = true;  // what comes from now on is told
}

void SecondaryIndex::before_change(DocumentPlace place) {
  if (considers(place)) before_ = entries_of(place);
}

void SecondaryIndex::after_change(DocumentPlace place) {
  if (!considers(place)) return;
  Entries after = entries_of(place);
  if (!same(before_.value, after.value)) {
    if (before_.value) remove(values_, *before_.value, place);
    if (after.value) values_[std::move(*after.value)].insert(place);
  }
  for (const Key& element : before_.elements) remove(elements_, element, place);
  for (Key& element : after.elements) elements_[std::move(element)].insert(place);
}

SecondaryIndex::Entries SecondaryIndex::entries_of(DocumentPlace place) {
  const Stream* const document = document_at(place);
  if (document == nullptr || (!kind_.empty() && document->kind != kind_)) return {};
  DocumentSubject subject(*document);
  const ValueView value = compiled_.read(subject, scratch_);
  Entries entries{index_key(value)};
  any_element(value, inner_scratch_, [&](const ValueView& element) {
    if (element.rank != Rank::Composite) entries.elements.emplace_back(element);
    return false;
  });
  const Before before;
  std::sort(entries.elements.begin(), entries.elements.end(), before);
  const auto last = std::unique(entries.elements.begin(), entries.elements.end(),
                                [](const Key& a, const Key& b) { return compare(a, b) == 0; });
  entries.elements.erase(last, entries.elements.end());
  return entries;
}

void SecondaryIndex::remove(Values& values, const Key& key, DocumentPlace place) {
  const auto found = values.find(key);
  if (found == values.end()) return;
  found->second.erase(place);
  if (found->second.empty()) values.erase(found);
}

SecondaryIndex::Lookup::Range SecondaryIndex::equal_range(const Values& values, const Key& key) const {
  const auto [begin, end] = values.equal_range(key);
  return {begin, end};
}

SecondaryIndex::Lookup::Range SecondaryIndex::prefix_range(const std::string& prefix) const {
  Key key = first_of(Rank::Text);
  key.text = prefix;
  const auto begin = values_.lower_bound(key);
  // The first text that is greater than all that begin with the prefix.
  while (!key.text.empty() && static_cast<unsigned char>(key.text.back()) == 0xFFU) key.text.pop_back();
  if (key.text.empty()) return {begin, values_.lower_bound(first_of(Rank::Composite))};
  key.text.back() = static_cast<char>(static_cast<unsigned char>(key.text.back()) + 1U);
  return {begin, values_.lower_bound(key)};
}

/// Between all lower and upper bounds of one type.
std::optional<SecondaryIndex::Lookup> SecondaryIndex::range_of(const std::vector<Test>& tests) const {
  std::optional<Lookup::Range> range;
  Rank rank = Rank::Missing;
  for (const Test& test : tests) {
    const bool is_low = test.op == Op::Gt || test.op == Op::Gte;
    const bool is_high = test.op == Op::Lt || test.op == Op::Lte;
    if (!is_low && !is_high) continue;
    if (!range) {
      rank = test.operand.rank;
      range = {values_.lower_bound(first_of(rank)), values_.lower_bound(first_of(next_rank(rank)))};
    }
    if (test.operand.rank != rank) return Lookup{"range", {}};  // nothing is both
    const auto place = test.op == Op::Gt || test.op == Op::Lte ? values_.upper_bound(test.operand)
                                                               : values_.lower_bound(test.operand);
    // The tighter of two bounds is the one that is further inside.
    const auto is_behind = [&](Values::const_iterator a, Values::const_iterator b) {
      if (a == values_.end() || b == values_.end()) return a == values_.end() && b != values_.end();
      return compare(b->first, a->first) < 0;
    };
    if (is_low && is_behind(place, range->begin)) range->begin = place;
    if (is_high && is_behind(range->end, place)) range->end = place;
    if (is_behind(range->begin, range->end)) range->end = range->begin;
  }
  if (!range) return std::nullopt;
  return Lookup{"range", {*range}};
}

std::vector<SecondaryIndex::Lookup> SecondaryIndex::lookups(const std::vector<Test>& tests) const {
  std::vector<Lookup> found;
  for (const Test& test : tests) {
    switch (test.op) {
      case Op::Eq: found.push_back({"eq", {equal_range(values_, index_key(test.operand.view()))}}); break;
      case Op::In: {
        Lookup lookup{"in", {}};
        const Key* previous = nullptr;  // they are sorted
        for (const Key& each : test.operands) {
          if (previous == nullptr || compare(*previous, each) != 0) lookup.ranges.push_back(equal_range(values_, each));
          previous = &each;
        }
        found.push_back(std::move(lookup));
        break;
      }
      case Op::Prefix: found.push_back({"prefix", {prefix_range(test.operand.text)}}); break;
      case Op::Contains: {
        Lookup lookup{"contains", {equal_range(elements_, test.operand)}};
        // A text may hold the text anywhere.
        if (test.operand.rank == Rank::Text) lookup.ranges.push_back(prefix_range(""));
        found.push_back(std::move(lookup));
        break;
      }
      case Op::Exists:
        if (test.operand.rank == Rank::True) {
          found.push_back({"exists", {{values_.lower_bound(first_of(Rank::Null)), values_.end()}}});
        } else {
          found.push_back({"exists", {equal_range(values_, first_of(Rank::Missing))}});
        }
        break;
      default: break;
    }
  }
  if (std::optional<Lookup> range = range_of(tests)) found.push_back(std::move(*range));
  return found;
}

std::size_t SecondaryIndex::count(const Lookup& lookup, std::size_t enough) {
  std::size_t counted = 0;
  for (const Lookup::Range& range : lookup.ranges) {
    for (auto each = range.begin; each != range.end; ++each) {
      counted += each->second.size();
      if (counted >= enough) return counted;
    }
  }
  return counted;
}

}  // namespace kurrentlite::services
