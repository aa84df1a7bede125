#include "services/query/value.hpp"

#include <algorithm>

namespace kurrentlite::services {

ValueView ValueView::of(const json::Value& value, std::string& scratch) {
  switch (value.kind()) {
    case json::Kind::Null: return {Rank::Null};
    case json::Kind::Bool: return {value.raw().front() == 't' ? Rank::True : Rank::False};
    case json::Kind::Number: return of(value.number().value_or(0));
    case json::Kind::String: {
      const std::string_view inner = value.raw().substr(1, value.raw().size() - 2);
      if (inner.find('\\') == std::string_view::npos) return of(inner);
      scratch = value.string().value_or("");
      return of(std::string_view(scratch));
    }
    case json::Kind::Array:
    case json::Kind::Object: return {Rank::Composite, 0, value.raw()};
  }
  return {};
}

int compare(const ValueView& a, const ValueView& b) {
  if (a.rank != b.rank) return a.rank < b.rank ? -1 : 1;
  if (a.rank == Rank::Number) return a.number < b.number ? -1 : (b.number < a.number ? 1 : 0);
  return a.rank == Rank::Text ? a.text.compare(b.text) : 0;
}

std::string json_of(const ValueView& value) {
  json::Writer out;
  switch (value.rank) {
    case Rank::Missing: return {};
    case Rank::Null: return "null";
    case Rank::False: return "false";
    case Rank::True: return "true";
    case Rank::Number:
      // Beyond every double, as JavaScript reads it again.
      if (value.number - value.number != 0) return value.number > 0 ? "1e999" : "-1e999";
      return out.number(value.number).take();
    case Rank::Text: return out.string(value.text).take();
    case Rank::Composite: break;
  }
  if (value.texts == nullptr) return std::string(value.text);
  out.begin_array();
  for (const std::string& text : *value.texts) out.string(text);
  return out.end_array().take();
}

Key::Key(const ValueView& value) : rank(value.rank), number(value.number) {
  if (rank == Rank::Text) text = value.text;
  if (rank == Rank::Composite) text = json_of(value);
}

bool differs_before(const Key& a, const Key& b) {
  if (a.rank == Rank::Composite && b.rank == Rank::Composite) return a.text < b.text;
  return compare(a, b) < 0;
}

}  // namespace kurrentlite::services
