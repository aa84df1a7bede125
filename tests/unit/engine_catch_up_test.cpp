#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/catch_up.hpp"
#include "engine_support.hpp"

// What a catch-up subscription gets, message by message (reference: streams 3.12).
namespace kurrentlite {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = CatchUp::Message::Kind;

class CatchUpTest : public ::testing::Test {
 protected:
  void write(const std::string& stream, int count = 1, std::string_view type = "t") {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(append(engine_, stream, {event(++last_id_, type)}));
  }
  void set(const std::string& stream, std::string_view json) {
    ASSERT_TRUE(set_metadata(engine_, ++last_id_, stream, json));
  }
  CatchUp of_stream(const std::string& stream, const ReadRevision& from = Start{}) {
    return CatchUp::of_stream(engine_, stream, from).value();
  }
  /// Keeps streams that begin with "order".
  CatchUp orders(const ReadPosition& from, std::uint64_t interval) {
    return CatchUp::of_all(engine_, from, engine_.judge({Filter::On::StreamName, {"order"}}).value(), interval);
  }
  std::uint64_t position_of(const std::string& stream, std::size_t revision) {
    return read(engine_, stream).at(revision).position.commit;
  }

  /// Everything there is now: "order-1@0", "checkpoint 128", "caught up", "ended".
  std::vector<std::string> messages(CatchUp& source) {
    std::vector<std::string> found;
    for (;;) {
      const bool news = source.has_news();
      const CatchUp::Message message = source.next();
      if (!news) {
        EXPECT_EQ(message.kind, Kind::Nothing);
      }
      switch (message.kind) {
        case Kind::Nothing: return found;
        case Kind::Ended: found.emplace_back("ended"); return found;
        case Kind::CaughtUp: found.emplace_back("caught up"); break;
        case Kind::Checkpoint: found.push_back("checkpoint " + std::to_string(source.place().value())); break;
        case Kind::Event: {
          const RecordedEvent recorded = engine_.materialise(message.record);
          found.push_back(recorded.stream + "@" + std::to_string(recorded.revision.value));
          break;
        }
      }
    }
  }
  std::string checkpoint_at(const std::string& stream, std::size_t revision) {
    return "checkpoint " + std::to_string(position_of(stream, revision));
  }

  ManualClock clock_;
  Engine engine_{clock_};
  std::uint64_t last_id_ = 0;
};

// Streams

TEST_F(CatchUpTest, AStreamIsDeliveredThenCaughtUpThenLive) {
  write("order-1", 2);
  CatchUp source = of_stream("order-1");
  EXPECT_TRUE(source.follows_stream());
  EXPECT_FALSE(source.live());
  EXPECT_EQ(source.place(), std::nullopt);
  EXPECT_THAT(messages(source), ElementsAre("order-1@0", "order-1@1", "caught up"));
  EXPECT_TRUE(source.live());
  EXPECT_EQ(source.place(), 1U);
  EXPECT_FALSE(source.has_news());
  write("order-2");
  EXPECT_FALSE(source.has_news()) << "another stream is none of its business";
  EXPECT_THAT(messages(source), IsEmpty());
  write("order-1");
  EXPECT_TRUE(source.has_news());
  EXPECT_THAT(messages(source), ElementsAre("order-1@2"));
  EXPECT_EQ(source.place(), 2U);
}

TEST_F(CatchUpTest, WhereItBeganIsItsPlaceUntilSomethingComes) {
  EXPECT_EQ(of_stream("order-1").place(), std::nullopt);
  EXPECT_EQ(of_stream("order-1", End{}).place(), std::nullopt) << "there is nothing to name";
  write("order-1", 3);
  EXPECT_EQ(of_stream("order-1").place(), std::nullopt);
  EXPECT_EQ(of_stream("order-1", StreamRevision{1}).place(), 1U);
  EXPECT_EQ(of_stream("order-1", StreamRevision{9}).place(), 9U);
  EXPECT_EQ(of_stream("order-1", End{}).place(), 2U);
  EXPECT_EQ(of_stream("order-1", StreamRevision{kNoLimit}).place(), 2U) << "the same as the end";
  const std::uint64_t last = position_of("order-1", 2);
  EXPECT_EQ(CatchUp::of_all(engine_, Start{}).place(), std::nullopt);
  EXPECT_EQ(CatchUp::of_all(engine_, End{}).place(), last);
  EXPECT_EQ(CatchUp::of_all(engine_, Position{7, 7}).place(), 7U);
  EXPECT_EQ(CatchUp::of_all(engine_, Position{kNoLimit, kNoLimit}).place(), last);
  Engine empty(clock_);
  EXPECT_EQ(CatchUp::of_all(empty, End{}).place(), std::nullopt);
}

TEST_F(CatchUpTest, StreamsHaveNoCheckpoints) {
  write("order-1", 40);
  CatchUp source = of_stream("order-1");
  const std::vector<std::string> found = messages(source);
  ASSERT_EQ(found.size(), 41U);
  EXPECT_EQ(found.back(), "caught up");
}

TEST_F(CatchUpTest, WhoFallsBehindCatchesUpAgain) {
  write("order-1", 2);
  CatchUp source = of_stream("order-1", End{});
  EXPECT_THAT(messages(source), ElementsAre("caught up"));
  write("order-1", 2);
  source.fall_behind();
  EXPECT_FALSE(source.live());
  EXPECT_TRUE(source.has_news());
  EXPECT_THAT(messages(source), ElementsAre("order-1@2", "order-1@3", "caught up"));
  source.fall_behind();
  EXPECT_TRUE(source.has_news()) << "that it has caught up is news, too";
  EXPECT_THAT(messages(source), ElementsAre("caught up"));
}

TEST_F(CatchUpTest, TruncationHidesOnlyWhatCameBeforeItWasLive) {
  write("order-1", 3);
  set("order-1", R"({"$maxCount":2})");
  CatchUp source = of_stream("order-1");
  EXPECT_THAT(messages(source), ElementsAre("order-1@1", "order-1@2", "caught up"));
  write("order-1", 4);
  EXPECT_THAT(messages(source), ElementsAre("order-1@3", "order-1@4", "order-1@5", "order-1@6"));
  write("order-1", 4);
  source.fall_behind();
  EXPECT_THAT(messages(source), ElementsAre("order-1@7", "order-1@8", "order-1@9", "order-1@10", "caught up"))
      << "nor is anything lost by falling behind";
  set("order-1", R"({"$tb":99})");
  write("order-1", 1);
  EXPECT_THAT(messages(source), ElementsAre("order-1@11"));
  CatchUp late = of_stream("order-1");
  EXPECT_THAT(messages(late), ElementsAre("caught up"));
}

TEST_F(CatchUpTest, ExpiryHidesOnlyWhatCameBeforeItWasLive) {
  write("order-1");
  set("order-1", R"({"$maxAge":10})");
  clock_.advance_s(20);
  CatchUp source = of_stream("order-1");
  EXPECT_THAT(messages(source), ElementsAre("caught up"));
  write("order-1");
  clock_.advance_s(20);
  EXPECT_TRUE(source.has_news());
  EXPECT_THAT(messages(source), ElementsAre("order-1@1"));
}

TEST_F(CatchUpTest, ATombstoneEndsItForGood) {
  write("order-1");
  CatchUp source = of_stream("order-1");
  EXPECT_THAT(messages(source), ElementsAre("order-1@0", "caught up"));
  CatchUp behind = of_stream("order-1");
  ASSERT_TRUE(engine_.tombstone_stream("order-1", Any{}));
  EXPECT_TRUE(source.has_news());
  EXPECT_THAT(messages(source), ElementsAre("order-1@" + std::to_string(kDeletedRevision), "ended"));
  EXPECT_TRUE(source.ended());
  EXPECT_EQ(source.error().code, ErrorCode::StreamDeleted);
  EXPECT_EQ(source.error().text("stream"), "order-1");
  EXPECT_TRUE(source.has_news());
  EXPECT_THAT(messages(source), ElementsAre("ended"));
  EXPECT_THAT(messages(behind), ElementsAre("order-1@0", "ended")) << "who was not live is not shown the tombstone";
  EXPECT_EQ(CatchUp::of_stream(engine_, "order-1", End{}).error().code, ErrorCode::StreamDeleted);
}

// Checkpoints of `$all`

TEST_F(CatchUpTest, ACheckpointComesAfterSoManyEventsMatchingOrNot) {
  write("order-1", 2);  // 1, 2
  write("user-1", 3);   // 3, 4, 5
  write("order-1", 2);  // 6, 7
  CatchUp source = orders(Start{}, 3);
  EXPECT_THAT(messages(source),
              ElementsAre("order-1@0", "order-1@1", checkpoint_at("user-1", 0), "order-1@2",
                          checkpoint_at("order-1", 2), "order-1@3", checkpoint_at("order-1", 3), "caught up"))
      << "the last one just before it has caught up";
}

TEST_F(CatchUpTest, ACheckpointIsNotRepeatedBeforeCaughtUp) {
  write("order-1", 2);
  write("user-1", 2);
  CatchUp source = orders(Start{}, 2);
  EXPECT_THAT(messages(source), ElementsAre("order-1@0", "order-1@1", checkpoint_at("order-1", 1),
                                            checkpoint_at("user-1", 1), "caught up"));
}

TEST_F(CatchUpTest, EventsThatDoNotMatchLeadToCheckpointsAlone) {
  write("user-1", 7);
  CatchUp source = orders(Start{}, 3);
  EXPECT_THAT(messages(source), ElementsAre(checkpoint_at("user-1", 2), checkpoint_at("user-1", 5),
                                            checkpoint_at("user-1", 6), "caught up"));
  EXPECT_EQ(source.place(), position_of("user-1", 6));
}

TEST_F(CatchUpTest, NothingReadNothingReported) {
  CatchUp empty = orders(Start{}, 1);
  EXPECT_THAT(messages(empty), ElementsAre("caught up"));
  write("order-1", 5);
  CatchUp at_end = orders(End{}, 1);
  EXPECT_THAT(messages(at_end), ElementsAre("caught up")) << "begun at the end: no checkpoint before it has caught up";
  const std::uint64_t last = position_of("order-1", 4);
  CatchUp behind_all = orders(Position{last, last}, 1);
  EXPECT_THAT(messages(behind_all), ElementsAre("caught up"));
}

TEST_F(CatchUpTest, LiveCheckpointsComeAfterExactlySoManyEvents) {
  write("order-1", 4);
  CatchUp source = orders(Start{}, 3);
  (void)messages(source);
  write("user-1", 2);
  EXPECT_TRUE(source.has_news()) << "in vain: they do not match";
  EXPECT_THAT(messages(source), IsEmpty());
  EXPECT_EQ(source.place(), position_of("user-1", 1)) << "considered all the same";
  write("user-1");
  EXPECT_THAT(messages(source), ElementsAre(checkpoint_at("user-1", 2)));
  write("order-1", 2);
  EXPECT_THAT(messages(source), ElementsAre("order-1@4", "order-1@5"));
  write("order-1", 4);
  EXPECT_THAT(messages(source), ElementsAre("order-1@6", checkpoint_at("order-1", 6), "order-1@7", "order-1@8",
                                            "order-1@9", checkpoint_at("order-1", 9)));
}

TEST_F(CatchUpTest, ACheckpointThatIsDueIsNews) {
  CatchUp source = orders(End{}, 1);
  EXPECT_EQ(source.next().kind, Kind::CaughtUp);
  write("order-1");
  EXPECT_EQ(source.next().kind, Kind::Event);
  EXPECT_TRUE(source.at_end());
  EXPECT_TRUE(source.has_news());
  EXPECT_EQ(source.next().kind, Kind::Checkpoint);
  EXPECT_FALSE(source.has_news());
}

TEST_F(CatchUpTest, ResumingAtAnyCheckpointLosesAndRepeatsNothing) {
  for (int i = 0; i < 30; ++i) write(i % 3 == 0 ? "order-1" : "user-" + std::to_string(i % 7));
  for (std::uint64_t interval = 1; interval <= 12; ++interval) {
    std::vector<std::string> seen;
    std::vector<std::uint64_t> checkpoints;
    CatchUp source = orders(Start{}, interval);
    ReadPosition from = Start{};
    for (CatchUp::Message message = source.next(); message.kind != Kind::CaughtUp; message = source.next()) {
      if (message.kind != Kind::Checkpoint) continue;
      checkpoints.push_back(*source.place());
      CatchUp part = orders(from, 0);
      for (CatchUp::Message each = part.next(); each.kind == Kind::Event && *part.place() <= *source.place();
           each = part.next()) {
        seen.push_back("order-1@" + std::to_string(each.record.revision.value));
      }
      from = Position{*source.place(), *source.place()};
    }
    ASSERT_EQ(seen.size(), 10U) << interval;
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], "order-1@" + std::to_string(i));
    EXPECT_TRUE(std::is_sorted(checkpoints.begin(), checkpoints.end()));
    EXPECT_EQ(std::adjacent_find(checkpoints.begin(), checkpoints.end()), checkpoints.end()) << "none twice";
    EXPECT_EQ(checkpoints.size(), (30 + interval - 1) / interval);
    EXPECT_EQ(checkpoints.back(), engine_.head().commit);
  }
}

TEST_F(CatchUpTest, FallingBehindReportsWhatWasConsideredBeforeItHasCaughtUpAgain) {
  CatchUp source = orders(End{}, 10);
  EXPECT_THAT(messages(source), ElementsAre("caught up"));
  write("user-1", 3);
  source.fall_behind();
  EXPECT_THAT(messages(source), ElementsAre(checkpoint_at("user-1", 2), "caught up"));
}

// A start beyond the end

TEST_F(CatchUpTest, WhatComesUpToAStartBeyondTheEndIsSkipped) {
  write("order-1", 2);
  const std::uint64_t start = position_of("order-1", 1) + 150;  // some events away
  CatchUp source = orders(Position{start, start}, 2);
  EXPECT_THAT(messages(source), ElementsAre("caught up"));
  EXPECT_EQ(source.place(), start);
  int skipped = 0;
  while (engine_.head().commit <= start) {
    EXPECT_FALSE(source.has_news());
    EXPECT_TRUE(source.at_end());
    EXPECT_THAT(messages(source), IsEmpty());
    write("order-1");
    ++skipped;
  }
  EXPECT_GT(skipped, 1);
  EXPECT_TRUE(source.has_news());
  EXPECT_EQ(messages(source).size(), 1U);
  EXPECT_EQ(source.place(), engine_.head().commit);
}

// Another content

TEST_F(CatchUpTest, AfterAResetItGoesOnWithWhatComes) {
  write("order-1", 3);
  CatchUp stream = of_stream("order-1");
  CatchUp all = orders(Start{}, 2);
  CatchUp late = orders(Start{}, 2);
  (void)messages(stream);
  (void)messages(all);
  EXPECT_EQ(late.next().kind, Kind::Event);
  engine_.reset();
  for (CatchUp* each : {&stream, &all, &late}) {
    EXPECT_TRUE(each->is_void());
    EXPECT_TRUE(each->has_news());
    each->follow_new_content();
    EXPECT_FALSE(each->is_void());
    EXPECT_EQ(each->place(), std::nullopt);
  }
  EXPECT_TRUE(stream.live());
  EXPECT_TRUE(all.live());
  EXPECT_THAT(messages(stream), IsEmpty()) << "as caught up as it was";
  EXPECT_THAT(messages(all), IsEmpty());
  EXPECT_THAT(messages(late), ElementsAre("caught up")) << "what it had not caught up with is gone";
  write("user-1");
  write("order-1");
  EXPECT_THAT(messages(stream), ElementsAre("order-1@0"));
  EXPECT_THAT(messages(all), ElementsAre("order-1@0", checkpoint_at("order-1", 0)))
      << "names have other numbers now, and counting begins anew";
}

TEST_F(CatchUpTest, AfterAnotherDatabaseTookItsPlaceItGoesOnBehindThat) {
  write("order-1", 2);
  CatchUp stream = of_stream("order-1");
  CatchUp all = CatchUp::of_all(engine_, Start{});
  (void)messages(stream);
  (void)messages(all);
  Engine other(clock_);
  ASSERT_TRUE(append(other, "user-1", {event(900)}));
  ASSERT_TRUE(append(other, "order-1", {event(901), event(902), event(903), event(904), event(905)}));
  engine_.adopt(other);
  stream.follow_new_content();
  all.follow_new_content();
  EXPECT_EQ(stream.place(), 4U);
  EXPECT_EQ(all.place(), engine_.head().commit);
  EXPECT_THAT(messages(stream), IsEmpty());
  EXPECT_THAT(messages(all), IsEmpty());
  last_id_ = 1'000;
  write("order-1");
  EXPECT_THAT(messages(stream), ElementsAre("order-1@5"));
  EXPECT_THAT(messages(all), ElementsAre("order-1@5"));
}

TEST_F(CatchUpTest, WhenTheNewContentHasTombstonedItsStreamItEnds) {
  write("order-1");
  CatchUp source = of_stream("order-1");
  (void)messages(source);
  Engine other(clock_);
  ASSERT_TRUE(other.tombstone_stream("order-1", Any{}));
  engine_.adopt(other);
  source.follow_new_content();
  EXPECT_THAT(messages(source), ElementsAre("ended"));
  EXPECT_EQ(source.error().code, ErrorCode::StreamDeleted);
  engine_.reset();
  source.follow_new_content();
  EXPECT_THAT(messages(source), ElementsAre("ended")) << "for good";
}

// Access

TEST_F(CatchUpTest, ItEndsWhenItsReaderLosesTheRight) {
  write("order-1");
  CatchUp source = of_stream("order-1");
  source.act_as({"bob", {"clerks"}});
  EXPECT_THAT(messages(source), ElementsAre("order-1@0", "caught up"));
  set("order-1", R"({"$acl":{"$r":["clerks"]}})");
  write("order-1");
  EXPECT_THAT(messages(source), ElementsAre("order-1@1"));
  set("order-1", R"({"$acl":{"$r":["bobby"]}})");
  write("order-1");
  EXPECT_TRUE(source.has_news());
  EXPECT_THAT(messages(source), ElementsAre("ended"));
  EXPECT_EQ(source.error().code, ErrorCode::AccessDenied);
}

TEST_F(CatchUpTest, ItAsksAgainAfterTheDatabaseWasReplaced) {
  CatchUp source = of_stream("order-1");
  source.act_as({"bob", {}});
  (void)messages(source);
  Engine other(clock_);
  ASSERT_TRUE(set_metadata(other, 1, "order-1", R"({"$acl":{"$r":["$admins"]}})"));
  engine_.adopt(other);
  source.follow_new_content();
  EXPECT_THAT(messages(source), ElementsAre("ended"));
}

// A costly expression

class Exhausting final : public RegexEngine {
 public:
  class Expression final : public Regex {
   public:
    Result<bool> matches(std::string_view text) override {
      if (text == "hard") return Error{ErrorCode::Unknown, "Too costly."};
      return true;
    }
  };
  Result<std::unique_ptr<Regex>> compile(const std::string&) override {
    return std::unique_ptr<Regex>(std::make_unique<Expression>());
  }
};

TEST(CatchUpFilter, AnAnswerThatCostsTooMuchEndsIt) {
  ManualClock clock;
  Exhausting regex;
  Engine engine(clock, {.regex = &regex});
  ASSERT_TRUE(append(engine, "easy", {event(1)}));
  ASSERT_TRUE(append(engine, "hard", {event(2)}));
  ASSERT_TRUE(append(engine, "easy", {event(3)}));
  CatchUp source = CatchUp::of_all(engine, Start{}, engine.judge({Filter::On::StreamName, {}, "x"}).value(), 1);
  EXPECT_EQ(source.next().kind, Kind::Event);
  EXPECT_EQ(source.next().kind, Kind::Checkpoint);
  EXPECT_EQ(source.next().kind, Kind::Ended);
  EXPECT_EQ(source.next().kind, Kind::Ended);
  EXPECT_EQ(source.error().message, "Too costly.");
}

}  // namespace
}  // namespace kurrentlite
