#pragma once

#include <string>
#include <string_view>

#include "engine/engine.hpp"

namespace kurrentlite::server {

/// Scavenges the database and writes what KurrentDB writes of it, in the same order:
///
///     $$$scavenges            who may read the log of scavenges, and for how long; once
///     $$$scavenges-<id>       the same
///     $scavenges-<id>         $scavengeStarted
///     $scavenges              a link to it
///     $scavengePoints         $scavengePoint
///     $scavenges-<id>         $scavengeChunksCompleted, when something was taken out; $scavengeCompleted
///     $scavenges              a link to the last one
///
/// Where a full database refuses one of these events it is missing, as on KurrentDB. Answers the scavenge's id. `node` names
/// this one. On the engine's thread.
std::string scavenge(Engine& engine, std::string_view node);

}  // namespace kurrentlite::server
