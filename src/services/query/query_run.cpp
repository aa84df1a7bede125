#include "services/query/query_run.hpp"

#include <algorithm>
#include <utility>

#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

/// Documents between two looks at the clock.
constexpr std::size_t kChunk = 64;
constexpr std::uint64_t kFirstSpare = 64;

}  // namespace

QueryRun::QueryRun(Queries& queries, CompiledQuery& query, Sight sight)
    : queries_(queries),
      query_(query),
      sight_(std::move(sight)),
      counts_all_(query.total || query.group_by.has_value()),
      wanted_(std::uint64_t{query.offset} + query.limit + 1),
      spare_(kFirstSpare) {
  begin();
  queries_.add(this);
}

QueryRun::~QueryRun() { queries_.remove(this); }

void QueryRun::begin() {
  plan_ = make_plan(queries_, query_, counts_all_);
  stops_early_ = !counts_all_ && (query_.sort.empty() || plan_.kind == Plan::Kind::Walk);
  found_.emplace(query_, counts_all_, wanted_, spare_);
  begun_ = false;
  exhausted_ = false;
  last_id_.clear();
  last_value_.reset();
  next_candidate_ = 0;
  chunk_.clear();
  chunk_at_ = 0;
  changed_.clear();
}

bool QueryRun::step(const TimeSlice& slice) {
  ++slices_;
  while (!is_void_) {
    while (chunk_at_ < chunk_.size()) {
      examine(chunk_[chunk_at_++]);
      if (chunk_at_ % kChunk == 0 && slice.spent()) return false;
    }
    if (!has_enough() && next_chunk()) continue;
    // Documents may have left what was found, so that there is more to find.
    look_again_at_what_changed();
    if (found_->lacks_some()) {
      spare_ *= 8;  // so that it comes to an end, however fast documents leave
      begin();
    } else if (has_enough() || exhausted_) {
      return true;
    }
    if (slice.spent()) return false;
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
  found_->add(place, *document);
}

void QueryRun::before_change(DocumentPlace place) {
  if (!is_void_ && found_->contains(place)) found_->remove(place, *document_at(place));
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

/// Those that are still to come are left for then.
void QueryRun::look_again_at_what_changed() {
  std::erase_if(changed_, [this](DocumentPlace place) {
    if (!is_covered(place)) return false;
    if (!found_->contains(place)) examine(place);
    return true;
  });
}

Result<QueryPage> QueryRun::page() {
  if (const std::optional<Error>& failure = query_.where.failure()) {
    return validation_failed("where", "holds a regular expression that takes too long: " + failure->message);
  }
  const std::vector<Ranked>& ordered = found_->in_order();
  const std::size_t begin = std::min<std::size_t>(query_.offset, ordered.size());
  const std::size_t end = std::min<std::size_t>(begin + query_.limit, ordered.size());
  QueryPage page;
  for (std::size_t i = begin; i < end; ++i) {
    const Stream& document = *document_at(ordered[i].place);
    if (query_.select.empty()) {
      page.items.push_back(document);
    } else {
      page.rows.push_back(query_.row_of(document));
    }
  }
  if (end < ordered.size()) page.next = query_.cursor_of(ordered[end - 1]);
  if (query_.total) page.total = found_->count();
  if (query_.group_by) {
    page.groups = found_->groups().largest();
    page.groups_total = found_->groups().size();
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
  explanation.matched = found_->count();
  explanation.documents = queries_.model().places().size();
  explanation.slices = slices_;
  return explanation;
}

}  // namespace kurrentlite::services
