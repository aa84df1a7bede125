#include <charconv>
#include <cmath>
#include <unordered_map>

#include "base/json.hpp"
#include "base/json_number.hpp"
#include "base/json_scan.hpp"

namespace kurrentlite::json {

namespace {

void append_escaped(std::string& out, char each) {
  switch (each) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(each);
  out += "\\u00";
  out.push_back(kDigits[byte >> 4U]);
  out.push_back(kDigits[byte & 15U]);
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), written.ptr);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  // Nothing is reserved: libc++ would reserve just that much, and copy the whole text for each string added to it.
  out.push_back('"');
  while (at != end) {
    const char* const special = detail::skip_plain(at, end);
    out.append(at, special);
    at = special;
    if (at == end) break;
    if (static_cast<unsigned char>(*at) < 0x80U) {
      append_escaped(out, *at++);
      continue;
    }
    const std::size_t size = utf8::character_size({at, static_cast<std::size_t>(end - at)});
    if (size == 0) {
      utf8::append(out, utf8::kReplacementCharacter);
      ++at;
    } else {
      out.append(at, size);
      at += size;
    }
  }
  out.push_back('"');
}

std::string merge_top_level(std::string_view base, std::string_view patch) {
  std::vector<Member> merged;
  std::unordered_map<std::string, std::size_t> index_of;
  for (const std::string_view text : {base, patch}) {
    for (Member& member : Value(text).members()) {
      const auto [place, is_new] = index_of.try_emplace(member.key, merged.size());
      if (is_new) {
        merged.push_back(std::move(member));
      } else {
        merged[place->second].value = member.value;
      }
    }
  }
  std::string out = "{";
  out.reserve(base.size() + patch.size());
  for (const Member& member : merged) {
    if (out.size() > 1) out.push_back(',');
    out += member.raw_key;
    out.push_back(':');
    out += member.value.raw();
  }
  out.push_back('}');
  return out;
}

void Writer::separate() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

Writer& Writer::begin_object() {
  separate();
  out_.push_back('{');
  needs_comma_ = false;
  return *this;
}

Writer& Writer::end_object() {
  out_.push_back('}');
  needs_comma_ = true;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_.push_back('[');
  needs_comma_ = false;
  return *this;
}

Writer& Writer::end_array() {
  out_.push_back(']');
  needs_comma_ = true;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  append_string(out_, name);
  out_.push_back(':');
  needs_comma_ = false;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  append_string(out_, text);
  return *this;
}

Writer& Writer::boolean(bool value) { return raw(value ? "true" : "false"); }

Writer& Writer::integer(std::int64_t value) {
  separate();
  append_integer(out_, value);
  return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t value) {
  separate();
  append_integer(out_, value);
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  detail::append_number(out_, value);
  return *this;
}

Writer& Writer::null() { return raw("null"); }

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace kurrentlite::json
