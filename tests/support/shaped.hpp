#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "engine/engine.hpp"

/// JSON as shape code, as JavaScript would hand it in.
namespace kurrentlite::testing {

class ShapedValue {
 public:
  ShapedValue(Engine& engine, std::string_view json) : engine_(engine) { value(json::Value(json)); }

  [[nodiscard]] std::string code() const {
    return {static_cast<char>(tags_.size() & 0xff) + std::string(1, static_cast<char>(tags_.size() >> 8)) + tags_ + text_};
  }

 private:
  void tag(int number) { tags_.push_back(static_cast<char>(number)); }
  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) tag(static_cast<int>(value >> (8 * i) & 0xff));
  }
  void text(const std::string& text) {
    const std::uint64_t units = utf8::utf16_length(text);
    if (units >= 192) tag(192);
    number(units, units < 192 ? 1 : 4);
    text_ += text;
  }
  void value(const json::Value& given) {
    switch (given.kind()) {
      case json::Kind::Null: return tag(195);
      case json::Kind::Bool: return tag(*given.boolean() ? 197 : 196);
      case json::Kind::String: return text(*given.string());
      case json::Kind::Number: return numeral(given);
      case json::Kind::Array: return array(given);
      case json::Kind::Object: return object(given);
    }
  }
  void numeral(const json::Value& given) {
    const std::optional<std::int64_t> whole = given.integer();
    const double hundredths = std::round(*given.number() * 100);
    if (whole && *whole >= 0 && *whole < 256) {
      tag(198);
      number(static_cast<std::uint64_t>(*whole), 1);
    } else if (whole && *whole >= 0 && *whole < 65536) {
      tag(199);
      number(static_cast<std::uint64_t>(*whole), 2);
    } else if (whole && *whole >= INT32_MIN && *whole <= INT32_MAX) {
      tag(200);
      number(static_cast<std::uint64_t>(*whole), 4);
    } else if (std::abs(hundredths) <= INT32_MAX && hundredths / 100 == *given.number()) {
      tag(201);
      number(static_cast<std::uint64_t>(static_cast<std::int64_t>(hundredths)), 4);
    } else {
      tag(194);
      number(given.raw().size(), 1);
      text_ += given.raw();
    }
  }
  void array(const json::Value& given) {
    tag(203);
    number(given.elements().size(), 4);
    for (const json::Value& each : given.elements()) value(each);
  }
  void object(const json::Value& given) {
    std::string keys;
    for (const json::Member& each : given.members()) keys += (keys.empty() ? "[" : ",") + std::string(each.raw_key);
    const std::optional<std::uint16_t> shape = engine_.shape_number(keys.empty() ? "[]" : keys + "]");
    if (!shape) {
      tag(193);
      number(utf8::utf16_length(given.raw()), 4);
      text_ += given.raw();
      return;
    }
    tag(202);
    number(*shape, 2);
    for (const json::Member& each : given.members()) value(each.value);
  }

  Engine& engine_;
  std::string tags_;
  std::string text_;
};

inline std::string shaped(Engine& engine, std::string_view json) { return ShapedValue(engine, json).code(); }

}  // namespace kurrentlite::testing
