#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurrentlite/connection_string.hpp"

/// The parts of `parse_connection_string`. The official client reads its text twice, by two parsers that differ: the first
/// one takes it apart, the second one, which takes it for a URL, may still refuse it.
namespace kurrentlite::config {

/// Without the white space, as JavaScript knows it, at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Lower-cases ASCII letters, and what else becomes one.
[[nodiscard]] std::string lower(std::string_view text);

/// The preference that `text` names in any spelling.
[[nodiscard]] std::optional<NodePreference> node_preference_of(std::string_view text);

/// The error of a connection string, without a place.
[[nodiscard]] Error connection_string_error(std::string message);

/// What the first parser finds in `text`, which is valid UTF-8; `authority` is still empty, and addresses are as they stand.
struct ParsedConnectionString {
  ConnectionSettings settings;
  bool has_impossible_port = false;  ///< outside 0 to 65535; the port in `settings` is none that was given
};
[[nodiscard]] Result<ParsedConnectionString> parse_by_grammar(std::string_view text);

/// What the second parser says against `text`, which the first one accepts; empty when it accepts it, too.
[[nodiscard]] std::optional<std::string> refusal_of_bridge(std::string_view text);

}  // namespace kurrentlite::config
