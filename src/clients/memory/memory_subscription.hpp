#pragma once

#include <memory>
#include <optional>

#include "clients/memory/connection.hpp"
#include "engine/access.hpp"
#include "kurrentlite/client.hpp"

namespace kurrentlite {

/// A catch-up subscription over `connection`, beginning now. `who` must be allowed to read; nobody is the system account.
/// Errors: StreamDeleted, OutOfMemory, AccessDenied, Unknown (the filter's regular expression).
[[nodiscard]] Result<std::unique_ptr<Subscription>> follow_stream(const std::shared_ptr<Connection>& connection,
                                                                  const StreamName& stream,
                                                                  const SubscribeToStreamOptions& options,
                                                                  std::optional<Principal> who);
[[nodiscard]] Result<std::unique_ptr<Subscription>> follow_all(const std::shared_ptr<Connection>& connection,
                                                               const SubscribeToAllOptions& options,
                                                               std::optional<Principal> who);

}  // namespace kurrentlite
