#include "clients/memory/memory_subscription.hpp"

#include <algorithm>
#include <utility>

#include "async/await.hpp"
#include "engine/resolve.hpp"
#include "engine/catch_up.hpp"

namespace kurrentlite {

namespace {

constexpr std::size_t kBatchEventsMax = 256;
constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;

/// Bytes of the user in it: a small link may lead to a large event.
std::size_t size_of(const ResolvedEvent& event) {
  std::size_t bytes = 0;
  if (event.event) bytes += event.event->data.size() + event.event->metadata.size();
  if (event.link) bytes += event.link->data.size() + event.link->metadata.size();
  return bytes;
}

/// The state of a subscription. Shared with the `next` under way, which therefore survives the subscription's end.
class Feed final : public ConnectionGuest {
 public:
  Feed(std::shared_ptr<Connection> connection, CatchUp source, bool resolve_links)
      : connection_(std::move(connection)), source_(std::move(source)), resolve_links_(resolve_links),
        news_(connection_->scheduler()) {
    connection_->add_guest(*this);
  }
  ~Feed() override { connection_->remove_guest(*this); }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  static Task<Result<SubscriptionBatch>> next(std::shared_ptr<Feed> feed);

  void on_append() override;
  void on_connection_lost(const Error& reason) override { end(reason); }
  /// From now on `next` fails with `reason`. The first reason stays.
  void end(const Error& reason);

 private:
  Engine& engine() { return connection_->engine(); }
  /// Takes what there is from the engine into `pending_`; false when there is nothing to report.
  bool collect();
  Duration time_to_arrival();

  std::shared_ptr<Connection> connection_;
  CatchUp source_;
  bool resolve_links_;
  Signal news_;
  std::optional<Error> ended_;
  /// Collected but not handed over yet: an abandoned `next` loses nothing.
  std::optional<SubscriptionBatch> pending_;
  std::optional<Duration> appended_at_;  ///< when the newest event came, with simulated latency
  Duration arrives_at_ = Duration::zero();
};

void Feed::end(const Error& reason) {
  if (!ended_) ended_ = reason;
  news_.notify_all();
}

void Feed::on_append() {
  if (!connection_->simulator().instant()) appended_at_ = connection_->scheduler().now();
  // A stream's subscription sleeps through what happens in others.
  if (!news_.idle() && source_.has_news()) news_.notify_all();
}

bool Feed::collect() {
  using Kind = CatchUp::Message::Kind;
  SubscriptionBatch batch;
  std::size_t bytes = 0;
  bool at_end = false;
  while (!at_end) {
    const bool full = batch.events.size() >= kBatchEventsMax || bytes >= kBatchBytesMax;
    if (full && !source_.at_end()) {
      if (source_.live()) source_.fall_behind();
      break;
    }
    const CatchUp::Message message = source_.next();
    switch (message.kind) {
      case Kind::Event:
        batch.events.push_back(resolve_event(engine(), message.record, resolve_links_, source_.live()));
        bytes += size_of(batch.events.back());
        break;
      case Kind::CaughtUp: batch.caught_up = true; break;
      case Kind::Checkpoint: break;
      case Kind::Nothing:
      case Kind::Ended: at_end = true; break;
    }
  }
  if (!source_.follows_stream() && source_.place()) batch.checkpoint = Position{*source_.place(), *source_.place()};
  if (batch.events.empty() && !batch.caught_up) return false;
  pending_ = std::move(batch);
  arrives_at_ = Duration::zero();
  if (at_end && appended_at_) arrives_at_ = *appended_at_ + connection_->simulator().latency(Operation::Read) / 2;
  return true;
}

Duration Feed::time_to_arrival() {
  if (arrives_at_ == Duration::zero()) return Duration::zero();
  return std::max(arrives_at_ - connection_->scheduler().now(), Duration::zero());
}

Task<Result<SubscriptionBatch>> Feed::next(std::shared_ptr<Feed> feed) {
  for (;;) {
    if (!feed->ended_ && feed->source_.is_void()) {
      feed->end({ErrorCode::Unavailable, "The database was replaced by another: subscribe again."});
    }
    if (feed->ended_) co_return *feed->ended_;
    if (feed->pending_ || feed->collect()) break;
    if (feed->source_.ended()) co_return feed->source_.error();
    co_await feed->news_.wait();
  }
  if (auto lost = co_await feed->connection_->to_client(feed->time_to_arrival())) co_return std::move(*lost);
  if (feed->ended_) co_return *feed->ended_;
  SubscriptionBatch batch = std::move(*feed->pending_);
  feed->pending_.reset();
  co_return batch;
}

class MemorySubscription final : public Subscription {
 public:
  MemorySubscription(const std::shared_ptr<Connection>& connection, CatchUp source, bool resolve_links)
      : feed_(std::make_shared<Feed>(connection, std::move(source), resolve_links)) {}
  ~MemorySubscription() override {
    feed_->end({ErrorCode::Cancelled, "The subscription was ended while it waited for events."});
  }
  MemorySubscription(const MemorySubscription&) = delete;
  MemorySubscription& operator=(const MemorySubscription&) = delete;
  Task<Result<SubscriptionBatch>> next() override { return Feed::next(feed_); }

 private:
  std::shared_ptr<Feed> feed_;
};

Result<void> check_readable(const std::shared_ptr<Connection>& connection, const std::optional<Principal>& who,
                            std::string_view stream) {
  return who ? check_access(connection->engine(), *who, stream, Action::Read) : Result<void>();
}

std::unique_ptr<Subscription> subscribe(const std::shared_ptr<Connection>& connection, CatchUp source,
                                        std::optional<Principal> who, bool resolve_links) {
  if (who) source.act_as(*std::move(who));
  return std::unique_ptr<Subscription>(
      std::make_unique<MemorySubscription>(connection, std::move(source), resolve_links));
}

}  // namespace

Result<std::unique_ptr<Subscription>> follow_stream(const std::shared_ptr<Connection>& connection,
                                                    const StreamName& stream, const SubscribeToStreamOptions& options,
                                                    std::optional<Principal> who) {
  if (Result<void> allowed = check_readable(connection, who, stream); !allowed) return std::move(allowed).error();
  Result<CatchUp> source = CatchUp::of_stream(connection->engine(), stream, options.from);
  if (!source) return std::move(source).error();
  return subscribe(connection, std::move(source).value(), std::move(who), options.resolve_links);
}

Result<std::unique_ptr<Subscription>> follow_all(const std::shared_ptr<Connection>& connection,
                                                 const SubscribeToAllOptions& options, std::optional<Principal> who) {
  if (Result<void> allowed = check_readable(connection, who, "$all"); !allowed) return std::move(allowed).error();
  std::optional<FilterJudge> judge;
  if (options.filter) {
    Result<FilterJudge> made = connection->engine().judge(*options.filter);
    if (!made) return std::move(made).error();
    judge.emplace(std::move(made).value());
  }
  CatchUp source = CatchUp::of_all(connection->engine(), options.from, std::move(judge));
  return subscribe(connection, std::move(source), std::move(who), options.resolve_links);
}

}  // namespace kurrentlite
