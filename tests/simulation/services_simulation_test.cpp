// Several programs change the same documents and user data over bad networks. Afterwards the database must hold each
// change that was reported done exactly once, each that was reported failed at most once, and nothing else; and all
// lists must show what the database holds.
//   KURRENTLITE_SEED=<number>    where to begin (a failure prints its seed)
//   KURRENTLITE_ROUNDS=<number>  how many seeds
#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/json.hpp"
#include "support/result_matchers.hpp"
#include "support/service_host.hpp"

namespace kurrentlite {
namespace {

constexpr std::size_t kUsers = 3;
constexpr std::size_t kWorkersPerUser = 2;
constexpr int kOperationsPerWorker = 12;

/// A change that a worker asked for, and what it was told.
struct Attempt {
  std::string stream;
  std::string token;  ///< stands in the event the change writes, and nowhere else
  bool succeeded = false;
  ErrorCode code = ErrorCode::Unknown;
  std::uint64_t version = 0;
};

/// How bad things are in one round.
struct Weather {
  SimulationProfile profile = *simulation_preset("flaky");
  DatabaseConfig config = default_config(Environment::Dev);
};

Weather draw_weather(std::uint64_t seed) {
  Prng prng(seed);
  Weather weather;
  weather.profile.seed = seed;
  const double severity = 1 + static_cast<double>(prng.below(5));
  weather.profile.error_rate *= severity;
  weather.profile.lost_reply_rate *= severity;
  weather.profile.disconnect_rate *= severity;
  constexpr std::array<std::uint32_t, 4> kRetries{0, 1, 3, 10};
  constexpr std::array<std::uint32_t, 3> kTimeouts{400, 3'000, 30'000};
  weather.config.max_retries = kRetries[prng.below(kRetries.size())];
  weather.config.timeout_ms = kTimeouts[prng.below(kTimeouts.size())];
  return weather;
}

class Round {
 public:
  explicit Round(std::uint64_t seed) : weather_(draw_weather(seed)), host_(weather_.profile) {
    prepare();
    for (std::size_t i = 0; i < kUsers; ++i) {
      auto client = host_.new_memory_client();
      clients_.push_back(client.get());
      users_.push_back(std::make_unique<ServiceUser>(std::move(client), host_, seed * 10 + i, weather_.config));
    }
    for (std::size_t i = 0; i < kUsers * kWorkersPerUser; ++i) {
      names_.push_back("w" + std::to_string(i));
      workers_.spawn(work(*users_[i % kUsers], names_.back(), Prng(seed * 100 + i)));
    }
    EXPECT_TRUE(host_.run_until([&] { return finished_ == kUsers * kWorkersPerUser; }));
    for (MemoryClient* client : clients_) client->set_profile(SimulationProfile{});
    host_.scheduler().advance(std::chrono::minutes(1));  // what is on its way still meets the old weather
  }

  void check_writes();
  void check_lists();
  [[nodiscard]] const std::vector<Attempt>& attempts() const { return attempts_; }

 private:
  /// What is there in the beginning.
  void prepare() {
    ServiceUser owner(std::make_unique<MemoryClient>(host_.engine(), host_.scheduler()), host_, 999);
    for (const char* id : {"d0", "d1"}) EXPECT_THAT(at_once(owner->create(request(id, "initial"))), IsOk());
    EXPECT_THAT(at_once(owner.users().store({"u", "merged"}, R"({"initial":1})")), IsOk());
  }

  static CreateStreamRequest request(const std::string& id, const std::string& token) {
    CreateStreamRequest request;
    request.id = id;
    request.name = token;
    request.data = "{}";
    return request;
  }

  Task<void> work(ServiceUser& user, std::string name, Prng prng) {
    for (int i = 0; i < kOperationsPerWorker; ++i) {
      const std::string token = name + "-" + std::to_string(i);
      Task<void> step = one_step(user, token, prng.below(100), std::to_string(prng.below(2)));
      co_await std::move(step);
    }
    ++finished_;
  }

  Task<void> one_step(ServiceUser& user, std::string token, std::uint64_t dice, std::string which) {
    if (dice < 45) {
      UpdateStreamRequest update;
      update.data = "{\"by\":\"" + token + "\"}";
      Task<Result<Stream>> updating = user->update("d" + which, std::move(update));
      const Result<Stream> updated = co_await std::move(updating);
      note("document-d" + which, token, updated, updated.ok() ? updated->metadata.version : 0);
      if (updated.ok()) check_listed(user, *updated);
    } else if (dice < 55) {
      Task<Result<Stream>> marking = dice < 50 ? user->archive("d" + which) : user->restore("d" + which);
      const Result<Stream> marked = co_await std::move(marking);
      if (marked.ok()) check_listed(user, *marked);
    } else if (dice < 65) {
      Task<Result<Stream>> creating = user->create(request("n" + which, token));
      const Result<Stream> created = co_await std::move(creating);
      note("document-n" + which, token, created, 1);
      if (created.ok()) check_listed(user, *created);
    } else if (dice < 85) {
      Task<Result<UserStream>> updating = user.users().update({"u", "merged"}, "{\"" + token + "\":1}");
      const Result<UserStream> updated = co_await std::move(updating);
      note("user-u-merged", token, updated, updated.ok() ? updated->version : 0);
    } else if (dice < 97) {
      Task<Result<UserStream>> storing = user.users().store({"u", "replaced"}, "{\"by\":\"" + token + "\"}");
      const Result<UserStream> stored = co_await std::move(storing);
      note("user-u-replaced", token, stored, stored.ok() ? stored->version : 0);
    } else {
      Task<Result<DatabaseConnection>> reconnecting = user.database().reconnect();
      const Result<DatabaseConnection> reconnected = co_await std::move(reconnecting);
      (void)reconnected;
    }
  }

  template <class T>
  void note(std::string stream, const std::string& token, const Result<T>& result, std::uint64_t version) {
    attempts_.push_back(
        {std::move(stream), token, result.ok(), result.ok() ? ErrorCode::Unknown : result.error().code, version});
  }

  /// Once a write resolves, its author's list shows it, or something newer.
  void check_listed(ServiceUser& user, const Stream& document) {
    Task<Result<StreamPage>> listing = user->list({});
    listing.start();
    if (!listing.done()) return;  // the lists were never complete so far: they will be when this resolves
    const Result<StreamPage> page = listing.take();
    if (!page.ok()) return;
    const auto found = std::find_if(page->items.begin(), page->items.end(),
                                    [&](const Stream& each) { return each.id == document.id; });
    ASSERT_NE(found, page->items.end()) << document.id;
    EXPECT_GE(found->metadata.version, document.metadata.version);
    ++listed_;
  }

  std::vector<RecordedEvent> events_of(const std::string& stream) {
    std::vector<RecordedEvent> events;
    Result<StreamCursor> cursor = host_.engine().open_stream(stream, Direction::Forwards, Start{});
    if (!cursor.ok()) return events;
    while (const auto record = host_.engine().next(*cursor)) events.push_back(host_.engine().materialise(*record));
    return events;
  }

  Weather weather_;
  MemoryHost host_;
  std::vector<std::unique_ptr<ServiceUser>> users_;
  std::vector<MemoryClient*> clients_;
  std::vector<std::string> names_;
  std::vector<Attempt> attempts_;
  std::size_t finished_ = 0;

 public:
  int listed_ = 0;

 private:
  TaskScope workers_;
};

/// Whether the event at `index` is the one that brought `token`: user data that are merged carry all earlier ones
/// along.
bool introduces(const std::vector<RecordedEvent>& events, std::size_t index, const std::string& token) {
  const std::string quoted = "\"" + token + "\"";
  const auto holds = [&](const RecordedEvent& event) { return event.data.find(quoted) != std::string::npos; };
  if (!holds(events[index])) return false;
  const bool is_merged = events[index].stream == "user-u-merged";
  return !is_merged || index == 0 || !holds(events[index - 1]);
}

void Round::check_writes() {
  std::map<std::string, std::size_t> explained;  // events that an attempt answers for
  for (const Attempt& attempt : attempts_) {
    SCOPED_TRACE(attempt.stream + " " + attempt.token);
    const std::vector<RecordedEvent> events = events_of(attempt.stream);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (introduces(events, i, attempt.token)) found.push_back(i);
    }
    explained[attempt.stream] += found.size();
    if (attempt.succeeded) {
      ASSERT_EQ(found.size(), 1u) << "a change that was reported done";
      EXPECT_LT(found.front(), attempt.version);
    } else {
      ASSERT_LE(found.size(), 1u) << "a change that was reported failed";
      const bool refused = attempt.code == ErrorCode::Conflict || attempt.code == ErrorCode::NotFound;
      EXPECT_TRUE(!refused || found.empty()) << to_string(attempt.code);
    }
  }
  for (const char* stream :
       {"document-d0", "document-d1", "document-n0", "document-n1", "user-u-merged", "user-u-replaced"}) {
    SCOPED_TRACE(stream);
    const std::vector<RecordedEvent> events = events_of(stream);
    std::size_t others = 0;  // events without a token
    std::string last_mark = "document-restored";
    for (const RecordedEvent& event : events) {
      if (event.revision.value == 0 && event.data.find("\"initial\"") != std::string::npos) ++others;
      if (event.type != "document-archived" && event.type != "document-restored") continue;
      ++others;
      EXPECT_NE(event.type, last_mark) << "archived twice, or restored twice, at " << event.revision.value;
      last_mark = event.type;
    }
    EXPECT_EQ(explained[stream] + others, events.size()) << "events that nobody asked for";
  }
}

void Round::check_lists() {
  // Somebody who comes late reads everything from the start, and must see what the others learned bit by bit.
  ServiceUser late(std::make_unique<MemoryClient>(host_.engine(), host_.scheduler()), host_, 998);
  const StreamPage expected = await(host_, late->list({})).value();
  const std::vector<UserStream> expected_data = await(host_, late.users().list()).value();
  for (const Stream& each : expected.items) EXPECT_EQ(at_once(late->get(each.id)).value(), each);
  for (const std::unique_ptr<ServiceUser>& user : users_) {
    const DatabaseHealth health = await(host_, user->database().check_health());
    ASSERT_EQ(health.status, HealthStatus::Healthy) << ::testing::PrintToString(health.errors);
    EXPECT_EQ(await(host_, (*user)->list({})).value().items, expected.items);
    EXPECT_EQ(await(host_, user->users().list()).value(), expected_data);
    EXPECT_TRUE(user->database().connection().is_connected)
        << to_string(user->database().connection().status) << ", client: " << to_string(user->client().state());
  }
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(ServicesSimulation, NoWriteIsLostOrDoubledOverBadNetworks) {
  const std::uint64_t first_seed = number_from_environment("KURRENTLITE_SEED", 1);
  const std::uint64_t rounds = number_from_environment("KURRENTLITE_ROUNDS", 300);
  std::uint64_t succeeded = 0;
  std::uint64_t unavailable = 0;
  std::uint64_t late = 0;
  int listed = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + rounds; ++seed) {
    Round round(seed);
    round.check_writes();
    round.check_lists();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "replay: KURRENTLITE_ROUNDS=1 KURRENTLITE_SEED=" << seed;
    for (const Attempt& attempt : round.attempts()) {
      succeeded += attempt.succeeded ? 1 : 0;
      unavailable += attempt.code == ErrorCode::Unavailable ? 1 : 0;
      late += attempt.code == ErrorCode::DeadlineExceeded ? 1 : 0;
    }
    listed += round.listed_;
  }
  RecordProperty("succeeded", std::to_string(succeeded));
  RecordProperty("unavailable", std::to_string(unavailable));
  RecordProperty("late", std::to_string(late));
  if (rounds < 100) return;
  // The weather was bad enough to prove something, and not so bad that nothing happened.
  EXPECT_GT(succeeded, rounds * 20);
  EXPECT_GT(unavailable, rounds);
  EXPECT_GT(late, rounds);
  EXPECT_GT(listed, 0);
}

}  // namespace
}  // namespace kurrentlite
