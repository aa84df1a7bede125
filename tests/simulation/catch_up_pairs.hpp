#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch_up_model.hpp"
#include "engine/catch_up.hpp"
#include "engine_inputs.hpp"
#include "engine_world.hpp"

namespace kurrentlite::testing {

/// Catch-up subscriptions, each over the engine and over the model, compared message by message.
class CatchUpPairs {
 public:
  CatchUpPairs(Prng& random, EngineInputs& inputs) : random_(random), inputs_(inputs) {}

  void open_stream(World& world, bool memory_is_limited) {
    const std::string stream = inputs_.name();
    const ReadRevision start = inputs_.from(world.model, stream);
    Result<CatchUp> found = CatchUp::of_stream(*world.engine, stream, start);
    if (!found && memory_is_limited && found.error().code == ErrorCode::OutOfMemory) return;
    const std::variant<ErrorCode, ModelCursor> wanted = world.model.follow(stream, start);
    if (const ErrorCode* code = std::get_if<ErrorCode>(&wanted)) {
      ASSERT_FALSE(found.ok());
      ASSERT_EQ(found.error().code, *code);
      return;
    }
    ASSERT_TRUE(found.ok()) << found.error().message;
    const auto* revision = std::get_if<StreamRevision>(&start);
    std::optional<std::uint64_t> from;
    if (revision != nullptr && revision->value != kNoLimit) from = revision->value;
    keep(std::move(*found), ModelCatchUp(world.model, std::get<ModelCursor>(wanted), from));
  }

  void open_all(World& world) {
    const std::vector<std::uint64_t>& positions = world.positions;
    ReadPosition start = Start{};
    std::size_t next = 0;
    std::optional<std::uint64_t> from;
    const std::uint64_t dice = random_.below(3);
    if (dice == 1) {
      start = End{};
      next = positions.size();
      if (next > 0) from = positions.back();
    } else if (dice == 2 && !positions.empty()) {
      from = positions[random_.below(positions.size())] + 1 - random_.below(3);
      if (random_.chance(0.3)) from = positions.back() + random_.below(800);
      start = Position{*from, *from};
      while (next < positions.size() && positions[next] <= *from) ++next;
    }
    std::optional<Filter> filter;
    std::uint64_t interval = 0;
    if (random_.chance(0.7)) {
      filter = Filter{random_.chance(0.5) ? Filter::On::StreamName : Filter::On::EventType, prefixes(), {}};
      interval = random_.below(6);
    }
    std::optional<FilterJudge> judge;
    if (filter) judge.emplace(world.engine->judge(*filter).value());
    keep(CatchUp::of_all(*world.engine, start, std::move(judge), interval), ModelCatchUp(next, filter, interval, from));
  }

  /// Takes some messages of each, of some subscriptions all there are.
  void poll(const World& world, std::int64_t now) {
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      Pair& pair = pairs_[i];
      if (pair.engine.live() && random_.chance(0.05)) {
        pair.engine.fall_behind();
        pair.model.fall_behind();
      }
      const std::uint64_t most = random_.chance(0.3) ? UINT64_MAX : random_.below(4);
      for (std::uint64_t taken = 0; taken < most; ++taken) {
        bool more = false;
        ASSERT_NO_FATAL_FAILURE(take(pair, world, now, more));
        if (!more) break;
      }
      ASSERT_EQ(pair.engine.live(), pair.model.live());
      ASSERT_EQ(pair.engine.ended(), pair.model.ended());
      ASSERT_EQ(pair.engine.place(), pair.model.place());
    }
    std::erase_if(pairs_, [this](const Pair& each) { return each.model.ended() || random_.chance(0.004); });
  }

  void follow_new_content(const World& world) {
    for (Pair& pair : pairs_) {
      ASSERT_TRUE(pair.engine.is_void());
      pair.engine.follow_new_content();
      pair.model.follow_new_content(world.model, world.positions);
      ASSERT_FALSE(pair.engine.is_void());
      ASSERT_EQ(pair.engine.place(), pair.model.place());
    }
  }
  void clear() { pairs_.clear(); }

 private:
  struct Pair {
    CatchUp engine;
    ModelCatchUp model;
  };

  void keep(CatchUp engine, ModelCatchUp model) {
    if (pairs_.size() < 6) pairs_.push_back({std::move(engine), std::move(model)});
  }

  std::vector<std::string> prefixes() {
    const std::vector<std::string> all = {"a", "n", "$", "$$", "t", "gr", ""};
    std::vector<std::string> some;
    for (std::uint64_t count = random_.below(3); count > 0; --count) some.push_back(all[random_.below(all.size())]);
    return some;
  }

  void take(Pair& pair, const World& world, std::int64_t now, bool& more) {
    const bool news = pair.engine.has_news();
    const bool at_end = pair.engine.at_end();
    const CatchUp::Message found = pair.engine.next();
    const ModelCatchUp::Message wanted = pair.model.next(world.model, world.positions, now);
    ASSERT_EQ(static_cast<int>(found.kind), static_cast<int>(wanted.kind));
    more = wanted.kind != ModelCatchUp::Kind::Nothing && wanted.kind != ModelCatchUp::Kind::Ended;
    ASSERT_EQ(pair.engine.place(), pair.model.place());
    if (wanted.kind == ModelCatchUp::Kind::Event) {
      ASSERT_FALSE(at_end);
      ASSERT_NO_FATAL_FAILURE(compare_event(world, found.record, wanted.event));
    }
    if (!news) {
      ASSERT_EQ(found.kind, CatchUp::Message::Kind::Nothing) << "unannounced";
    }
    if (news && !pair.model.filters()) {
      ASSERT_NE(found.kind, CatchUp::Message::Kind::Nothing) << "announced";
    }
  }

  Prng& random_;
  EngineInputs& inputs_;
  std::vector<Pair> pairs_;
};

}  // namespace kurrentlite::testing
