#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "kurrentlite/ports.hpp"

namespace kurrentlite::bindings {

class TimeLine;

/// What changed, as a number that JavaScript knows too (web/src/wasm/module.ts).
enum class Topic : int { Append = 0, Connection = 1, Streams = 2, Users = 3, Live = 4, Pending = 5, Spans = 6 };

/// The host's regular expressions: JavaScript's RegExp.
class HostRegexEngine final : public RegexEngine {
 public:
  [[nodiscard]] Result<std::unique_ptr<Regex>> compile(const std::string& pattern) override;
};

/// The JavaScript object that lends the core its clock, timers and ears. One per module.
class Host {
 public:
  /// `host` has: monotonic(): ms, wake(ms | -1), complete(call, ok, json), notify(handle, topic), entropy(): 32
  /// random bits, compileRegex(pattern): number | -1, testRegex(number, text), dropRegex(number).
  static void install(const emscripten::val& host);
  static Host& instance();

  PrngIdSource ids;
  HostRegexEngine regex;

  /// Milliseconds of a clock that never jumps.
  [[nodiscard]] double monotonic_ms() const;
  void complete(double call, bool ok, const std::string& json) const;
  void notify(int handle, Topic topic) const;

  [[nodiscard]] int compile_regex(const std::string& pattern) const;
  [[nodiscard]] bool test_regex(int number, const std::string& text) const;
  void drop_regex(int number) const;

  void add(TimeLine& line) { lines_.push_back(&line); }
  void remove(TimeLine& line) { std::erase(lines_, &line); }
  /// Some timer was set or time was moved: to be looked at when the call ends.
  void expect_timers() { timers_expected_ = true; }
  /// Runs everything due, then asks the host to wake the core for the next.
  void settle();

 private:
  explicit Host(const emscripten::val& object);
  emscripten::val object_;
  std::vector<TimeLine*> lines_;
  bool timers_expected_ = false;
};

/// Stands on the stack of every function that JavaScript calls: when the outermost one leaves, what became due meanwhile
/// runs, so that work without simulated latency is finished when the call returns.
class Boundary {
 public:
  Boundary() { ++depth_; }
  ~Boundary();
  Boundary(const Boundary&) = delete;
  Boundary& operator=(const Boundary&) = delete;

 private:
  static int depth_;
};

/// True when `bytes` more could be had. A failed allocation outside the engine's pages ends the module, so every call asks
/// first for what it may need at most.
[[nodiscard]] bool has_headroom(std::uint64_t bytes);

}  // namespace kurrentlite::bindings
