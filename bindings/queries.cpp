/// Queries on their way in, and what they find on its way out.

#include <utility>

#include "base/base64.hpp"
#include "convert.hpp"
#include "kurrentlite/ports.hpp"
#include "services/document_json.hpp"

namespace kurrentlite::bindings {
namespace {

using json::Kind;
using json::Value;
using json::Writer;

void read_where(ArgumentReader& arguments, QuerySubject subject, Condition& target) {
  const std::optional<std::string> text = arguments.json("where");
  if (!text) return;
  Result<Condition> where = parse_condition(*text, subject);
  if (where.ok()) target = std::move(*where);
  else arguments.absorb(where.error());
}

SortKey sort_key_of(std::string path) {
  const bool descending = !path.empty() && path.front() == '-';
  if (descending) path.erase(0, 1);
  return {std::move(path), descending, false};
}

void read_sort(ArgumentReader& arguments, std::vector<SortKey>& keys) {
  const std::optional<std::string> text = arguments.json("sort");
  if (!text) return;
  const Value sort(*text);
  if (!sort.is(Kind::Array)) return arguments.refuse("sort", "must be a path or an array of paths");
  for (const Value& each : sort.elements()) {
    const std::string place = "sort[" + std::to_string(keys.size()) + "]";
    if (std::optional<std::string> path = each.string()) {
      keys.push_back(sort_key_of(std::move(*path)));
      continue;
    }
    keys.emplace_back();
    if (!each.is(Kind::Object)) {
      arguments.refuse(place, "must be a path such as \"-updatedAt\", or an object with one");
      continue;
    }
    ArgumentReader nested(each.raw(), place + ".");
    keys.back().path = nested.required_text("path");
    keys.back().descending = nested.boolean("descending").value_or(false);
    keys.back().ignore_case = nested.boolean("ignoreCase").value_or(false);
    arguments.absorb(nested);
  }
}

void write_groups(Writer& out, const std::vector<QueryGroup>& groups, std::uint64_t total) {
  out.key("groups").begin_array();
  for (const QueryGroup& group : groups) {
    out.begin_object();
    if (!group.value.empty()) out.key("value").raw(group.value);
    out.key("count").unsigned_integer(group.count).end_object();
  }
  out.end_array().key("groupsTotal").unsigned_integer(total);
}

void write_cursor(Writer& out, const std::optional<std::string>& cursor) {
  out.key("next");
  if (cursor) {
    out.string(*cursor);
  } else {
    out.null();
  }
}

/// JSON as it is; other text, and bytes in base64, under names of their own. Nothing for nothing.
void write_part(Writer& out, const std::string& name, const Bytes& bytes, bool is_json) {
  if (bytes.empty() && name == "metadata") return;
  if (!is_json) {
    out.key(name + "Bytes").string(base64::encode(bytes));
  } else if (json::check(bytes, {json::kDepthCeiling})) {
    out.key(name + "Text").string(bytes);
  } else {
    out.key(name).raw(bytes);
  }
}

void write(Writer& out, const RecordedEvent& event) {
  const bool is_json = event.content_type == ContentType::Json;
  out.begin_object().key("streamId").string(event.stream).key("id").string(event.id.to_string());
  // As text: they may be beyond what a JSON number holds.
  out.key("revision").string(std::to_string(event.revision.value));
  out.key("commit").string(std::to_string(event.position.commit));
  out.key("prepare").string(std::to_string(event.position.prepare));
  out.key("type").string(event.type).key("isJson").boolean(is_json);
  out.key("created").integer(event.created_ticks / kTicksPerMillisecond);
  write_part(out, "data", event.data, is_json);
  write_part(out, "metadata", event.metadata, !json::check(event.metadata, {json::kDepthCeiling}));
  out.end_object();
}

}  // namespace

Result<StreamQuery> read_stream_query(ArgumentReader& arguments, std::uint32_t limit_max) {
  StreamQuery query;
  read_where(arguments, QuerySubject::Documents, query.where);
  query.search = arguments.text("search").value_or("");
  read_sort(arguments, query.sort);
  query.select = arguments.texts("select").value_or(std::vector<std::string>());
  query.limit = static_cast<std::uint32_t>(arguments.whole("limit", 1, limit_max).value_or(query.limit));
  query.offset = static_cast<std::uint32_t>(arguments.whole("offset", 0, UINT32_MAX).value_or(0));
  query.cursor = arguments.text("cursor");
  query.total = arguments.boolean("total").value_or(false);
  query.group_by = arguments.text("groupBy");
  if (!arguments.ok()) return arguments.error();
  return query;
}

Result<EventQuery> read_event_query(ArgumentReader& arguments) {
  EventQuery query;
  query.scope.stream = arguments.text("stream");
  query.scope.category = arguments.text("category");
  read_where(arguments, QuerySubject::Events, query.where);
  const std::string direction = arguments.text("direction").value_or("forwards");
  query.backwards = direction == "backwards";
  if (!query.backwards && direction != "forwards") arguments.refuse("direction", "must be forwards or backwards");
  query.system_events = arguments.boolean("systemEvents").value_or(false);
  query.limit = static_cast<std::uint32_t>(arguments.whole("limit", 0, 1000).value_or(query.limit));
  query.cursor = arguments.text("cursor");
  query.group_by = arguments.text("groupBy");
  query.scan_max = static_cast<std::uint32_t>(arguments.whole("scanMax", 1, 1'000'000).value_or(query.scan_max));
  if (!arguments.ok()) return arguments.error();
  return query;
}

std::string to_json(const QueryPage& page) {
  Writer out;
  out.begin_object().key("items").begin_array();
  for (const Stream& item : page.items) services::write_document(out, item);
  for (const Json& row : page.rows) out.raw(row);
  out.end_array();
  write_cursor(out, page.next);
  if (page.total) out.key("total").unsigned_integer(*page.total);
  if (!page.groups.empty()) write_groups(out, page.groups, page.groups_total);
  return out.end_object().take();
}

std::string to_json(const QueryExplanation& explanation) {
  Writer out;
  out.begin_object().key("plan").string(explanation.uses_index ? "index" : "scan");
  if (explanation.uses_index) {
    out.key("index").string(explanation.index).key("indexUse").string(explanation.index_use);
    if (!explanation.index_kind.empty()) out.key("indexKind").string(explanation.index_kind);
  }
  out.key("sortedBy").string(explanation.sorted_by).key("examined").unsigned_integer(explanation.examined);
  out.key("matched").unsigned_integer(explanation.matched).key("documents").unsigned_integer(explanation.documents);
  out.key("slices").unsigned_integer(explanation.slices).key("duration").number(explanation.duration_ms);
  return out.end_object().take();
}

std::string to_json(const LiveUpdate& update) {
  Writer out;
  out.begin_object().key("changes").begin_array();
  for (const LiveChange& change : update.changes) {
    out.begin_object().key("type").string(to_string(change.kind)).key("id").string(change.id);
    out.key("index").unsigned_integer(change.index);
    if (change.kind == LiveChange::Kind::Changed) out.key("previousIndex").unsigned_integer(change.previous_index);
    if (change.kind != LiveChange::Kind::Removed) {
      out.key("item");
      if (change.item) {
        services::write_document(out, *change.item);
      } else {
        out.raw(change.row);
      }
    }
    out.end_object();
  }
  out.end_array().key("ids").begin_array();
  for (const std::string& id : update.ids) out.string(id);
  return out.end_array().key("total").unsigned_integer(update.total).end_object().take();
}

std::string to_json(const EventPage& page) {
  Writer out;
  out.begin_object().key("items").begin_array();
  for (const RecordedEvent& event : page.items) write(out, event);
  out.end_array();
  write_cursor(out, page.next);
  out.key("scanned").unsigned_integer(page.scanned).key("matched").unsigned_integer(page.matched);
  if (!page.groups.empty()) write_groups(out, page.groups, page.groups_total);
  return out.end_object().take();
}

}  // namespace kurrentlite::bindings
