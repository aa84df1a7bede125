// KurrentDBService against every kind of client: connection, health, metrics.
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Database : public ServiceSuite {
 protected:
  DatabaseHealth health() { return await(documents_.database().check_health()); }
  DatabaseMetrics metrics() { return good(documents_.database().metrics()); }
  static const OperationMetrics& of(const DatabaseMetrics& metrics, Operation operation) {
    return metrics.operations[static_cast<std::size_t>(operation)];
  }
};
INSTANTIATE_TEST_SUITE_P(Services, Database, every_service_host(), host_name);

TEST_P(Database, BeforeAnythingItIsDisconnected) {
  EXPECT_EQ(documents_.database().connection(),
            (DatabaseConnection{false, "dev", std::nullopt, "", ConnectionState::Disconnected}));
}

TEST_P(Database, ConnectAnswersTheConnection) {
  const DatabaseConnection connection = good(documents_.database().connect());
  EXPECT_TRUE(connection.is_connected);
  EXPECT_EQ(connection.status, ConnectionState::Connected);
  EXPECT_EQ(connection.environment, "dev");
  EXPECT_TRUE(Uuid::parse(connection.connection_id).has_value());
  EXPECT_EQ(good(documents_.database().connect()).connection_id, connection.connection_id) << "it is the same one";
  wait_for_lists(documents_);
  EXPECT_EQ(documents_.database().connection().last_sync_ms, host_->clock().now_ticks() / kTicksPerMillisecond);
}

TEST_P(Database, TheFirstOperationConnectsByItself) {
  created("a");
  EXPECT_TRUE(documents_.database().connection().is_connected);
  EXPECT_EQ(good(documents_->get("a"))->id, "a");
}

TEST_P(Database, DisconnectHoldsUntilTheNextOperation) {
  created("a");
  const std::string id = documents_.database().connection().connection_id;
  documents_.database().disconnect();
  EXPECT_FALSE(documents_.database().connection().is_connected);
  EXPECT_EQ(documents_.database().connection().status, ConnectionState::Disconnected);
  pause(std::chrono::minutes(5));
  EXPECT_EQ(documents_.database().connection().status, ConnectionState::Disconnected);
  EXPECT_EQ(documents_.client().state(), ConnectionState::Disconnected);
  EXPECT_EQ(listed().total, 1u) << "what the lists know stays";
  good(documents_->get("a"));
  EXPECT_TRUE(documents_.database().connection().is_connected);
  EXPECT_NE(documents_.database().connection().connection_id, id);
}

TEST_P(Database, ListsCatchUpAfterADisconnection) {
  listed();
  documents_.database().disconnect();
  good(others_->create(named("theirs")));
  good(documents_.database().connect());
  wait_for_lists(documents_);
  EXPECT_THAT(ids(listed()), ElementsAre("theirs"));
}

TEST_P(Database, ReconnectMakesANewConnection) {
  const std::string first = good(documents_.database().connect()).connection_id;
  const DatabaseConnection second = good(documents_.database().reconnect());
  EXPECT_TRUE(second.is_connected);
  EXPECT_NE(second.connection_id, first);
  good(others_->create(named("theirs")));
  wait_for_lists(documents_);
  EXPECT_EQ(listed().total, 1u);
}

TEST_P(Database, ConnectionListenersHearOfEachSettledState) {
  std::vector<ConnectionState> states;
  documents_.database().on_connection_change([&](const DatabaseConnection& now) {
    if (states.empty() || states.back() != now.status) states.push_back(now.status);
  });
  good(documents_.database().connect());
  pause();
  EXPECT_EQ(states.back(), ConnectionState::Connected);
  documents_.database().disconnect();
  pause();
  EXPECT_EQ(states.back(), ConnectionState::Disconnected);
  documents_.database().on_connection_change({});
  good(documents_.database().connect());
  pause();
  EXPECT_EQ(states.back(), ConnectionState::Disconnected);
}

TEST_P(Database, AHealthyDatabasePassesAllProbesAndStoresNothing) {
  const DatabaseHealth before = health();
  EXPECT_EQ(before.status, HealthStatus::Healthy);
  created("a");
  const std::uint64_t events = total_events();
  const DatabaseHealth after = health();
  EXPECT_EQ(after.status, HealthStatus::Healthy);
  EXPECT_TRUE(after.connection && after.authentication && after.read && after.write && after.sync);
  EXPECT_THAT(after.errors, IsEmpty());
  EXPECT_EQ(after.last_check_ms, host_->clock().now_ticks() / kTicksPerMillisecond);
  EXPECT_EQ(total_events(), events);
}

TEST_P(Database, HealthDoesNotUndoADisconnection) {
  good(documents_.database().connect());
  documents_.database().disconnect();
  const DatabaseHealth now = health();
  EXPECT_EQ(now.status, HealthStatus::Unhealthy);
  EXPECT_THAT(now.errors, SizeIs(1));
  EXPECT_EQ(documents_.client().state(), ConnectionState::Disconnected);
}

TEST_P(Database, MetricsCountDocumentsUsersEventsAndCalls) {
  for (const char* id : {"a", "b", "c"}) created(id);
  good(documents_->archive("b"));
  EXPECT_THAT(await(documents_->remove("c")), IsOk());
  good(documents_.users().store({"u", "s"}, "1"));
  good(documents_.users().store({"u", "t"}, "1"));
  good(documents_.users().store({"v", "t"}, "1"));
  EXPECT_THAT(await(documents_.users().remove({"v", "t"})), IsOk());
  good(documents_->get("unknown"));
  const DatabaseMetrics now = metrics();
  EXPECT_EQ(now.total_streams, 2u);
  EXPECT_EQ(now.active_streams, 1u);
  EXPECT_EQ(now.total_users, 1u);
  EXPECT_EQ(now.total_events, 9u);
  EXPECT_GT(now.storage_used_bytes, 0u);
  EXPECT_EQ(now.last_backup_ms, std::nullopt);
  EXPECT_EQ(of(now, Operation::Append).count, 9u);
  EXPECT_EQ(of(now, Operation::Append).errors, 0u);
  EXPECT_EQ(of(now, Operation::Subscribe).count, 1u);
  EXPECT_EQ(of(now, Operation::Read).errors, 0u) << "that a stream does not exist is an answer";
  EXPECT_EQ(of(now, Operation::Statistics).count, 1u);
  const OperationMetrics& append = of(now, Operation::Append);
  EXPECT_LE(append.p50_ms, append.p95_ms);
  EXPECT_LE(append.p95_ms, append.p99_ms);
  EXPECT_EQ(append.p50_ms > 0, GetParam().takes_time);
}

TEST_P(Database, UptimeBeginsWithTheFirstConnection) {
  EXPECT_GE(metrics().uptime_ms, 0);
  const double before = metrics().uptime_ms;
  pause(std::chrono::seconds(3));
  documents_.database().disconnect();
  EXPECT_GE(metrics().uptime_ms, before + 3000);
}

}  // namespace
}  // namespace kurrentlite
