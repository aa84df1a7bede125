#pragma once

#include "engine/engine.hpp"

namespace kurrentlite {

/// What a reader gets for `record`. With `resolve_links`, a link comes with its target, or alone when the target cannot be
/// read; one level only.
inline ResolvedEvent resolve_event(const Engine& engine, const Record& record, bool resolve_links) {
  ResolvedEvent resolved;
  if (!resolve_links || !engine.is_link(record)) {
    resolved.event = engine.materialise(record);
    return resolved;
  }
  const std::optional<Record> target = engine.resolve(record);
  if (target) resolved.event = engine.materialise(*target);
  // A link whose revision is no number counts as an ordinary event (reference: streams 3.8).
  if (!target || target->address != record.address) resolved.link = engine.materialise(record);
  return resolved;
}

}  // namespace kurrentlite
