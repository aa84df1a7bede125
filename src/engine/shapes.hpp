#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kurrentlite {

/// The shapes of JSON objects that shape code (engine/shape_code.hpp) refers to: lists of keys, numbered in the order they
/// became known. A shape never changes and is never forgotten.
class Shapes {
 public:
  static constexpr std::size_t kShapesMax = 65'535;
  static constexpr std::size_t kKeysMax = 64;
  static constexpr std::size_t kKeyBytesMax = 72;  ///< with quotes and colon

  struct Shape {
    std::string json;               ///< `["id","total"]`
    std::vector<std::string> keys;  ///< as an object has them: `"id":`
  };

  /// The number of the shape whose keys are the JSON array `json`, new or known; empty when that is no list of at most
  /// kKeysMax different keys that a reader may set, or when there is no number left.
  [[nodiscard]] std::optional<std::uint16_t> number_of(std::string_view json);
  [[nodiscard]] const Shape* find(std::uint32_t number) const { return number < shapes_.size() ? &shapes_[number] : nullptr; }
  [[nodiscard]] std::size_t count() const { return shapes_.size(); }

 private:
  std::vector<Shape> shapes_;
  std::unordered_map<std::string, std::uint16_t> numbers_;  // by `json`
};

}  // namespace kurrentlite
