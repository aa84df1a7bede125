#include "services/query/compiled_query.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "services/query/group_counts.hpp"

namespace kurrentlite::services {

namespace {

constexpr std::size_t kSortKeysMax = 8;
constexpr std::size_t kSelectMax = 100;

/// A key in a cursor: missing is {}, arrays and objects, which are all equal, are [].
void write_key(json::Writer& out, const Key& key) {
  if (key.rank == Rank::Missing) {
    out.begin_object().end_object();
  } else if (key.rank == Rank::Composite) {
    out.begin_array().end_array();
  } else {
    out.raw(json_of(key.view()));
  }
}

Key read_key(const json::Value& value) {
  std::string scratch;
  Key key(ValueView::of(value, scratch));
  if (value.is(json::Kind::Object)) key.rank = Rank::Missing;
  key.text = key.rank == Rank::Text ? key.text : std::string();
  return key;
}

/// Collects what is wrong with a query, and its compiled parts.
struct Parts {
  std::vector<Violation> violations;

  std::optional<CompiledPath> path(const std::string& place, const std::string& text) {
    std::string problem;
    std::optional<CompiledPath> compiled = CompiledPath::compile(text, QuerySubject::Documents, problem);
    if (!compiled) violations.push_back({place, problem});
    return compiled;
  }
};

std::string place_of(const char* name, std::size_t index) { return std::string(name) + "[" + std::to_string(index) + "]"; }

}  // namespace

std::uint64_t identity_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const char each : text) hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001B3U;
  return hash;
}

std::string opaque(std::string_view json) {
  std::string text = base64::encode(json);
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> from_opaque(std::string_view text) {
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  std::optional<std::string> json = base64::decode(padded);
  return json && !json::check(*json) ? json : std::nullopt;
}

Result<CompiledQuery> CompiledQuery::compile(const StreamQuery& query, RegexEngine* regexes,
                                             std::uint32_t limit_max) {
  Parts parts;
  Condition whole = query.where;
  if (!query.search.empty()) {
    whole = all_of({std::move(whole), {Condition::Op::Search, {}, Literal(query.search).json, {}, "search"}});
    if (!utf8::valid(query.search)) parts.violations.push_back({"search", "must be valid Unicode text."});
  }
  Result<CompiledCondition> where = CompiledCondition::compile(whole, QuerySubject::Documents, regexes);
  if (!where.ok()) {
    std::vector<Violation>& found = where.error().violations;
    parts.violations.insert(parts.violations.end(), found.begin(), found.end());
  }

  std::string identity = to_json(whole);
  std::vector<CompiledSort> sort;
  if (query.sort.size() > kSortKeysMax) parts.violations.push_back({"sort", "must name at most 8 paths."});
  for (std::size_t i = 0; i < query.sort.size(); ++i) {
    const SortKey& each = query.sort[i];
    identity += (each.descending ? "\n-" : "\n+") + std::string(each.ignore_case ? "~" : "") + each.path;
    if (auto path = parts.path(place_of("sort", i), each.path)) {
      sort.push_back({std::move(*path), each.descending, each.ignore_case});
    }
  }
  std::vector<std::pair<std::string, CompiledPath>> select;
  if (query.select.size() > kSelectMax) parts.violations.push_back({"select", "must name at most 100 paths."});
  for (std::size_t i = 0; i < query.select.size(); ++i) {
    if (auto path = parts.path(place_of("select", i), query.select[i])) {
      select.emplace_back(query.select[i], std::move(*path));
    }
  }
  std::optional<CompiledPath> group_by;
  if (query.group_by) group_by = parts.path("groupBy", *query.group_by);
  if (query.limit < 1 || query.limit > limit_max) {
    parts.violations.push_back({"limit", "must be 1 to " + std::to_string(limit_max) + "."});
  }
  if (!parts.violations.empty()) return validation_failed(std::move(parts.violations));

  CompiledQuery compiled(std::move(where).value());
  compiled.sort = std::move(sort);
  compiled.select = std::move(select);
  compiled.group_by = std::move(group_by);
  compiled.limit = query.limit;
  compiled.offset = query.offset;
  compiled.total = query.total;
  compiled.sees_deleted = compiled.where.mentions(QueryField::Status);
  compiled.identity_ = identity_of(identity);
  for (const FieldTests* tests : compiled.where.required()) {
    if (tests->path.field() != QueryField::Kind) continue;
    for (const Test& test : tests->tests) {
      if (test.op == Condition::Op::Eq && test.operand.rank == Rank::Text) compiled.kind = test.operand.text;
    }
  }
  if (query.cursor && !compiled.read_cursor(*query.cursor)) {
    return validation_failed("cursor", "is not one that this query gave: another condition or order, or no cursor.");
  }
  return compiled;
}

bool CompiledQuery::read_cursor(const std::string& cursor) {
  const std::optional<std::string> text = from_opaque(cursor);
  if (!text) return false;
  const std::vector<json::Value> parts = json::Value(*text).elements();
  if (parts.size() != sort.size() + 2) return false;
  const std::optional<std::string> id = parts[1].string();
  if (parts[0].string() != std::to_string(identity_) || !id) return false;
  after.emplace();
  after->id = *id;
  for (std::size_t i = 2; i < parts.size(); ++i) after->keys.push_back(read_key(parts[i]));
  return true;
}

std::string CompiledQuery::cursor_of(const Ranked& last) const {
  json::Writer out;
  out.begin_array().string(std::to_string(identity_)).string(last.place->first);
  for (const Key& key : last.keys) write_key(out, key);
  return opaque(out.end_array().take());
}

std::vector<Key> CompiledQuery::keys_of(const Stream& document) {
  DocumentSubject subject(document);
  std::vector<Key> keys;
  keys.reserve(sort.size());
  for (const CompiledSort& each : sort) {
    const ValueView value = each.path.read(subject, scratch_);
    if (value.rank == Rank::Composite) {
      keys.emplace_back().rank = Rank::Composite;
    } else {
      keys.emplace_back(value);
      if (each.ignore_case) keys.back().text = utf8::ascii_lower(keys.back().text);
    }
  }
  return keys;
}

std::vector<Key> CompiledQuery::groups_of(const Stream& document) {
  if (!group_by) return {};
  DocumentSubject subject(document);
  return group_keys(group_by->read(subject, scratch_), inner_scratch_);
}

int CompiledQuery::compare_places(const std::vector<Key>& a, std::string_view a_id, const std::vector<Key>& b,
                                  std::string_view b_id) const {
  for (std::size_t i = 0; i < sort.size(); ++i) {
    const int order = compare(a[i], b[i]);
    if (order != 0) return sort[i].descending ? -order : order;
  }
  return a_id.compare(b_id);
}

Json CompiledQuery::row_of(const Stream& document) {
  DocumentSubject subject(document);
  json::Writer out;
  out.begin_object().key("id").string(document.id);
  for (const auto& [name, path] : select) {
    if (name == "id") continue;
    const ValueView value = path.read(subject, scratch_);
    if (value.rank == Rank::Missing) continue;
    // Numbers of data keep their bytes only within arrays and objects; a number by itself reads back as the same double.
    out.key(name).raw(json_of(value));
  }
  return out.end_object().take();
}

}  // namespace kurrentlite::services
