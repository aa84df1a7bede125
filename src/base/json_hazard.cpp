#include "base/json.hpp"
#include "base/json_scan.hpp"

namespace kurrentlite::json {

namespace {

/// An array or object that the walk is inside of, and where in it.
struct Level {
  bool is_object = false;
  std::size_t index = 0;           ///< of the current element
  std::string_view raw_key = {};   ///< of the current member, with its quotes
  bool under_constructor = false;  ///< the object is the value of a member named `constructor`
};

std::string decoded(std::string_view quoted) {
  std::string text;
  detail::append_decoded(text, quoted);
  return text;
}

bool is_named(std::string_view quoted, std::string_view name) {
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  return inner.find('\\') == std::string_view::npos ? inner == name : decoded(quoted) == name;
}

std::string path_to(const std::vector<Level>& levels) {
  std::string path;
  for (const Level& level : levels) {
    if (level.is_object) {
      if (!path.empty()) path.push_back('.');
      path += decoded(level.raw_key);
    } else {
      path += '[' + std::to_string(level.index) + ']';
    }
  }
  return path;
}

const char* problem_with_key(const Level& level) {
  if (is_named(level.raw_key, "__proto__")) return "a key must not be named __proto__";
  if (level.under_constructor && is_named(level.raw_key, "prototype")) {
    return "a key must not be named prototype inside constructor";
  }
  if (detail::has_lone_surrogate(level.raw_key)) return "a key holds half of a surrogate pair";
  return nullptr;
}

}  // namespace

std::optional<Hazard> find_hazard(std::string_view text) {
  std::vector<Level> levels;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    switch (*at) {
      case '{':
      case '[': {
        const bool under_constructor =
            !levels.empty() && levels.back().is_object && is_named(levels.back().raw_key, "constructor");
        levels.push_back({*at == '{', 0, {}, under_constructor});
        ++at;
        break;
      }
      case '}':
      case ']':
        levels.pop_back();
        ++at;
        break;
      case ',':
        ++levels.back().index;
        levels.back().raw_key = {};
        ++at;
        break;
      case '"': {
        const char* const behind = detail::skip_string(at, end);
        const std::string_view quoted(at, static_cast<std::size_t>(behind - at));
        at = behind;
        const bool is_key = !levels.empty() && levels.back().is_object && levels.back().raw_key.empty();
        if (is_key) {
          levels.back().raw_key = quoted;
          if (const char* problem = problem_with_key(levels.back())) return Hazard{path_to(levels), problem};
        } else if (detail::has_lone_surrogate(quoted)) {
          return Hazard{path_to(levels), "a text holds half of a surrogate pair"};
        }
        break;
      }
      default: ++at; break;
    }
  }
  return std::nullopt;
}

}  // namespace kurrentlite::json
