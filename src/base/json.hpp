#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reads JSON text in place and writes it, without ever changing or re-serialising a user's bytes: a value is a slice of
/// the text it stands in. Nothing here recurses over input.
///
/// Why not a library: values must be cut out of documents byte by byte and handed on as they are, `1E400` and 30,000-key
/// objects must survive, and the reader costs the download 15 kB less. tests/fuzz holds it against nlohmann/json.
namespace kurrentlite::json {

inline constexpr std::size_t kDepthMax = 512;
/// The most that `Limits` may ask for: an event that embeds a user's value is a little deeper than the value.
inline constexpr std::size_t kDepthCeiling = kDepthMax + 32;

struct Limits {
  std::size_t depth_max = kDepthMax;  ///< arrays and objects inside each other; at most kDepthCeiling
};

/// Where and why text is not JSON.
struct Fault {
  std::size_t offset = 0;
  const char* problem = "";  ///< e.g. "a string is not closed"
};

/// Empty when `text` is exactly one JSON value (RFC 8259, valid UTF-8, white space around allowed).
[[nodiscard]] std::optional<Fault> check(std::string_view text, Limits limits = {});

enum class Kind : std::uint8_t { Null, Bool, Number, String, Array, Object };

class Value;
struct Member;

/// A slice of text that has passed `check`. Cheap to copy; the text must outlive it.
class Value {
 public:
  /// `text` must have passed `check`.
  explicit Value(std::string_view text);

  [[nodiscard]] Kind kind() const;
  /// The exact bytes, without white space around.
  [[nodiscard]] std::string_view raw() const { return raw_; }

  [[nodiscard]] bool is(Kind wanted) const { return kind() == wanted; }
  /// The decoded text; empty optional when it is no string. A lone surrogate escape decodes to U+FFFD.
  [[nodiscard]] std::optional<std::string> string() const;
  [[nodiscard]] std::optional<bool> boolean() const;
  /// The number when it is an integer that fits (also written 1.0 or 1e3); otherwise empty.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  /// The nearest double; as in JavaScript, 1e400 is infinite and 1e-400 zero. Empty when it is no number.
  [[nodiscard]] std::optional<double> number() const;

  /// Element `index` of an array, from 0. O(length of the text up to there).
  [[nodiscard]] std::optional<Value> at(std::size_t index) const;
  /// Elements of an array in order; nothing for other kinds. O(length of the text).
  [[nodiscard]] std::vector<Value> elements() const;
  /// Members of an object in order, duplicates included; nothing for other kinds. O(length of the text).
  [[nodiscard]] std::vector<Member> members() const;
  /// The member `key` of an object; the last one wins, as in JavaScript.
  [[nodiscard]] std::optional<Value> find(std::string_view key) const;

 private:
  std::string_view raw_;
};

struct Member {
  std::string key;  ///< decoded
  std::string_view raw_key;  ///< as written, quotes included
  Value value;
};

/// True when two values, neither an array nor an object, mean the same: `1.0` is `1` and `1e2` is `100`, exactly and
/// whatever their size; `"\u0061"` is `"a"`.
[[nodiscard]] bool same_scalar(const Value& a, const Value& b);

/// A value a document must not hold, and the path to it such as `profile.tags[2]`.
struct Hazard {
  std::string path;
  const char* problem = "";
};
/// The first key that could poison a prototype (`__proto__`, or `constructor` holding `prototype`) or the first lone
/// surrogate in a key or string. `text` must have passed `check`.
[[nodiscard]] std::optional<Hazard> find_hazard(std::string_view text);

/// The members of object `base`, those of object `patch` replacing or following them; values keep their bytes. A name
/// that `base` holds twice comes out once, with its last value.
/// Both texts must be checked objects.
[[nodiscard]] std::string merge_top_level(std::string_view base, std::string_view patch);

/// `base` changed as the JSON merge patch `patch` says (RFC 7396): the members of objects replace or follow each other at
/// every depth, null removes a member, anything else replaces. Values keep their bytes, names come out once.
/// O(size of both × depth of the patch).
[[nodiscard]] std::string merge_patch(std::string_view base, std::string_view patch);

/// Appends `text` (UTF-8) as a JSON string with quotes, escaping what JSON.stringify escapes. Invalid UTF-8 becomes U+FFFD.
void append_string(std::string& out, std::string_view text);

/// Builds JSON text; commas and colons come by themselves.
///   Writer w; w.begin_object().key("id").string("a").key("data").raw("{}").end_object(); w.take();
class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  Writer& boolean(bool value);
  Writer& integer(std::int64_t value);
  Writer& unsigned_integer(std::uint64_t value);
  /// Shortest text that reads back as the same double, as JavaScript writes it; null when it is not finite.
  Writer& number(double value);
  Writer& null();
  /// A value that is JSON text already.
  Writer& raw(std::string_view json);
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate();
  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace kurrentlite::json
