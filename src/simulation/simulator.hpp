#pragma once

#include <optional>

#include "base/prng.hpp"
#include "kurrentlite/scheduler.hpp"
#include "kurrentlite/simulation.hpp"

namespace kurrentlite {

/// How one simulated call will go. Drawn when it is made, so that a seed fixes the whole run.
struct CallPlan {
  enum class Fate : std::uint8_t {
    Answered,
    Refused,        ///< before it reaches the database
    ReplyLost,      ///< after it was carried out
    BreaksRequest,  ///< the connection breaks before it is carried out
    BreaksReply,    ///< the connection breaks after it was carried out
  };
  Fate fate = Fate::Answered;
  Duration request = Duration::zero();  ///< half of the latency, before the database sees the call
  Duration reply = Duration::zero();    ///< the other half, after
  Duration delay = Duration::zero();    ///< what an injected fault adds to the way there
  std::optional<Error> error = std::nullopt;  ///< what an injected fault fails with
};

/// A time that somebody passed in: no number, less than nothing and more than a day come out as nothing and a day.
[[nodiscard]] Duration duration_of(double milliseconds);

/// A simulation profile and its dice.
class Simulator {
 public:
  explicit Simulator(SimulationProfile profile);

  [[nodiscard]] const SimulationProfile& profile() const { return profile_; }
  /// Holds from the next draw on. The dice roll on, unless the seed is a new one.
  void set_profile(SimulationProfile profile);
  [[nodiscard]] bool instant() const { return instant_; }

  CallPlan plan(Operation operation);
  Duration latency(Operation operation);

 private:
  CallPlan::Fate draw_fate();

  SimulationProfile profile_;
  Prng prng_;
  bool instant_;
};

}  // namespace kurrentlite
