#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/time_slice.hpp"
#include "kurrentlite/query.hpp"
#include "services/query/queries.hpp"

namespace kurrentlite::services {

/// The result of a query, kept up to date. It knows all matching documents in their order, so that a change costs no new
/// search, whatever enters or leaves the part that is shown.
class LiveQuery final : private Queries::Listener {
 public:
  using Tell = std::function<void(LiveUpdate)>;
  /// Whether the model is complete: while it is read anew nothing is told.
  using IsSynced = std::function<bool()>;

  /// `queries` and `scheduler` must outlive it.
  LiveQuery(Queries& queries, Scheduler& scheduler, CompiledQuery query, Sight sight, IsSynced is_synced);
  ~LiveQuery();
  LiveQuery(const LiveQuery&) = delete;
  LiveQuery& operator=(const LiveQuery&) = delete;

  /// Takes in what there is and what changed, until `slice` is spent; true when nothing is left.
  bool catch_up(const TimeSlice& slice);
  /// What is different from the last time, or from nothing. Regular expressions that take too long match nothing.
  [[nodiscard]] std::optional<LiveUpdate> update();
  /// Shows up to `limit` documents from now on. Answers what that changes; nothing while the model is not complete, where
  /// the next turn tells.
  [[nodiscard]] std::optional<LiveUpdate> resize(std::uint32_t limit);
  /// From now on `tell` runs after each turn that made a difference. It may destroy this.
  void listen(Tell tell) { tell_ = std::move(tell); }

 private:
  struct Order {
    using is_transparent = void;
    const CompiledQuery* query;
    bool operator()(const Ranked& a, const Ranked& b) const { return query->before(a, b); }
    bool operator()(const CompiledQuery::After& a, const Ranked& b) const {
      return query->compare_places(a.keys, a.id, b.keys, b.place->first) < 0;
    }
    bool operator()(const Ranked& a, const CompiledQuery::After& b) const {
      return query->compare_places(a.keys, a.place->first, b.keys, b.id) < 0;
    }
  };
  using Matches = std::set<Ranked, Order>;

  void changed(DocumentPlace place) override;
  void cleared() override;
  void synced() override;
  void closed() override;
  void schedule(Duration delay);
  void turn();
  void evaluate(DocumentPlace place);
  [[nodiscard]] std::vector<DocumentPlace> window() const;

  Queries& queries_;
  Scheduler& scheduler_;
  CompiledQuery query_;
  Sight sight_;
  IsSynced is_synced_;
  Tell tell_;
  Matches matches_;
  std::unordered_map<DocumentPlace, Matches::iterator> entry_of_;
  std::vector<DocumentPlace> pending_;  // to be looked at
  std::set<std::string> touched_;       // ids of documents that changed since the last update
  std::vector<std::string> shown_;      // ids, as last told
  std::uint64_t told_total_ = 0;
  bool told_ = false;
  bool waits_for_sync_ = false;
  std::optional<Scheduler::TimerId> timer_;
};

}  // namespace kurrentlite::services
