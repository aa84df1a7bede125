#include "kurrentlite/event.hpp"

namespace kurrentlite {

std::string to_string(const ExpectedState& expected) {
  if (std::holds_alternative<Any>(expected)) return "any";
  if (std::holds_alternative<NoStream>(expected)) return "no_stream";
  if (std::holds_alternative<StreamExists>(expected)) return "stream_exists";
  return std::to_string(std::get<StreamRevision>(expected).value);
}

}  // namespace kurrentlite
