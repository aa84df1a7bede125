// What services do when calls fail, hang or lose their reply, and when the connection goes: all under virtual time.
#include <cmath>

#include "support/failures.hpp"
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Failures, WithAnInstantClientEverythingIsDoneAtOnceAndNoTimerIsSet) {
  EXPECT_THAT(at_once(documents().create(named("a"))), IsOk());
  EXPECT_THAT(at_once(documents().update("a", with_data("1"))), IsOk());
  EXPECT_THAT(at_once(documents().archive("a")), IsOk());
  EXPECT_EQ(at_once(documents().list({}))->total, 1u);
  EXPECT_THAT(at_once(user_->users().store({"u"}, "{}")), IsOk());
  EXPECT_THAT(at_once(user_->users().update({"u"}, "{}")), IsOk());
  EXPECT_EQ(at_once(user_->users().list())->size(), 1u);
  EXPECT_THAT(at_once(database().connect()), IsOk());
  EXPECT_THAT(at_once(database().metrics()), IsOk());
  EXPECT_THAT(at_once(documents().remove("a")), IsOk());
  // The one exception is the lists' subscription, which is told of appends soon after them.
  host_.scheduler().run_due();
  EXPECT_EQ(host_.scheduler().next_due(), std::nullopt);
  EXPECT_EQ(now(), 0us);
}

TEST_F(Failures, ARefusedCallIsRepeatedAfterGrowingPauses) {
  break_calls(Operation::Append, kRefused, 1, 3);
  const Result<Stream> created = await(documents().create(named("a")));
  EXPECT_THAT(created, IsOk());
  EXPECT_EQ(now(), 100ms + 200ms + 400ms);
  EXPECT_EQ(client_->calls(Operation::Append), 4u);
  const OperationMetrics metrics = metrics_of(Operation::Append);
  EXPECT_EQ(metrics.count, 1u);
  EXPECT_EQ(metrics.retries, 3u);
  EXPECT_EQ(metrics.errors, 0u);
  EXPECT_EQ(metrics.p50_ms, 700);
}

TEST_F(Failures, WhenRetriesAreUsedUpTheErrorIsUnavailable) {
  break_calls(Operation::Append, kRefused, 1, 1000);
  const Result<Stream> created = await(documents().create(named("a")));
  EXPECT_THAT(created, FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(client_->calls(Operation::Append), 4u);
  EXPECT_EQ(now(), 700ms);
  EXPECT_EQ(metrics_of(Operation::Append).errors, 1u);
  heal();
  EXPECT_THAT(await(documents().create(named("a"))), IsOk()) << "the next operation starts afresh";
}

TEST_F(Failures, OtherErrorsAreNotRepeated) {
  client_->play([](Operation called, std::uint64_t) -> std::optional<ScriptedFault> {
    if (called != Operation::Append) return std::nullopt;
    ScriptedFault denied = fault(kRefused);
    denied.error = {ErrorCode::AccessDenied, "No."};
    return denied;
  });
  EXPECT_THAT(await(documents().create(named("a"))), FailsWith(ErrorCode::AccessDenied));
  EXPECT_EQ(client_->calls(Operation::Append), 1u);
}

TEST_F(Failures, ACallThatNeverAnswersEndsWithTheDeadline) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  const Duration begin = now();
  break_calls(Operation::Append, ScriptedFault::Kind::Hang, 1, 1000);
  const Result<Stream> updated = await(documents().update("a", with_data("1")));
  ASSERT_THAT(updated, FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(updated.error().text("operation"), "updateStream");
  EXPECT_EQ(updated.error().number("timeoutMs"), 30000u);
  EXPECT_EQ(now() - begin, 30s);
  EXPECT_EQ(metrics_of(Operation::Append).errors, 1u) << "abandoned calls count too";
}

TEST_F(Failures, TheDeadlineIncludesRetries) {
  DatabaseConfig config = steady_config();
  config.max_retries = 1000;
  ServiceUser patient(std::make_unique<FaultyClient>(host_.new_client(), host_.scheduler()), host_, 5, config);
  auto& client = dynamic_cast<FaultyClient&>(patient.client());
  client.play([](Operation, std::uint64_t) { return fault(kRefused); });
  EXPECT_THAT(await(patient->get("a")), FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(now(), 30s);
  EXPECT_EQ(client.calls(Operation::Read), 9u) << "100 ms doubled eight times is 25.5 s";
}

TEST_F(Failures, PausesStopGrowingAt30Seconds) {
  DatabaseConfig config = steady_config();
  config.max_retries = 40;
  config.timeout_ms = 3'600'000;
  ServiceUser patient(std::make_unique<FaultyClient>(host_.new_client(), host_.scheduler()), host_, 5, config);
  auto& client = dynamic_cast<FaultyClient&>(patient.client());
  client.play([](Operation, std::uint64_t) { return fault(kRefused); });
  EXPECT_THAT(await(patient->get("a")), FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(now(), 51100ms + 31 * 30s) << "0.1, 0.2 … 25.6 s, then 30 s each";
}

TEST_F(Failures, ACreateWhoseReplyWasLostSucceedsOnce) {
  break_calls(Operation::Append, kReplyLost, 1, 2);
  const Result<Stream> created = await(documents().create(named("a", "1")));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->metadata.version, 1u);
  EXPECT_EQ(events_on("document-a"), 1u);
  EXPECT_EQ(at_once(documents().list({}))->items.front(), *created);
}

TEST_F(Failures, AnUpdateWhoseReplyWasLostHappensOnce) {
  const Stream before = *await(documents().create(named("a")));
  break_calls(Operation::Append, kReplyLost, 2, 4);
  UpdateStreamRequest update = with_data("1");
  update.expected_version = before.metadata.version;
  const Result<Stream> updated = await(documents().update("a", update));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->metadata.version, 2u);
  EXPECT_EQ(events_on("document-a"), 2u);
}

TEST_F(Failures, AnUpdateThatSomebodyOvertookAfterItsReplyWasLostHappensOnce) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  ServiceUser other(host_.new_client(), host_, 9);
  break_calls(Operation::Append, kReplyLost, 2, 2);
  bool overtaken = false;
  client_->before_call([&](Operation operation) {
    if (operation != Operation::Append || client_->calls(operation) != 3 || std::exchange(overtaken, true)) return;
    EXPECT_THAT(at_once(other->update("a", with_data("\"theirs\""))), IsOk());
  });
  const Result<Stream> updated = await(documents().update("a", with_data("\"ours\"")));
  ASSERT_THAT(updated, IsOk());
  EXPECT_TRUE(overtaken);
  EXPECT_EQ(events_on("document-a"), 3u);
  EXPECT_EQ(await(documents().get("a")).value()->data, "\"theirs\"");
}

TEST_F(Failures, AWriteThatIsFoundOnItsStreamIsNotDoneAgain) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  EXPECT_THAT(await(user_->users().store({"u"}, "{}")), IsOk());
  // A client that repeats by itself may call its own first attempt somebody else's.
  client_->play([](Operation called, std::uint64_t) -> std::optional<ScriptedFault> {
    if (called != Operation::Append) return std::nullopt;
    ScriptedFault mistaken = fault(kReplyLost);
    mistaken.error = {ErrorCode::WrongExpectedVersion, "It was you."};
    return mistaken;
  });
  const Result<Stream> updated = await(documents().update("a", with_data("1")));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->metadata.version, 2u);
  EXPECT_EQ(events_on("document-a"), 2u);
  EXPECT_EQ(await(user_->users().update({"u"}, "{\"a\":1}"))->data, "{\"a\":1}");
  EXPECT_THAT(await(user_->users().remove({"u"})), IsOk());
  EXPECT_THAT(await(documents().remove("a")), IsOk());
  EXPECT_EQ(events_on("user-u-data"), 3u);
  EXPECT_EQ(events_on("document-a"), 3u);
}

TEST_F(Failures, UserDataWhoseReplyWasLostIsStoredOnce) {
  break_calls(Operation::Append, kReplyLost, 1, 3);
  EXPECT_THAT(await(user_->users().store({"u"}, "{}")), IsOk());
  break_calls(Operation::Append, kReplyLost, 5, 6);
  EXPECT_THAT(await(user_->users().update({"u"}, "{\"a\":1}")), IsOk());
  break_calls(Operation::Append, kReplyLost, 8, 9);
  EXPECT_THAT(await(user_->users().remove({"u"})), IsOk());
  EXPECT_EQ(events_on("user-u-data"), 3u);
}

TEST_F(Failures, AnUpdateIsMadeOnTopOfAConcurrentOne) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  ServiceUser other(host_.new_client(), host_, 9);
  int left = 3;  // somebody else is faster three times
  client_->before_call([&](Operation operation) {
    if (operation != Operation::Append || left == 0) return;
    UpdateStreamRequest tags;
    tags.tags = std::vector<std::string>{"t" + std::to_string(left--)};
    EXPECT_THAT(at_once(other->update("a", tags)), IsOk());
  });
  const Result<Stream> updated = await(documents().update("a", with_data("1")));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->metadata.version, 5u);
  EXPECT_EQ(updated->data, "1");
  EXPECT_THAT(updated->metadata.tags, ElementsAre("t1")) << "nothing of theirs is lost";
}

TEST_F(Failures, AnUpdateWithAnExpectedVersionDoesNotFollowAConcurrentOne) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  ServiceUser other(host_.new_client(), host_, 9);
  bool overtaken = false;
  client_->before_call([&](Operation operation) {
    if (operation != Operation::Append || std::exchange(overtaken, true)) return;
    EXPECT_THAT(at_once(other->update("a", with_data("2"))), IsOk());
  });
  UpdateStreamRequest update = with_data("1");
  update.expected_version = 1;
  const Result<Stream> updated = await(documents().update("a", update));
  ASSERT_THAT(updated, FailsWith(ErrorCode::Conflict));
  EXPECT_EQ(updated.error().number("actualVersion"), 2u);
  EXPECT_EQ(events_on("document-a"), 2u);
}

TEST_F(Failures, ADocumentDeletedMeanwhileIsNotFound) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  ServiceUser other(host_.new_client(), host_, 9);
  bool deleted = false;
  client_->before_call([&](Operation operation) {
    if (operation != Operation::Append || std::exchange(deleted, true)) return;
    EXPECT_THAT(at_once(other->remove("a")), IsOk());
  });
  EXPECT_THAT(await(documents().update("a", with_data("1"))), FailsWith(ErrorCode::NotFound));
}

TEST_F(Failures, AStreamWhoseEndIsHiddenEndsInAConflictInsteadOfALoop) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  client_->play([](Operation called, std::uint64_t) -> std::optional<ScriptedFault> {
    if (called != Operation::Append) return std::nullopt;
    ScriptedFault refused = fault(kRefused);
    refused.error = {ErrorCode::WrongExpectedVersion, "There is more than you see."};
    return refused;
  });
  EXPECT_THAT(await(documents().update("a", with_data("1"))), FailsWith(ErrorCode::Conflict));
  EXPECT_THAT(await(user_->users().store({"u"}, "1")), FailsWith(ErrorCode::Conflict));
}

TEST_F(Failures, AWriteWhoseTimeCannotBeLearnedStillSucceeds) {
  break_calls(Operation::Read, kRefused, 1, 1000);
  const Result<Stream> created = await(documents().create(named("a")));
  ASSERT_THAT(created, IsOk());
  EXPECT_GT(created->metadata.created_at_ms, 0);
}

TEST_F(Failures, SizeErrorsOfTheDatabaseAreAboutTheData) {
  client_->play([](Operation called, std::uint64_t) -> std::optional<ScriptedFault> {
    if (called != Operation::Append) return std::nullopt;
    ScriptedFault refused = fault(kRefused);
    refused.error = {ErrorCode::MaxAppendEventSizeExceeded, "1024 bytes are the limit here."};
    return refused;
  });
  const std::vector<std::string> fields{"data"};
  EXPECT_THAT(await(documents().create(named("a"))), RefusesFields(fields));
  EXPECT_THAT(await(user_->users().store({"u"}, "1")), RefusesFields(fields));
}

// Lists

TEST_F(Failures, ListsAreNotBehindWhatAnOperationAnswered) {
  EXPECT_THAT(at_once(documents().create(named("a"))), IsOk());
  EXPECT_THAT(at_once(user_->users().store({"u"}, "1")), IsOk());
  ServiceUser other(host_.new_client(), host_, 9);
  // No time passes: the subscription has not told yet of what the other does.
  EXPECT_THAT(at_once(other->archive("a")), IsOk());
  const Stream archived = at_once(documents().archive("a")).value();
  EXPECT_EQ(at_once(documents().list({}))->items, std::vector<Stream>{archived});
  EXPECT_THAT(at_once(other->restore("a")), IsOk());
  const Stream read = *at_once(documents().get("a")).value();
  EXPECT_EQ(at_once(documents().list({}))->items, std::vector<Stream>{read});
  EXPECT_THAT(at_once(other.users().store({"u"}, "2")), IsOk());
  const UserStream data = *at_once(user_->users().get({"u"})).value();
  EXPECT_EQ(at_once(user_->users().list()).value(), std::vector<UserStream>{data});
}

TEST_F(Failures, AListThatCannotBeReadFails) {
  break_calls(Operation::Subscribe, kRefused, 1, 4);
  EXPECT_THAT(await(documents().list({})), FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(now(), 700ms);
  EXPECT_THAT(await(documents().list({})), IsOk()) << "the next one tries again";
}

TEST_F(Failures, AListWaitsNoLongerThanItsDeadline) {
  break_calls(Operation::Subscribe, ScriptedFault::Kind::Hang, 1, 1000);
  const Result<StreamPage> page = await(documents().list({}));
  ASSERT_THAT(page, FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(page.error().text("operation"), "listStreams");
}

TEST_F(Failures, ListsResumeFromWhereTheyWereAfterALoss) {
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  ServiceUser other(host_.new_client(), host_, 9);
  host_.scheduler().run_due();  // the subscription tells of it
  go_offline(true);
  EXPECT_THAT(at_once(other->create(named("b"))), IsOk());
  EXPECT_EQ(await(documents().list({}))->total, 1u) << "what is known stays readable";
  go_offline(false);
  host_.scheduler().advance(10s);
  EXPECT_EQ(at_once(documents().list({}))->total, 2u);
  EXPECT_EQ(client_->calls(Operation::Subscribe), 2u);
  Result<std::vector<ResolvedEvent>> first = at_once(other.client().read_stream("document-a", {}));
  EXPECT_EQ(client_->subscribed_from(), ReadPosition(first->front().event->position))
      << "what is known is not read again";
}

// Connection

TEST_F(Failures, AConnectThatFailsEndsInError) {
  std::vector<ConnectionState> states;
  database().on_connection_change([&](const DatabaseConnection& now) { states.push_back(now.status); });
  go_offline(true);
  EXPECT_THAT(await(database().connect()), FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
  host_.scheduler().run_due();
  EXPECT_THAT(states, ElementsAre(ConnectionState::Connecting, ConnectionState::Error));
  go_offline(false);
  EXPECT_THAT(await(database().connect()), IsOk());
  EXPECT_EQ(database().connection().status, ConnectionState::Connected);
}

TEST_F(Failures, AConnectThatHangsEndsInErrorAtItsDeadline) {
  break_calls(Operation::Connect, ScriptedFault::Kind::Hang, 1, 1);
  EXPECT_THAT(await(database().connect()), FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
}

TEST_F(Failures, AnOperationWithoutConnectionLeavesStatusError) {
  go_offline(true);
  EXPECT_THAT(await(documents().get("a")), FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
  host_.scheduler().run_until_idle();
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
}

TEST_F(Failures, ALostConnectionIsRestoredInTheBackground) {
  const std::string first = await(database().connect())->connection_id;
  std::vector<ConnectionState> states;
  database().on_connection_change([&](const DatabaseConnection& now) { states.push_back(now.status); });
  go_offline(true);
  EXPECT_EQ(database().connection().status, ConnectionState::Reconnecting);
  EXPECT_FALSE(database().connection().is_connected);
  host_.scheduler().advance(250ms);  // the first attempt, after 100 ms, has failed
  EXPECT_EQ(client_->calls(Operation::Connect), 2u);
  go_offline(false);
  host_.scheduler().advance(100ms);  // the second comes 200 ms later
  EXPECT_EQ(database().connection().status, ConnectionState::Connected);
  EXPECT_NE(database().connection().connection_id, first);
  EXPECT_THAT(states, ElementsAre(ConnectionState::Reconnecting, ConnectionState::Connected));
  EXPECT_TRUE(await(database().check_health()).sync) << "the lists follow again";
}

TEST_F(Failures, RestorationIsBoundedAndEndsInError) {
  EXPECT_THAT(await(database().connect()), IsOk());
  go_offline(true);
  host_.scheduler().run_until_idle();
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
  EXPECT_EQ(client_->calls(Operation::Connect), 1u + 3u);
  EXPECT_EQ(now(), 100ms + 200ms + 400ms);
  host_.scheduler().advance(1h);
  EXPECT_EQ(client_->calls(Operation::Connect), 4u) << "nothing goes on in the background";
  go_offline(false);
  EXPECT_THAT(await(documents().create(named("a"))), IsOk()) << "any operation connects again";
  EXPECT_EQ(database().connection().status, ConnectionState::Connected);
  EXPECT_EQ(at_once(documents().list({}))->total, 1u);
}

TEST_F(Failures, DisconnectEndsARestoration) {
  EXPECT_THAT(await(database().connect()), IsOk());
  go_offline(true);
  host_.scheduler().advance(150ms);
  database().disconnect();
  const std::uint64_t calls = client_->calls(Operation::Connect);
  go_offline(false);
  host_.scheduler().advance(1h);
  EXPECT_EQ(database().connection().status, ConnectionState::Disconnected);
  EXPECT_EQ(client_->calls(Operation::Connect), calls);
}

TEST_F(Failures, AnOperationMayRestoreTheConnectionFirst) {
  EXPECT_THAT(await(database().connect()), IsOk());
  go_offline(true);
  go_offline(false);
  EXPECT_EQ(database().connection().status, ConnectionState::Reconnecting);
  EXPECT_THAT(at_once(documents().create(named("a"))), IsOk());
  EXPECT_EQ(database().connection().status, ConnectionState::Connected);
  const std::string id = database().connection().connection_id;
  host_.scheduler().advance(1h);
  EXPECT_EQ(database().connection().connection_id, id);
  EXPECT_EQ(database().connection().status, ConnectionState::Connected);
}

TEST_F(Failures, ARestorationWhoseOwnCallFailsNoticesThatTheConnectionIsUp) {
  EXPECT_THAT(await(database().connect()), IsOk());
  go_offline(true);
  go_offline(false);
  break_calls(Operation::Connect, kRefused, 2, 1000);
  client_->before_call([&](Operation operation) {
    if (operation == Operation::Connect) (void)at_once(client_->inner().statistics({}));  // as any call, it connects
  });
  host_.scheduler().advance(1h);
  EXPECT_EQ(database().connection().status, ConnectionState::Connected);
  EXPECT_EQ(client_->calls(Operation::Connect), 2u);
}

TEST_F(Failures, ConnectionsMayBeLostOverAndOver) {
  EXPECT_THAT(await(database().connect()), IsOk());
  for (int i = 0; i < 20; ++i) {
    go_offline(true);
    host_.scheduler().advance(50ms);
    go_offline(false);
    host_.scheduler().advance(1s);
    EXPECT_EQ(database().connection().status, ConnectionState::Connected) << i;
  }
}

TEST_F(Failures, ReconnectReplacesARestorationUnderWay) {
  EXPECT_THAT(await(database().connect()), IsOk());
  go_offline(true);
  host_.scheduler().advance(50ms);
  EXPECT_THAT(await(database().reconnect()), FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
  EXPECT_EQ(client_->calls(Operation::Connect), 1u + 4u);
  host_.scheduler().advance(1h);
  EXPECT_EQ(client_->calls(Operation::Connect), 1u + 4u) << "nothing goes on in the background";
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
}

TEST_F(Failures, ReconnectThatFailsEndsInError) {
  EXPECT_THAT(await(database().connect()), IsOk());
  break_calls(Operation::Connect, kRefused, 2, 1000);
  EXPECT_THAT(await(database().reconnect()), FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(database().connection().status, ConnectionState::Error);
}

/// A user whose connection is slow enough to be ended in the middle of a call.
class SlowFailures : public Failures {
 protected:
  SlowFailures() {
    SimulationProfile profile = *simulation_preset("lan");
    for (Latency& latency : profile.latency) latency = {100, 0, 0, 0};
    memory_->set_profile(profile);
  }
  /// Starts `task`; its outcome appears in the answer.
  template <class T>
  std::shared_ptr<std::optional<T>> start(Task<T> task) {
    auto outcome = std::make_shared<std::optional<T>>();
    scope_.spawn(std::move(task), [outcome](T result) { outcome->emplace(std::move(result)); });
    return outcome;
  }
  TaskScope scope_;
};

TEST_F(SlowFailures, DisconnectFailsWhatIsUnderWayAndNothingReconnects) {
  EXPECT_THAT(await(database().connect()), IsOk());
  const auto created = start(documents().create(named("a")));
  const auto listed = start(documents().list({}));
  const auto read = start(documents().get("a"));
  host_.scheduler().advance(20ms);
  database().disconnect();
  host_.scheduler().advance(1h);
  ASSERT_TRUE(created->has_value() && listed->has_value() && read->has_value());
  EXPECT_THAT(**created, FailsWith(ErrorCode::Unavailable));
  EXPECT_THAT(**listed, FailsWith(ErrorCode::Unavailable));
  EXPECT_THAT(**read, FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(database().connection().status, ConnectionState::Disconnected);
  EXPECT_EQ(memory_->state(), ConnectionState::Disconnected);
}

TEST_F(SlowFailures, DisconnectEndsAConnectUnderWay) {
  const auto connecting = start(database().connect());
  host_.scheduler().advance(20ms);
  EXPECT_EQ(database().connection().status, ConnectionState::Connecting);
  database().disconnect();
  host_.scheduler().advance(1h);
  ASSERT_TRUE(connecting->has_value());
  EXPECT_THAT(**connecting, FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(database().connection().status, ConnectionState::Disconnected);
}

TEST_F(SlowFailures, ReconnectRepeatsWhatWasUnderWay) {
  EXPECT_THAT(await(database().connect()), IsOk());
  const auto created = start(documents().create(named("a")));
  host_.scheduler().advance(20ms);
  EXPECT_THAT(await(database().reconnect()), IsOk());
  host_.scheduler().advance(10s);
  ASSERT_TRUE(created->has_value());
  EXPECT_THAT(**created, IsOk());
  EXPECT_EQ(events_on("document-a"), 1u);
}

TEST_F(SlowFailures, AbandonedOperationsLeaveNothingBehind) {
  EXPECT_THAT(await(database().connect()), IsOk());
  for (int i = 0; i < 200; i += 7) {
    {
      Task<Result<Stream>> updating = documents().create(named("a" + std::to_string(i)));
      updating.start();
      host_.scheduler().advance(std::chrono::milliseconds(i));
    }
    host_.scheduler().advance(1s);
  }
  EXPECT_TRUE(await(database().check_health()).sync);
  EXPECT_THAT(await(documents().list({})), IsOk());
}

TEST_F(SlowFailures, ServicesMayCloseInTheMiddleOfEverything) {
  for (int i = 0; i < 1000; i += 13) {
    ServiceUser brief(host_.new_client(), host_, 50);
    dynamic_cast<MemoryClient&>(brief.client()).set_profile(memory_->profile());
    Task<Result<StreamPage>> listing = brief->list({});
    listing.start();
    brief.database().on_connection_change([](const DatabaseConnection&) {});
    host_.scheduler().advance(std::chrono::milliseconds(i));
    if (i % 2 == 0)
      dynamic_cast<MemoryClient&>(brief.client()).set_profile([] {
        SimulationProfile offline;
        offline.offline = true;
        return offline;
      }());
    if (i % 3 == 0) host_.scheduler().advance(120ms);
  }
  host_.scheduler().run_until_idle();
}

TEST_F(SlowFailures, WhatIsUnderWayWhenTheServicesCloseIsCancelledOrDone) {
  const SimulationProfile profile = memory_->profile();
  int cancelled = 0;
  for (int i = 0; i < 700; i += 9) {
    auto brief = std::make_unique<ServiceUser>(host_.new_client(), host_, 50);
    dynamic_cast<MemoryClient&>(brief->client()).set_profile(profile);
    const auto listed = start((*brief)->list({}));
    const auto created = start((*brief)->create(named("a" + std::to_string(i))));
    const auto updated = start((*brief)->update("a0", with_data("1")));
    const auto health = start(brief->database().check_health());
    const auto connected = start(brief->database().reconnect());
    Task<Result<StreamPage>> unstarted = (*brief)->list({});
    host_.scheduler().advance(std::chrono::milliseconds(i));
    brief.reset();
    const auto late = start(std::move(unstarted));
    host_.scheduler().advance(1h);
    ASSERT_TRUE(listed->has_value() && created->has_value() && updated->has_value() && health->has_value() &&
                connected->has_value() && late->has_value())
        << i;
    EXPECT_THAT(**late, FailsWith(ErrorCode::Cancelled));
    if ((**created).ok()) continue;
    EXPECT_THAT(**created, FailsWith(ErrorCode::Cancelled));
    ++cancelled;
  }
  EXPECT_GT(cancelled, 10);
}

TEST_F(SlowFailures, WhatWasWrittenBeforeAResetDoesNotEnterTheListsAfterIt) {
  EXPECT_EQ(await(documents().list({}))->total, 0u);
  const auto created = start(documents().create(named("ghost")));
  host_.scheduler().advance(80ms);  // written, and not yet answered
  EXPECT_EQ(host_.engine().statistics().total_events, 1u);
  host_.reset();
  user_->services().resync();
  host_.scheduler().advance(10s);
  ASSERT_TRUE(created->has_value());
  EXPECT_EQ(await(documents().list({}))->total, 0u);
}

TEST_F(SlowFailures, AWriteThatTheListsSawDeletedBeforeItsReplyDoesNotComeBack) {
  EXPECT_EQ(await(documents().list({}))->total, 0u);
  const auto created = start(documents().create(named("a")));
  host_.scheduler().advance(60ms);
  ServiceUser other(host_.new_client(), host_, 9);
  EXPECT_THAT(at_once(other->remove("a")), IsOk());
  host_.scheduler().advance(10s);
  ASSERT_TRUE(created->has_value());
  EXPECT_THAT(**created, IsOk());
  EXPECT_EQ(await(documents().list({}))->total, 0u);
}

// Health

class Health : public Failures {
 protected:
  DatabaseHealth check() { return await(database().check_health()); }
};

TEST_F(Health, WithoutConnectionItIsUnhealthyAndSaysWhy) {
  go_offline(true);
  const DatabaseHealth health = check();
  EXPECT_EQ(health.status, HealthStatus::Unhealthy);
  EXPECT_FALSE(health.connection || health.authentication || health.read || health.write || health.sync);
  EXPECT_THAT(health.errors, ElementsAre(HasSubstr("Connection: The database cannot be reached"),
                                         HasSubstr("Authentication: not checked"), HasSubstr("Read: not checked"),
                                         HasSubstr("Write: not checked"), HasSubstr("Sync: not checked")));
  EXPECT_EQ(health.response_time_ms, 700);
}

TEST_F(Health, EachProbeFailsByItself) {
  EXPECT_EQ(check().status, HealthStatus::Healthy);
  // Reads: authentication first, then $all.
  break_calls(Operation::Append, kRefused, 2, 1000);
  DatabaseHealth health = check();
  EXPECT_EQ(health.status, HealthStatus::Unhealthy);
  EXPECT_TRUE(health.connection && health.authentication && health.read && health.sync);
  EXPECT_THAT(health.errors, ElementsAre("Write: The scripted fault."));

  const std::uint64_t reads = client_->calls(Operation::Read);
  break_calls(Operation::Read, kRefused, reads + 1, reads + 4);
  health = check();
  EXPECT_EQ(health.status, HealthStatus::Degraded);
  EXPECT_THAT(health.errors, ElementsAre(HasSubstr("Authentication: ")));

  const std::uint64_t later = client_->calls(Operation::Read);
  break_calls(Operation::Read, kRefused, later + 2, later + 5);
  health = check();
  EXPECT_EQ(health.status, HealthStatus::Unhealthy);
  EXPECT_THAT(health.errors, ElementsAre(HasSubstr("Read: ")));
}

TEST_F(Health, WrongCredentialsAreAFailedAuthentication) {
  DatabaseConfig config = default_config(Environment::Dev);
  config.credentials.secret_key = "wrong";
  ServiceUser stranger(host_.new_client(), host_, 3, config);
  const DatabaseHealth health = await(stranger.database().check_health());
  EXPECT_TRUE(health.connection);
  EXPECT_FALSE(health.authentication);
  EXPECT_THAT(health.errors.front(), HasSubstr("Authentication: "));
  for (const std::string& error : health.errors) EXPECT_THAT(error, ::testing::Not(HasSubstr("wrong\"")));
  EXPECT_THAT(await(stranger->create(named("a"))), FailsWith(ErrorCode::AccessDenied));
  EXPECT_THAT(await(stranger->list({})), FailsWith(ErrorCode::AccessDenied));
}

TEST_F(Health, ListsThatCannotFollowDegradeIt) {
  break_calls(Operation::Subscribe, kRefused, 1, 1000);
  const DatabaseHealth health = check();
  EXPECT_EQ(health.status, HealthStatus::Degraded);
  EXPECT_THAT(health.errors, ElementsAre(HasSubstr("Sync: ")));
}

TEST_F(Health, AnswersWithinItsDeadlineWhateverHangs) {
  for (const Operation operation : {Operation::Connect, Operation::Read, Operation::Append, Operation::Subscribe}) {
    ServiceUser user(std::make_unique<FaultyClient>(host_.new_client(), host_.scheduler()), host_, 5);
    dynamic_cast<FaultyClient&>(user.client()).play([=](Operation called, std::uint64_t) -> std::optional<ScriptedFault> {
      return called == operation ? std::optional(fault(ScriptedFault::Kind::Hang)) : std::nullopt;
    });
    const Duration begin = now();
    const DatabaseHealth health = await(user.database().check_health());
    EXPECT_NE(health.status, HealthStatus::Healthy);
    EXPECT_EQ(now() - begin, 30s);
    EXPECT_EQ(health.response_time_ms, 30000);
    EXPECT_THAT(health.errors, ::testing::Not(IsEmpty()));
  }
}

}  // namespace
}  // namespace kurrentlite
