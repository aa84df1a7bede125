#include "services/query/live_query.hpp"

#include <algorithm>
#include <chrono>

namespace kurrentlite::services {

namespace {

constexpr std::size_t kChunk = 64;  // documents between two looks at the clock

}  // namespace

LiveQuery::LiveQuery(Queries& queries, Scheduler& scheduler, CompiledQuery query, Sight sight, IsSynced is_synced)
    : queries_(queries),
      scheduler_(scheduler),
      query_(std::move(query)),
      sight_(std::move(sight)),
      is_synced_(std::move(is_synced)),
      matches_(Order{&query_}) {
  Plan plan = make_plan(queries_, query_, true);
  pending_ = std::move(plan.candidates);
  if (plan.kind != Plan::Kind::Lookup) {
    pending_.reserve(queries_.model().places().size());
    for (const auto& each : queries_.model().places()) pending_.push_back(&each);
  }
  queries_.add(this);
}

LiveQuery::~LiveQuery() {
  queries_.remove(this);
  closed();
}

void LiveQuery::changed(DocumentPlace place) {
  pending_.push_back(place);
  touched_.insert(place->first);
  if (tell_) schedule(Duration::zero());
}

void LiveQuery::cleared() {
  entry_of_.clear();
  matches_.clear();
  pending_.clear();
  if (tell_) schedule(Duration::zero());
}

void LiveQuery::synced() {
  if (std::exchange(waits_for_sync_, false)) schedule(Duration::zero());
}

void LiveQuery::closed() {
  if (timer_) scheduler_.cancel(*std::exchange(timer_, std::nullopt));
  tell_ = nullptr;
}

void LiveQuery::schedule(Duration delay) {
  if (timer_) return;
  timer_ = scheduler_.call_after(delay, [this] {
    timer_.reset();
    turn();
  });
}

void LiveQuery::turn() {
  const TimeSlice slice(scheduler_);
  if (!catch_up(slice)) return schedule(TimeSlice::kPause);
  if (!is_synced_()) {
    waits_for_sync_ = true;
    return;
  }
  std::optional<LiveUpdate> news = update();
  const Tell tell = tell_;
  if (news && tell) tell(std::move(*news));  // may destroy this
}

bool LiveQuery::catch_up(const TimeSlice& slice) {
  // Taken from the end: what changed twice is looked at twice, and the last look counts.
  for (std::size_t done = 1; !pending_.empty(); ++done) {
    const DocumentPlace place = pending_.back();
    pending_.pop_back();
    evaluate(place);
    if (done % kChunk == 0 && slice.spent()) return pending_.empty();
  }
  return true;
}

void LiveQuery::evaluate(DocumentPlace place) {
  const auto known = entry_of_.find(place);
  if (known != entry_of_.end()) {
    matches_.erase(known->second);
    entry_of_.erase(known);
  }
  const Stream* const document = document_at(place);
  if (document == nullptr || (document->status == StreamStatus::Deleted && !query_.sees_deleted)) return;
  if (!query_.where.matches(*document) || (sight_ && !sight_(*document))) return;
  entry_of_[place] = matches_.insert({place, query_.keys_of(*document)}).first;
}

std::optional<LiveUpdate> LiveQuery::resize(std::uint32_t limit) {
  query_.limit = limit;
  // What is left over has its turn already: it was scheduled when it changed.
  if (!catch_up(TimeSlice(scheduler_))) return std::nullopt;
  if (is_synced_()) return update();
  waits_for_sync_ = true;
  return std::nullopt;
}

std::vector<DocumentPlace> LiveQuery::window() const {
  std::vector<DocumentPlace> places;
  auto at = query_.after ? matches_.upper_bound(*query_.after) : matches_.begin();
  for (std::uint32_t skipped = 0; skipped < query_.offset && at != matches_.end(); ++skipped) ++at;
  for (; at != matches_.end() && places.size() < query_.limit; ++at) places.push_back(at->place);
  return places;
}

std::optional<LiveUpdate> LiveQuery::update() {
  const std::vector<DocumentPlace> places = window();
  std::unordered_map<std::string_view, std::size_t> old_index;
  for (std::size_t i = 0; i < shown_.size(); ++i) old_index.emplace(shown_[i], i);

  LiveUpdate update;
  update.total = matches_.size();
  std::vector<bool> stays(shown_.size());
  std::vector<LiveChange> additions;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string& id = places[i]->first;
    update.ids.push_back(id);
    const auto old = old_index.find(id);
    if (old != old_index.end()) stays[old->second] = true;
    if (old != old_index.end() && !touched_.contains(id)) continue;
    LiveChange change{old == old_index.end() ? LiveChange::Kind::Added : LiveChange::Kind::Changed, id, i};
    if (old != old_index.end()) change.previous_index = old->second;
    const Stream& document = *document_at(places[i]);
    if (query_.select.empty()) {
      change.item = document;
    } else {
      change.row = query_.row_of(document);
    }
    additions.push_back(std::move(change));
  }
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    if (!stays[i]) update.changes.push_back({LiveChange::Kind::Removed, shown_[i], i});
  }
  for (LiveChange& each : additions) update.changes.push_back(std::move(each));
  const bool is_news = !told_ || !update.changes.empty() || update.total != told_total_ || update.ids != shown_;
  touched_.clear();
  told_ = true;
  told_total_ = update.total;
  shown_ = update.ids;
  return is_news ? std::optional(std::move(update)) : std::nullopt;
}

}  // namespace kurrentlite::services
