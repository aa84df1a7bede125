#pragma once

#include <memory>

#include "clients/memory/connection.hpp"
#include "kurrentlite/client.hpp"

namespace kurrentlite {

/// A catch-up subscription over `connection`, beginning now. Errors: StreamDeleted, OutOfMemory.
[[nodiscard]] Result<std::unique_ptr<Subscription>> follow_stream(const std::shared_ptr<Connection>& connection,
                                                                  const StreamName& stream,
                                                                  const SubscribeToStreamOptions& options);
[[nodiscard]] Result<std::unique_ptr<Subscription>> follow_all(const std::shared_ptr<Connection>& connection,
                                                               const SubscribeToAllOptions& options);

}  // namespace kurrentlite
