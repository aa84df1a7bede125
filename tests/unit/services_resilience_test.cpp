// The circuit breaker, jitter, deadlines by operation and thresholds of health: under virtual time.
#include <set>

#include "support/failures.hpp"

namespace kurrentlite {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

DatabaseConfig touchy_config() {
  DatabaseConfig config = steady_config();
  config.max_retries = 0;
  config.circuit_breaker = {3, 1000, 4000};
  return config;
}

class CircuitBreaking : public Failures {
 protected:
  explicit CircuitBreaking(DatabaseConfig config = touchy_config()) : Failures(std::move(config)) {
    EXPECT_THAT(await(database().connect()), IsOk());
    EXPECT_THAT(await(documents().list({})), IsOk());
  }
  Result<Stream> write() { return await(documents().create(named("d" + std::to_string(++documents_)))); }
  void open_circuit() {
    break_everything(kRefused);
    for (int i = 0; i < 3; ++i) EXPECT_THAT(write(), FailsWith(ErrorCode::Unavailable));
    ASSERT_EQ(database().connection().circuit.state, CircuitState::Open);
  }
  CircuitMetrics circuit_metrics() {
    const Result<DatabaseMetrics> metrics = await(database().metrics());
    EXPECT_THAT(metrics, IsOk());
    return metrics.ok() ? metrics->circuit : CircuitMetrics{};
  }
  int documents_ = 0;
};

TEST_F(CircuitBreaking, OpensAfterFailuresInARowAndThenSendsNothing) {
  open_circuit();
  const std::uint64_t sent = client_->calls(Operation::Append);
  const Duration before = now();
  const Result<Stream> refused = write();
  ASSERT_THAT(refused, FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(refused.error().number("retryInMs"), 1000u);
  EXPECT_THAT(refused.error().message, HasSubstr("3 times in a row"));
  EXPECT_EQ(client_->calls(Operation::Append), sent);
  EXPECT_EQ(now(), before) << "it fails at once";
  const std::int64_t now_ms = host_.clock().now_ticks() / kTicksPerMillisecond;
  EXPECT_EQ(database().connection().circuit.retry_at_ms, now_ms + 1000);
}

TEST_F(CircuitBreaking, AnAnswerBetweenFailuresKeepsItClosed) {
  for (int i = 0; i < 10; ++i) {
    break_everything(kRefused);
    EXPECT_THAT(write(), FailsWith(ErrorCode::Unavailable));
    EXPECT_THAT(write(), FailsWith(ErrorCode::Unavailable));
    heal();
    EXPECT_THAT(await(documents().get("unknown")), IsOk()) << "nothing there is an answer, too";
  }
  EXPECT_EQ(database().connection().circuit, Circuit());
}

TEST_F(CircuitBreaking, ATrialThatSucceedsClosesIt) {
  open_circuit();
  heal();
  host_.scheduler().advance(999ms);
  EXPECT_THAT(write(), FailsWith(ErrorCode::Unavailable));
  host_.scheduler().advance(1ms);
  EXPECT_THAT(write(), IsOk());
  EXPECT_EQ(database().connection().circuit, Circuit());
  const CircuitMetrics metrics = circuit_metrics();
  EXPECT_EQ(metrics.state, CircuitState::Closed);
  EXPECT_EQ(metrics.openings, 1u);
  EXPECT_EQ(metrics.refused, 1u);
  EXPECT_EQ(metrics.failures, 0u);
}

TEST_F(CircuitBreaking, TrialsThatFailDoubleTheCoolDownUpToItsBound) {
  open_circuit();
  for (const std::uint64_t wait : {1000u, 2000u, 4000u, 4000u}) {
    const Result<Stream> refused = write();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().number("retryInMs"), wait);
    host_.scheduler().advance(std::chrono::milliseconds(wait));
    const std::uint64_t sent = client_->calls(Operation::Append);
    EXPECT_THAT(write(), FailsWith(ErrorCode::Unavailable));
    EXPECT_EQ(client_->calls(Operation::Append), sent + 1) << "one attempt";
  }
}

TEST_F(CircuitBreaking, OneTrialAtATime) {
  open_circuit();
  host_.scheduler().advance(1s);
  break_everything(ScriptedFault::Kind::Hang);
  Task<Result<Stream>> trial = documents().create(named("trial"));
  trial.start();
  EXPECT_EQ(database().connection().circuit.state, CircuitState::HalfOpen);
  const Result<Stream> other = write();
  ASSERT_THAT(other, FailsWith(ErrorCode::Unavailable));
  EXPECT_THAT(other.error().message, HasSubstr("a trial is under way"));
}

TEST_F(CircuitBreaking, AfterACancelledTrialTheNextCallIsTheTrial) {
  open_circuit();
  host_.scheduler().advance(1s);
  break_everything(ScriptedFault::Kind::Hang);
  {
    Task<Result<Stream>> trial = documents().create(named("trial"));
    trial.start();
  }
  EXPECT_EQ(database().connection().circuit.state, CircuitState::Open);
  heal();
  EXPECT_THAT(write(), IsOk());
  EXPECT_EQ(database().connection().circuit.state, CircuitState::Closed);
}

TEST_F(CircuitBreaking, ATrialThatHangsReopensItAtItsDeadline) {
  open_circuit();
  host_.scheduler().advance(1s);
  break_everything(ScriptedFault::Kind::Hang);
  EXPECT_THAT(write(), FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(database().connection().circuit.state, CircuitState::Open);
}

TEST_F(CircuitBreaking, ConnectAndHealthChecksAreSentAndCloseIt) {
  open_circuit();
  heal();
  EXPECT_EQ(await(database().check_health()).status, HealthStatus::Healthy);
  EXPECT_EQ(database().connection().circuit.state, CircuitState::Closed);
  open_circuit();
  EXPECT_FALSE(await(database().check_health()).connection);
  EXPECT_EQ(database().connection().circuit.state, CircuitState::Open);
  heal();
  EXPECT_THAT(await(database().connect()), IsOk());
  EXPECT_THAT(write(), IsOk());
}

TEST_F(CircuitBreaking, ListenersOfTheConnectionAreTold) {
  std::vector<CircuitState> states;
  database().on_connection_change([&](const DatabaseConnection& now) { states.push_back(now.circuit.state); });
  open_circuit();
  host_.scheduler().run_due();
  heal();
  host_.scheduler().advance(1s);
  EXPECT_THAT(write(), IsOk());
  host_.scheduler().run_due();
  EXPECT_THAT(states, ElementsAre(CircuitState::Open, CircuitState::Closed));
}

TEST_F(CircuitBreaking, RetriesOfOneOperationAreOneFailure) {
  DatabaseConfig config = touchy_config();
  config.max_retries = 5;
  ServiceUser user(std::make_unique<FaultyClient>(host_.new_client(), host_.scheduler()), host_, 5, config);
  dynamic_cast<FaultyClient&>(user.client()).play([](Operation, std::uint64_t) { return fault(kRefused); });
  EXPECT_THAT(await(user->get("a")), FailsWith(ErrorCode::Unavailable));
  EXPECT_EQ(user.database().connection().circuit.state, CircuitState::Closed);
}

class NoCircuitBreaking : public CircuitBreaking {
 protected:
  NoCircuitBreaking()
      : CircuitBreaking([] {
          DatabaseConfig config = touchy_config();
          config.circuit_breaker.threshold = 0;
          return config;
        }()) {}
};

TEST_F(NoCircuitBreaking, AThresholdOfZeroSendsEverything) {
  break_everything(kRefused);
  for (std::uint64_t i = 1; i <= 20; ++i) {
    EXPECT_THAT(write(), FailsWith(ErrorCode::Unavailable));
    EXPECT_EQ(client_->calls(Operation::Append), i);
  }
}

// Jitter

/// When the attempts of a call that always fails are made.
std::vector<std::int64_t> attempts(std::uint64_t seed) {
  MemoryHost host{SimulationProfile{}};
  DatabaseConfig config = default_config(Environment::Dev);
  config.max_retries = 12;
  config.timeout_ms = 1'000'000;
  ServiceUser user(std::make_unique<FaultyClient>(host.new_client(), host.scheduler()), host, seed, config);
  std::vector<std::int64_t> times;
  dynamic_cast<FaultyClient&>(user.client()).play([&](Operation operation, std::uint64_t) {
    if (operation == Operation::Read) times.push_back(host.scheduler().now().count());
    return fault(kRefused);
  });
  EXPECT_THAT(await(host, user->get("a")), FailsWith(ErrorCode::Unavailable));
  return times;
}

TEST(Jitter, PausesAreDrawnFromWhatDoublesAndAreTheSameForTheSameSeed) {
  const std::vector<std::int64_t> times = attempts(1);
  ASSERT_THAT(times, SizeIs(13));
  std::int64_t longest = 100'000;
  for (std::size_t i = 1; i < times.size(); ++i) {
    EXPECT_GT(times[i] - times[i - 1], 0);
    EXPECT_LE(times[i] - times[i - 1], longest);
    longest = std::min<std::int64_t>(longest * 2, 30'000'000);
  }
  EXPECT_EQ(attempts(1), times);
  EXPECT_NE(attempts(2), times);
}

TEST(Jitter, IsEvenOverTheWholePause) {
  double sum = 0;
  std::set<std::int64_t> firsts;
  constexpr int kSeeds = 200;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const std::vector<std::int64_t> times = attempts(static_cast<std::uint64_t>(seed));
    sum += static_cast<double>(times[1] - times[0]);
    firsts.insert(times[1] - times[0]);
  }
  EXPECT_NEAR(sum / kSeeds, 50'000, 6'000);
  EXPECT_LT(*firsts.begin(), 10'000);
  EXPECT_GT(*firsts.rbegin(), 90'000);
  EXPECT_GT(firsts.size(), 190u);
}

// Deadlines by operation

class NamedDeadlines : public Failures {
 protected:
  NamedDeadlines()
      : Failures([] {
          DatabaseConfig config = steady_config();
          config.timeouts = {{"createStream", 100}, {"checkHealth", 40}};
          return config;
        }()) {}
};

TEST_F(NamedDeadlines, HoldForTheOperationThatTheyName) {
  break_everything(ScriptedFault::Kind::Hang);
  EXPECT_THAT(await(documents().create(named("a"))), FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(now(), 100ms);
  EXPECT_EQ(await(database().check_health()).response_time_ms, 40);
  EXPECT_THAT(await(documents().get("a")), FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(now(), 140ms + 30s);
  const OperationScope scope(user_->services(), {.timeout = 5ms});
  EXPECT_THAT(await(documents().create(named("a"))), FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(now(), 145ms + 30s) << "that of the call comes first";
}

// Health

class SlowHealth : public Failures {
 protected:
  explicit SlowHealth(std::uint32_t write_ms = 50)
      : Failures([write_ms] {
          DatabaseConfig config = steady_config();
          config.health_thresholds.write_ms = write_ms;
          return config;
        }()) {}
  void delay(Operation operation, Duration duration) {
    client_->play([=](Operation called, std::uint64_t) -> std::optional<ScriptedFault> {
      ScriptedFault late = fault(ScriptedFault::Kind::Delay);
      late.delay = duration;
      return called == operation ? std::optional(late) : std::nullopt;
    });
  }
};

TEST_F(SlowHealth, AProbeSlowerThanItsThresholdDegradesAndSaysSo) {
  delay(Operation::Append, 51ms);
  const DatabaseHealth health = await(database().check_health());
  EXPECT_EQ(health.status, HealthStatus::Degraded);
  EXPECT_TRUE(health.write);
  EXPECT_THAT(health.slow, ElementsAre(Probe::Write));
  EXPECT_THAT(health.errors, ElementsAre("Write: passed, but took 51 ms; more than 50 ms is slow."));
  EXPECT_EQ(health.durations_ms[static_cast<std::size_t>(Probe::Write)], 51);
  EXPECT_EQ(health.durations_ms[static_cast<std::size_t>(Probe::Read)], 0);
  EXPECT_EQ(health.response_time_ms, 51);
}

TEST_F(SlowHealth, AtTheThresholdItIsHealthy) {
  delay(Operation::Append, 50ms);
  const DatabaseHealth health = await(database().check_health());
  EXPECT_EQ(health.status, HealthStatus::Healthy);
  EXPECT_THAT(health.errors, IsEmpty());
}

TEST_F(SlowHealth, ProbesThatWereNotMadeHaveNoDuration) {
  go_offline(true);
  const DatabaseHealth health = await(database().check_health());
  EXPECT_EQ(health.durations_ms[0], 700);
  for (std::size_t i = 1; i < kProbeCount; ++i) EXPECT_EQ(health.durations_ms[i], std::nullopt);
  EXPECT_THAT(health.slow, IsEmpty());
}

TEST_F(SlowHealth, TheHistoryKeepsTheLastHundredNewestFirst) {
  EXPECT_THAT(database().health_history(), IsEmpty());
  EXPECT_EQ(await(database().check_health()).status, HealthStatus::Healthy);
  delay(Operation::Append, 60ms);
  EXPECT_EQ(await(database().check_health()).status, HealthStatus::Degraded);
  ASSERT_THAT(database().health_history(), SizeIs(2));
  EXPECT_EQ(database().health_history()[0].status, HealthStatus::Degraded);
  EXPECT_EQ(database().health_history()[1].status, HealthStatus::Healthy);
  EXPECT_THAT(database().health_history(1), SizeIs(1));
  heal();
  for (int i = 0; i < 120; ++i) (void)await(database().check_health());
  const std::vector<DatabaseHealth> history = database().health_history(1000);
  ASSERT_THAT(history, SizeIs(100));
  EXPECT_EQ(history.back().status, HealthStatus::Healthy) << "the degraded one is forgotten";
}

}  // namespace
}  // namespace kurrentlite
