#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/runtime.hpp"

/// A document's past: what StreamService answers about it. Everything is folded anew from the events, by the fold that the
/// lists use.
namespace kurrentlite::services {

/// A point in a document's history.
struct Moment {
  std::optional<std::uint64_t> version;  ///< the document has it; 0 is before anything
  std::int64_t time_ms = 0;              ///< without a version: the end of this millisecond

  static Moment of(std::uint64_t version) { return {version, 0}; }
  static Moment at(std::int64_t time_ms) { return {std::nullopt, time_ms}; }
};

[[nodiscard]] Task<Result<HistoryPage>> document_history(ServiceRuntime& runtime, std::string id,
                                                         HistoryOptions options);
[[nodiscard]] Task<Result<std::optional<Stream>>> document_at(ServiceRuntime& runtime, std::string id, Moment moment);
[[nodiscard]] Task<Result<DocumentDiff>> document_diff(ServiceRuntime& runtime, std::string id, std::uint64_t from,
                                                       std::uint64_t to);

}  // namespace kurrentlite::services
