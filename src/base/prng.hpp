#pragma once

#include <cstdint>

#include "kurrentlite/ports.hpp"

namespace kurrentlite {

/// xoshiro256** seeded through splitmix64: the same numbers from the same seed with every compiler and library, which the
/// standard distributions do not promise. Not for secrets.
class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  std::uint64_t next();
  /// Uniform in [0, bound); `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double uniform();
  /// Standard normal (polar method); its last digit depends on the logarithm of the C library.
  double normal();
  /// True with `probability`.
  bool chance(double probability) { return probability > 0 && uniform() < probability; }

 private:
  std::uint64_t state_[4];
};

/// Version-4 ids from a Prng: for tests that want the same ids in every run, and for hosts that seed it well.
class PrngIdSource final : public IdSource {
 public:
  explicit PrngIdSource(std::uint64_t seed) : prng_(seed) {}
  Uuid next() override;

 private:
  Prng prng_;
};

}  // namespace kurrentlite
