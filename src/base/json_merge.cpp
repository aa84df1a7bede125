#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"

namespace kurrentlite::json {

namespace {

/// A member of the outcome: what it was and what the patch makes of it.
struct Merged {
  std::string_view raw_key;
  std::optional<Value> before;
  std::optional<Value> patch;
};

/// An object of the outcome that is being written.
struct Open {
  std::vector<Merged> members;
  std::size_t next = 0;
  bool is_empty = true;
};

Open open_object(const std::optional<Value>& before, const Value& patch) {
  Open open;
  std::unordered_map<std::string, std::size_t> index_of;
  const auto take = [&](const std::vector<Member>& members, std::optional<Value> Merged::*side) {
    for (const Member& member : members) {
      const auto [place, is_new] = index_of.try_emplace(member.key, open.members.size());
      if (is_new) open.members.push_back({member.raw_key, std::nullopt, std::nullopt});
      open.members[place->second].*side = member.value;
    }
  };
  if (before) take(before->members(), &Merged::before);
  take(patch.members(), &Merged::patch);
  return open;
}

}  // namespace

std::string merge_patch(std::string_view base, std::string_view patch) {
  const Value whole(patch);
  if (!whole.is(Kind::Object)) return std::string(whole.raw());
  std::string out = "{";
  std::vector<Open> path;  // instead of recursion
  path.push_back(open_object(Value(base), whole));
  while (!path.empty()) {
    Open& top = path.back();
    if (top.next == top.members.size()) {
      out.push_back('}');
      path.pop_back();
      continue;
    }
    const Merged member = top.members[top.next++];
    if (member.patch && member.patch->is(Kind::Null)) continue;
    if (!top.is_empty) out.push_back(',');
    top.is_empty = false;
    out += member.raw_key;
    out.push_back(':');
    if (!member.patch) {
      out += member.before->raw();
    } else if (member.patch->is(Kind::Object)) {
      out.push_back('{');
      path.push_back(open_object(member.before, *member.patch));
    } else {
      out += member.patch->raw();
    }
  }
  return out;
}

}  // namespace kurrentlite::json
