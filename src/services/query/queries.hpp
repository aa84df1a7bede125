#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

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
    /// What is at `place` will be another one in a moment.
    virtual void before_change(DocumentPlace /*place*/) {}
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

}  // namespace kurrentlite::services
