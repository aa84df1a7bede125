#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "engine/engine.hpp"
#include "engine/filter.hpp"
#include "storage/journal.hpp"

// What the engine itself costs, without a client or a boundary around it. Events carry 228 bytes of JSON, the line of an
// order.
namespace kurrentlite {
namespace {

constexpr std::uint64_t kEvents = 100'000;
constexpr std::string_view kType = "order-line-added";

class FixedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ticks() const override { return 17'000'000'000'000'000; }
};
FixedClock the_clock;

const std::string& order_line() {
  static const std::string json = [] {
    std::string text = R"({"orderId":"7d3f1c52-0a54-4c1e-9d2a-6b8c8f2f9e01","line":3,"product":"espresso-beans-1kg",)"
                       R"("quantity":2,"unitPrice":{"amount":"18.90","currency":"EUR"},"note":")";
    return text + std::string(228 - text.size() - 2, 'n') + "\"}";
  }();
  return json;
}

std::vector<std::string> stream_names(std::uint64_t count) {
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < count; ++i) names.push_back("order-" + std::to_string(100'000 + i));
  return names;
}

bool append_one(Engine& engine, PrngIdSource& ids, const std::string& stream, std::string_view data) {
  const EventView event{ids.next(), kType, ContentType::Json, data, {}};
  return engine.append(stream, {&event, 1}, Any{}).ok();
}

/// `events` events over so many streams, in turn.
std::unique_ptr<Engine> filled(std::uint64_t streams, std::uint64_t events = kEvents) {
  auto engine = std::make_unique<Engine>(the_clock);
  PrngIdSource ids(1);
  const std::vector<std::string> names = stream_names(streams);
  for (std::uint64_t i = 0; i < events; ++i) append_one(*engine, ids, names[i % streams], order_line());
  return engine;
}

void count_events(benchmark::State& state, std::uint64_t per_iteration) {
  state.SetItemsProcessed(static_cast<std::int64_t>(per_iteration) * state.iterations());
}

/// Appends of `state.range(0)` events each, over 1,000 streams. The database begins afresh every 200,000 events.
void BM_Append(benchmark::State& state) {
  const auto size = static_cast<std::uint64_t>(state.range(0));
  const std::vector<std::string> names = stream_names(1'000);
  Engine engine(the_clock);
  PrngIdSource ids(1);
  std::vector<EventView> events(size, EventView{{}, kType, ContentType::Json, order_line(), {}});
  std::uint64_t appends = 0;
  for (auto _ : state) {
    for (EventView& event : events) event.id = ids.next();
    if (!engine.append(names[++appends % names.size()], events, Any{})) state.SkipWithError("append failed");
    if (appends * size % 200'000 < size) engine.reset();
  }
  count_events(state, size);
}
BENCHMARK(BM_Append)->Arg(1)->Arg(10)->Arg(100);

/// Ids that count up, as tests like to write them.
void BM_AppendWithCountingIds(benchmark::State& state) {
  const std::vector<std::string> names = stream_names(1'000);
  Engine engine(the_clock);
  std::uint64_t appends = 0;
  for (auto _ : state) {
    EventView event{{}, kType, ContentType::Json, order_line(), {}};
    ++appends;
    for (std::size_t i = 0; i < 8; ++i) event.id.bytes[15 - i] = static_cast<std::uint8_t>(appends >> (8 * i));
    benchmark::DoNotOptimize(engine.append(names[appends % names.size()], {&event, 1}, Any{}).ok());
    if (appends % 200'000 == 0) engine.reset();
  }
  count_events(state, 1);
}
BENCHMARK(BM_AppendWithCountingIds);

void BM_AppendWithExpectedRevision(benchmark::State& state) {
  Engine engine(the_clock);
  PrngIdSource ids(1);
  std::uint64_t next = 0;
  for (auto _ : state) {
    const EventView event{ids.next(), kType, ContentType::Json, order_line(), {}};
    const ExpectedState expected = next == 0 ? ExpectedState(NoStream{}) : StreamRevision{next - 1};
    if (!engine.append("order", {&event, 1}, expected)) state.SkipWithError("append failed");
    if (++next == 200'000) engine.reset(), next = 0;
  }
  count_events(state, 1);
}
BENCHMARK(BM_AppendWithExpectedRevision);

/// Copies each event's data, as a binding does.
template <class Cursor>
std::uint64_t read_to_end(const Engine& engine, Cursor cursor, std::vector<char>& buffer) {
  std::uint64_t count = 0;
  while (const std::optional<Record> record = engine.next(cursor)) {
    engine.copy_data(*record, buffer.data());
    ++count;
  }
  benchmark::DoNotOptimize(buffer.data());
  return count;
}

/// One stream of 100 events among 1,000.
void BM_ReadStream(benchmark::State& state) {
  const std::unique_ptr<Engine> engine = filled(1'000);
  const Direction direction = state.range(0) == 0 ? Direction::Forwards : Direction::Backwards;
  const ReadRevision from = state.range(0) == 0 ? ReadRevision(Start{}) : End{};
  const std::vector<std::string> names = stream_names(1'000);
  std::vector<char> buffer(1'000);
  std::size_t chosen = 0;
  std::uint64_t read = 0;
  for (auto _ : state) {
    read += read_to_end(*engine, *engine->open_stream(names[++chosen * 7 % names.size()], direction, from), buffer);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(read));
}
BENCHMARK(BM_ReadStream)->ArgName("backwards")->Arg(0)->Arg(1);

void BM_ReadAll(benchmark::State& state) {
  const std::unique_ptr<Engine> engine = filled(1'000);
  std::vector<char> buffer(1'000);
  for (auto _ : state) read_to_end(*engine, engine->open_all(Direction::Forwards, Start{}).value(), buffer);
  count_events(state, kEvents);
}
BENCHMARK(BM_ReadAll);

/// Judges every event, keeps one stream in ten.
void BM_ReadAllFiltered(benchmark::State& state) {
  const std::unique_ptr<Engine> engine = filled(1'000);
  for (auto _ : state) {
    FilterJudge judge = engine->judge({Filter::On::StreamName, {"order-1005"}}).value();
    AllCursor cursor = engine->open_all(Direction::Forwards, Start{}).value();
    std::uint64_t kept = 0;
    while (const std::optional<Record> record = engine->next(cursor)) kept += *judge.accepts(*engine, *record) ? 1u : 0u;
    if (kept != kEvents / 10) state.SkipWithError("the filter kept the wrong events");
  }
  count_events(state, kEvents);
}
BENCHMARK(BM_ReadAllFiltered);

/// 100,000 events over so many streams.
void BM_Fork(benchmark::State& state) {
  const std::unique_ptr<Engine> engine = filled(static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(engine->fork(the_clock).get());
}
BENCHMARK(BM_Fork)->ArgName("streams")->Arg(1'000)->Arg(100'000);

/// The first write to a fork copies the pages that it touches.
void BM_ForkAndAppend(benchmark::State& state) {
  const std::unique_ptr<Engine> engine = filled(100'000);
  PrngIdSource ids(2);
  for (auto _ : state) {
    const std::unique_ptr<Engine> fork = engine->fork(the_clock);
    if (!append_one(*fork, ids, "order-100007", order_line())) state.SkipWithError("append failed");
  }
}
BENCHMARK(BM_ForkAndAppend);

void BM_JournalEncode(benchmark::State& state) {
  const std::unique_ptr<Engine> engine = filled(1'000);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = encode_journal(*engine, {}).size();
  count_events(state, kEvents);
  state.counters["bytes_per_event"] = static_cast<double>(bytes) / static_cast<double>(kEvents);
}
BENCHMARK(BM_JournalEncode)->Unit(benchmark::kMillisecond);

void BM_JournalReplay(benchmark::State& state) {
  const Bytes journal = encode_journal(*filled(1'000), {});
  for (auto _ : state) {
    Engine engine(the_clock);
    if (!replay_journal(engine, the_clock, journal)) state.SkipWithError("replay failed");
  }
  count_events(state, kEvents);
}
BENCHMARK(BM_JournalReplay)->Unit(benchmark::kMillisecond);

/// Everything the database holds besides the events' own bytes, indexes and names included: heap in use, by event.
void BM_OverheadPerEvent(benchmark::State& state) {
  constexpr std::uint64_t kMany = 500'000;  // so many that half-filled pages do not count
  const auto heap_bytes = [] {
    const struct mallinfo2 heap = mallinfo2();
    return static_cast<double>(heap.uordblks + heap.hblkhd);
  };
  for (auto _ : state) {
    const double before = heap_bytes();
    const std::unique_ptr<Engine> engine = filled(static_cast<std::uint64_t>(state.range(0)), kMany);
    const double used = heap_bytes() - before;
    state.counters["overhead_bytes"] = used / static_cast<double>(kMany) - static_cast<double>(order_line().size());
  }
  count_events(state, kMany);
}
BENCHMARK(BM_OverheadPerEvent)
    ->ArgName("streams")
    ->Arg(1)
    ->Arg(1'000)
    ->Arg(500'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kurrentlite
