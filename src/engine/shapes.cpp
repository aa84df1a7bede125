#include "engine/shapes.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"

namespace kurrentlite {

std::optional<std::uint16_t> Shapes::number_of(std::string_view json) {
  if (const auto known = numbers_.find(std::string(json)); known != numbers_.end()) return known->second;
  if (shapes_.size() >= kShapesMax || json::check(json)) return std::nullopt;
  const json::Value list(json);
  if (!list.is(json::Kind::Array)) return std::nullopt;
  std::vector<std::string> names;
  Shape shape;
  for (const json::Value& item : list.elements()) {
    const std::optional<std::string> name = item.string();
    if (!name || names.size() == kKeysMax) return std::nullopt;
    if (*name == "__proto__") return std::nullopt;  // which a reader must not set
    if (std::find(names.begin(), names.end(), *name) != names.end()) return std::nullopt;
    names.push_back(*name);
    std::string key;
    json::append_string(key, *name);
    shape.json += shape.json.empty() ? '[' : ',';
    shape.json += key;
    shape.keys.push_back(key + ':');
    if (shape.keys.back().size() > kKeyBytesMax) return std::nullopt;
  }
  shape.json += shape.json.empty() ? "[]" : "]";
  // What is known by another spelling of the same keys is known.
  const auto [place, is_new] = numbers_.emplace(shape.json, static_cast<std::uint16_t>(shapes_.size()));
  if (is_new) shapes_.push_back(std::move(shape));
  return place->second;
}

}  // namespace kurrentlite
