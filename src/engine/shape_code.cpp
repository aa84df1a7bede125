#include "engine/shape_code.hpp"

#include <charconv>
#include <cstring>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace kurrentlite::shape_code {
namespace {

enum Tag : std::uint8_t {
  kString = 192,
  kJson = 193,
  kNumber = 194,
  kNull = 195,
  kFalse = 196,
  kTrue = 197,
  kUnsigned8 = 198,
  kUnsigned16 = 199,
  kSigned32 = 200,
  kHundredths = 201,
  kObject = 202,
  kArray = 203,
};

/// Steps through code that is not to be trusted, and tells `Sink` what it meets. False when the code is damaged.
template <class Sink>
class Walk {
 public:
  Walk(std::string_view code, Sink& sink) : sink_(sink) {
    if (code.size() < 2) return;
    std::uint16_t tag_bytes = 0;
    std::memcpy(&tag_bytes, code.data(), 2);
    if (code.size() - 2 < tag_bytes) return;
    tags_ = code.substr(2, tag_bytes);
    text_ = code.substr(2 + std::size_t{tag_bytes});
    begin_ = tags_.data();
  }

  bool run() { return value(0) && tags_.empty() && text_.empty(); }

 private:
  template <class Number>
  bool take(Number& number) {
    if (tags_.size() < sizeof number) return false;
    std::memcpy(&number, tags_.data(), sizeof number);
    tags_.remove_prefix(sizeof number);
    return true;
  }
  bool take_text(std::uint64_t units, std::string_view& text) {
    const std::size_t size = utf8::size_of_units(text_, units);
    text = text_.substr(0, size);
    text_.remove_prefix(size);
    return utf8::utf16_length(text) == units;
  }

  bool value(std::size_t depth) {
    std::uint8_t tag = 0;
    if (depth > kDepthMax || !take(tag)) return false;
    std::string_view text;
    if (tag < kString) return take_text(tag, text) && sink_.string(text);
    switch (tag) {
      case kString: {
        std::uint32_t units = 0;
        return take(units) && take_text(units, text) && sink_.string(text);
      }
      case kJson: {
        std::uint32_t units = 0;
        return take(units) && take_text(units, text) && sink_.json(text);
      }
      case kNumber: {
        std::uint8_t units = 0;
        return take(units) && take_text(units, text) && sink_.json(text);
      }
      case kNull: return sink_.word("null");
      case kFalse: return sink_.word("false");
      case kTrue: return sink_.word("true");
      case kUnsigned8: return integer<std::uint8_t>();
      case kUnsigned16: return integer<std::uint16_t>();
      case kSigned32: return integer<std::int32_t>();
      case kHundredths: {
        std::int32_t number = 0;
        return take(number) && sink_.hundredths(number);
      }
      case kObject: return object(depth);
      case kArray: return array(depth);
      default: return false;
    }
  }

  template <class Number>
  bool integer() {
    Number number = 0;
    return take(number) && sink_.integer(number);
  }

  bool object(std::size_t depth) {
    const std::size_t place = static_cast<std::size_t>(tags_.data() - begin_);
    std::uint16_t number = 0;
    if (!take(number)) return false;
    const Shapes::Shape* const shape = sink_.shape(number, place);
    if (shape == nullptr) return false;
    sink_.word("{");
    for (const std::string& key : shape->keys) {
      if (&key != &shape->keys.front()) sink_.word(",");
      sink_.word(key);
      if (!value(depth + 1)) return false;
    }
    return sink_.word("}");
  }

  bool array(std::size_t depth) {
    std::uint32_t count = 0;
    if (!take(count)) return false;
    sink_.word("[");
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i > 0) sink_.word(",");
      if (!value(depth + 1)) return false;
    }
    return sink_.word("]");
  }

  Sink& sink_;
  std::string_view tags_;
  std::string_view text_;
  const char* begin_ = nullptr;
};

class JsonSink {
 public:
  JsonSink(std::string& out, const Shapes& shapes) : out_(out), shapes_(shapes) {}

  bool string(std::string_view text) {
    json::append_string(out_, text);
    return true;
  }
  bool json(std::string_view text) { return word(text); }
  bool word(std::string_view text) {
    out_.append(text);
    return true;
  }
  bool integer(std::int64_t number) {
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof text, number).ptr);
    return true;
  }
  bool hundredths(std::int32_t number) {
    const std::int64_t whole = number;
    const std::int64_t size = whole < 0 ? -whole : whole;
    if (whole < 0) out_.push_back('-');
    integer(size / 100);
    const std::int64_t rest = size % 100;
    if (rest == 0) return true;
    out_.push_back('.');
    out_.push_back(static_cast<char>('0' + rest / 10));
    if (rest % 10 != 0) out_.push_back(static_cast<char>('0' + rest % 10));
    return true;
  }
  const Shapes::Shape* shape(std::uint16_t number, std::size_t) { return shapes_.find(number); }

 private:
  std::string& out_;
  const Shapes& shapes_;
};

class RenumberSink {
 public:
  using NumberHere = std::function<std::optional<std::uint16_t>(std::uint16_t)>;
  RenumberSink(std::string& code, const Shapes& shapes, const NumberHere& number_here)
      : code_(code), shapes_(shapes), number_here_(number_here) {}

  bool string(std::string_view text) { return utf8::valid(text); }
  bool json(std::string_view text) { return !json::check(text); }
  bool word(std::string_view) { return true; }
  bool integer(std::int64_t) { return true; }
  bool hundredths(std::int32_t) { return true; }
  const Shapes::Shape* shape(std::uint16_t number, std::size_t place) {
    const std::optional<std::uint16_t> here = number_here_(number);
    if (!here) return nullptr;
    std::memcpy(code_.data() + 2 + place, &*here, 2);
    return shapes_.find(*here);
  }

 private:
  std::string& code_;
  const Shapes& shapes_;
  const NumberHere& number_here_;
};

}  // namespace

bool renumber(std::string& code, const Shapes& shapes,
              const std::function<std::optional<std::uint16_t>(std::uint16_t)>& number_here) {
  RenumberSink sink(code, shapes, number_here);
  return Walk<RenumberSink>(code, sink).run();
}

void append_json(std::string& out, std::string_view code, const Shapes& shapes) {
  const std::size_t size = out.size();
  JsonSink sink(out, shapes);
  if (Walk<JsonSink>(code, sink).run()) return;
  out.resize(size);
  out += "null";
}

}  // namespace kurrentlite::shape_code
