#include "services/circuit_breaker.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace kurrentlite::services {

CircuitBreaker::Pass CircuitBreaker::enter(bool regardless) {
  if (state_ == CircuitState::Closed || regardless) return Pass::Free;
  if (state_ == CircuitState::Open && left() <= Duration::zero()) {
    become(CircuitState::HalfOpen);
    return Pass::Trial;
  }
  ++refused_;
  return Pass::Refused;
}

void CircuitBreaker::succeeded() {
  failures_ = 0;
  become(CircuitState::Closed);
}

void CircuitBreaker::failed(Pass pass, bool counted) {
  if (pass == Pass::Trial) {
    if (state_ == CircuitState::HalfOpen) {
      open(std::min<Duration>(cooldown_ * 2, std::chrono::milliseconds(options_.cooldown_max_ms)));
    }
    return;
  }
  if (!counted || options_.threshold == 0) return;
  ++failures_;
  if (state_ == CircuitState::Closed && failures_ >= options_.threshold) {
    open(std::chrono::milliseconds(options_.cooldown_ms));
  }
}

void CircuitBreaker::abandoned(Pass pass) {
  // The next call is the trial instead.
  if (pass == Pass::Trial && state_ == CircuitState::HalfOpen) become(CircuitState::Open);
}

void CircuitBreaker::open(Duration cooldown) {
  ++openings_;
  cooldown_ = cooldown;
  open_until_ = scheduler_.now() + cooldown;
  become(CircuitState::Open);
}

void CircuitBreaker::become(CircuitState state) {
  if (state_ == state) return;
  state_ = state;
  if (listener_) listener_();
}

Duration CircuitBreaker::left() const { return std::max(open_until_ - scheduler_.now(), Duration::zero()); }

Error CircuitBreaker::refusal() const {
  const auto retry_in_ms = static_cast<std::uint64_t>((left().count() + 999) / 1000);
  std::string message = "The database could not be reached " + std::to_string(failures_) + " times in a row, so nothing is sent; ";
  message += retry_in_ms > 0 ? "the next trial may be in " + std::to_string(retry_in_ms) + " ms."
                             : std::string("a trial is under way.");
  return {ErrorCode::Unavailable, std::move(message), {{"retryInMs", retry_in_ms}}};
}

Circuit CircuitBreaker::circuit() const {
  Circuit circuit;
  circuit.state = state_;
  if (state_ == CircuitState::Open) {
    circuit.retry_at_ms = (clock_.now_ticks() + left().count() * 10) / kTicksPerMillisecond;
  }
  return circuit;
}

}  // namespace kurrentlite::services
