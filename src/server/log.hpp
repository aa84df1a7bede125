#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the server tells on stderr, one line each: time, level, text.
namespace kurrentlite::server::log {

enum class Level : std::uint8_t {
  Debug,  ///< every call as it ends: method, peer, status, duration; and what gRPC and protobuf tell
  Info,   ///< what the server as a whole does
  Warn,   ///< what an operator should know
  Error,  ///< what does not work any more
  Off,
};

/// "debug", "info", "warn", "error" or "off"; empty for anything else.
[[nodiscard]] std::optional<Level> level_of(std::string_view name);

/// Warn until this is called. Also decides how much gRPC tells. Before the first server starts.
void set_level(Level level);
[[nodiscard]] bool enabled(Level level);

/// From any thread. Line breaks and other control characters in `text` are shown as escapes, so that users' names cannot
/// forge lines.
void write(Level level, std::string_view text);

}  // namespace kurrentlite::server::log
