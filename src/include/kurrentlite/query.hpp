#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kurrentlite/models.hpp"
#include "kurrentlite/result.hpp"

/// Conditions, queries over documents and queries over events, as plain data.
///
/// **Paths** name a value of a document: `id`, `kind`, `name`, `description`, `status`, `owner`, `tags`, `createdAt`,
/// `updatedAt`, `version`, `permissions.read`, `permissions.write`, `permissions.admin`, `data`, and what is inside, such
/// as `data.profile.name`, `data.items.0.sku` or `tags.0`. What stands under `metadata` in TypeScript may be named with it
/// too: `metadata.owner`. Of an event: `id`, `type`, `streamName`, `revision`, `position`, `created`, `data…`,
/// `metadata…`. A path that begins with `/` is a JSON pointer (RFC 6901) instead, for keys that hold dots: `/data/a.b`.
///
/// **Order** of values of any type: missing < null < false < true < numbers < texts < arrays and objects. Numbers compare
/// as doubles, texts by code point, arrays and objects are all equal when sorted. Times are milliseconds since 1970.
namespace kurrentlite {

/// A JSON value in a condition, made of what C++ has for it.
struct Literal {
  Json json;

  Literal(std::nullptr_t) : json("null") {}  // NOLINT: conversion is the point, here and below
  Literal(bool value) : json(value ? "true" : "false") {}  // NOLINT
  Literal(int value) : json(std::to_string(value)) {}  // NOLINT
  Literal(std::int64_t value) : json(std::to_string(value)) {}  // NOLINT
  Literal(double value);  // NOLINT
  Literal(std::string_view text);  // NOLINT
  Literal(const std::string& text) : Literal(std::string_view(text)) {}  // NOLINT
  Literal(const char* text) : Literal(std::string_view(text)) {}  // NOLINT
  /// JSON text as it is.
  [[nodiscard]] static Literal of_json(Json text);
};

/// What a document or an event must be like.
struct Condition {
  enum class Op : std::uint8_t {
    All,       ///< every one of `parts`; of none: everything
    Any,       ///< at least one of `parts`
    Not,       ///< not the only one of `parts`
    Eq,        ///< means the same JSON value, arrays and objects included
    Ne,        ///< not Eq: also when the value is missing
    Lt,        ///< this and the next three: both numbers or both texts; otherwise false
    Lte,
    Gt,
    Gte,
    In,        ///< Eq one of the array
    Contains,  ///< a text that holds the text, or an array one of whose elements is the value
    Prefix,    ///< a text that begins with the text
    Regex,     ///< a text that the regular expression (.NET dialect, see RegexEngine) is found in
    Exists,    ///< true: there is such a value, were it null; false: there is none
    Search,    ///< no path: the text is in id, name, description or a tag; ASCII letters ignore case. Documents only
  };
  Op op = Op::All;
  std::string path = {};
  Json value = {};  ///< what to compare with
  std::vector<Condition> parts = {};
  /// Where it was written, such as `where.or[0].data.total.gte`: for errors. Empty: made of what it is.
  std::string place = {};
};

/// A value of a document or event, to be compared: `field("data.total").gte(100)`.
class Field {
 public:
  explicit Field(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Condition eq(Literal value) const { return make(Condition::Op::Eq, std::move(value)); }
  [[nodiscard]] Condition ne(Literal value) const { return make(Condition::Op::Ne, std::move(value)); }
  [[nodiscard]] Condition lt(Literal value) const { return make(Condition::Op::Lt, std::move(value)); }
  [[nodiscard]] Condition lte(Literal value) const { return make(Condition::Op::Lte, std::move(value)); }
  [[nodiscard]] Condition gt(Literal value) const { return make(Condition::Op::Gt, std::move(value)); }
  [[nodiscard]] Condition gte(Literal value) const { return make(Condition::Op::Gte, std::move(value)); }
  [[nodiscard]] Condition in(const std::vector<Literal>& values) const;
  [[nodiscard]] Condition contains(Literal value) const { return make(Condition::Op::Contains, std::move(value)); }
  [[nodiscard]] Condition prefix(Literal text) const { return make(Condition::Op::Prefix, std::move(text)); }
  [[nodiscard]] Condition regex(Literal pattern) const { return make(Condition::Op::Regex, std::move(pattern)); }
  [[nodiscard]] Condition exists(bool wanted = true) const { return make(Condition::Op::Exists, wanted); }

 private:
  [[nodiscard]] Condition make(Condition::Op op, Literal value) const;
  std::string path_;
};
[[nodiscard]] inline Field field(std::string path) { return Field(std::move(path)); }

[[nodiscard]] Condition all_of(std::vector<Condition> parts);
[[nodiscard]] Condition any_of(std::vector<Condition> parts);
[[nodiscard]] Condition not_(Condition part);

/// What a condition is about: it decides which paths there are.
enum class QuerySubject : std::uint8_t { Documents, Events };

/// Reads a condition as users write it:
///   {"status": "active", "data.total": {"gte": 100, "lt": 500}, "tags": {"contains": "vip"}, "name": {"prefix": "A"},
///    "data.x": {"exists": true}, "or": [c, c], "and": [c, c], "not": c}
/// A value that is no object is meant by `eq`; members of one object are and-ed.
/// Errors: ValidationFailed names every bad place, as `<name>.data.total.gte` or `<name>.or[0].status`: an unknown path or
///         operator, a value that the operator does not take, conditions deeper than 16 or more than 1,000.
[[nodiscard]] Result<Condition> parse_condition(std::string_view json, QuerySubject subject = QuerySubject::Documents,
                                                const std::string& name = "where");
/// The condition as `parse_condition` reads it, in one spelling: equal conditions give equal texts.
[[nodiscard]] Json to_json(const Condition& condition);

/// One key to sort by.
struct SortKey {
  std::string path;
  bool descending = false;
  bool ignore_case = false;  ///< of ASCII letters
};

/// Which documents, in which order, and what of them.
struct StreamQuery {
  /// Deleted documents are found only by a condition that names `status`.
  Condition where = {};
  std::string search = {};            ///< see Condition::Op::Search
  std::vector<SortKey> sort = {};     ///< at most 8; what is equal in all of them, or all without any, is ordered by id
  std::vector<std::string> select = {};  ///< at most 100 paths: `QueryPage::rows` instead of whole documents
  std::uint32_t limit = 50;           ///< 1 to 1000
  /// `QueryPage::next` of the page before. The place it means stays the same whatever happens to the documents: what is
  /// inserted or removed before it moves nothing.
  std::optional<std::string> cursor = std::nullopt;
  std::uint32_t offset = 0;           ///< entries to skip after the cursor; a cursor is better for going through pages
  bool total = false;                 ///< whether to count all matching documents
  /// Counts matching documents by the value at this path. One whose value is an array counts once for each of its
  /// different elements.
  std::optional<std::string> group_by = std::nullopt;
};

/// How many matching documents have a value in common.
struct QueryGroup {
  Json value;  ///< empty for those that have none
  std::uint64_t count = 0;
};

/// The state of the documents at one moment, also when the query took several turns.
struct QueryPage {
  std::vector<Stream> items;
  /// With `select`, in the place of items: objects of `id` and, by the paths as they were given, the values that exist.
  std::vector<Json> rows;
  std::optional<std::string> next;  ///< cursor of the page that follows; empty on the last
  std::optional<std::uint64_t> total;
  std::vector<QueryGroup> groups;   ///< most frequent first, at most 1000
  std::uint64_t groups_total = 0;   ///< how many there are
};

/// How a query was carried out.
struct QueryExplanation {
  bool uses_index = false;
  std::string index = {};       ///< its path
  std::string index_kind = {};  ///< of which documents it is; empty: of all
  /// What it was asked: "eq", "in", "range", "prefix", "contains" or, for going through it in order, "sort".
  std::string index_use = {};
  std::string sorted_by = {};   ///< "index", "id" (the order of reading) or "sort"
  std::uint64_t examined = 0;   ///< documents that the condition was tried on
  std::uint64_t matched = 0;    ///< those that it held for, as far as it was tried
  std::uint64_t documents = 0;  ///< all there are
  std::uint64_t slices = 0;     ///< pieces the work was done in, each some milliseconds
  double duration_ms = 0;
};

/// One change of a live query's result.
struct LiveChange {
  enum class Kind : std::uint8_t { Added, Changed, Removed };
  Kind kind = Kind::Changed;
  std::string id;
  std::size_t index = 0;           ///< in the new result; of a removed document: in the old one
  std::size_t previous_index = 0;  ///< of a changed document, in the old one
  std::optional<Stream> item = std::nullopt;  ///< the document as it is now, unless it was removed
  Json row = {};                              ///< the same of a query with `select`
};
/// "added", "changed" or "removed".
[[nodiscard]] const char* to_string(LiveChange::Kind kind);

/// What happened to a live query's result in one turn.
struct LiveUpdate {
  std::vector<LiveChange> changes;  ///< removed ones first, then by their new index
  std::vector<std::string> ids;     ///< the whole result in its order
  std::uint64_t total = 0;          ///< matching documents, within the limit or not
};

/// Where to look for events.
struct EventScope {
  std::optional<std::string> stream = std::nullopt;    ///< one stream
  std::optional<std::string> category = std::nullopt;  ///< streams whose names begin with this and `-`
};

/// Which events, in the order in which they were recorded.
struct EventQuery {
  EventScope scope = {};   ///< all streams unless said otherwise
  Condition where = {};
  bool backwards = false;  ///< newest first
  bool system_events = false;  ///< also events whose type or stream begins with `$`
  std::uint32_t limit = 50;    ///< 0 to 1000; 0 only counts
  /// `EventPage::next` of the page before.
  std::optional<std::string> cursor = std::nullopt;
  /// Counts the matching events that this page looked at by the value at this path, such as `type`.
  std::optional<std::string> group_by = std::nullopt;
  std::uint32_t scan_max = 10'000;  ///< a page looks at no more events than this, 1 to 1,000,000
};

struct EventPage {
  std::vector<RecordedEvent> items;
  std::optional<std::string> next;  ///< cursor of where to go on; empty when there is nothing more. A page may be short of
                                    ///< `limit`, or empty, and yet have a next one: it stopped at `scan_max`
  std::uint64_t scanned = 0;        ///< events that this page received from the database
  std::uint64_t matched = 0;
  std::vector<QueryGroup> groups;
  std::uint64_t groups_total = 0;
};

}  // namespace kurrentlite
