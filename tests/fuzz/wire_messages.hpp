#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "unit/engine_support.hpp"

namespace kurrentlite::testing {

/// Messages of any kind as clients send them: mostly sensible for the field that they are in, so that many of them do
/// something; and bytes that no client sends.
class WireMessages {
 public:
  explicit WireMessages(Prng& prng) : prng_(prng) {}

  /// Sets fields at random, of inner messages too.
  void fill(google::protobuf::Message& message, int depth = 0) {
    const auto* const descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->real_oneof_decl_count(); ++i) {
      const auto* const choice = descriptor->oneof_decl(i);
      const auto which = prng_.below(static_cast<std::uint64_t>(choice->field_count()));
      if (prng_.chance(0.97)) set(message, choice->field(static_cast<int>(which)), depth);
    }
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto* const field = descriptor->field(i);
      if (field->real_containing_oneof() != nullptr) continue;
      if (field->is_map() && field->name() == "metadata") {
        fill_metadata(message, field);
      } else if (field->is_repeated()) {
        for (std::uint64_t count = prng_.below(4); count > 0; --count) set(message, field, depth);
      } else if (prng_.chance(field->has_optional_keyword() ? 0.6 : 0.97)) {
        set(message, field, depth);
      }
    }
  }

  /// Changes bytes that are a message: single ones, whole fields however deep, or what follows them.
  std::string mutated(std::string bytes) {
    for (std::uint64_t changes = 1 + prng_.below(3); changes > 0; --changes) {
      bytes = prng_.chance(0.5) ? with_field_changed(bytes, 0) : with_bytes_changed(std::move(bytes));
    }
    return bytes;
  }

 private:
  using Field = google::protobuf::FieldDescriptor;

  template <class T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[prng_.below(from.size())];
  }

  std::string stream() {
    if (prng_.chance(0.04)) {
      return pick<std::string>({"", "$$", "$all", "bad\xff", "a\nb", std::string(5'000, 'n'), "$$$all"});
    }
    const std::string name = prng_.chance(0.8) ? "a" + std::to_string(prng_.below(12))
                                               : pick<std::string>({"a", "A0", "gr\xc3\xb6\xc3\x9f" "e", "$users", "$settings"});
    return prng_.chance(0.15) ? "$$" + name : name;
  }

  std::string type() {
    if (prng_.chance(0.04)) {
      return pick<std::string>({"", "no schema", "e\xcc\x81", "\xf0\x9f\x98\x80", std::string(3'000, 't')});
    }
    return pick<std::string>({"happened", "second", "$>", "$metadata", "\xc3\xbc:1", "$User"});
  }

  std::string payload() {
    switch (prng_.below(8)) {
      case 0: return pick<std::string>({"0@a", "1@b", "99999999999999999999@a", "x@", "@", "-1@c"});
      case 1: return R"({"$maxCount":2,"$tb":1,"$acl":{"$r":"anna","$w":["$all"]}})";
      case 2: return R"({"$tb":9223372036854775807})";
      case 3: return R"({"$maxAge":1})";
      case 4: return random_text(prng_, prng_.below(300));
      case 5: return R"({"text":"gr)" "\xc3\xb6\xc3\x9f" R"(er"})";
      default: return "{}";
    }
  }

  /// Few, so that many of them repeat.
  std::string id() {
    if (prng_.chance(0.05)) {
      return pick<std::string>({"", "no id", "{}", "00000000-0000-0000-0000-000000000000", std::string(32, 'g')});
    }
    std::string text = id_of(1 + prng_.below(20'000)).to_string();
    if (prng_.chance(0.1)) text = "{" + text + "}";
    return text;
  }

  std::string text_of(const Field* field) {
    const std::string& name = field->name();
    if (name == "stream" || name == "stream_name") return stream();
    if (name == "name" || name == "type") return type();
    if (name == "record_id" || name == "string") return id();
    if (name == "login_name") return pick<std::string>({"anna", "bert", "admin", "", "a\"b", "\xc3\xbc"});
    if (name == "prefix") return pick<std::string>({"", "a", "$", "happ", "gr\xc3\xb6"});
    if (name == "regex") {
      return pick<std::string>(
          {"", "", "^a$", "^[^$].*", "(((", "(a+)+$", "\\p{L}", "(?<=x)y", std::string(20'000, 'a')});
    }
    return field->type() == Field::TYPE_BYTES ? payload() : pick<std::string>({"", "text", "gr\xc3\xb6\xc3\x9f" "e", "{}", "0"});
  }

  std::uint64_t number() {
    if (prng_.chance(0.15)) {
      return pick<std::uint64_t>({UINT64_MAX, kDeletedRevision, kDeletedRevision + 1, UINT32_MAX, 1ull << 32});
    }
    return prng_.below(prng_.chance(0.7) ? 5 : 2'000);
  }

  std::int64_t signed_number() {
    if (prng_.chance(0.4)) return -static_cast<std::int64_t>(prng_.below(8));
    return static_cast<std::int64_t>(number());
  }

  /// The type and the content type of an event, most of the time.
  void fill_metadata(google::protobuf::Message& message, const Field* map) {
    const auto add = [&](const std::string& key, const std::string& value) {
      auto* const entry = message.GetReflection()->AddMessage(&message, map);
      entry->GetReflection()->SetString(entry, map->message_type()->map_key(), key);
      entry->GetReflection()->SetString(entry, map->message_type()->map_value(), value);
    };
    if (prng_.chance(0.97)) add("type", type());
    if (prng_.chance(0.97)) add("content-type", pick<std::string>({"application/json", "application/octet-stream", "else"}));
    if (prng_.chance(0.1)) add("more", "");
  }

  void set(google::protobuf::Message& message, const Field* field, int depth) {
    const auto* const reflection = message.GetReflection();
    const bool adds = field->is_repeated();
    const auto put = [&](auto add, auto assign, auto value) {
      if (adds) {
        (reflection->*add)(&message, field, value);
      } else {
        (reflection->*assign)(&message, field, value);
      }
    };
    using Reflection = google::protobuf::Reflection;
    constexpr int kDepthMax = 12;  // only values nest without end
    switch (field->cpp_type()) {
      case Field::CPPTYPE_MESSAGE:
        if (depth >= kDepthMax) break;
        fill(adds ? *reflection->AddMessage(&message, field) : *reflection->MutableMessage(&message, field), depth + 1);
        break;
      case Field::CPPTYPE_STRING: put(&Reflection::AddString, &Reflection::SetString, text_of(field)); break;
      case Field::CPPTYPE_ENUM: {
        const int value = prng_.chance(0.1) ? pick({77, -1, INT32_MAX}) : static_cast<int>(prng_.below(5));
        put(&Reflection::AddEnumValue, &Reflection::SetEnumValue, value);
        break;
      }
      case Field::CPPTYPE_BOOL: put(&Reflection::AddBool, &Reflection::SetBool, prng_.chance(0.5)); break;
      case Field::CPPTYPE_INT32:
        put(&Reflection::AddInt32, &Reflection::SetInt32, static_cast<std::int32_t>(signed_number()));
        break;
      case Field::CPPTYPE_UINT32:
        put(&Reflection::AddUInt32, &Reflection::SetUInt32, static_cast<std::uint32_t>(number()));
        break;
      case Field::CPPTYPE_INT64: put(&Reflection::AddInt64, &Reflection::SetInt64, signed_number()); break;
      case Field::CPPTYPE_UINT64: put(&Reflection::AddUInt64, &Reflection::SetUInt64, number()); break;
      case Field::CPPTYPE_FLOAT:
      case Field::CPPTYPE_DOUBLE:
        put(&Reflection::AddDouble, &Reflection::SetDouble, pick({0.0, -1.5, 1e308, 0.1, HUGE_VAL}));
        break;
    }
  }

  // Bytes

  static std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
    bytes.push_back(static_cast<char>(value));
    return bytes;
  }

  std::string any_varint() {
    const std::uint64_t value = prng_.next();
    return varint(value >> prng_.below(64));
  }

  /// A part of a message: tag and content.
  struct Part {
    std::size_t begin = 0;
    std::size_t content = 0;
    std::size_t end = 0;
    bool is_delimited = false;
  };

  static bool read_varint(const std::string& bytes, std::size_t& at, std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; at < bytes.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  /// The fields of a message, as far as they can be told.
  static std::vector<Part> parts_of(const std::string& bytes) {
    std::vector<Part> parts;
    for (std::size_t at = 0; at < bytes.size();) {
      Part part{at, 0, 0, false};
      std::uint64_t tag = 0, value = 0;
      if (!read_varint(bytes, at, tag)) break;
      constexpr std::size_t kSizes[] = {0, 8, 0, 0, 0, 4, 0, 0};
      const std::uint64_t kind = tag & 7;
      if ((kind == 0 || kind == 2) && !read_varint(bytes, at, value)) break;
      part.is_delimited = kind == 2;
      part.content = at;
      const std::uint64_t size = kind == 2 ? value : kSizes[kind];
      if (size > bytes.size() - at) break;
      part.end = at += static_cast<std::size_t>(size);
      parts.push_back(part);
    }
    return parts;
  }

  std::string with_field_changed(const std::string& bytes, int depth) {
    const std::vector<Part> parts = parts_of(bytes);
    if (parts.empty()) return with_bytes_changed(bytes);
    const Part part = parts[prng_.below(parts.size())];
    const std::string before = bytes.substr(0, part.begin);
    const std::string field = bytes.substr(part.begin, part.end - part.begin);
    const std::string after = bytes.substr(part.end);
    if (part.is_delimited && depth < 8 && prng_.chance(0.7)) {
      const std::string content = with_field_changed(bytes.substr(part.content, part.end - part.content), depth + 1);
      std::size_t at = part.begin;
      std::uint64_t tag = 0;
      (void)read_varint(bytes, at, tag);
      return before + varint(tag) + varint(content.size()) + content + after;
    }
    switch (prng_.below(6)) {
      case 0: return before + after;
      case 1: return before + field + field + after;
      case 2: return before + after + field;
      case 3: return before + any_varint() + any_varint() + field + after;
      case 4: return before + varint((prng_.below(12) << 3) | prng_.below(6)) + any_varint() + after;
      default: {
        std::string changed = field;
        for (std::size_t i = part.content - part.begin; i < changed.size(); ++i) {
          if (prng_.chance(0.1)) changed[i] = static_cast<char>(prng_.next());
        }
        return before + changed + after;
      }
    }
  }

  std::string with_bytes_changed(std::string bytes) {
    const std::size_t at = prng_.below(bytes.size() + 1);
    switch (prng_.below(6)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(prng_.next());
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = prng_.chance(0.5) ? '\xff' : '\0';
        break;
      case 2: bytes.resize(at); break;
      case 3: bytes.insert(at, 1 + prng_.below(12), prng_.chance(0.5) ? '\xff' : static_cast<char>(prng_.next())); break;
      case 4: bytes.insert(at, bytes.substr(prng_.below(bytes.size() + 1), prng_.below(30))); break;
      default: {
        const std::uint64_t size = pick<std::uint64_t>({UINT64_MAX, UINT32_MAX, 1u << 31, 200});
        bytes.insert(at, varint((1 + prng_.below(12)) << 3 | 2) + varint(size));
      }
    }
    return bytes;
  }

  Prng& prng_;
};

}  // namespace kurrentlite::testing
