#include "services/query/path.hpp"

#include <array>
#include <span>
#include <utility>

#include "base/utf8.hpp"
#include "kurrentlite/ports.hpp"

namespace kurrentlite::services {

namespace {

struct FieldName {
  std::string_view name;  // the first segments, joined by dots
  QueryField field;
};

constexpr std::array kDocumentFields{
    FieldName{"id", QueryField::Id},
    FieldName{"kind", QueryField::Kind},
    FieldName{"name", QueryField::Name},
    FieldName{"description", QueryField::Description},
    FieldName{"status", QueryField::Status},
    FieldName{"owner", QueryField::Owner},
    FieldName{"tags", QueryField::Tags},
    FieldName{"createdAt", QueryField::CreatedAt},
    FieldName{"updatedAt", QueryField::UpdatedAt},
    FieldName{"version", QueryField::Version},
    FieldName{"permissions.read", QueryField::Read},
    FieldName{"permissions.write", QueryField::Write},
    FieldName{"permissions.admin", QueryField::Admin},
    FieldName{"metadata.owner", QueryField::Owner},
    FieldName{"metadata.tags", QueryField::Tags},
    FieldName{"metadata.createdAt", QueryField::CreatedAt},
    FieldName{"metadata.updatedAt", QueryField::UpdatedAt},
    FieldName{"metadata.version", QueryField::Version},
    FieldName{"data", QueryField::Data},
};

constexpr std::array kEventFields{
    FieldName{"id", QueryField::Id},
    FieldName{"type", QueryField::Type},
    FieldName{"streamName", QueryField::StreamName},
    FieldName{"revision", QueryField::Revision},
    FieldName{"position", QueryField::Position},
    FieldName{"created", QueryField::Created},
    FieldName{"metadata", QueryField::Metadata},
    FieldName{"data", QueryField::Data},
};

std::span<const FieldName> fields_of(QuerySubject subject) {
  if (subject == QuerySubject::Documents) return kDocumentFields;
  return kEventFields;
}

/// Whether values are inside values of this field.
bool holds_more(QueryField field) {
  switch (field) {
    case QueryField::Data:
    case QueryField::Metadata:
    case QueryField::Tags:
    case QueryField::Read:
    case QueryField::Write:
    case QueryField::Admin: return true;
    default: return false;
  }
}

std::vector<std::string> split(std::string_view path, char separator) {
  std::vector<std::string> parts(1);
  for (const char each : path) {
    if (each == separator) {
      parts.emplace_back();
    } else {
      parts.back().push_back(each);
    }
  }
  return parts;
}

/// `~1` stands for `/`, `~0` for `~`.
bool unescape(std::string& segment) {
  std::string plain;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '~') {
      plain.push_back(segment[i]);
      continue;
    }
    const char code = i + 1 < segment.size() ? segment[++i] : '\0';
    if (code != '0' && code != '1') return false;
    plain.push_back(code == '0' ? '~' : '/');
  }
  segment = std::move(plain);
  return true;
}

std::optional<std::vector<std::string>> segments_of(std::string_view path, std::string& problem) {
  if (!path.empty() && path.front() == '/') {
    std::vector<std::string> segments = split(path.substr(1), '/');
    for (std::string& segment : segments) {
      if (unescape(segment)) continue;
      problem = "is no JSON pointer: ~ must be followed by 0 or 1.";
      return std::nullopt;
    }
    return segments;
  }
  std::vector<std::string> segments = split(path, '.');
  for (const std::string& segment : segments) {
    if (!segment.empty()) continue;
    problem = "has an empty part; for keys that are empty or hold dots write a JSON pointer, such as /data/a.b.";
    return std::nullopt;
  }
  return segments;
}

std::string unknown_field(std::string_view path, QuerySubject subject) {
  if (subject == QuerySubject::Events) {
    return "is no part of an event: paths are id, type, streamName, revision, position, created, data.… and metadata.….";
  }
  if (path == "permissions" || path == "metadata") return "must name one of its parts, such as permissions.read.";
  return "is no part of a document: paths are id, kind, name, description, status, owner, tags, createdAt, updatedAt, "
         "version, permissions.read, .write and .admin, and data.….";
}

/// An index as RFC 6901 writes it: digits without a leading zero.
std::optional<std::size_t> index_of(std::string_view key) {
  if (key.empty() || key.size() > 9 || (key.size() > 1 && key.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  for (const char each : key) {
    if (each < '0' || each > '9') return std::nullopt;
    index = index * 10 + static_cast<std::size_t>(each - '0');
  }
  return index;
}

}  // namespace

ValueView DocumentSubject::field(QueryField field) {
  switch (field) {
    case QueryField::Id: return ValueView::of(document_.id);
    case QueryField::Kind: return document_.kind ? ValueView::of(*document_.kind) : ValueView{};
    case QueryField::Name: return ValueView::of(document_.name);
    case QueryField::Description: return document_.description ? ValueView::of(*document_.description) : ValueView{};
    case QueryField::Status: return ValueView::of(std::string_view(to_string(document_.status)));
    case QueryField::Owner: return ValueView::of(document_.metadata.owner);
    case QueryField::Tags: return ValueView::of(document_.metadata.tags);
    case QueryField::CreatedAt: return ValueView::of(static_cast<double>(document_.metadata.created_at_ms));
    case QueryField::UpdatedAt: return ValueView::of(static_cast<double>(document_.metadata.updated_at_ms));
    case QueryField::Version: return ValueView::of(static_cast<double>(document_.metadata.version));
    case QueryField::Read: return ValueView::of(document_.permissions.read);
    case QueryField::Write: return ValueView::of(document_.permissions.write);
    case QueryField::Admin: return ValueView::of(document_.permissions.admin);
    // Documents' data are checked JSON. Only composites need no decoding, so CompiledPath::read does the rest.
    case QueryField::Data: return {Rank::Composite, 0, document_.data};
    default: return {};
  }
}

ValueView EventSubject::field(QueryField field) {
  switch (field) {
    case QueryField::Type: return ValueView::of(event_.type);
    case QueryField::StreamName: return ValueView::of(event_.stream);
    case QueryField::Revision: return ValueView::of(static_cast<double>(event_.revision.value));
    case QueryField::Position: return ValueView::of(static_cast<double>(event_.position.commit));
    case QueryField::Created: return ValueView::of(static_cast<double>(event_.created_ticks / kTicksPerMillisecond));
    case QueryField::Metadata: return part(event_.metadata, metadata_);
    case QueryField::Data: return event_.content_type == ContentType::Json ? part(event_.data, data_) : ValueView{};
    default: return {};
  }
}

ValueView EventSubject::part(const Bytes& bytes, Part& part) const {
  if (!part.is_known) part = {true, !json::check(bytes, {json::kDepthCeiling})};
  return part.is_json ? ValueView{Rank::Composite, 0, bytes} : ValueView{};
}

CompiledPath::CompiledPath(QueryField field, std::vector<std::string> steps) : field_(field) {
  for (std::string& key : steps) {
    const std::optional<std::size_t> index = index_of(key);
    steps_.push_back({std::move(key), index});
  }
}

std::optional<CompiledPath> CompiledPath::compile(std::string_view path, QuerySubject subject, std::string& problem) {
  if (!utf8::valid(path)) {
    problem = "must be valid Unicode text, without lone surrogates.";
    return std::nullopt;
  }
  std::optional<std::vector<std::string>> segments = segments_of(path, problem);
  if (!segments) return std::nullopt;
  const std::string two = segments->size() > 1 ? (*segments)[0] + "." + (*segments)[1] : std::string();
  for (const FieldName& each : fields_of(subject)) {
    const bool is_two = each.name.find('.') != std::string_view::npos;
    if (each.name != (is_two ? std::string_view(two) : std::string_view((*segments)[0]))) continue;
    std::vector<std::string> steps(segments->begin() + (is_two ? 2 : 1), segments->end());
    if (steps.empty() || holds_more(each.field)) return CompiledPath(each.field, std::move(steps));
    problem = "has nothing inside: " + std::string(each.name) + " is a text or number.";
    return std::nullopt;
  }
  problem = unknown_field(path, subject);
  return std::nullopt;
}

ValueView CompiledPath::read(Subject& subject, std::string& scratch) const {
  const ValueView whole = subject.field(field_);
  if (whole.rank != Rank::Composite) return steps_.empty() ? whole : ValueView{};
  if (whole.texts != nullptr) {
    if (steps_.empty()) return whole;
    const std::optional<std::size_t> index = steps_.front().index;
    const bool is_there = steps_.size() == 1 && index && *index < whole.texts->size();
    return is_there ? ValueView::of((*whole.texts)[*index]) : ValueView{};
  }
  json::Value value(whole.text);
  for (const Step& step : steps_) {
    std::optional<json::Value> inside;
    if (value.is(json::Kind::Array)) {
      if (step.index) inside = value.at(*step.index);
    } else {
      inside = value.find(step.key);
    }
    if (!inside) return {};
    value = *inside;
  }
  return ValueView::of(value, scratch);
}

}  // namespace kurrentlite::services
