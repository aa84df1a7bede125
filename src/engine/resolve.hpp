#pragma once

#include "engine/engine.hpp"

namespace kurrentlite {

/// What a reader gets for `record`. With `resolve_links`, a link comes with its target, or alone when the target cannot be
/// read; one level only. `live`: a subscription that has caught up gets it.
inline ResolvedEvent resolve_event(const Engine& engine, const Record& record, bool resolve_links, bool live = false) {
  ResolvedEvent resolved;
  if (!resolve_links || !engine.is_link(record)) {
    resolved.event = engine.materialise(record);
    return resolved;
  }
  const std::optional<Record> target = engine.resolve(record);
  // A link whose revision is no number counts as an ordinary event, but not to live subscriptions (reference: streams 3.8).
  const bool leads_nowhere = target && target->address == record.address;
  if (target && !(leads_nowhere && live)) resolved.event = engine.materialise(*target);
  if (!leads_nowhere || live) resolved.link = engine.materialise(record);
  return resolved;
}

}  // namespace kurrentlite
