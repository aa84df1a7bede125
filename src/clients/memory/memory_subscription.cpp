#include "clients/memory/memory_subscription.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "async/await.hpp"
#include "clients/memory/resolve.hpp"

namespace kurrentlite {

namespace {

constexpr std::size_t kBatchEventsMax = 256;
constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;

/// What a subscription follows: a stream, or `$all` through a filter.
struct Source {
  std::variant<StreamCursor, AllCursor> cursor;
  std::optional<FilterJudge> judge;
  StreamName stream;  ///< empty for `$all`
  bool resolve_links = false;
};

/// The state of a subscription. Shared with the `next` under way, which therefore survives the subscription's end.
class Feed final : public ConnectionGuest {
 public:
  Feed(std::shared_ptr<Connection> connection, Source source)
      : connection_(std::move(connection)), source_(std::move(source)), news_(connection_->scheduler()),
        generation_(connection_->engine().generation()) {
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
  /// The database was replaced under it.
  [[nodiscard]] bool is_void() { return generation_ != engine().generation(); }
  std::optional<Record> advance();
  [[nodiscard]] bool has_more();
  [[nodiscard]] bool tombstoned() const;
  [[nodiscard]] Error stream_deleted();
  /// Takes what there is from the engine into `pending_`; false when there is nothing to report.
  bool collect();
  Duration time_to_arrival();

  std::shared_ptr<Connection> connection_;
  Source source_;
  Signal news_;
  std::uint64_t generation_;  ///< the content the cursor belongs to
  std::optional<Error> ended_;
  /// Collected but not handed over yet: an abandoned `next` loses nothing.
  std::optional<SubscriptionBatch> pending_;
  std::optional<Position> considered_;
  bool live_ = false;                    ///< the end was reached, and since then never more than a batch behind
  std::optional<Duration> appended_at_;  ///< when the newest event came, with simulated latency
  Duration arrives_at_ = Duration::zero();
};

void Feed::end(const Error& reason) {
  if (!ended_) ended_ = reason;
  news_.notify_all();
}

void Feed::on_append() {
  if (!connection_->simulator().instant()) appended_at_ = connection_->scheduler().now();
  if (news_.idle()) return;
  if (is_void()) {
    news_.notify_all();
    return;
  }
  // A stream's subscription sleeps through what happens in others.
  if (has_more() || tombstoned()) news_.notify_all();
}

bool Feed::has_more() {
  // Cursors are values: looking ahead with a copy moves nothing.
  return std::visit([this](auto cursor) { return engine().next(cursor).has_value(); }, source_.cursor);
}

bool Feed::tombstoned() const {
  const StreamCursor* cursor = std::get_if<StreamCursor>(&source_.cursor);
  return cursor != nullptr && cursor->done;
}

std::optional<Record> Feed::advance() {
  if (StreamCursor* cursor = std::get_if<StreamCursor>(&source_.cursor)) return engine().next(*cursor);
  AllCursor& cursor = std::get<AllCursor>(source_.cursor);
  for (;;) {
    const std::optional<Record> record = engine().next(cursor);
    if (!record) return std::nullopt;
    considered_ = record->position();
    if (!source_.judge || source_.judge->accepts(engine(), *record)) return record;
  }
}

bool Feed::collect() {
  SubscriptionBatch batch;
  std::size_t bytes = 0;
  bool at_end = false;
  while (batch.events.size() < kBatchEventsMax && bytes < kBatchBytesMax) {
    const std::optional<Record> record = advance();
    if (!record) {
      at_end = true;
      break;
    }
    bytes += record->data_size + record->metadata_size;
    batch.events.push_back(resolve_event(engine(), *record, source_.resolve_links));
  }
  if (!at_end && !has_more()) at_end = !advance();
  batch.caught_up = at_end && !live_ && !tombstoned();
  batch.checkpoint = considered_;
  live_ = at_end;
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

Error Feed::stream_deleted() {
  Result<StreamCursor> refused = engine().follow_stream(source_.stream, End{});
  assert(!refused);
  return std::move(refused).error();
}

Task<Result<SubscriptionBatch>> Feed::next(std::shared_ptr<Feed> feed) {
  for (;;) {
    if (!feed->ended_ && feed->is_void()) {
      feed->end({ErrorCode::Unavailable, "The database was replaced by another: subscribe again."});
    }
    if (feed->ended_) co_return *feed->ended_;
    if (feed->pending_ || feed->collect()) break;
    if (feed->tombstoned()) co_return feed->stream_deleted();
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
  MemorySubscription(const std::shared_ptr<Connection>& connection, Source source)
      : feed_(std::make_shared<Feed>(connection, std::move(source))) {}
  ~MemorySubscription() override {
    feed_->end({ErrorCode::Cancelled, "The subscription was ended while it waited for events."});
  }
  MemorySubscription(const MemorySubscription&) = delete;
  MemorySubscription& operator=(const MemorySubscription&) = delete;
  Task<Result<SubscriptionBatch>> next() override { return Feed::next(feed_); }

 private:
  std::shared_ptr<Feed> feed_;
};

Result<std::unique_ptr<Subscription>> subscribe(const std::shared_ptr<Connection>& connection, Source source) {
  return std::unique_ptr<Subscription>(std::make_unique<MemorySubscription>(connection, std::move(source)));
}

}  // namespace

Result<std::unique_ptr<Subscription>> follow_stream(const std::shared_ptr<Connection>& connection,
                                                    const StreamName& stream, const SubscribeToStreamOptions& options) {
  Result<StreamCursor> cursor = connection->engine().follow_stream(stream, options.from);
  if (!cursor) return std::move(cursor).error();
  Source source;
  source.cursor = *cursor;
  source.stream = stream;
  source.resolve_links = options.resolve_links;
  return subscribe(connection, std::move(source));
}

Result<std::unique_ptr<Subscription>> follow_all(const std::shared_ptr<Connection>& connection,
                                                 const SubscribeToAllOptions& options) {
  Source source;
  source.cursor = connection->engine().follow_all(options.from);
  if (options.filter) source.judge.emplace(*options.filter);
  source.resolve_links = options.resolve_links;
  return subscribe(connection, std::move(source));
}

}  // namespace kurrentlite
