#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine_model.hpp"
#include "unit/engine_support.hpp"

namespace kurrentlite::testing {

/// A database and what is thought of it.
struct World {
  std::unique_ptr<Engine> engine;
  EngineModel model;
  std::vector<std::uint64_t> positions;  // of the model's log
};

inline void compare_event(const World& world, const Record& record, std::size_t index) {
  const ModelEvent& wanted = world.model.log[index];
  const RecordedEvent found = world.engine->materialise(record);
  const Position position{world.positions[index], world.positions[index]};
  if (found.stream == wanted.stream && found.id == wanted.id && found.revision.value == wanted.revision &&
      found.type == wanted.type && found.content_type == wanted.content_type && found.data == wanted.data &&
      found.metadata == wanted.metadata && found.created_ticks == wanted.created_ticks && found.position == position) {
    return;
  }
  const RecordedEvent expected{wanted.stream, *wanted.id,      {wanted.revision},    wanted.type, wanted.content_type,
                               wanted.data,   wanted.metadata, wanted.created_ticks, position};
  FAIL() << "found  " << describe(found) << "\nwanted " << describe(expected);
}

}  // namespace kurrentlite::testing
