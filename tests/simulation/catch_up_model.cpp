#include "catch_up_model.hpp"

#include <algorithm>
#include <utility>

namespace kurrentlite::testing {

ModelCatchUp::ModelCatchUp(const EngineModel& model, ModelCursor cursor, std::optional<std::uint64_t> from)
    : stream_(std::move(cursor)), place_(from) {
  const std::size_t count = model.events_of(stream_->stream).size();
  if (stream_->live_from && count > 0) place_ = count - 1;
}

ModelCatchUp::ModelCatchUp(std::size_t next, std::optional<Filter> filter, std::uint64_t checkpoint_interval,
                           std::optional<std::uint64_t> from)
    : next_(next), from_(from), filter_(std::move(filter)), checkpoint_interval_(checkpoint_interval), place_(from) {}

bool ModelCatchUp::accepts(const ModelEvent& event) const {
  if (!filter_) return true;
  const std::string& judged = filter_->on == Filter::On::StreamName ? event.stream : event.type;
  return std::any_of(filter_->prefixes.begin(), filter_->prefixes.end(),
                     [&](const std::string& prefix) { return judged.rfind(prefix, 0) == 0; });
}

ModelCatchUp::Message ModelCatchUp::next(const EngineModel& model, const std::vector<std::uint64_t>& positions,
                                         std::int64_t now) {
  if (ended_) return {Kind::Ended};
  if (checkpoint_due_) {
    checkpoint_due_ = false;
    return {Kind::Checkpoint};
  }
  if (stream_) {
    if (const std::optional<std::size_t> event = model.next(*stream_, now)) {
      place_ = model.log[*event].revision;
      return {Kind::Event, *event};
    }
    ended_ = stream_->done;
    if (ended_) return {Kind::Ended};
  }
  while (!stream_ && next_ < model.log.size()) {
    const std::size_t event = next_++;
    if (model.log[event].scavenged) continue;
    if (from_ && positions[event] <= *from_) continue;  // it began beyond the end
    place_ = positions[event];
    ++unreported_;
    const bool due = checkpoint_interval_ > 0 && unreported_ == checkpoint_interval_;
    if (due) unreported_ = 0;
    if (accepts(model.log[event])) {
      checkpoint_due_ = due;
      return {Kind::Event, event};
    }
    if (due) return {Kind::Checkpoint};
  }
  if (live_) return {Kind::Nothing};
  const bool reports = checkpoint_interval_ > 0 && unreported_ > 0;
  unreported_ = 0;
  if (reports) return {Kind::Checkpoint};
  live_ = true;
  return {Kind::CaughtUp};
}

void ModelCatchUp::follow_new_content(const EngineModel& model, const std::vector<std::uint64_t>& positions) {
  unreported_ = 0;
  checkpoint_due_ = false;
  place_.reset();
  from_.reset();
  if (!stream_) {
    next_ = positions.size();
    if (next_ > 0) place_ = positions.back();
    return;
  }
  const auto cursor = model.follow(stream_->stream, End{});
  if (std::holds_alternative<ErrorCode>(cursor)) {
    ended_ = true;
    return;
  }
  stream_ = std::get<ModelCursor>(cursor);
  const std::size_t count = model.events_of(stream_->stream).size();
  if (count > 0) place_ = count - 1;
}

}  // namespace kurrentlite::testing
