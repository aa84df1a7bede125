#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/time_slice.hpp"
#include "services/query/matches.hpp"
#include "services/query/queries.hpp"

namespace kurrentlite::services {

/// Carries out one query in pieces. What changes meanwhile is taken back, and looked at again at the end, so that the
/// result is the state at one moment: that of the last `step`.
class QueryRun final : private Queries::Listener {
 public:
  /// `queries` and `query` must outlive it.
  QueryRun(Queries& queries, CompiledQuery& query, Sight sight);
  ~QueryRun();
  QueryRun(const QueryRun&) = delete;
  QueryRun& operator=(const QueryRun&) = delete;

  /// Goes on until `slice` is spent; true when it is finished. Call no more then.
  bool step(const TimeSlice& slice);
  /// All documents were forgotten meanwhile: begin anew.
  [[nodiscard]] bool is_void() const { return is_void_; }

  /// The result of a finished run. Errors: ValidationFailed (a regular expression takes too long).
  [[nodiscard]] Result<QueryPage> page();
  [[nodiscard]] QueryExplanation explanation() const;

 private:
  void before_change(DocumentPlace place) override;
  void changed(DocumentPlace place) override { changed_.push_back(place); }
  void cleared() override { is_void_ = true; }

  void begin();
  /// The next documents to look at, in `chunk_`; false when there are none.
  bool next_chunk();
  bool next_of_walk();
  void examine(DocumentPlace place);
  void look_again_at_what_changed();
  /// The documents that come before this one have been looked at, and it is one of those.
  [[nodiscard]] bool is_covered(DocumentPlace place) const;
  [[nodiscard]] bool has_enough() const { return stops_early_ && found_->count() >= wanted_; }

  Queries& queries_;
  CompiledQuery& query_;
  Sight sight_;
  Plan plan_;
  bool counts_all_;           // totals or groups are wanted
  bool stops_early_ = false;  // candidates come in the order of the result
  std::uint64_t wanted_;      // entries up to the end of the page, and one that tells of a next page
  std::uint64_t spare_;       // as many more, because documents may leave meanwhile

  // How far it has come.
  bool begun_ = false;
  bool exhausted_ = false;
  std::string last_id_;
  std::optional<Key> last_value_;
  std::size_t next_candidate_ = 0;
  std::vector<DocumentPlace> chunk_;
  std::size_t chunk_at_ = 0;

  std::optional<Matches> found_;
  std::vector<DocumentPlace> changed_;
  bool is_void_ = false;
  std::uint64_t examined_ = 0;
  std::uint64_t slices_ = 0;
};

}  // namespace kurrentlite::services
