#include "engine/access.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "engine/engine.hpp"
#include "engine/stream_metadata.hpp"

namespace kurrentlite {
namespace {

constexpr std::string_view kAllStream = "$all";
constexpr std::string_view kSettingsStream = "$settings";
constexpr std::string_view kMetastreamPrefix = "$$";
constexpr std::string_view kEverybody = "$all";
constexpr std::string_view kAdminsGroup = "$admins";
constexpr std::string_view kAdminLogin = "admin";

Roles read_roles(const json::Value& roles) {
  if (std::optional<std::string> single = roles.string()) return {*std::move(single)};
  Roles read;
  for (const json::Value& role : roles.elements()) read.push_back(role.string().value_or(std::string()));
  return read;
}

/// `acl` must have passed `is_acl`. Of equal keys the last one counts.
Acl read_acl(const json::Value& acl) {
  Acl read;
  for (const json::Member& member : acl.members()) {
    if (member.key == "$r") read.read = read_roles(member.value);
    if (member.key == "$w") read.write = read_roles(member.value);
    if (member.key == "$d") read.remove = read_roles(member.value);
    if (member.key == "$mr") read.meta_read = read_roles(member.value);
    if (member.key == "$mw") read.meta_write = read_roles(member.value);
  }
  return read;
}

bool has_role(const Principal& who, std::string_view role) {
  return role == kEverybody || role == who.login ||
         std::find(who.groups.begin(), who.groups.end(), role) != who.groups.end();
}

bool has_one_of(const Principal& who, const Roles& roles) {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) { return has_role(who, role); });
}

/// What a sentence says of an action.
const char* verb_of(Action action) {
  switch (action) {
    case Action::Read: return "read";
    case Action::Write: return "write to";
    case Action::Delete: return "delete";
    case Action::MetaRead: return "read the metadata of";
    case Action::MetaWrite: return "write the metadata of";
  }
  return "use";
}

Error denied(const Principal& who, std::string_view stream, Action action) {
  return {ErrorCode::AccessDenied,
          "User \"" + who.login + "\" may not " + verb_of(action) + " stream \"" + std::string(stream) + "\".",
          {}};
}

/// What is judged in the end: reading `$$s` is reading the metadata of `s`.
struct Question {
  std::string_view stream;
  Action action = Action::Read;
};

/// Empty for what nobody may do, administrators included.
std::optional<Question> question_of(std::string_view stream, Action action) {
  if (stream.empty()) stream = kAllStream;
  if (stream == kAllStream && (action == Action::Write || action == Action::Delete)) return std::nullopt;
  if (!is_metastream(stream)) return Question{stream, action};
  stream.remove_prefix(kMetastreamPrefix.size());
  if (action == Action::Read) return Question{stream, Action::MetaRead};
  if (action == Action::Write) return Question{stream, Action::MetaWrite};
  return std::nullopt;
}

Acl acl_of(const Engine& engine, std::string_view stream) {
  if (is_metastream(stream)) return {};  // metastreams have no metadata of their own
  const std::optional<Record> metadata = engine.last_event(std::string(kMetastreamPrefix).append(stream));
  return metadata ? parse_acl(metadata->content_type, engine.data_of(*metadata)) : Acl{};
}

DefaultAcls default_acls_of(const Engine& engine) {
  const std::optional<Record> settings = engine.last_event(kSettingsStream);
  return settings ? parse_default_acls(engine.data_of(*settings)) : DefaultAcls{};
}

}  // namespace

const std::optional<Roles>& Acl::roles_for(Action action) const {
  switch (action) {
    case Action::Read: return read;
    case Action::Write: return write;
    case Action::Delete: return remove;
    case Action::MetaRead: return meta_read;
    case Action::MetaWrite: return meta_write;
  }
  return read;
}

Acl parse_acl(ContentType content_type, std::string_view metadata) {
  const std::optional<StreamMetadata> read = read_stream_metadata(content_type, metadata);
  return read && read->acl ? read_acl(*read->acl) : Acl{};
}

DefaultAcls parse_default_acls(std::string_view settings) {
  if (!is_json_object(settings)) return {};
  DefaultAcls defaults;
  for (const json::Member& member : json::Value(settings).members()) {
    const bool of_users = member.key == "$userStreamAcl";
    if (!of_users && member.key != "$systemStreamAcl") continue;
    if (!is_acl(member.value)) return {};
    (of_users ? defaults.user_streams : defaults.system_streams) = read_acl(member.value);
  }
  return defaults;
}

bool is_administrator(const Principal& who) {
  return who.login == kAdminLogin || std::find(who.groups.begin(), who.groups.end(), kAdminsGroup) != who.groups.end();
}

bool allows(const Acl& acl, const DefaultAcls& defaults, std::string_view stream, const Principal& who, Action action) {
  if (is_administrator(who)) return true;
  if (const std::optional<Roles>& own = acl.roles_for(action)) return has_one_of(who, *own);
  const bool is_system = is_system_stream(stream);
  const Acl& fallback = is_system ? defaults.system_streams : defaults.user_streams;
  if (const std::optional<Roles>& roles = fallback.roles_for(action)) return has_one_of(who, *roles);
  return !is_system;
}

Result<void> check_access(const Engine& engine, const Principal& who, std::string_view stream, Action action) {
  const std::optional<Question> question = question_of(stream, action);
  if (!question) return denied(who, stream.empty() ? kAllStream : stream, action);
  if (is_administrator(who)) return {};
  const Acl acl = acl_of(engine, question->stream);
  if (allows(acl, default_acls_of(engine), question->stream, who, question->action)) return {};
  return denied(who, question->stream, question->action);
}

bool decides_access(std::string_view changed, std::string_view stream) {
  if (changed == kSettingsStream) return true;
  const std::optional<Question> question = question_of(stream, Action::Read);
  if (!question || !is_metastream(changed)) return false;
  return changed.substr(kMetastreamPrefix.size()) == question->stream;
}

}  // namespace kurrentlite
