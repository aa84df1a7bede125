#include <algorithm>
#include <utility>

#include "services/query/queries.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

/// Documents between two looks at the clock.
constexpr std::size_t kChunk = 64;

}  // namespace

QueryRun::QueryRun(Queries& queries, CompiledQuery& query, Sight sight)
    : queries_(queries),
      query_(query),
      sight_(std::move(sight)),
      counts_all_(query.total || query.group_by.has_value()),
      wanted_(std::uint64_t{query.offset} + query.limit + 1) {
  plan_ = make_plan(queries, query, counts_all_);
  stops_early_ = !counts_all_ && (query.sort.empty() || plan_.kind == Plan::Kind::Walk);
  queries_.add(this);
}

QueryRun::~QueryRun() { queries_.remove(this); }

bool QueryRun::step(const TimeSlice& slice) {
  ++slices_;
  while (!is_void_) {
    while (chunk_at_ < chunk_.size()) {
      examine(chunk_[chunk_at_++]);
      if (chunk_at_ % kChunk == 0 && slice.spent()) return false;
    }
    if (!has_enough() && next_chunk()) continue;
    if (changed_.empty()) return true;
    // Documents may have left what was found, so that there is more to find.
    look_again_at_what_changed();
    if (has_enough() || exhausted_) return true;
  }
  return false;
}

bool QueryRun::next_chunk() {
  chunk_.clear();
  chunk_at_ = 0;
  if (exhausted_) return false;
  if (plan_.kind == Plan::Kind::Lookup) {
    const std::size_t end = std::min(next_candidate_ + kChunk, plan_.candidates.size());
    while (next_candidate_ < end) chunk_.push_back(plan_.candidates[next_candidate_++]);
    if (!chunk_.empty()) last_id_ = chunk_.back()->first;
    exhausted_ = next_candidate_ == plan_.candidates.size();
    return !chunk_.empty();
  }
  if (plan_.kind == Plan::Kind::Walk) return next_of_walk();
  const ReadModel::Documents& documents = queries_.model().places();
  // Without a sort the order is that of ids, and what precedes the cursor is of no interest.
  if (!begun_ && stops_early_ && query_.after) last_id_ = query_.after->id;
  auto at = !begun_ && last_id_.empty() ? documents.begin() : documents.upper_bound(last_id_);
  begun_ = true;
  while (at != documents.end() && chunk_.size() < kChunk) chunk_.push_back(&*at++);
  if (!chunk_.empty()) last_id_ = chunk_.back()->first;
  exhausted_ = at == documents.end();
  return !chunk_.empty();
}

/// Whole groups of equal values, so that what follows is greater than all of them.
bool QueryRun::next_of_walk() {
  const SecondaryIndex::Values& values = plan_.index->values();
  const bool backwards = query_.sort.front().descending;
  while (chunk_.size() < kChunk) {
    auto at = values.end();
    if (!backwards) {
      if (last_value_) {
        at = values.upper_bound(*last_value_);
      } else {
        at = query_.after ? values.lower_bound(query_.after->keys.front()) : values.begin();
      }
      if (at == values.end()) break;
    } else {
      if (last_value_) {
        at = values.lower_bound(*last_value_);
      } else if (query_.after) {
        at = values.upper_bound(query_.after->keys.front());
      }
      if (at == values.begin()) break;
      --at;
    }
    last_value_ = at->first;
    chunk_.insert(chunk_.end(), at->second.begin(), at->second.end());
  }
  exhausted_ = chunk_.size() < kChunk;
  return !chunk_.empty();
}

void QueryRun::examine(DocumentPlace place) {
  const Stream* const document = document_at(place);
  if (document == nullptr) return;
  if (document->status == StreamStatus::Deleted && !query_.sees_deleted) return;
  ++examined_;
  if (!query_.where.matches(*document) || (sight_ && !sight_(*document))) return;
  Ranked found{place, query_.keys_of(*document), query_.groups_of(*document)};
  if (counts_all_ || query_.is_after_cursor(found)) found_.push_back(std::move(found));
}

bool QueryRun::is_covered(DocumentPlace place) const {
  if (exhausted_ || !stops_early_) return true;
  if (plan_.kind == Plan::Kind::Walk) {
    const Stream* const document = document_at(place);
    if (document == nullptr || !last_value_) return false;
    const int order = compare(query_.keys_of(*document).front(), *last_value_);
    return query_.sort.front().descending ? order >= 0 : order <= 0;
  }
  return place->first <= last_id_;
}

void QueryRun::look_again_at_what_changed() {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  std::erase_if(found_, [&](const Ranked& each) {
    return std::binary_search(changed_.begin(), changed_.end(), each.place);
  });
  for (const DocumentPlace place : changed_) {
    if (is_covered(place)) examine(place);
  }
}

std::vector<const Ranked*> QueryRun::in_order(std::uint64_t count) const {
  std::vector<const Ranked*> all;
  all.reserve(found_.size());
  for (const Ranked& each : found_) {
    if (!counts_all_ || query_.is_after_cursor(each)) all.push_back(&each);
  }
  const auto before = [this](const Ranked* a, const Ranked* b) { return query_.before(*a, *b); };
  if (count < all.size()) {
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), before);
    all.resize(static_cast<std::size_t>(count));
  }
  std::sort(all.begin(), all.end(), before);
  return all;
}

Result<QueryPage> QueryRun::page() {
  if (const std::optional<Error>& failure = query_.where.failure()) {
    return validation_failed("where", "holds a regular expression that takes too long: " + failure->message);
  }
  const std::vector<const Ranked*> ordered = in_order(wanted_);
  const std::size_t begin = std::min<std::size_t>(query_.offset, ordered.size());
  const std::size_t end = std::min<std::size_t>(begin + query_.limit, ordered.size());
  QueryPage page;
  for (std::size_t i = begin; i < end; ++i) {
    const Stream& document = *document_at(ordered[i]->place);
    if (query_.select.empty()) {
      page.items.push_back(document);
    } else {
      page.rows.push_back(query_.row_of(document));
    }
  }
  if (end < ordered.size()) page.next = query_.cursor_of(*ordered[end - 1]);
  if (query_.total) page.total = found_.size();
  if (query_.group_by) {
    std::vector<Key> keys;
    for (Ranked& each : found_) {
      for (Key& key : each.groups) keys.push_back(std::move(key));
    }
    page.groups = count_groups(std::move(keys), page.groups_total);
  }
  return page;
}

QueryExplanation QueryRun::explanation() const {
  QueryExplanation explanation;
  explanation.uses_index = plan_.kind != Plan::Kind::Scan;
  if (explanation.uses_index) {
    explanation.index = plan_.index != nullptr ? plan_.index->path() : "id";
    explanation.index_kind = plan_.index != nullptr ? plan_.index->kind() : "";
    explanation.index_use = plan_.use;
  }
  const bool by_id = query_.sort.empty() && plan_.kind != Plan::Kind::Walk;
  explanation.sorted_by = by_id ? "id" : (plan_.kind == Plan::Kind::Walk ? "index" : "sort");
  explanation.examined = examined_;
  explanation.matched = found_.size();
  explanation.documents = queries_.model().places().size();
  explanation.slices = slices_;
  return explanation;
}

}  // namespace kurrentlite::services
