#include "services/constraints.hpp"

#include <algorithm>
#include <utility>

#include "base/sha1.hpp"
#include "base/utf8.hpp"
#include "services/fields.hpp"
#include "services/user_data.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

constexpr std::size_t kNameLengthMax = 64;
/// Values longer than this, and those with control characters, have their digest in the stream's name.
constexpr std::size_t kValueSizeMax = 128;

EventData json_event(Uuid id, std::string_view type, json::Writer& writer) {
  EventData event;
  event.id = id;
  event.type = type;
  event.data = writer.take();
  return event;
}

void check_name(std::vector<Violation>& violations, const std::string& field, const std::string& name) {
  const std::uint64_t length = utf8::utf16_length(name);
  if (utf8::valid(name) && length >= 1 && length <= kNameLengthMax) return;
  violations.push_back({field, "must be text of 1 to " + std::to_string(kNameLengthMax) + " characters."});
}

std::string hex(const Sha1Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 15U]);
  }
  return text;
}

/// A text that is the same for equal values only.
std::string name_of(const ValueView& value, bool ignore_case) {
  std::string name;
  if (value.rank == Rank::Text) {
    name = "t" + (ignore_case ? utf8::ascii_lower(value.text) : std::string(value.text));
  } else {
    name = "j" + json_of(value);
  }
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char each) { return static_cast<unsigned char>(each) >= ' '; });
  return is_plain && name.size() <= kValueSizeMax ? name : "h" + hex(sha1(name));
}

bool is_scalar(const ValueView& value) {
  return value.rank == Rank::Text || value.rank == Rank::Number || value.rank == Rank::True || value.rank == Rank::False;
}

}  // namespace

EventData value_claimed(Uuid event_id, const Claim& claim) {
  json::Writer writer;
  writer.begin_object().key("document").string(claim.document).key("value").raw(claim.value).end_object();
  return json_event(event_id, kValueClaimed, writer);
}

EventData value_released(Uuid event_id, const Claim& claim) {
  json::Writer writer;
  writer.begin_object().key("document").string(claim.document).end_object();
  return json_event(event_id, kValueReleased, writer);
}

std::optional<std::string> holder_of(const RecordedEvent& last) {
  if (last.type != kValueClaimed) return std::nullopt;
  const std::optional<Fields> fields = Fields::parse(last.data);
  std::optional<std::string> holder;
  if (!fields || !fields->read("document", holder)) return std::nullopt;
  return holder;
}

Violation taken(const Claim& claim) { return {claim.path, "is taken: " + claim.value + " belongs to another document."}; }

Violation closed(const Claim& claim) {
  return {claim.path, "cannot be claimed: the stream \"" + claim.stream +
                          "\" was tombstoned, so no document can hold " + claim.value +
                          " any more. Use another value, or declare the constraint by another name and claim its values anew."};
}

Violation hidden(const Claim& claim) {
  return {claim.path, "cannot be claimed: the end of the stream \"" + claim.stream +
                          "\" cannot be read. Give the services the right to read it."};
}

std::string unique_stream_prefix(std::string_view kind) {
  std::string prefix(kUniquePrefix);
  append_name_part(prefix, kind);
  prefix.push_back('-');
  return prefix;
}

Result<void> Constraints::declare(DocumentKind kind, RegexEngine* regexes) {
  Declared declared;
  declared.kind = std::move(kind.kind);
  std::vector<Violation> violations;
  check_name(violations, "kind", declared.kind);
  for (std::size_t i = 0; i < kind.unique.size(); ++i) {
    UniqueConstraint& each = kind.unique[i];
    const std::string field = "unique[" + std::to_string(i) + "]";
    check_name(violations, field + ".name", each.name);
    std::string problem;
    std::optional<CompiledPath> path = CompiledPath::compile(each.path, QuerySubject::Documents, problem);
    if (path) {
      declared.unique.push_back({std::move(each), std::move(*path)});
    } else {
      violations.push_back({field + ".path", std::move(problem)});
    }
  }
  for (std::size_t i = 0; i < kind.checks.size(); ++i) {
    CheckConstraint& each = kind.checks[i];
    const std::string field = "checks[" + std::to_string(i) + "]";
    check_name(violations, field + ".name", each.name);
    Result<CompiledCondition> compiled = CompiledCondition::compile(each.where, QuerySubject::Documents, regexes);
    if (compiled.ok()) {
      declared.checks.push_back({std::move(each), std::move(*compiled)});
      continue;
    }
    for (Violation& violation : compiled.error().violations) violations.push_back(std::move(violation));
  }
  if (!violations.empty()) return validation_failed(std::move(violations));
  std::erase_if(declared_, [&](const Declared& each) { return each.kind == declared.kind; });
  declared_.push_back(std::move(declared));
  return {};
}

std::vector<Violation> Constraints::violations(const Stream& document) {
  std::vector<Violation> violations;
  DocumentSubject subject(document);
  std::string scratch;
  for (Declared& declared : declared_) {
    if (!declared.is_about(document)) continue;
    for (const Unique& each : declared.unique) {
      if (each.path.read(subject, scratch).rank != Rank::Composite) continue;
      violations.push_back({each.constraint.path, "must be text, a number or a boolean, since it is unique."});
    }
    for (Check& each : declared.checks) {
      if (each.condition.matches(document)) continue;
      const std::string& message = each.constraint.message;
      violations.push_back(
          {each.constraint.name, message.empty() ? "must hold: " + to_json(each.constraint.where) : message});
    }
  }
  return violations;
}

bool Constraints::has_unique(std::string_view kind) const {
  return std::any_of(declared_.begin(), declared_.end(),
                     [&](const Declared& each) { return each.kind == kind && !each.unique.empty(); });
}

std::vector<Claim> Constraints::claims(const Stream* document, const std::optional<std::string>& kind) const {
  std::vector<Claim> claims;
  if (document == nullptr) return claims;
  DocumentSubject subject(*document);
  std::string scratch;
  for (const Declared& declared : declared_) {
    if (!declared.is_about(*document) || (kind && declared.kind != *kind)) continue;
    for (const Unique& each : declared.unique) {
      const ValueView value = each.path.read(subject, scratch);
      if (!is_scalar(value)) continue;
      Claim claim;
      claim.stream = unique_stream_prefix(declared.kind);
      append_name_part(claim.stream, each.constraint.name);
      claim.stream.push_back('-');
      append_name_part(claim.stream, name_of(value, each.constraint.ignore_case));
      claim.document = document->id;
      claim.name = each.constraint.name;
      claim.path = each.constraint.path;
      claim.value = json_of(value);
      claims.push_back(std::move(claim));
    }
  }
  return claims;
}

}  // namespace kurrentlite::services
