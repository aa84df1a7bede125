// Rates, series, shares of storage, Prometheus text and spans: under virtual time.
#include <map>

#include "services/metrics.hpp"
#include "support/failures.hpp"
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using namespace std::chrono_literals;
using services::CallMetrics;
using services::CallStatistics;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Rates, AreOverTheLastMinuteAndTheLastFive) {
  CallStatistics calls;
  for (int second = 0; second < 600; ++second) {
    for (int i = 0; i < (second < 590 ? 2 : 8); ++i) calls.add(std::chrono::seconds(second), 1ms, false);
  }
  // 590 to 599 have 8 calls each, the 50 seconds before 2; of the current second nearly all is over.
  const OperationMetrics summary = calls.summary(599'999'999us, 600s);
  EXPECT_NEAR(summary.rate_1m, (10 * 8 + 50 * 2) / 60.0, 1e-6);
  EXPECT_NEAR(summary.rate_5m, (10 * 8 + 290 * 2) / 300.0, 1e-6);
  const OperationMetrics later = calls.summary(599'999'999us + 60s, 660s);
  EXPECT_EQ(later.rate_1m, 0);
  EXPECT_NEAR(later.rate_5m, (10 * 8 + 230 * 2) / 300.0, 1e-6);
  EXPECT_EQ(calls.summary(599'999'999us + 300s, 900s).rate_5m, 0);
}

TEST(Rates, OfYoungServicesAreOverTheirAge) {
  CallStatistics calls;
  for (int i = 0; i < 30; ++i) calls.add(100s, 1ms, false);
  EXPECT_EQ(calls.summary(109s, 10s).rate_1m, 3);
  EXPECT_EQ(calls.summary(109s, 10s).rate_5m, 3);
  EXPECT_EQ(calls.summary(100s, 0s).rate_1m, 30) << "as if a second were over";
}

TEST(Latencies, AreCountedInTheClassesWhoseBoundsTheyDoNotExceed) {
  CallStatistics calls;
  for (const Duration latency : {Duration(0us), Duration(1ms), Duration(1001us), Duration(30s), Duration(31s)}) {
    calls.add(0s, latency, false);
  }
  const OperationMetrics summary = calls.summary(0s, 0s);
  EXPECT_EQ(summary.latencies[0], 2u);
  EXPECT_EQ(summary.latencies[1], 1u);
  EXPECT_EQ(summary.latencies[kLatencyBoundsMs.size() - 1], 1u);
  EXPECT_EQ(summary.latencies[kLatencyBoundsMs.size()], 1u);
  EXPECT_EQ(summary.total_ms, 61'002.001);
}

TEST(Series, HasASecondForEachQuietOrNot) {
  CallMetrics metrics(0s);
  metrics.of(Operation::Append).add(1000s, 10ms, false);
  metrics.of(Operation::Append).add(1000500ms, 30ms, true);
  metrics.of(Operation::Read).add(1002s, 5ms, false);
  metrics.of(Operation::Read).add_retry(1002s);
  metrics.of("createStream").add(1001s, 7ms, false);
  const std::vector<MetricsSecond> all = metrics.series(1002300ms, 5'002'300, 3, "");
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].time_ms, 5'000'000);
  EXPECT_EQ(all[0].calls, 2u);
  EXPECT_EQ(all[0].errors, 1u);
  EXPECT_EQ(all[0].average_ms, 20);
  EXPECT_EQ(all[0].max_ms, 30);
  EXPECT_EQ(all[1].calls, 0u) << "operations of the services are made of calls: they do not count twice";
  EXPECT_EQ(all[1].average_ms, 0);
  EXPECT_EQ(all[2].time_ms, 5'002'000);
  EXPECT_EQ(all[2].retries, 1u);
  EXPECT_EQ(metrics.series(1002s, 0, 3, "read")[0].calls, 0u);
  EXPECT_EQ(metrics.series(1002s, 0, 3, "createStream")[1].calls, 1u);
  EXPECT_THAT(metrics.series(1002s, 0, 100'000, ""), SizeIs(300));
  EXPECT_EQ(metrics.series(1302s, 0, 300, "")[0].calls, 0u) << "what was there 300 seconds ago is forgotten";
  EXPECT_THAT(metrics.series(1s, 0, 300, ""), SizeIs(300)) << "before the beginning nothing happened";
}

class Telemetry : public Failures {
 protected:
  DatabaseMetrics metrics() {
    Result<DatabaseMetrics> metrics = await(database().metrics());
    EXPECT_THAT(metrics, IsOk());
    return metrics.ok() ? *metrics : DatabaseMetrics{};
  }
  OperationMetrics service_metrics(const std::string& name) {
    for (const ServiceOperationMetrics& each : metrics().service_operations) {
      if (each.name == name) return each.metrics;
    }
    return {};
  }
  void trace() {
    database().on_spans([this](std::vector<Span> spans) {
      for (Span& each : spans) spans_.push_back(std::move(each));
    });
  }
  std::vector<Span> named_spans(const std::string& name) {
    host_.scheduler().run_due();
    std::vector<Span> found;
    for (const Span& each : spans_) {
      if (each.name == name) found.push_back(each);
    }
    return found;
  }
  static std::string attribute(const Span& span, const std::string& name) {
    for (const auto& [key, value] : span.attributes) {
      if (key != name) continue;
      const std::int64_t* number = std::get_if<std::int64_t>(&value);
      return number != nullptr ? std::to_string(*number) : std::get<std::string>(value);
    }
    return "(none)";
  }
  std::vector<Span> spans_;
};

TEST_F(Telemetry, OperationsOfTheServicesAreMeasuredWithTheirRetries) {
  break_calls(Operation::Append, kRefused, 1, 2);
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  EXPECT_THAT(await(documents().create(named("a"))), FailsWith(ErrorCode::Conflict));
  const OperationMetrics create = service_metrics("createStream");
  EXPECT_EQ(create.count, 2u);
  EXPECT_EQ(create.errors, 0u) << "a taken id is an answer";
  EXPECT_EQ(create.retries, 2u);
  EXPECT_EQ(create.p99_ms, 300);
  EXPECT_EQ(service_metrics("getStream").count, 0u);
  EXPECT_EQ(service_metrics("metrics").count, 2u) << "those before this one";
}

TEST_F(Telemetry, FailedAndCancelledOperationsAreToldApart) {
  EXPECT_THAT(await(documents().list({})), IsOk());
  break_everything(ScriptedFault::Kind::Hang);
  {
    Task<Result<std::optional<Stream>>> getting = documents().get("a");
    getting.start();
  }
  {
    const OperationScope scope(user_->services(), {.timeout = 5ms});
    EXPECT_THAT(await(documents().get("a")), FailsWith(ErrorCode::DeadlineExceeded));
  }
  heal();
  const OperationMetrics get = service_metrics("getStream");
  EXPECT_EQ(get.count, 1u);
  EXPECT_EQ(get.errors, 1u);
  EXPECT_EQ(get.cancelled, 1u);
  const OperationMetrics read = metrics_of(Operation::Read);
  EXPECT_EQ(read.errors, 1u);
  EXPECT_EQ(read.cancelled, 1u);
}

TEST_F(Telemetry, WritesUnderWayArePending) {
  std::vector<std::uint32_t> told;
  database().on_pending_change([&] { told.push_back(database().pending_writes()); });
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  EXPECT_THAT(told, IsEmpty()) << "done within one turn";
  break_calls(Operation::Append, kRefused, 2, 3);
  Task<Result<Stream>> creating = documents().create(named("b"));
  creating.start();
  EXPECT_EQ(database().pending_writes(), 1u) << "it waits for its retry";
  host_.scheduler().advance(1s);
  EXPECT_TRUE(creating.done());
  EXPECT_EQ(database().pending_writes(), 0u);
  EXPECT_THAT(told, ElementsAre(1u, 0u));
}

TEST_F(Telemetry, AnOperationIsTheParentOfItsCallsAndTheirRetries) {
  trace();
  break_calls(Operation::Append, kRefused, 1, 1);
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  const std::vector<Span> roots = named_spans("createStream");
  ASSERT_THAT(roots, SizeIs(1));
  const Span& root = roots[0];
  EXPECT_EQ(root.kind, Span::Kind::Internal);
  EXPECT_EQ(root.parent_span_id, "");
  EXPECT_EQ(root.trace_id.size(), 32u);
  EXPECT_EQ(root.span_id.size(), 16u);
  EXPECT_EQ(root.status, Span::Status::Ok);
  EXPECT_EQ(root.end_ns - root.start_ns, 100'000'000);
  const std::vector<Span> appends = named_spans("streams.append");
  ASSERT_THAT(appends, SizeIs(2));
  for (const Span& each : appends) {
    EXPECT_EQ(each.kind, Span::Kind::Client);
    EXPECT_EQ(each.trace_id, root.trace_id);
    EXPECT_EQ(each.parent_span_id, root.span_id);
    EXPECT_EQ(attribute(each, "db.system"), "kurrentdb");
    EXPECT_EQ(attribute(each, "db.operation"), "streams.append");
    EXPECT_EQ(attribute(each, "db.kurrentdb.stream"), "document-a");
    EXPECT_EQ(attribute(each, "server.address"), "localhost");
    EXPECT_EQ(attribute(each, "server.port"), "2113");
    EXPECT_EQ(attribute(each, "kurrentlite.environment"), "dev");
  }
  EXPECT_NE(appends[0].span_id, appends[1].span_id);
  EXPECT_EQ(appends[0].status, Span::Status::Error);
  EXPECT_EQ(attribute(appends[0], "exception.type"), "Unavailable");
  EXPECT_EQ(attribute(appends[0], "kurrentlite.retry"), "(none)");
  EXPECT_EQ(appends[1].status, Span::Status::Ok);
  EXPECT_EQ(attribute(appends[1], "kurrentlite.retry"), "1");
  EXPECT_EQ(appends[1].start_ns - root.start_ns, 100'000'000);
  // The lists' own subscription is nobody's child.
  for (const Span& each : named_spans("streams.subscribe")) EXPECT_NE(each.trace_id, root.trace_id);
}

TEST_F(Telemetry, OperationsThatRunSideBySideKeepTheirCallsApart) {
  trace();
  client_->play([](Operation, std::uint64_t nth) -> std::optional<ScriptedFault> {
    ScriptedFault late = fault(ScriptedFault::Kind::Delay);
    late.delay = std::chrono::milliseconds(10 - nth % 7);
    return late;
  });
  TaskScope scope;
  int done = 0;
  for (const char* id : {"a", "b", "c"}) {
    scope.spawn(documents().create(named(id)), [&](Result<Stream> result) { done += result.ok() ? 1 : 0; });
  }
  host_.scheduler().advance(1s);
  EXPECT_EQ(done, 3);
  std::map<std::string, std::string> streams;  // of the appends, by parent
  for (const Span& each : named_spans("streams.append")) {
    streams[each.parent_span_id] += attribute(each, "db.kurrentdb.stream");
  }
  EXPECT_THAT(streams, SizeIs(3)) << "one append for each operation";
  std::map<std::string, int> reads;
  for (const Span& each : named_spans("streams.read")) {
    ++reads[each.parent_span_id];
    EXPECT_EQ(attribute(each, "db.kurrentdb.stream"), streams[each.parent_span_id]);
  }
  EXPECT_THAT(reads, SizeIs(3));
}

TEST_F(Telemetry, AnAppendToSeveralStreamsTellsTheFirstAndHowMany) {
  trace();
  std::vector<TransactionStep> steps;
  for (const char* id : {"a", "b", "c"}) steps.push_back({"", named(id)});
  ASSERT_THAT(await(documents().transaction(std::move(steps))), IsOk());
  ASSERT_THAT(await(documents().get("a")), IsOk());
  host_.scheduler().advance(1s);
  const std::vector<Span> appends = named_spans("streams.append");
  ASSERT_THAT(appends, SizeIs(1));
  EXPECT_EQ(attribute(appends[0], "db.kurrentdb.stream"), "document-a");
  EXPECT_EQ(attribute(appends[0], "kurrentlite.stream_count"), "3");
  for (const Span& each : named_spans("streams.read")) {
    EXPECT_EQ(attribute(each, "db.kurrentdb.stream"), "document-a");
    EXPECT_EQ(attribute(each, "kurrentlite.stream_count"), "(none)") << "of one stream";
  }
}

TEST_F(Telemetry, SpansOfWhatIsGivenUpEndWithIt) {
  trace();
  break_everything(ScriptedFault::Kind::Hang);
  {
    Task<Result<std::optional<Stream>>> getting = documents().get("a");
    getting.start();
  }
  for (const char* name : {"getStream", "streams.read"}) {
    const std::vector<Span> spans = named_spans(name);
    ASSERT_THAT(spans, SizeIs(1));
    EXPECT_EQ(spans[0].status, Span::Status::Error);
    EXPECT_EQ(attribute(spans[0], "exception.type"), "Cancelled");
  }
  database().on_spans({});
  EXPECT_FALSE(await(database().check_health()).connection);
  EXPECT_THAT(named_spans("checkHealth"), IsEmpty()) << "nobody listens any more";
}

// Prometheus

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all(1);
  for (const char each : text) {
    if (each == '\n') {
      all.emplace_back();
    } else {
      all.back().push_back(each);
    }
  }
  return all;
}

TEST_F(Telemetry, PrometheusGetsHistogramsThatAddUp) {
  break_calls(Operation::Append, kRefused, 1, 1);
  EXPECT_THAT(await(documents().create(named("a"))), IsOk());
  const std::string text = *await(database().prometheus());
  EXPECT_THAT(text, HasSubstr("# HELP kurrentdb_documents Documents that are not deleted.\n"
                              "# TYPE kurrentdb_documents gauge\n"
                              "kurrentdb_documents{environment=\"dev\"} 1\n"));
  const std::string append = "{environment=\"dev\",operation=\"append\"";
  EXPECT_THAT(text, HasSubstr("kurrentdb_client_call_retries_total" + append + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE kurrentdb_client_call_duration_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("kurrentdb_client_call_duration_seconds_bucket" + append + ",le=\"0.05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("kurrentdb_client_call_duration_seconds_bucket" + append + ",le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kurrentdb_client_call_duration_seconds_bucket" + append + ",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kurrentdb_client_call_duration_seconds_sum" + append + "} 0.1\n"));
  EXPECT_THAT(text, HasSubstr("kurrentdb_client_call_duration_seconds_count" + append + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("kurrentdb_operation_duration_seconds_count{environment=\"dev\",operation=\"createStream\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kurrentdb_circuit_state{environment=\"dev\",state=\"closed\"} 1\n"));
}

TEST(Prometheus, HasEachFamilyOnceWithItsSamplesBelow) {
  DatabaseMetrics metrics;
  metrics.service_operations.push_back({"createStream", {}});
  const std::string text = prometheus_text(metrics, "dev");
  EXPECT_EQ(text.back(), '\n');
  std::map<std::string, int> families;
  std::string family;
  for (const std::string& line : lines(text)) {
    if (line.empty()) continue;
    if (line.rfind("# TYPE ", 0) == 0) {
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_EQ(name, family) << "HELP comes first";
      EXPECT_EQ(++families[name], 1);
    } else if (line.rfind("# HELP ", 0) == 0) {
      family = line.substr(7, line.find(' ', 7) - 7);
    } else {
      EXPECT_EQ(line.rfind(family, 0), 0u) << line;
    }
  }
  EXPECT_GT(families.size(), 15u);
}

TEST(Prometheus, EscapesWhatLabelsHold) {
  EXPECT_THAT(prometheus_text({}, "a\\b\"c\nd"), HasSubstr("kurrentdb_documents{environment=\"a\\\\b\\\"c\\nd\"} 0\n"));
}

// Storage, on every kind of client

using TelemetryEverywhere = ServiceSuite;
INSTANTIATE_TEST_SUITE_P(Memory, TelemetryEverywhere, every_service_host(), host_name);

TEST_P(TelemetryEverywhere, StorageIsSharedOutByWhatEventsAreAbout) {
  created("a", "A", R"({"text":")" + std::string(1000, 'x') + R"("})");
  created("b");
  EXPECT_THAT(await(documents_.users().store({"u"}, R"({"theme":"dark"})")), IsOk());
  append_raw("orders-1", "placed", "{}");
  append_raw("$ours", "noted", "{}");
  wait_for_lists(documents_);
  const DatabaseMetrics before = good(documents_.database().metrics());
  EXPECT_EQ(before.storage.documents.events, 2u);
  EXPECT_GT(before.storage.documents.bytes, 1000u);
  EXPECT_EQ(before.storage.user_data.events, 1u);
  EXPECT_EQ(before.storage.system.events, 1u);
  EXPECT_EQ(before.storage.other.events, 1u);
  EXPECT_GT(before.storage.other.bytes, 0u);
  const std::uint64_t sum = before.storage.documents.bytes + before.storage.user_data.bytes +
                            before.storage.system.bytes + before.storage.other.bytes;
  EXPECT_EQ(sum, before.storage_used_bytes);
  append_raw("$ours", "noted", "{}");
  append_raw("$$document-a", "$metadata", "{}");
  wait_for_lists(documents_);
  const DatabaseMetrics after = good(documents_.database().metrics());
  EXPECT_EQ(after.storage.system.events, 2u) << "each is counted once";
  EXPECT_EQ(after.storage.documents.events, 3u) << "metadata belong to what they describe";
}

TEST_P(TelemetryEverywhere, OperationsAreMeasuredByTheirNames) {
  created("a");
  (void)listed();
  const DatabaseMetrics metrics = good(documents_.database().metrics());
  std::vector<std::string> names;
  for (const ServiceOperationMetrics& each : metrics.service_operations) {
    names.push_back(each.name);
    EXPECT_EQ(each.metrics.count, 1u);
    EXPECT_EQ(each.metrics.errors, 0u);
  }
  EXPECT_THAT(names, ElementsAre("createStream", "listStreams"));
  const std::vector<MetricsSecond> series = documents_.database().series(300);
  std::uint64_t calls = 0;
  for (const MetricsSecond& each : series) calls += each.calls;
  std::uint64_t counted = 0;
  for (const OperationMetrics& each : metrics.operations) counted += each.count;
  EXPECT_EQ(calls, counted);
}

}  // namespace
}  // namespace kurrentlite
