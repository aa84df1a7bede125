#include "services/query/matches.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite::services {

void Matches::add(DocumentPlace place, const Stream& document) {
  Ranked ranked{place, query_->keys_of(document)};
  const bool is_after_cursor = query_->is_after_cursor(ranked);
  if (!counts_all_ && !is_after_cursor) return;
  if (!places_.insert(place).second) return;
  for (Key& key : query_->groups_of(document)) groups_.add(std::move(key));
  if (is_after_cursor) rank(std::move(ranked));
}

void Matches::rank(Ranked ranked) {
  const auto order = [this](const Ranked& a, const Ranked& b) { return before(a, b); };
  if (nearest_dropped_ && !before(ranked, *nearest_dropped_)) return;
  if (best_.size() == kept_max_ && !before(ranked, best_.front())) {
    nearest_dropped_ = std::move(ranked);
    return;
  }
  best_.push_back(std::move(ranked));
  std::push_heap(best_.begin(), best_.end(), order);
  if (best_.size() <= kept_max_) return;
  std::pop_heap(best_.begin(), best_.end(), order);
  nearest_dropped_ = std::move(best_.back());
  best_.pop_back();
}

void Matches::remove(DocumentPlace place, const Stream& document) {
  if (places_.erase(place) == 0) return;
  for (const Key& key : query_->groups_of(document)) groups_.remove(key);
  const auto found = std::find_if(best_.begin(), best_.end(), [&](const Ranked& each) { return each.place == place; });
  if (found == best_.end()) return;
  *found = std::move(best_.back());
  best_.pop_back();
  std::make_heap(best_.begin(), best_.end(), [this](const Ranked& a, const Ranked& b) { return before(a, b); });
}

const std::vector<Ranked>& Matches::in_order() {
  std::sort_heap(best_.begin(), best_.end(), [this](const Ranked& a, const Ranked& b) { return before(a, b); });
  if (best_.size() > wanted_) best_.resize(static_cast<std::size_t>(wanted_));
  return best_;
}

}  // namespace kurrentlite::services
