#pragma once

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "async/manual_scheduler.hpp"
#include "clients/memory/memory_client.hpp"

/// What tests of the memory client share.
namespace kurrentlite::memory_test {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ticks() const override { return 17'000'000'000'000'000; }
};

inline Uuid id_of(std::uint64_t number) {
  Uuid id;
  for (std::size_t index = 15; number > 0; --index, number >>= 8U) id.bytes[index] = static_cast<std::uint8_t>(number);
  return id;
}

inline EventData event(std::uint64_t number) {
  return {id_of(number), "e" + std::to_string(number), ContentType::Json, "{}", ""};
}

inline SimulationProfile latency_of(double median_ms) {
  SimulationProfile profile;
  profile.name = "steady";
  for (Latency& each : profile.latency) each.median_ms = median_ms;
  return profile;
}

template <class T>
std::string ended(Task<Result<T>>& task) {
  if (!task.done()) return "waiting";
  const Result<T> result = task.take();
  return result ? "ok" : to_string(result.error().code);
}

struct MemoryClientTest : testing::Test {
  FixedClock clock;
  Engine engine{clock};
  ManualScheduler scheduler;

  template <class T>
  T run(Task<T> task) {
    task.start();
    while (!task.done() && scheduler.run_until_idle(1) > 0) {
    }
    if (!task.done()) {
      ADD_FAILURE() << "the call never finishes";
      std::abort();
    }
    return task.take();
  }
  std::vector<std::string> types(const char* stream = "order-1") {
    std::vector<std::string> found;
    Result<StreamCursor> cursor = engine.open_stream(stream, Direction::Forwards, Start{});
    if (!cursor) return found;
    while (const auto record = engine.next(*cursor)) found.push_back(engine.type_name(record->type));
    return found;
  }
  static Task<Result<AppendResult>> append(Client& client, std::uint64_t number, const char* stream = "order-1") {
    return client.append_to_stream(stream, {event(number)}, {});
  }
};

}  // namespace kurrentlite::memory_test
