#include "server/read_call.hpp"

#include <algorithm>
#include <utility>

#include "engine/resolve.hpp"
#include "protocol/status.hpp"
#include "server/ids.hpp"
#include "server/messages.hpp"

namespace kurrentlite::server {
namespace {

constexpr std::size_t kPageMessages = 64;
constexpr std::size_t kPageBytes = std::size_t{1} << 20;

void put_time(std::int64_t ticks, google::protobuf::Timestamp& time) {
  time.set_seconds(ticks / 10'000'000);
  time.set_nanos(static_cast<std::int32_t>(ticks % 10'000'000 * 100));
}

}  // namespace

void ReadCall::begin(grpc::ByteBuffer& bytes) {
  protocol::v1::streams::ReadReq request;
  if (const grpc::Status read = read_message(bytes, request, kMessageBytesMax); !read.ok()) return finish(read);
  database_.open_calls.add(shared());
  claim_ = claim_of(database_, context_);
  if (Result<protocol::ReadRequest> read = protocol::from_wire(std::as_const(request))) {
    request_ = std::move(read).value();
  } else {
    malformed_ = std::move(read).error();
  }
  const Operation operation = malformed_ || request_.max_count ? Operation::Read : Operation::Subscribe;
  database_.post(operation, [call = shared()](Engine& engine, const Struck& fault) { call->open(engine, fault); });
}

// On the engine's thread

ReadCall::Message& ReadCall::add() { return page_.emplace_back(); }

void ReadCall::refuse(const Error& error) {
  end_listening();
  const std::lock_guard lock(mutex_);
  if (finished_ || cancelled_) return;
  conclude(protocol::to_status(error, "Read", [this](const std::string& name, const std::string& text) {
    context_.AddTrailingMetadata(name, text);
  }));
  write_page();
}

void ReadCall::open(Engine& engine, const Struck& fault) {
  // A call that an injected fault has kept waiting may be done with: nobody would tell it to listen no more.
  if (has_ended()) return;
  if (const grpc::Status known = identify(engine, claim_, caller_); !known.ok()) {
    return finish(known);
  }
  if (malformed_) return refuse(*malformed_);
  if (fault) return refuse(fault->error);
  const std::string_view stream = request_.stream ? std::string_view(*request_.stream) : "$all";
  if (Result<void> allowed = allow(engine, caller_, stream, Action::Read); !allowed) return refuse(allowed.error());
  if (request_.filter) {
    Result<FilterJudge> judge = engine.judge(*request_.filter);
    if (!judge) return refuse(judge.error());
    judge_.emplace(std::move(judge).value());
  }
  if (!request_.max_count) {
    if (request_.stream) {
      Result<CatchUp> source = CatchUp::of_stream(engine, *request_.stream, request_.from_revision);
      if (!source) return refuse(source.error());
      source_.emplace<CatchUp>(std::move(source).value());
    } else {
      source_.emplace<CatchUp>(
          CatchUp::of_all(engine, request_.from_position, std::move(judge_), request_.checkpoint_interval));
    }
    if (caller_) std::get_if<CatchUp>(&source_)->act_as(*caller_);
    add().mutable_confirmation()->set_subscription_id(new_id().to_string());
    listener_ = database_.engine.on_append([this] { news(); });
    return produce(engine);
  }
  left_ = *request_.max_count;
  if (request_.stream) {
    const Result<StreamCursor> cursor = engine.open_stream(*request_.stream, request_.direction, request_.from_revision);
    if (!cursor && cursor.error().code == ErrorCode::StreamNotFound) {
      add().mutable_stream_not_found()->mutable_stream_identifier()->set_stream_name(*request_.stream);
      {
        const std::lock_guard lock(mutex_);
        conclude(grpc::Status::OK);
      }
      return produce(engine);
    }
    if (!cursor) return refuse(cursor.error());
    source_ = *cursor;
    if (request_.tells_bounds && request_.direction == Direction::Forwards) tell_first(engine, *cursor);
  } else {
    const Result<AllCursor> cursor = engine.open_all(request_.direction, request_.from_position);
    if (!cursor) return refuse(cursor.error());
    source_ = *cursor;
  }
  produce(engine);
}

bool ReadCall::has_ended() {
  const std::lock_guard lock(mutex_);
  return cancelled_ || finished_ || server_ends_;
}

void ReadCall::produce(Engine& engine) {
  if (has_ended()) return;
  page_bytes_ = 0;
  if (StreamCursor* const stream = std::get_if<StreamCursor>(&source_)) produce_stream(engine, *stream);
  if (AllCursor* const all = std::get_if<AllCursor>(&source_)) produce_all(engine, *all);
  if (CatchUp* const subscription = std::get_if<CatchUp>(&source_)) produce_subscription(engine, *subscription);
  bool looked_in_vain = false;
  {
    const std::lock_guard lock(mutex_);
    write_page();
    looked_in_vain = queue_.empty() && !writing_ && !finished_ && !idle_;
  }
  if (looked_in_vain) database_.engine.post([call = shared()](Engine& at) { call->produce(at); });
}

void ReadCall::tell_first(Engine& engine, StreamCursor cursor) {
  constexpr std::uint64_t kFirstPage = 32;  // KurrentDB tells only when its first page would hold no event
  const StreamRevision* const from = std::get_if<StreamRevision>(&request_.from_revision);
  const std::uint64_t start = from != nullptr ? from->value : 0;
  const std::optional<Record> first = engine.next(cursor);
  if (first && first->revision.value - start < std::min(kFirstPage, left_)) return;
  const auto last = engine.last_revision(*request_.stream);
  const std::uint64_t position = first ? first->revision.value : last ? last->value + 1 : 0;
  if (position != start) add().set_first_stream_position(position);
}

void ReadCall::produce_stream(Engine& engine, StreamCursor& cursor) {
  while (left_ > 0 && page_.size() < kPageMessages && page_bytes_ < kPageBytes) {
    const std::optional<Record> record = engine.next(cursor);
    if (!record) {
      left_ = 0;
      break;
    }
    --left_;
    page_bytes_ += record->data_size + record->metadata_size;
    protocol::to_wire(resolve_event(engine, *record, request_.resolve_links, false), request_.uuids, *add().mutable_event());
  }
  if (left_ > 0) return;
  if (request_.tells_bounds) {
    if (const auto last = engine.last_revision(*request_.stream)) add().set_last_stream_position(last->value);
  }
  const std::lock_guard lock(mutex_);
  conclude(grpc::Status::OK);
}

void ReadCall::produce_all(Engine& engine, AllCursor& cursor) {
  constexpr std::uint64_t kLookedAtMax = 100'000;  // then others get their turn
  for (std::uint64_t looked_at = 0; looked_at < kLookedAtMax; ++looked_at) {
    if (left_ == 0 || page_.size() >= kPageMessages || page_bytes_ >= kPageBytes) break;
    if (judge_) {
      const Result<std::uint64_t> skipped = engine.skip_refused(cursor, *judge_, kLookedAtMax - looked_at);
      if (!skipped) {
        left_ = 0;
        const std::lock_guard lock(mutex_);
        conclude(protocol::to_status(skipped.error(), "Read", [](const auto&, const auto&) {}));
        return;
      }
      looked_at += *skipped;
      if (looked_at == kLookedAtMax) break;
    }
    const std::optional<Record> record = engine.next(cursor);
    if (!record) {
      left_ = 0;
      break;
    }
    --left_;
    page_bytes_ += record->data_size + record->metadata_size;
    protocol::to_wire(resolve_event(engine, *record, request_.resolve_links, false), request_.uuids, *add().mutable_event());
  }
  if (left_ > 0) return;
  const std::lock_guard lock(mutex_);
  conclude(grpc::Status::OK);
}

void ReadCall::produce_subscription(Engine& engine, CatchUp& source) {
  using Kind = CatchUp::Message::Kind;
  if (source.is_void()) source.follow_new_content();
  idle_ = false;
  for (;;) {
    if ((page_.size() >= kPageMessages || page_bytes_ >= kPageBytes) && !source.at_end()) {
      if (source.live()) source.fall_behind();
      return;
    }
    const CatchUp::Message message = source.next();
    switch (message.kind) {
      case Kind::Event:
        page_bytes_ += message.record.data_size + message.record.metadata_size;
        protocol::to_wire(resolve_event(engine, message.record, request_.resolve_links, source.live()), request_.uuids,
                          *add().mutable_event());
        break;
      case Kind::Checkpoint: {
        auto* const checkpoint = add().mutable_checkpoint();
        checkpoint->set_commit_position(source.place().value_or(0));
        checkpoint->set_prepare_position(source.place().value_or(0));
        put_time(database_.engine.clock().now_ticks(), *checkpoint->mutable_timestamp());
        break;
      }
      case Kind::CaughtUp: {
        auto* const caught_up = add().mutable_caught_up();
        put_time(database_.engine.clock().now_ticks(), *caught_up->mutable_timestamp());
        if (!source.place()) break;
        if (source.follows_stream()) {
          caught_up->set_stream_revision(static_cast<std::int64_t>(*source.place()));
        } else {
          caught_up->mutable_position()->set_commit_position(*source.place());
          caught_up->mutable_position()->set_prepare_position(*source.place());
        }
        break;
      }
      case Kind::Nothing: idle_ = true; return;
      case Kind::Ended: {
        end_listening();
        const std::lock_guard lock(mutex_);
        if (finished_ || cancelled_) return;  // gRPC may have let go of the context
        conclude(protocol::to_status(source.error(), "Read", [this](const std::string& name, const std::string& text) {
          context_.AddTrailingMetadata(name, text);
        }));
        return;
      }
    }
  }
}

void ReadCall::news() {
  if (!idle_ || !std::get_if<CatchUp>(&source_)->has_news()) return;
  idle_ = false;
  // Not within the append that brought the news.
  database_.engine.post([call = shared()](Engine& at) { call->produce(at); });
}

void ReadCall::end_listening() {
  if (listener_ != 0) database_.engine.unlisten(std::exchange(listener_, 0));
  idle_ = false;
}

// Under the mutex

void ReadCall::conclude(const grpc::Status& status) {
  if (!server_ends_) last_ = status;
}

void ReadCall::write_page() {
  if (!server_ends_) {
    for (Message& message : page_) queue_.push_back(std::move(message));
  }
  page_.clear();
  write_next();
}

void ReadCall::write_next() {
  if (writing_ || finished_) return;
  if (!queue_.empty()) {
    writing_ = true;
    bytes_ = bytes_of(queue_.front());
    queue_.pop_front();
    // Messages that others follow at once share packets. The headers, which would wait with the first, went before.
    grpc::WriteOptions options;
    if (!queue_.empty()) options.set_buffer_hint();
    StartWrite(&bytes_, options);
  } else if (last_) {
    end(*last_);
  }
}

void ReadCall::end(const grpc::Status& status) {
  if (std::exchange(finished_, true)) return;
  Finish(status);
}

// On gRPC's threads

void ReadCall::finish(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  end(status);
}

void ReadCall::OnWriteDone(bool ok) {
  bool wants_more = false;
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok || cancelled_) {
      cancelled_ = true;
      end(grpc::Status::CANCELLED);
    } else {
      wants_more = queue_.empty() && !last_;
      write_next();
    }
  }
  if (wants_more) database_.engine.post([call = shared()](Engine& engine) { call->produce(engine); });
}

void ReadCall::OnCancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (!writing_) end(grpc::Status::CANCELLED);
}

void ReadCall::server_ends() {
  const std::lock_guard lock(mutex_);
  if (finished_ || cancelled_) return;
  last_ = protocol::server_ends();
  server_ends_ = true;
  queue_.clear();
  write_next();
}

void ReadCall::OnDone() {
  is_over(database_.open_calls);
  database_.engine.post([call = shared()](Engine&) { call->end_listening(); });
  SingleRequestCall::OnDone();
}

}  // namespace kurrentlite::server
