#include "services/caller.hpp"

#include <algorithm>

namespace kurrentlite::services {

namespace {

/// What clients of KurrentDB call it in their traces.
const char* span_name(Operation operation) {
  switch (operation) {
    case Operation::Connect: return "connect";
    case Operation::Append: return "streams.append";
    case Operation::Read: return "streams.read";
    case Operation::Delete: return "streams.delete";
    case Operation::Subscribe: return "streams.subscribe";
    case Operation::Statistics: return "statistics";
  }
  return "call";
}

Error abandoned_error(bool deadline_passed) {
  return deadline_passed ? Error{ErrorCode::DeadlineExceeded, "The call was given up at its deadline."}
                         : Error{ErrorCode::Cancelled, "The call was given up."};
}

}  // namespace

Caller::Caller(Client& client, Scheduler& scheduler, Clock& clock, IdSource& ids, const DatabaseConfig& config)
    : client_(client),
      scheduler_(scheduler),
      ids_(ids),
      config_(config),
      metrics_(scheduler.now()),
      breaker_(scheduler, clock, config.circuit_breaker),
      tracer_(scheduler, clock, config, [this]() -> Prng& { return dice(); }) {
  options_.credentials = config.call_credentials();
}

Prng& Caller::dice() {
  if (!dice_) {
    std::uint64_t seed = 0;
    for (const std::uint8_t byte : ids_.next().bytes) seed = seed * 257 + byte;
    dice_.emplace(seed);
  }
  return *dice_;
}

Duration Caller::backoff(std::uint32_t retry) {
  constexpr std::uint64_t kPauseMaxMs = 30'000;
  const std::uint64_t first = std::max(config_.options.retry_delay_ms, 1u);  // never a loop without a pause
  const Duration longest = std::chrono::milliseconds(std::min(first << std::min(retry, 20u), kPauseMaxMs));
  if (!config_.options.jitter) return longest;
  return Duration(1 + static_cast<std::int64_t>(dice().below(static_cast<std::uint64_t>(longest.count()))));
}

void Caller::close() {
  closed_ = true;
  unreachable_ = nullptr;
  breaker_.on_change({});
  tracer_.listen({});
  give_up_retries();
}

Caller::Call::Call(Caller& caller, Operation operation, OperationContext* context, std::vector<std::string> streams)
    : caller_(caller),
      operation_(operation),
      context_(context),
      streams_(std::move(streams)),
      pass_(caller.breaker_.enter(operation == Operation::Connect)),
      begin_(caller.scheduler_.now()),
      round_(caller.round_) {
  finished_ = refused();  // nothing to measure
  if (writes() && !refused()) count_pending(1);
}

void Caller::Call::count_pending(std::int32_t change) {
  caller_.pending_writes_ += static_cast<std::uint32_t>(change);
  if (caller_.pending_changed_) caller_.pending_changed_();
}

Caller::Call::~Call() {
  if (writes() && !refused()) count_pending(-1);
  if (finished_) return;
  // Who gives up work in the background does not say why; a deadline is likely.
  const bool timed_out = context_ == nullptr || context_->deadline_passed;
  const Error error = abandoned_error(timed_out);
  end_attempt(&error);
  if (!timed_out) {
    caller_.metrics_.of(operation_).add_cancelled();
    caller_.breaker_.abandoned(pass_);
  } else {
    finish(true);
    caller_.breaker_.failed(pass_, false);  // a short deadline says nothing about the database
  }
  if (caller_.unreachable_) caller_.unreachable_();
}

void Caller::Call::begin_attempt() {
  if (!caller_.tracer_.on()) return;
  span_ = caller_.tracer_.begin_call(span_name(operation_), context_, streams_, retry_);
}

void Caller::Call::end_attempt(const Error* error) {
  if (span_) caller_.tracer_.end(std::move(*std::exchange(span_, std::nullopt)), error);
}

bool Caller::Call::may_try_again(const Error* error) {
  const bool failed = error != nullptr && is_failure(error->code);
  end_attempt(failed ? error : nullptr);
  const bool unreachable = failed && error->code == ErrorCode::Unavailable;
  const bool is_trial = pass_ == CircuitBreaker::Pass::Trial;
  if (unreachable && !is_trial && retry_ < caller_.config_.max_retries && round_ == caller_.round_) return true;
  finish(failed);
  if (unreachable) {
    caller_.breaker_.failed(pass_, context_ != nullptr && round_ == caller_.round_);
    if (caller_.unreachable_) caller_.unreachable_();
  } else {
    caller_.breaker_.succeeded();  // the database has answered
  }
  return false;
}

Duration Caller::Call::pause() { return caller_.backoff(retry_); }

bool Caller::Call::try_again() {
  if (round_ != caller_.round_) {
    finish(true);
    caller_.breaker_.abandoned(pass_);
    return false;
  }
  caller_.metrics_.of(operation_).add_retry(caller_.scheduler_.now());
  if (context_ != nullptr) ++context_->retries;
  ++retry_;
  return true;
}

void Caller::Call::finish(bool failed) {
  finished_ = true;
  const Duration now = caller_.scheduler_.now();
  caller_.metrics_.of(operation_).add(now, now - begin_, failed);
}

}  // namespace kurrentlite::services
