#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "async/time_slice.hpp"
#include "kurrentlite/query.hpp"
#include "services/query/compiled_query.hpp"
#include "services/query/index.hpp"
#include "services/read_model.hpp"

namespace kurrentlite::services {

/// Which documents a query may see, decided by whoever asks.
using Sight = std::function<bool(const Stream&)>;

/// What queries need of the read model: indexes, and to be told what changes.
class Queries final : public DocumentObserver {
 public:
  /// Is told of documents that changed.
  class Listener {
   public:
    /// What is at `place` now is not what was there before.
    virtual void changed(DocumentPlace place) = 0;
    /// Places are void.
    virtual void cleared() = 0;
    /// The model is as new as the database was a moment ago.
    virtual void synced() {}
    /// Nothing will change any more.
    virtual void closed() {}

   protected:
    ~Listener() = default;
  };

  Queries(ReadModel& model, RegexEngine* regexes) : model_(model), regexes_(regexes) { model_.observe(this); }
  ~Queries() { model_.observe(nullptr); }
  Queries(const Queries&) = delete;
  Queries& operator=(const Queries&) = delete;

  [[nodiscard]] const ReadModel& model() const { return model_; }
  [[nodiscard]] RegexEngine* regexes() const { return regexes_; }
  [[nodiscard]] std::list<SecondaryIndex>& indexes() { return indexes_; }
  [[nodiscard]] const std::list<SecondaryIndex>& indexes() const { return indexes_; }

  /// The one of that path and kind; null when there is none.
  [[nodiscard]] SecondaryIndex* find_index(const CompiledPath& path, const std::string& kind) {
    for (SecondaryIndex& each : indexes_) {
      if (each.compiled() == path && each.kind() == kind) return &each;
    }
    return nullptr;
  }

  void add(Listener* listener) { listeners_.push_back(listener); }
  void remove(Listener* listener) { listeners_.remove(listener); }

  void before_change(DocumentPlace place) override;
  void after_change(DocumentPlace place) override;
  void before_clear() override;
  void synced();
  void close();

 private:
  ReadModel& model_;
  RegexEngine* regexes_;
  std::list<SecondaryIndex> indexes_;  // stay where they are: they are built in several turns
  std::list<Listener*> listeners_;
};

/// How to get at the documents that may match.
struct Plan {
  enum class Kind : std::uint8_t {
    Scan,    ///< all documents, in the order of ids
    Lookup,  ///< those that an index (or the ids themselves) names
    Walk,    ///< all documents of an index, in its order, which is the order wanted
  };
  Kind kind = Kind::Scan;
  const SecondaryIndex* index = nullptr;  ///< null in a Lookup: by id
  const char* use = "";
  std::vector<DocumentPlace> candidates = {};  ///< of a Lookup, in the order of ids
};
/// The plan that looks at the fewest documents. `all`: every match is wanted, whatever the limit.
[[nodiscard]] Plan make_plan(const Queries& queries, const CompiledQuery& query, bool all);

/// Carries out one query in pieces. What changes meanwhile is looked at again at the end, so that the result is the
/// state at one moment: that of the last `step`.
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
  void changed(DocumentPlace place) override { changed_.push_back(place); }
  void cleared() override { is_void_ = true; }

  /// The next documents to look at, in `chunk_`; false when there are none.
  bool next_chunk();
  bool next_of_walk();
  void examine(DocumentPlace place);
  /// May be repeated: changes before the last call count again.
  void look_again_at_what_changed();
  /// The documents that come before this one have been looked at, and it is one of those.
  [[nodiscard]] bool is_covered(DocumentPlace place) const;
  [[nodiscard]] bool has_enough() const { return stops_early_ && found_.size() >= wanted_; }
  [[nodiscard]] std::vector<const Ranked*> in_order(std::uint64_t count) const;

  Queries& queries_;
  CompiledQuery& query_;
  Sight sight_;
  Plan plan_;
  bool counts_all_;      // totals or groups are wanted
  bool stops_early_;     // candidates come in the order of the result
  std::uint64_t wanted_;  // entries up to the end of the page, and one that tells of a next page

  // How far it has come.
  bool begun_ = false;
  bool exhausted_ = false;
  std::string last_id_;
  std::optional<Key> last_value_;
  std::size_t next_candidate_ = 0;
  std::vector<DocumentPlace> chunk_;
  std::size_t chunk_at_ = 0;

  std::vector<Ranked> found_;
  std::vector<DocumentPlace> changed_;
  bool is_void_ = false;
  std::uint64_t examined_ = 0;
  std::uint64_t slices_ = 0;
};

}  // namespace kurrentlite::services
