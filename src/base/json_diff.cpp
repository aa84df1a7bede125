#include "base/json_diff.hpp"

#include <unordered_map>
#include <utility>

#include "base/json_scan.hpp"

namespace kurrentlite::json {

namespace {

using detail::skip_space;
using detail::skip_string;

bool is_container(char first) { return first == '{' || first == '['; }

/// A value, and the place of its array or object in the outline of its text.
struct Slice {
  std::string_view text;
  std::size_t container = 0;

  [[nodiscard]] bool exists() const { return !text.empty(); }
  [[nodiscard]] char first() const { return text.front(); }
};

/// Where the arrays and objects of a text end. Found once, since a search for each end from each level would read deep
/// texts over and over.
class Outline {
 public:
  explicit Outline(std::string_view text) : text_(text) {
    std::vector<std::size_t> open;
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end;) {
      if (*at == '"') {
        at = skip_string(at, end);
        continue;
      }
      const auto offset = static_cast<std::size_t>(at - text.data());
      if (is_container(*at)) {
        open.push_back(containers_.size());
        containers_.push_back({offset, 0});
      } else if (*at == '}' || *at == ']') {
        Container& closed = containers_[open.back()];
        closed.size = offset + 1 - closed.size;
        closed.behind = containers_.size();
        open.pop_back();
      }
      ++at;
    }
  }

  [[nodiscard]] Slice whole() const { return {Value(text_).raw(), 0}; }

  /// The value at `at`; `container` is the next array or object from there on, and is moved behind the value.
  [[nodiscard]] Slice value_at(const char* at, std::size_t& container) const {
    if (!is_container(*at)) {
      const char* const behind = detail::skip_value(at, text_.data() + text_.size());
      return {{at, static_cast<std::size_t>(behind - at)}, container};
    }
    const std::size_t own = std::exchange(container, containers_[container].behind);
    return {{at, containers_[own].size}, own};
  }

 private:
  struct Container {
    std::size_t size = 0;    ///< in bytes; the offset of its beginning until its end is found
    std::size_t behind = 0;  ///< number of the first container that begins after it
  };

  std::string_view text_;
  std::vector<Container> containers_;  // in order of their beginnings
};

/// Goes through the values of one array or object.
class Cursor {
 public:
  Cursor(const Outline& outline, const Slice& slice)
      : outline_(&outline),
        end_(slice.text.data() + slice.text.size()),
        at_(skip_space(slice.text.data() + 1, end_)),
        container_(slice.container + 1) {}

  /// The next element of an array; one that does not exist at its end.
  Slice next_element() { return at_end() ? Slice{} : next_value(); }
  /// The next member of an object; its key is written to `raw_key`, quotes included.
  Slice next_member(std::string_view& raw_key) {
    if (at_end()) return {};
    const char* const key_end = skip_string(at_, end_);
    raw_key = {at_, static_cast<std::size_t>(key_end - at_)};
    at_ = skip_space(skip_space(key_end, end_) + 1, end_);
    return next_value();
  }

 private:
  [[nodiscard]] bool at_end() const { return *at_ == '}' || *at_ == ']'; }
  Slice next_value() {
    const Slice value = outline_->value_at(at_, container_);
    at_ = skip_space(value.text.data() + value.text.size(), end_);
    if (*at_ == ',') at_ = skip_space(at_ + 1, end_);
    return value;
  }

  const Outline* outline_;
  const char* end_;
  const char* at_;
  std::size_t container_;
};

/// One key of either object, and its values there.
struct Pair {
  std::string key;
  Slice before;
  Slice after;
};

std::vector<Pair> pair_members(Cursor before, Cursor after) {
  std::vector<Pair> pairs;
  std::unordered_map<std::string, std::size_t> index_of;
  const auto take = [&](Cursor& members, Slice Pair::*side) {
    std::string_view raw_key;
    for (Slice value = members.next_member(raw_key); value.exists(); value = members.next_member(raw_key)) {
      std::string key;
      detail::append_decoded(key, raw_key);
      const auto [place, is_new] = index_of.try_emplace(key, pairs.size());
      if (is_new) pairs.push_back({std::move(key), {}, {}});
      pairs[place->second].*side = value;
    }
  };
  take(before, &Pair::before);
  take(after, &Pair::after);
  return pairs;
}

/// Two arrays or two objects that are being compared, and how far that has come.
struct Level {
  Cursor before;  ///< in arrays
  Cursor after;
  std::vector<Pair> members;  ///< of objects
  bool is_object = false;
  std::size_t next = 0;       ///< index of the element or member to compare next
  std::size_t path_size = 0;  ///< of the path to the array or object itself
};

void append_pointer_part(std::string& path, std::string_view key) {
  path.push_back('/');
  for (const char each : key) {
    if (each == '~') {
      path += "~0";
    } else if (each == '/') {
      path += "~1";
    } else {
      path.push_back(each);
    }
  }
}

/// The comparison under way. A stack of levels instead of recursion: texts are deeper than a stack in WebAssembly.
class Comparison {
 public:
  Comparison(std::string_view before, std::string_view after, DiffLimits limits)
      : before_(before), after_(after), limits_(limits) {}

  Differences run() {
    compare(before_.whole(), after_.whole());
    while (!levels_.empty() && !found_.truncated) step();
    return std::move(found_);
  }

 private:
  /// Compares the next two values of the innermost level, or leaves it.
  void step() {
    Level& level = levels_.back();
    path_.resize(level.path_size);
    const std::size_t index = level.next++;
    if (level.is_object) {
      if (index == level.members.size()) return levels_.pop_back();
      append_pointer_part(path_, level.members[index].key);
      const Pair& member = level.members[index];
      return compare(Slice(member.before), Slice(member.after));
    }
    const Slice before = level.before.next_element();
    const Slice after = level.after.next_element();
    if (!before.exists() && !after.exists()) return levels_.pop_back();
    append_pointer_part(path_, std::to_string(index));
    compare(before, after);
  }

  /// Compares two values, of which one may not exist, at `path_`.
  void compare(const Slice& before, const Slice& after) {
    if (!before.exists()) return add(Difference::Kind::Added, before, after);
    if (!after.exists()) return add(Difference::Kind::Removed, before, after);
    // Most of what is compared has not changed. A large value is not looked at twice, or deep texts would be over and over.
    constexpr std::size_t kGlanceMax = 4096;
    if (before.text.size() <= kGlanceMax && before.text == after.text) return;
    if (before.first() == after.first() && is_container(before.first())) return enter(before, after);
    if (!same_scalar(Value(before.text), Value(after.text))) add(Difference::Kind::Replaced, before, after);
  }

  void enter(const Slice& before, const Slice& after) {
    Level level{Cursor(before_, before), Cursor(after_, after), {}, before.first() == '{', 0, path_.size()};
    if (level.is_object) level.members = pair_members(level.before, level.after);
    levels_.push_back(std::move(level));
  }

  void add(Difference::Kind kind, const Slice& before, const Slice& after) {
    path_bytes_ += path_.size();
    found_.truncated = found_.items.size() == limits_.differences_max || path_bytes_ > limits_.path_bytes_max;
    if (!found_.truncated) found_.items.push_back({kind, path_, before.text, after.text});
  }

  Outline before_;
  Outline after_;
  DiffLimits limits_;
  std::vector<Level> levels_;
  std::string path_;
  std::size_t path_bytes_ = 0;
  Differences found_;
};

}  // namespace

Differences diff(std::string_view before, std::string_view after, DiffLimits limits) {
  return Comparison(before, after, limits).run();
}

bool same(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const Differences found = diff(a, b, {0, 0});
  return !found.truncated;
}

}  // namespace kurrentlite::json
