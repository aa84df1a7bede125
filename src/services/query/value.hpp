#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

/// Values of documents and events as conditions, sorting and indexes see them.
namespace kurrentlite::services {

/// Types in the order in which values of different types sort.
enum class Rank : std::uint8_t { Missing, Null, False, True, Number, Text, Composite };

/// A value where it stands. What it refers to must outlive it.
struct ValueView {
  Rank rank = Rank::Missing;
  double number = 0;
  std::string_view text = {};                        ///< of a text; the JSON text of an array or object
  const std::vector<std::string>* texts = nullptr;  ///< an array of texts that is no JSON, such as tags

  [[nodiscard]] static ValueView of(std::string_view text) { return {Rank::Text, 0, text}; }
  [[nodiscard]] static ValueView of(double number) { return {Rank::Number, number}; }
  [[nodiscard]] static ValueView of(const std::vector<std::string>& texts) { return {Rank::Composite, 0, {}, &texts}; }
  /// A text that has escapes is decoded into `scratch`.
  [[nodiscard]] static ValueView of(const json::Value& value, std::string& scratch);

  [[nodiscard]] bool is_array() const {
    return rank == Rank::Composite && (texts != nullptr || (!text.empty() && text.front() == '['));
  }
};

/// Less than, equal to or greater than zero. Arrays and objects are all equal.
[[nodiscard]] int compare(const ValueView& a, const ValueView& b);
/// The value as JSON text; empty when it is missing.
[[nodiscard]] std::string json_of(const ValueView& value);

/// A value of its own: what to compare with, or a place in an order. Of arrays and objects it holds the JSON text.
struct Key {
  Rank rank = Rank::Missing;
  double number = 0;
  std::string text = {};

  Key() = default;
  explicit Key(const ValueView& value);
  [[nodiscard]] ValueView view() const { return {rank, number, text}; }
};
[[nodiscard]] inline int compare(const Key& a, const Key& b) { return compare(a.view(), b.view()); }
/// Also arrays and objects have an order here, that of their texts: for grouping.
[[nodiscard]] bool differs_before(const Key& a, const Key& b);

/// Calls `each(ValueView)` for the elements of an array, until it answers true; answers whether it did.
template <class F>
bool any_element(const ValueView& array, std::string& scratch, F each) {
  if (array.texts != nullptr) {
    for (const std::string& text : *array.texts) {
      if (each(ValueView::of(text))) return true;
    }
    return false;
  }
  if (!array.is_array()) return false;
  for (const json::Value& element : json::Value(array.text).elements()) {
    if (each(ValueView::of(element, scratch))) return true;
  }
  return false;
}

}  // namespace kurrentlite::services
