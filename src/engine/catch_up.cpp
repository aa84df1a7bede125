#include "engine/catch_up.hpp"

#include <utility>

namespace kurrentlite {
namespace {

std::optional<std::uint64_t> place_of(const ReadRevision& from) {
  const StreamRevision* revision = std::get_if<StreamRevision>(&from);
  if (revision == nullptr || revision->value == kNoLimit) return std::nullopt;
  return revision->value;
}

/// Where a subscription that began at the end of a stream began; empty for one that holds nothing.
std::optional<std::uint64_t> place_of(const StreamCursor& at_end) {
  return at_end.next > 0 ? std::optional(at_end.next - 1) : std::nullopt;
}

std::optional<std::uint64_t> last_position(const Engine& engine) {
  const std::uint64_t last = engine.head().commit;
  return last != 0 ? std::optional(last) : std::nullopt;
}

std::optional<std::uint64_t> place_of(const ReadPosition& from) {
  const Position* position = std::get_if<Position>(&from);
  if (position == nullptr || position->commit == kNoLimit) return std::nullopt;
  return position->commit;
}

}  // namespace

CatchUp::CatchUp(Engine& engine, StreamName stream, std::variant<StreamCursor, AllCursor> cursor)
    : engine_(&engine), stream_(std::move(stream)), cursor_(cursor), generation_(engine.generation()) {}

Result<CatchUp> CatchUp::of_stream(Engine& engine, StreamName stream, const ReadRevision& from) {
  const Result<StreamCursor> cursor = engine.follow_stream(stream, from);
  if (!cursor) return cursor.error();
  CatchUp result(engine, std::move(stream), *cursor);
  result.place_ = place_of(from);
  const bool at_end = cursor->live_from != kNoLimit;
  if (at_end) result.place_ = place_of(*cursor);
  return result;
}

CatchUp CatchUp::of_all(Engine& engine, const ReadPosition& from, std::optional<FilterJudge> judge,
                        std::uint64_t checkpoint_interval) {
  CatchUp result(engine, {}, engine.follow_all(from));
  result.judge_ = std::move(judge);
  result.checkpoint_interval_ = checkpoint_interval;
  result.place_ = place_of(from);
  if (result.place_ && *result.place_ > engine.head().commit) result.begins_after_ = {*result.place_, *result.place_};
  if (!result.place_ && !std::holds_alternative<Start>(from)) result.place_ = last_position(engine);
  return result;
}

void CatchUp::act_as(Principal principal) {
  principal_ = std::move(principal);
  access_epoch_ = engine_->access_epoch();
}

CatchUp::Message CatchUp::next() {
  using Kind = Message::Kind;
  if (error_) return {Kind::Ended};
  if (!may_read()) return {Kind::Ended};
  if (std::exchange(checkpoint_due_, false)) return {Kind::Checkpoint};
  while (true) {
    if (judge_ && !begins_after_) {
      // Up to where a checkpoint is due, which is told of an event that was looked at.
      const std::uint64_t most = checkpoint_interval_ == 0 ? kNoLimit : checkpoint_interval_ - since_checkpoint_ - 1;
      AllCursor& cursor = std::get<AllCursor>(cursor_);
      const Result<std::uint64_t> skipped = engine_->skip_refused(cursor, *judge_, most);
      if (!skipped) return end(skipped.error());
      if (*skipped > 0) place_ = engine_->place_before(cursor).commit;
      since_checkpoint_ += checkpoint_interval_ == 0 ? 0 : *skipped;
    }
    const std::optional<Record> record = advance();
    if (!record) break;
    place_ = follows_stream() ? record->revision.value : record->position().commit;
    if (checkpoint_interval_ != 0 && ++since_checkpoint_ >= checkpoint_interval_) {
      since_checkpoint_ = 0;
      checkpoint_due_ = true;
    }
    if (judge_) {
      const Result<bool> accepted = judge_->accepts(*engine_, *record);
      if (!accepted.ok()) return end(accepted.error());
      if (*accepted) return {Kind::Event, *record};
    } else {
      return {Kind::Event, *record};
    }
    if (std::exchange(checkpoint_due_, false)) return {Kind::Checkpoint};
  }
  const StreamCursor* const stream = std::get_if<StreamCursor>(&cursor_);
  if (stream != nullptr && stream->done) {
    return end({ErrorCode::StreamDeleted, "Stream \"" + stream_ + "\" is deleted.", {{"stream", stream_}}});
  }
  if (live_) return {Kind::Nothing};
  if (since_checkpoint_ > 0) {  // one checkpoint just before it has caught up
    since_checkpoint_ = 0;
    return {Kind::Checkpoint};
  }
  live_ = true;
  return {Kind::CaughtUp};
}

bool CatchUp::has_news() {
  if (error_ || is_void() || !live_ || checkpoint_due_ || !may_read()) return true;
  return !at_end();
}

bool CatchUp::at_end() const {
  // Cursors are values: looking ahead with a copy moves nothing.
  if (const StreamCursor* const stream = std::get_if<StreamCursor>(&cursor_)) {
    StreamCursor copy = *stream;
    return !engine_->next(copy) && !copy.done;
  }
  if (begins_after_) return engine_->head() <= *begins_after_;
  AllCursor copy = std::get<AllCursor>(cursor_);
  return !engine_->next(copy);
}

void CatchUp::follow_new_content() {
  generation_ = engine_->generation();
  since_checkpoint_ = 0;
  checkpoint_due_ = false;
  place_.reset();
  begins_after_.reset();
  if (judge_) judge_->forget();
  if (!follows_stream()) {
    cursor_ = engine_->follow_all(End{});
    place_ = last_position(*engine_);
    return;
  }
  const Result<StreamCursor> cursor = engine_->follow_stream(stream_, End{});
  if (cursor) {
    cursor_ = *cursor;
    place_ = place_of(*cursor);
  } else if (!error_) {
    error_ = cursor.error();
  }
}

std::optional<Record> CatchUp::advance() {
  if (begins_after_) {
    if (engine_->head() <= *begins_after_) return std::nullopt;
    cursor_ = engine_->follow_all(*std::exchange(begins_after_, std::nullopt));
  }
  return std::visit([this](auto& cursor) { return engine_->next(cursor); }, cursor_);
}

CatchUp::Message CatchUp::end(Error error) {
  error_ = std::move(error);
  return {Message::Kind::Ended};
}

bool CatchUp::may_read() {
  if (!principal_ || access_epoch_ == engine_->access_epoch()) return true;
  access_epoch_ = engine_->access_epoch();
  const Result<void> allowed = check_access(*engine_, *principal_, follows_stream() ? stream_ : "$all", Action::Read);
  if (!allowed) error_ = allowed.error();
  return allowed.ok();
}

}  // namespace kurrentlite
