#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kurrentlite/result.hpp"

namespace kurrentlite {

/// What a simulated call does; each kind has its own latency.
enum class Operation : std::uint8_t { Connect, Append, Read, Delete, Subscribe, Statistics };
inline constexpr std::size_t kOperationCount = 6;
/// "connect", "append", "read", "delete", "subscribe" or "statistics".
[[nodiscard]] const char* to_string(Operation operation);

/// Milliseconds a call takes: a log-normal with the given median, cut to [min, max].
/// `spread` is its sigma: 0 = always the median, 0.25 = a steady link, 1 = a bad one.
struct Latency {
  double median_ms = 0;
  double spread = 0;
  double min_ms = 0;
  double max_ms = 0;  ///< 0 = no upper bound
  bool operator==(const Latency&) const = default;
};

/// How the network between client and database behaves. Everything is drawn from one seed, so a run can be repeated.
struct SimulationProfile {
  std::string name = "instant";
  std::uint64_t seed = 1;
  std::array<Latency, kOperationCount> latency{};  ///< indexed by Operation
  /// Chance that a call is refused before it reaches the database (Unavailable; nothing happened).
  double error_rate = 0;
  /// Chance that a call is carried out and its reply lost (Unavailable; a write did happen).
  double lost_reply_rate = 0;
  /// Chance that a call breaks the connection: every call under way and every subscription fails with it.
  double disconnect_rate = 0;
  /// Nothing can be reached; connections end.
  bool offline = false;

  bool operator==(const SimulationProfile&) const = default;
  /// No latency and no faults: calls finish without waiting.
  [[nodiscard]] bool is_instant() const;
};

/// A fault injected on purpose: it hits the `nth` call of `operation` and the `times - 1` calls after it.
struct Fault {
  enum class Effect : std::uint8_t {
    Refuse,     ///< the call fails with `error` before anything is done
    LoseReply,  ///< the call is carried out and fails with `error` all the same
    Disconnect,  ///< the connection breaks before anything is done; everything on it fails with `error`
    Delay,      ///< the call takes `delay_ms` longer
  };
  Operation operation = Operation::Append;
  Effect effect = Effect::Refuse;
  std::uint64_t nth = 1;    ///< counted from when the fault is added; 1 = the next call
  std::uint64_t times = 1;  ///< 0 = all calls from the nth on
  Error error = {ErrorCode::Unavailable, "A fault was injected."};
  double delay_ms = 0;
};

/// A preset by name: "instant" (none), "lan" (about 1 ms), "wan" (40 ms), "mobile" (120 ms, uneven), "flaky" (80 ms, very
/// uneven, 5 % refused, 2 % lost replies, 1 % disconnects). Empty for another name. The time is a read's; connecting takes
/// twice as long, a write a quarter more.
///   preset  median of a read  spread  min        max
///   lan     1 ms              0.25    0.5 ms     5 ms
///   wan     40 ms             0.25    28 ms      160 ms
///   mobile  120 ms            0.6     48 ms      1200 ms
///   flaky   80 ms             1       20 ms      1600 ms
[[nodiscard]] std::optional<SimulationProfile> simulation_preset(std::string_view name);

}  // namespace kurrentlite
