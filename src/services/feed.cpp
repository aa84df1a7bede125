#include "services/feed.hpp"

#include <memory>
#include <utility>

#include "async/time_slice.hpp"

namespace kurrentlite::services {

namespace {

/// Events at once that tell of a rush rather than of daily life.
constexpr std::size_t kBulkEventsMin = 64;

}  // namespace

void Feed::ensure_started() {
  if (running_) return;
  running_ = true;
  failure_.reset();
  task_.clear();
  task_.spawn(follow());
}

void Feed::stop(Error error) {
  task_.clear();
  running_ = false;
  fail(std::move(error));
}

void Feed::fail(Error error) {
  failure_ = std::move(error);
  progress_.notify_all();
}

void Feed::restart() {
  const bool was_running = running_;
  task_.clear();
  running_ = false;
  caught_up_ = false;
  considered_.reset();
  model_.clear();
  hooks_.on_change({true, true});
  progress_.notify_all();
  if (was_running) ensure_started();
}

Task<Result<void>> Feed::ready() {
  if (!caught_up_) ensure_started();
  while (!caught_up_) {
    if (failure_) co_return *failure_;
    co_await progress_.wait();
  }
  co_return Result<void>();
}

Task<Result<void>> Feed::has_seen(Position position) {
  ensure_started();
  while (!considered_ || *considered_ < position) {
    if (failure_) co_return *failure_;
    co_await progress_.wait();
  }
  co_return Result<void>();
}

Task<Result<std::unique_ptr<Subscription>>> Feed::subscribe() {
  return caller_.call<std::unique_ptr<Subscription>>(Operation::Subscribe, [this] {
    SubscribeToAllOptions options;
    if (considered_) options.from = *considered_;
    options.filter = ReadModel::filter();
    options.call = caller_.options();
    return caller_.client().subscribe_to_all(std::move(options));
  });
}

Task<void> Feed::follow() {
  std::uint32_t failures = 0;  // in a row
  while (true) {
    Task<Result<std::unique_ptr<Subscription>>> subscribing =
        caller_.within_deadline<std::unique_ptr<Subscription>>("subscribe", subscribe());
    Result<std::unique_ptr<Subscription>> subscribed = co_await std::move(subscribing);
    if (!subscribed.ok()) {
      running_ = false;
      fail(std::move(subscribed).error());
      co_return;
    }
    const std::unique_ptr<Subscription> subscription = std::move(subscribed).value();
    Error error;
    TimeSlice slice(scheduler_);
    while (true) {
      Task<Result<SubscriptionBatch>> next = subscription->next();
      Result<SubscriptionBatch> batch = co_await std::move(next);
      if (!batch.ok()) {
        error = std::move(batch).error();
        break;
      }
      failures = 0;
      // Hundreds of thousands of events would hold the thread for seconds. What comes one by one has its turn anyway.
      const bool is_bulk = !caught_up_ || batch->events.size() >= kBulkEventsMin;
      take(std::move(batch).value());
      if (is_bulk && slice.spent()) co_await slice.pause();
      if (!is_bulk || slice.spent()) slice.restart();
    }
    if (error.code != ErrorCode::Unavailable || failures == config_.max_retries) {
      running_ = false;
      fail(std::move(error));
      co_return;
    }
    co_await sleep_for(scheduler_, caller_.backoff(failures++));
    // Without a connection this ends quietly: whoever restores it starts the feed again.
    if (!hooks_.is_connected()) {
      running_ = false;
      co_return;
    }
  }
}

void Feed::take(SubscriptionBatch batch) {
  ReadModel::Changed changed;
  for (const ResolvedEvent& resolved : batch.events) {
    if (!resolved.event) continue;
    changed.add(model_.apply(*resolved.event));
    storage_.add(*resolved.event);
    considered_ = resolved.event->position;
  }
  if (batch.checkpoint && (!considered_ || *considered_ < *batch.checkpoint)) considered_ = batch.checkpoint;
  if (batch.caught_up) caught_up_ = true;
  if (caught_up_) hooks_.on_synced();
  if (changed.documents || changed.users) hooks_.on_change(changed);
  progress_.notify_all();
}

}  // namespace kurrentlite::services
