#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/record.hpp"
#include "kurrentlite/client.hpp"
#include "kurrentlite/ports.hpp"

namespace kurrentlite {

class Engine;

/// Applies a filter of `$all`. Judges each distinct stream name (or event type) once, whatever the number of events, so a
/// regular expression costs nothing on the way of most events. Looks at a link itself, never at its target.
class FilterJudge {
 public:
  /// `engine` compiles the filter's regular expression and may be null when there is none; a compiled expression must not
  /// outlive it. Errors: Unknown (the expression is invalid, or this host has none).
  [[nodiscard]] static Result<FilterJudge> create(Filter filter, RegexEngine* engine);

  /// Errors: Unknown (the expression takes too long on one of the names).
  [[nodiscard]] Result<bool> accepts(const Engine& engine, const Record& record) {
    return accepts(engine, by_stream() ? record.stream : record.type);
  }
  /// The same of an event whose stream, or else type, has the number `id`.
  [[nodiscard]] Result<bool> accepts(const Engine& engine, std::uint32_t id);
  /// What is looked at: the stream's name, else the type.
  [[nodiscard]] bool by_stream() const { return filter_.on == Filter::On::StreamName; }
  /// True when `id` is known to be refused.
  [[nodiscard]] bool refuses(std::uint32_t id) const { return id < verdicts_.size() && verdicts_[id] == Verdict::Refused; }
  /// The database holds other names under the same numbers now.
  void forget() { verdicts_.clear(); }

 private:
  FilterJudge(Filter filter, std::unique_ptr<Regex> regex) : filter_(std::move(filter)), regex_(std::move(regex)) {}
  [[nodiscard]] Result<bool> judge(const std::string& name);

  enum class Verdict : std::uint8_t { Unknown, Accepted, Refused };
  Filter filter_;
  std::unique_ptr<Regex> regex_;
  std::vector<Verdict> verdicts_;  // by stream or type number
};

}  // namespace kurrentlite
