#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/runtime.hpp"

/// Changes to documents: from what a caller asks for to events on streams.
namespace kurrentlite::services {

/// One change to one document: the event that makes it, and what must hold for it.
struct Change {
  std::string id;
  EventData event;  ///< stays the same at every attempt, so that none of them is done twice
  bool creates = false;
  Access needed = Access::Write;  ///< for what is there; who creates needs none
  std::string owner;              ///< of what it creates
  std::optional<std::uint64_t> expected_version;
  /// Where it would change nothing, nothing is written.
  bool is_idle_without_effect = false;
};

/// What a valid step means. Errors: ValidationFailed.
[[nodiscard]] Result<Change> plan(ServiceRuntime& runtime, TransactionStep step);

/// Writes `changes`, all of them or none: reads the documents, makes the changes in their order on top of what is there,
/// and appends at the revisions that were read. When somebody else was faster, it begins again: no update is lost. Answers
/// the document of each change as it is after all of them.
/// Errors: NotFound, AccessDenied, Conflict (an id is taken, or an expected version is stale), ValidationFailed
[[nodiscard]] Task<Result<std::vector<Stream>>> commit(ServiceRuntime& runtime, std::vector<Change> changes);

}  // namespace kurrentlite::services
