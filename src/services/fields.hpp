#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace kurrentlite::services {

/// Users' JSON may be as deep as `json::kDepthMax` and stands inside our events, so these may be a little deeper.
inline constexpr json::Limits kEventLimits{json::kDepthCeiling};

/// The members of an event's JSON object, read once; the text must outlive it.
class Fields {
 public:
  /// Empty when `text` is not a JSON object.
  [[nodiscard]] static std::optional<Fields> parse(std::string_view text) {
    if (json::check(text, kEventLimits)) return std::nullopt;
    return of(json::Value(text));
  }
  [[nodiscard]] static std::optional<Fields> of(const json::Value& value) {
    if (!value.is(json::Kind::Object)) return std::nullopt;
    return Fields(value.members());
  }

  /// The member `key`; the last one wins, as in JavaScript.
  [[nodiscard]] const json::Value* find(std::string_view key) const {
    const json::Value* found = nullptr;
    for (const json::Member& member : members_) {
      if (member.key == key) found = &member.value;
    }
    return found;
  }

  /// Each reader below leaves `out` alone when the member is missing, and answers false when it has another type.
  [[nodiscard]] bool read(std::string_view key, std::optional<std::string>& out) const {
    const json::Value* value = find(key);
    if (value == nullptr) return true;
    std::optional<std::string> text = value->string();
    if (!text) return false;
    out = std::move(text);
    return true;
  }
  [[nodiscard]] bool read(std::string_view key, std::optional<std::vector<std::string>>& out) const {
    const json::Value* value = find(key);
    if (value == nullptr) return true;
    if (!value->is(json::Kind::Array)) return false;
    std::vector<std::string> texts;
    for (const json::Value& element : value->elements()) {
      std::optional<std::string> text = element.string();
      if (!text) return false;
      texts.push_back(std::move(*text));
    }
    out = std::move(texts);
    return true;
  }

 private:
  explicit Fields(std::vector<json::Member> members) : members_(std::move(members)) {}
  std::vector<json::Member> members_;
};

}  // namespace kurrentlite::services
