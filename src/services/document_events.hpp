#pragma once

#include <string>

#include "kurrentlite/client.hpp"
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

[[nodiscard]] Error document_not_found(const std::string& id);

}  // namespace kurrentlite::services
