#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "engine/state.hpp"

namespace kurrentlite {

/// Refuses names that cannot be written to. Errors: InvalidArgument, AccessDenied (`$all`).
[[nodiscard]] std::optional<Error> check_writable(std::string_view stream);
/// Errors: InvalidArgument (type), MaxAppendEventSizeExceeded, MaxAppendSizeExceeded.
[[nodiscard]] std::optional<Error> check_events(std::span<const EventView> events, const EngineOptions& options,
                                                const Shapes& shapes);

/// What an append is to do: write, or answer that it happened already, or refuse.
using Verdict = std::variant<std::monostate, AppendResult, Error>;

/// The rules of one stream's append (reference: streams 3.4 and 3.5).
class AppendJudge {
 public:
  AppendJudge(const Engine::State& state, std::string_view name, std::span<const EventView* const> events,
              const ExpectedState& expected)
      : state_(state), name_(name), events_(events), expected_(expected), stream_(state.streams.find(name)),
        entry_(state.index.entry(stream_)) {}

  [[nodiscard]] Verdict judge() const;
  /// Any state will do, unless the stream is tombstoned or the events are a repeat.
  [[nodiscard]] Verdict weak_repeat() const;
  [[nodiscard]] const StreamEntry& entry() const { return entry_; }

 private:
  [[nodiscard]] Error conflict() const;
  [[nodiscard]] Verdict strong_repeat(std::uint64_t first) const;
  [[nodiscard]] AppendResult repeated(const Record& last) const;

  const Engine::State& state_;
  std::string_view name_;
  std::span<const EventView* const> events_;
  const ExpectedState& expected_;
  std::uint32_t stream_;
  StreamEntry entry_;
};

}  // namespace kurrentlite
