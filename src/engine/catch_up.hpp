#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "engine/access.hpp"
#include "engine/engine.hpp"
#include "engine/filter.hpp"

namespace kurrentlite {

/// What a catch-up subscription gets next, in the order in which KurrentDB sends it (reference: streams 3.12). Pull-based:
/// the subscriber that does not ask costs nothing. The engine must outlive it.
class CatchUp {
 public:
  /// Begins after `from`; the stream need not exist. Errors: StreamDeleted (tombstoned), OutOfMemory.
  [[nodiscard]] static Result<CatchUp> of_stream(Engine& engine, StreamName stream, const ReadRevision& from);
  /// `checkpoint_interval` counts events looked at, matching or not; 0 = no checkpoints.
  [[nodiscard]] static CatchUp of_all(Engine& engine, const ReadPosition& from, std::optional<FilterJudge> judge = {},
                                      std::uint64_t checkpoint_interval = 0);
  CatchUp(CatchUp&&) = default;
  CatchUp& operator=(CatchUp&&) = default;

  /// From now on the subscriber must be allowed to read what it follows; a change of access lists ends it.
  void act_as(Principal principal);

  struct Message {
    enum class Kind : std::uint8_t {
      Nothing,     ///< everything was handed out; more may come
      Event,       ///< `record`
      Checkpoint,  ///< everything up to `place()` was considered
      CaughtUp,    ///< from here on events are new ones
      Ended,       ///< for the reason in `error()`; stays so
    };
    Kind kind = Kind::Nothing;
    Record record = {};
  };
  [[nodiscard]] Message next();
  /// False when `next` would answer Nothing. With a filter it may be true in vain: events that do not match look new.
  /// Moves nothing.
  [[nodiscard]] bool has_news();

  /// No event is left to look at. Moves nothing.
  [[nodiscard]] bool at_end() const;
  [[nodiscard]] bool ended() const { return error_.has_value(); }

  /// True once CaughtUp was handed out, until the subscriber falls behind.
  [[nodiscard]] bool live() const { return live_; }
  /// The subscriber cannot keep up: when it reaches the end the next time, it has caught up once more.
  void fall_behind() { live_ = false; }
  /// Revision (of a stream's subscription) or position of the last event considered, or of where it began; empty when
  /// there is neither.
  [[nodiscard]] std::optional<std::uint64_t> place() const { return place_; }
  [[nodiscard]] bool follows_stream() const { return std::holds_alternative<StreamCursor>(cursor_); }
  /// Why it ended.
  [[nodiscard]] const Error& error() const { return *error_; }

  /// The database was replaced under it: the cursor is void.
  [[nodiscard]] bool is_void() const { return generation_ != engine_->generation(); }
  /// Goes on with what is appended to the new content from now on, as caught up (or not) as it was.
  void follow_new_content();

 private:
  CatchUp(Engine& engine, StreamName stream, std::variant<StreamCursor, AllCursor> cursor);
  [[nodiscard]] std::optional<Record> advance();
  [[nodiscard]] Message end(Error error);
  [[nodiscard]] bool may_read();

  Engine* engine_;
  StreamName stream_;  // empty for `$all`
  std::variant<StreamCursor, AllCursor> cursor_;
  std::optional<FilterJudge> judge_;
  std::optional<Principal> principal_;
  std::uint64_t access_epoch_ = 0;
  std::uint64_t generation_;
  std::uint64_t checkpoint_interval_ = 0;
  std::uint64_t since_checkpoint_ = 0;  // events looked at
  bool checkpoint_due_ = false;
  bool live_ = false;
  std::optional<std::uint64_t> place_;
  std::optional<Position> begins_after_;  // a position of `$all` that is not reached yet: what comes up to it is skipped
  std::optional<Error> error_;
};

}  // namespace kurrentlite
