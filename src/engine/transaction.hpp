#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/state.hpp"

namespace kurrentlite {

/// Writes events to one stream or several: all of them or, when memory runs out, none. Checks nothing.
class Transaction {
 public:
  explicit Transaction(Engine::State& state);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Names a stream, which must be named once only. Answers its number within this transaction, from 0 on.
  std::uint32_t add_stream(std::string_view name);
  /// `event` must stay until `commit`.
  void add(std::uint32_t stream, const EventView& event);
  /// After the last `add`: a soft-deleted stream that is written to, or whose metadata are, comes back. What says so is
  /// written behind the events (reference: streams 3.4).
  void revive(std::uint32_t stream, std::string_view last_data);
  [[nodiscard]] bool empty() const { return state_.addressed.empty(); }

  /// Errors: OutOfMemory; nothing was changed then.
  [[nodiscard]] Result<void> commit();

  /// After `commit`: the number of events that the stream holds, up to the last one added.
  [[nodiscard]] std::uint32_t count_of(std::uint32_t stream) const;
  /// After `commit`: of the last event added, those that brought streams back apart; empty when there is none.
  [[nodiscard]] std::optional<Position> last_position() const;

 private:
  [[nodiscard]] std::uint32_t stream_named(std::string_view name);
  [[nodiscard]] bool reserve(Engine::State::Reservation& reservation);

  Engine::State& state_;
  std::size_t added_ = 0;
  RecordAddress last_ = 0;
  std::list<std::string> texts_;  // names and metadata that the transaction makes itself
  std::list<EventView> revivals_;
};

}  // namespace kurrentlite
