#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine_model.hpp"

namespace kurrentlite::testing {

/// A catch-up subscription as section 3.12 of the stream reference tells it, over the model.
class ModelCatchUp {
 public:
  enum class Kind { Nothing, Event, Checkpoint, CaughtUp, Ended };
  struct Message {
    Kind kind = Kind::Nothing;
    std::size_t event = 0;  ///< index in the log
  };

  /// Follows a stream; `cursor` comes from `EngineModel::follow`.
  ModelCatchUp(const EngineModel& model, ModelCursor cursor, std::optional<std::uint64_t> from);
  /// Follows `$all` from index `next` of the log on, keeping events whose stream (or type) begins with one of `prefixes`.
  ModelCatchUp(std::size_t next, std::optional<Filter> filter, std::uint64_t checkpoint_interval,
               std::optional<std::uint64_t> from);

  Message next(const EngineModel& model, const std::vector<std::uint64_t>& positions, std::int64_t now);
  void fall_behind() { live_ = false; }
  /// The database holds something else: goes on at its end.
  void follow_new_content(const EngineModel& model, const std::vector<std::uint64_t>& positions);

  [[nodiscard]] bool live() const { return live_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool filters() const { return filter_.has_value(); }
  /// Revision or position of the last event considered, or of where it began.
  [[nodiscard]] std::optional<std::uint64_t> place() const { return place_; }

 private:
  [[nodiscard]] bool accepts(const ModelEvent& event) const;

  std::optional<ModelCursor> stream_;
  std::size_t next_ = 0;  // of `$all`
  std::optional<std::uint64_t> from_;
  std::optional<Filter> filter_;
  std::uint64_t checkpoint_interval_ = 0;
  std::uint64_t unreported_ = 0;  // events considered since the last checkpoint
  bool checkpoint_due_ = false;
  bool live_ = false;
  bool ended_ = false;
  std::optional<std::uint64_t> place_;
};

}  // namespace kurrentlite::testing
