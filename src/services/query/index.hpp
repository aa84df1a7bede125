#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/query/condition.hpp"
#include "services/read_model.hpp"

namespace kurrentlite::services {

/// Documents by the value at one path, in the order of values. Holds every document of its kind, also those without the
/// value; keeps an array whole and, apart from that, by its elements.
class SecondaryIndex {
 public:
  struct ById {
    bool operator()(DocumentPlace a, DocumentPlace b) const { return a->first < b->first; }
  };
  using Posting = std::set<DocumentPlace, ById>;
  struct Before {
    bool operator()(const Key& a, const Key& b) const { return compare(a, b) < 0; }
  };
  using Values = std::map<Key, Posting, Before>;

  /// An empty `kind`: of all documents.
  SecondaryIndex(std::string path, CompiledPath compiled, std::string kind)
      : path_(std::move(path)), compiled_(std::move(compiled)), kind_(std::move(kind)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& kind() const { return kind_; }
  [[nodiscard]] const CompiledPath& compiled() const { return compiled_; }

  /// False while documents that were there before it are still being taken in: not to be asked yet.
  [[nodiscard]] bool complete() const { return complete_; }
  /// Takes in up to `count` more documents; true when that was all.
  bool build(const ReadModel& model, std::size_t count);

  void before_change(DocumentPlace place);
  void after_change(DocumentPlace place);
  void clear();

  [[nodiscard]] const Values& values() const { return values_; }

  /// Documents that may pass a test: those in `ranges`. None that passes is missing.
  struct Lookup {
    struct Range {
      Values::const_iterator begin;
      Values::const_iterator end;
    };
    const char* use = "";
    std::vector<Range> ranges;
  };
  /// Nothing when the tests are of no help.
  [[nodiscard]] std::vector<Lookup> lookups(const std::vector<Test>& tests) const;
  /// How many documents that is; counts no further than `enough`.
  [[nodiscard]] static std::size_t count(const Lookup& lookup, std::size_t enough);

 private:
  /// What a document is found by.
  struct Entries {
    std::optional<Key> value;    ///< nothing: it is not in the index
    std::vector<Key> elements = {};  ///< different ones
  };
  [[nodiscard]] Entries entries_of(DocumentPlace place);
  [[nodiscard]] bool considers(DocumentPlace place) const { return complete_ || place->first <= built_up_to_; }
  static void remove(Values& values, const Key& key, DocumentPlace place);
  [[nodiscard]] std::optional<Lookup> range_of(const std::vector<Test>& tests) const;
  [[nodiscard]] Lookup::Range equal_range(const Values& values, const Key& key) const;
  [[nodiscard]] Lookup::Range prefix_range(const std::string& prefix) const;

  std::string path_;
  CompiledPath compiled_;
  std::string kind_;
  Values values_;
  Values elements_;
  Entries before_;  // of the document that is changing
  std::string scratch_;
  std::string inner_scratch_;
  std::string built_up_to_;
  bool complete_ = false;
};

}  // namespace kurrentlite::services
