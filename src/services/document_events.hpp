#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kurrentlite/client.hpp"
#include "services/document.hpp"
#include "services/runtime.hpp"

namespace kurrentlite::services {

/// Is shown the events of one document, oldest first.
class DocumentEventReader {
 public:
  /// Answers whether it needs more events.
  virtual bool add(const RecordedEvent& event) = 0;

 protected:
  ~DocumentEventReader() = default;
};

/// Shows the events of document `id` to `reader`, which must live as long as the task. NotFound when there is no such
/// stream: should it go away between two pages, what was shown before means nothing.
[[nodiscard]] Task<Result<void>> read_document_events(ServiceRuntime& runtime, std::string id,
                                                      DocumentEventReader& reader);

/// A document as its stream tells it.
struct LoadedDocument {
  DocumentFold fold;
  std::optional<Stream> base;    ///< at the version that was asked for
  std::optional<Position> seen;  ///< of the last event
  bool holds_event = false;      ///< one of the events that were looked for is on the stream
};

/// Reads and folds the whole stream of document `id`; a missing stream is an empty fold. Remembers the document at
/// `base_version` when that is given, and whether one of `looked_for` is there.
[[nodiscard]] Task<Result<LoadedDocument>> load_document(ServiceRuntime& runtime, std::string id,
                                                         std::vector<Uuid> looked_for = {},
                                                         std::optional<std::uint64_t> base_version = std::nullopt);

[[nodiscard]] Error document_not_found(const std::string& id);

}  // namespace kurrentlite::services
