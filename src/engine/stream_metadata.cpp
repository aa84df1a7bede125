#include "engine/stream_metadata.hpp"

#include <limits>

#include "kurrentlite/ports.hpp"

namespace kurrentlite {
namespace {

/// An integer as JSON writes one: no fraction, no exponent, within int64.
std::optional<std::int64_t> plain_integer(const json::Value& value) {
  if (value.raw().find_first_of(".eE") != std::string_view::npos) return std::nullopt;
  return value.integer();
}

bool is_role_list(const json::Value& roles) {
  if (roles.is(json::Kind::String)) return true;
  if (!roles.is(json::Kind::Array)) return false;
  for (const json::Value& role : roles.elements()) {
    if (!role.is(json::Kind::String)) return false;
  }
  return true;
}

/// Puts the integer into `target`, or 0 when it is below `least`; false when it is no integer at all.
bool read_bound(const json::Value& value, std::int64_t least, std::uint64_t& target) {
  const std::optional<std::int64_t> number = plain_integer(value);
  if (!number) return false;
  target = *number >= least ? static_cast<std::uint64_t>(*number) : 0;
  return true;
}

/// The same for seconds, of which the server's time span holds no more than this in either direction.
bool read_seconds(const json::Value& value, std::uint64_t& target) {
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / (1000 * kTicksPerMillisecond);
  const std::optional<std::int64_t> number = plain_integer(value);
  return number && *number <= kSecondsMax && *number >= -kSecondsMax && read_bound(value, 1, target);
}

}  // namespace

bool is_acl(const json::Value& acl) {
  if (!acl.is(json::Kind::Object)) return false;
  for (const json::Member& member : acl.members()) {
    const bool known =
        member.key == "$r" || member.key == "$w" || member.key == "$d" || member.key == "$mr" || member.key == "$mw";
    if (!known || !is_role_list(member.value)) return false;
  }
  return true;
}

std::optional<StreamMetadata> read_stream_metadata(ContentType content_type, std::string_view text) {
  if (content_type != ContentType::Json || !is_json_object(text)) return std::nullopt;
  StreamMetadata metadata;
  Retention& retention = metadata.retention;
  std::uint64_t cache_control_s = 0;
  for (const json::Member& member : json::Value(text).members()) {
    bool valid = true;
    if (member.key == "$maxCount") valid = read_bound(member.value, 1, retention.max_count);
    if (member.key == "$maxAge") valid = read_seconds(member.value, retention.max_age_s);
    if (member.key == "$tb") valid = read_bound(member.value, 0, retention.truncate_before);
    if (member.key == "$cacheControl") valid = read_seconds(member.value, cache_control_s);
    if (member.key == "$tmp") valid = member.value.is(json::Kind::Bool);
    if (member.key == "$acl") {
      valid = is_acl(member.value);
      metadata.acl = member.value;
    }
    if (!valid) return std::nullopt;
  }
  return metadata;
}

Retention parse_retention(ContentType content_type, std::string_view metadata) {
  const std::optional<StreamMetadata> read = read_stream_metadata(content_type, metadata);
  return read ? read->retention : Retention{};
}

bool is_json_object(std::string_view text) { return !json::check(text) && json::Value(text).is(json::Kind::Object); }

std::string with_truncate_before(std::string_view metadata, std::uint64_t revision) {
  json::Writer patch;
  patch.begin_object().key("$tb").unsigned_integer(revision).end_object();
  return json::merge_top_level(metadata, patch.take());
}

}  // namespace kurrentlite
