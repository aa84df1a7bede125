// A document's past: its history, its state at any version and time, and what differs between two versions.
#include <algorithm>
#include <set>

#include "services/document.hpp"
#include "support/failures.hpp"
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::uint64_t> versions(const HistoryPage& page) {
  std::vector<std::uint64_t> all;
  for (const HistoryEntry& each : page.items) all.push_back(each.version);
  return all;
}

/// "version change field field …"
std::string line(const HistoryEntry& entry) {
  std::string text = std::to_string(entry.version) + " " + to_string(entry.change);
  for (const DocumentField field : entry.fields) text += std::string(" ") + to_string(field);
  return text;
}

std::vector<std::string> lines(const HistoryPage& page) {
  std::vector<std::string> all;
  for (const HistoryEntry& each : page.items) all.push_back(line(each));
  return all;
}

/// "kind path before after"
std::vector<std::string> lines(const DocumentDiff& diff) {
  std::vector<std::string> all;
  for (const DocumentDifference& each : diff.changes) {
    all.push_back(std::string(to_string(each.kind)) + " " + each.path + " " + each.before + " " + each.after);
  }
  return all;
}

class History : public ServiceSuite {
 protected:
  HistoryPage history(const std::string& id, HistoryOptions options = {}) {
    return good(documents_->history(id, options));
  }
  /// A document that has seen every kind of change; answers it as it was after each.
  std::vector<Stream> lived(const std::string& id) {
    std::vector<Stream> states;
    const auto then = [&](Stream state) {
      states.push_back(std::move(state));
      pause();
    };
    then(created(id, "N", R"({"list":[1,2],"deep":{"x":1.0}})"));
    then(good(documents_->update(id, with_data(R"({"deep":{"x":1,"y":"new"},"list":[1,3]})"))));
    UpdateStreamRequest words;
    words.description = "D";
    words.tags = std::vector<std::string>{"t", "u"};
    words.permissions = PermissionsPatch{std::vector<std::string>{"ann"}, std::nullopt, std::nullopt};
    then(good(others_->update(id, words)));
    then(good(documents_->archive(id)));
    then(good(documents_->restore(id)));
    EXPECT_THAT(await(documents_->remove(id)), IsOk());
    return states;
  }
};
INSTANTIATE_TEST_SUITE_P(Services, History, every_service_host(), host_name);

TEST_P(History, TellsEachChangeNewestFirst) {
  const std::vector<Stream> states = lived("a");
  const HistoryPage page = history("a");
  EXPECT_THAT(lines(page), ElementsAre("6 deleted status", "5 restored status", "4 archived status",
                                       "3 updated description tags permissions", "2 updated data",
                                       "1 created name data owner permissions"));
  EXPECT_EQ(page.total, 6u);
  EXPECT_EQ(page.next, std::nullopt);
  const std::vector<RecordedEvent> events = raw_events("document-a");
  for (const HistoryEntry& entry : page.items) {
    const RecordedEvent& event = events.at(entry.version - 1);
    EXPECT_EQ(entry.event_id, event.id);
    EXPECT_EQ(entry.event_type, event.type);
    EXPECT_EQ(entry.time_ms, event.created_ticks / kTicksPerMillisecond);
  }
  for (const Stream& state : states) {
    EXPECT_EQ(page.items[6 - state.metadata.version].time_ms, state.metadata.updated_at_ms);
  }
}

TEST_P(History, AnUpdateThatBringsNothingNewChangesNoField) {
  created("a", "N", R"({"x":1,"y":"a"})");
  UpdateStreamRequest same = with_data(R"({ "y": "\u0061", "x": 1.0 })");
  same.tags = std::vector<std::string>{};
  same.permissions = PermissionsPatch{std::vector<std::string>{"*"}, std::nullopt, std::nullopt};
  good(documents_->update("a", same));
  EXPECT_EQ(line(history("a").items.front()), "2 updated");
  EXPECT_THAT(good(documents_->diff("a", 1, 2)).changes, IsEmpty());
  EXPECT_EQ(good(documents_->at_version("a", 2))->data, *same.data) << "byte for byte, all the same";
}

TEST_P(History, GoesBackPageByPageWhateverHappensMeanwhile) {
  created("a");
  for (int i = 0; i < 6; ++i) good(documents_->update("a", with_data(std::to_string(i))));
  HistoryOptions three;
  three.limit = 3;
  const HistoryPage first = history("a", three);
  EXPECT_THAT(versions(first), ElementsAre(7, 6, 5));
  EXPECT_EQ(first.total, 7u);
  ASSERT_EQ(first.next, 4u);
  good(others_->update("a", with_data("\"meanwhile\"")));
  three.from = first.next;
  const HistoryPage second = history("a", three);
  EXPECT_THAT(versions(second), ElementsAre(4, 3, 2));
  EXPECT_EQ(second.total, 8u);
  ASSERT_EQ(second.next, 1u);
  three.from = second.next;
  const HistoryPage third = history("a", three);
  EXPECT_THAT(lines(third), ElementsAre("1 created name data owner permissions"));
  EXPECT_EQ(third.next, std::nullopt);
  three.from = 1000;  // a version that is yet to come
  EXPECT_THAT(versions(history("a", three)), ElementsAre(8, 7, 6));
}

TEST_P(History, CountsForeignEventsAsVersionsThatChangeNothing) {
  append_raw("document-a", "something-else", "{}");
  good(others_->list({}));
  append_raw("document-a", "document-created", R"({"name":"N","data":1})");
  append_raw("document-a", "document-updated", R"({"tags":"no list"})");
  append_raw("document-a", "document-created", R"({"name":"again","data":1})");
  append_raw("document-a", "document-deleted", "{}");
  append_raw("document-a", "document-updated", R"({"data":2})");
  EXPECT_THAT(lines(history("a")), ElementsAre("6 other", "5 deleted status", "4 other", "3 other",
                                               "2 created name data owner permissions", "1 other"));
  EXPECT_EQ(good(documents_->at_version("a", 1)), std::nullopt) << "not there yet";
  EXPECT_EQ(good(documents_->at_version("a", 4))->name, "N");
  EXPECT_EQ(good(documents_->at_version("a", 6))->data, "1");
}

TEST_P(History, ADocumentIsSeenAsItWasAtEachVersion) {
  const std::vector<Stream> states = lived("a");
  for (const Stream& state : states) EXPECT_EQ(good(documents_->at_version("a", state.metadata.version)), state);
  const std::optional<Stream> deleted = good(documents_->at_version("a", 6));
  ASSERT_TRUE(deleted.has_value());
  EXPECT_EQ(deleted->status, StreamStatus::Deleted);
  EXPECT_EQ(deleted->data, states.back().data);
  EXPECT_EQ(good(documents_->get("a")), std::nullopt) << "looking back brings nothing back";
  EXPECT_EQ(listed().total, 0u);
}

TEST_P(History, ADocumentIsSeenAsItWasAtEachTime) {
  const std::vector<Stream> states = lived("a");
  EXPECT_EQ(good(documents_->at_time("a", states.front().metadata.created_at_ms - 1)), std::nullopt);
  EXPECT_EQ(good(documents_->at_time("a", INT64_MIN)), std::nullopt);
  for (std::size_t i = 0; i < states.size(); ++i) {
    EXPECT_EQ(good(documents_->at_time("a", states[i].metadata.updated_at_ms)), states[i]);
    if (i == 0) continue;
    EXPECT_EQ(good(documents_->at_time("a", states[i].metadata.updated_at_ms - 1)), states[i - 1]);
  }
  const std::optional<Stream> in_the_end = good(documents_->at_version("a", 6));
  EXPECT_EQ(good(documents_->at_time("a", in_the_end->metadata.updated_at_ms)), in_the_end);
  EXPECT_EQ(good(documents_->at_time("a", INT64_MAX)), in_the_end);
}

TEST_P(History, VersionsDifferValueByValue) {
  lived("a");
  const auto changes = [&](std::uint64_t from, std::uint64_t to) {
    return lines(good(documents_->diff("a", from, to)));
  };
  EXPECT_THAT(changes(1, 2), ElementsAre("replaced /data/list/1 2 3", "added /data/deep/y  \"new\""));
  EXPECT_THAT(changes(2, 1), ElementsAre("removed /data/deep/y \"new\" ", "replaced /data/list/1 3 2"));
  EXPECT_THAT(changes(2, 3), ElementsAre("added /metadata/tags/0  \"t\"", "added /metadata/tags/1  \"u\"",
                                         "replaced /permissions/read/0 \"*\" \"ann\"", "added /description  \"D\""));
  EXPECT_THAT(changes(3, 4), ElementsAre("replaced /status \"active\" \"archived\""));
  EXPECT_THAT(changes(3, 5), IsEmpty());
  EXPECT_THAT(changes(4, 4), IsEmpty());
  EXPECT_THAT(changes(5, 6), ElementsAre("replaced /status \"active\" \"deleted\""));
  EXPECT_THAT(changes(0, 0), IsEmpty());
  EXPECT_THAT(changes(0, 1),
              ElementsAre("added /name  \"N\"", R"(added /data  {"list":[1,2],"deep":{"x":1.0}})",
                          R"(added /metadata  {"tags":[],"owner":"anonymous"})", "added /status  \"active\"",
                          R"(added /permissions  {"read":["*"],"write":["anonymous"],)"
                          R"("admin":["anonymous"]})"));
  const DocumentDiff whole = good(documents_->diff("a", 1, 6));
  EXPECT_EQ(whole.from, 1u);
  EXPECT_EQ(whole.to, 6u);
  EXPECT_FALSE(whole.truncated);
  EXPECT_THAT(whole.changes, SizeIs(7));
}

TEST_P(History, ADiffOfTooManyChangesIsCutAndSaysSo) {
  std::string ones = "[1";
  std::string twos = "[2";
  for (int i = 0; i < 10'000; ++i) {
    ones += ",1";
    twos += ",2";
  }
  created("a", "N", ones + "]");
  good(documents_->update("a", with_data(twos + "]")));
  const DocumentDiff diff = good(documents_->diff("a", 1, 2));
  EXPECT_TRUE(diff.truncated);
  EXPECT_THAT(diff.changes, SizeIs(10'000));
  EXPECT_EQ(diff.changes.back().path, "/data/9999");
}

TEST_P(History, OfUnknownDocumentsIsNotFound) {
  append_raw("document-foreign", "something-else", "{}");
  created("tombstoned");
  EXPECT_THAT(await(others_.client().tombstone_stream("document-tombstoned", {})), IsOk());
  created("gone");
  EXPECT_THAT(await(others_.client().delete_stream("document-gone", {})), IsOk());
  for (const std::string id : {"unknown", "foreign", "tombstoned", "gone"}) {
    const Result<HistoryPage> page = await(documents_->history(id));
    ASSERT_THAT(page, FailsWith(ErrorCode::NotFound)) << id;
    EXPECT_EQ(page.error().text("id"), id);
    EXPECT_THAT(await(documents_->at_version(id, 1)), FailsWith(ErrorCode::NotFound)) << id;
    EXPECT_THAT(await(documents_->at_time(id, 0)), FailsWith(ErrorCode::NotFound)) << id;
    EXPECT_THAT(await(documents_->diff(id, 0, 0)), FailsWith(ErrorCode::NotFound)) << id;
  }
}

TEST_P(History, OfADocumentThatTookAFreedIdBeginsWithIt) {
  created("a", "first");
  EXPECT_THAT(await(others_.client().delete_stream("document-a", {})), IsOk());
  EXPECT_EQ(created("a", "second").metadata.version, 2u);
  const HistoryPage page = history("a");
  EXPECT_THAT(lines(page), ElementsAre("2 created name data owner permissions"));
  EXPECT_EQ(page.total, 1u);
  EXPECT_EQ(good(documents_->at_version("a", 1)), std::nullopt);
  EXPECT_EQ(good(documents_->at_version("a", 2))->name, "second");
}

TEST_P(History, VersionsThatAreYetToComeAreNotFound) {
  created("a");
  const Result<std::optional<Stream>> early = await(documents_->at_version("a", 2));
  ASSERT_THAT(early, FailsWith(ErrorCode::NotFound));
  EXPECT_EQ(early.error().text("id"), "a");
  EXPECT_EQ(early.error().number("version"), 2u);
  EXPECT_EQ(early.error().number("latestVersion"), 1u);
  EXPECT_THAT(await(documents_->diff("a", 1, 2)), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_->diff("a", 7, 0)), FailsWith(ErrorCode::NotFound));
}

TEST_P(History, RefusesWhatIsNotValid) {
  created("a");
  HistoryOptions wrong;
  wrong.from = 0;
  wrong.limit = 0;
  EXPECT_THAT(await(documents_->history("", wrong)), RefusesFields(std::vector<std::string>{"id", "from", "limit"}));
  wrong.from.reset();
  wrong.limit = 1001;
  EXPECT_THAT(await(documents_->history("a", wrong)), RefusesFields(std::vector<std::string>{"limit"}));
  EXPECT_THAT(await(documents_->at_version("a", 0)), RefusesFields(std::vector<std::string>{"version"}));
  EXPECT_THAT(await(documents_->at_version("", 1)), RefusesFields(std::vector<std::string>{"id"}));
  EXPECT_THAT(await(documents_->at_time("", 1)), RefusesFields(std::vector<std::string>{"id"}));
  EXPECT_THAT(await(documents_->diff("", 1, 1)), RefusesFields(std::vector<std::string>{"id"}));
}

TEST_P(History, LongOnesAreReadInPages) {
  created("a");
  for (int i = 0; i < 1200; ++i) append_raw("document-a", "document-updated", "{\"data\":" + std::to_string(i) + "}");
  HistoryOptions options;
  options.from = 700;
  options.limit = 300;
  const HistoryPage page = history("a", options);
  EXPECT_THAT(page.items, SizeIs(300));
  EXPECT_EQ(page.items.front().version, 700u);
  EXPECT_EQ(page.next, 400u);
  EXPECT_EQ(page.total, 1201u);
  EXPECT_EQ(good(documents_->at_version("a", 1001))->data, "999");
  EXPECT_THAT(lines(good(documents_->diff("a", 2, 1201))), ElementsAre("replaced /data 0 1199"));
}

/// What differs, as fields of the history.
std::set<std::string> fields_of(const DocumentDiff& diff) {
  std::set<std::string> fields;
  for (const DocumentDifference& each : diff.changes) {
    std::string path = each.path.substr(1);
    const std::string metadata = "metadata/";
    if (path.compare(0, metadata.size(), metadata) == 0) path = path.substr(metadata.size());
    fields.insert(path.substr(0, path.find('/')));
  }
  return fields;
}

TEST_P(History, AgreesWithTheFoldOfWhateverStandsOnTheStream) {
  Prng prng(23);
  const std::vector<std::string> types{"document-updated",  "document-updated",  "document-updated",
                                       "document-archived", "document-restored", "other"};
  const std::vector<std::string> bodies{R"({"data":{"a":[1]}})",
                                        R"({"data":{"a":[1.0]},"tags":["t"]})",
                                        R"({"tags":[],"description":"D"})",
                                        R"({"permissions":{"read":["u","v"]}})",
                                        R"({"data":7,"permissions":{"write":[]}})",
                                        "{}",
                                        "[",
                                        R"({"tags":1})"};
  append_raw("document-a", "other", "{}");
  append_raw("document-a", "document-created", R"({"name":"N","data":{"a":[1]}})");
  for (int i = 0; i < 40; ++i) {
    append_raw("document-a", types[prng.below(types.size())], bodies[prng.below(bodies.size())]);
    if (i % 3 == 0) pause(1ms);
  }
  const HistoryPage page = history("a");
  ASSERT_THAT(page.items, SizeIs(42));
  services::DocumentFold fold;
  int with_fields = 0;
  for (const RecordedEvent& event : raw_events("document-a")) {
    fold.apply("a", event);
    const std::uint64_t version = fold.next_revision;
    EXPECT_EQ(good(documents_->at_version("a", version)), fold.document);
    if (version < 3) continue;
    const HistoryEntry& entry = page.items[42 - version];
    ASSERT_EQ(entry.version, version);
    std::set<std::string> told;
    for (const DocumentField field : entry.fields) told.insert(to_string(field));
    EXPECT_EQ(told, fields_of(good(documents_->diff("a", version - 1, version)))) << event.type << event.data;
    with_fields += told.empty() ? 0 : 1;
  }
  EXPECT_GT(with_fields, 10);
  EXPECT_EQ(listed().items.front(), *fold.document) << "the lists fold alike";
}

/// One user of an instant database, with a client that fails as told. `dev` settings: 3 retries, 100 ms, 30 s.
class HistoryFailures : public ::testing::Test {
 protected:
  HistoryFailures() {
    auto faulty = std::make_unique<FaultyClient>(host_.new_client(), host_.scheduler());
    client_ = faulty.get();
    user_.emplace(std::move(faulty), host_, 1, steady_config());
    CreateStreamRequest request;
    request.id = "a";
    request.name = "N";
    request.data = "1";
    EXPECT_THAT(await(host_, documents().create(request)), IsOk());
  }
  StreamService& documents() { return user_->services().streams(); }
  /// Reads from now on: the first `count` of them go wrong.
  void break_reads(ScriptedFault::Kind kind, std::uint64_t count) {
    const std::uint64_t before = client_->calls(Operation::Read);
    client_->play([=](Operation called, std::uint64_t nth) -> std::optional<ScriptedFault> {
      if (called != Operation::Read || nth > before + count) return std::nullopt;
      ScriptedFault fault;
      fault.kind = kind;
      return fault;
    });
  }

  MemoryHost host_{SimulationProfile{}};
  FaultyClient* client_ = nullptr;
  std::optional<ServiceUser> user_;
};

TEST_F(HistoryFailures, AnInstantClientIsAnsweredAtOnce) {
  EXPECT_EQ(at_once(documents().history("a"))->total, 1u);
  EXPECT_EQ((*at_once(documents().at_version("a", 1)))->name, "N");
  EXPECT_EQ((*at_once(documents().at_time("a", INT64_MAX)))->name, "N");
  EXPECT_THAT(at_once(documents().diff("a", 0, 1))->changes, SizeIs(5));
}

TEST_F(HistoryFailures, RefusedReadsAreRepeated) {
  const Duration begin = host_.scheduler().now();
  break_reads(ScriptedFault::Kind::Refuse, 3);
  EXPECT_THAT(await(host_, documents().history("a")), IsOk());
  EXPECT_EQ(host_.scheduler().now() - begin, 700ms);
  break_reads(ScriptedFault::Kind::Refuse, 3);
  EXPECT_THAT(await(host_, documents().diff("a", 0, 1)), IsOk());
  break_reads(ScriptedFault::Kind::Refuse, 4);
  EXPECT_THAT(await(host_, documents().at_version("a", 1)), FailsWith(ErrorCode::Unavailable));
}

TEST_F(HistoryFailures, ReadsThatNeverAnswerEndWithTheDeadline) {
  break_reads(ScriptedFault::Kind::Hang, 1000);
  const Result<HistoryPage> page = await(host_, documents().history("a"));
  ASSERT_THAT(page, FailsWith(ErrorCode::DeadlineExceeded));
  EXPECT_EQ(page.error().text("operation"), "getStreamHistory");
  EXPECT_EQ(await(host_, documents().at_time("a", 0)).error().text("operation"), "getStreamAt");
  EXPECT_EQ(await(host_, documents().diff("a", 0, 1)).error().text("operation"), "diffStream");
}

TEST_F(HistoryFailures, AStreamThatGoesAwayBetweenTwoPagesIsNotFound) {
  for (int i = 0; i < 600; ++i) {
    UpdateStreamRequest update;
    update.data = std::to_string(i);
    ASSERT_THAT(await(host_, documents().update("a", update)), IsOk());
  }
  const std::uint64_t before = client_->calls(Operation::Read);
  bool is_gone = false;
  client_->play([&](Operation called, std::uint64_t nth) -> std::optional<ScriptedFault> {
    if (called != Operation::Read || nth != before + 2) return std::nullopt;
    is_gone = at_once(client_->inner().tombstone_stream("document-a", {})).ok();
    return std::nullopt;
  });
  EXPECT_THAT(await(host_, documents().history("a")), FailsWith(ErrorCode::NotFound));
  EXPECT_TRUE(is_gone);
}

TEST_F(HistoryFailures, ServicesThatAreClosedMeanwhileCancel) {
  break_reads(ScriptedFault::Kind::Refuse, 1000);
  std::optional<ErrorCode> code;
  TaskScope scope;
  scope.spawn(documents().history("a"), [&](Result<HistoryPage> page) { code = page.error().code; });
  user_.reset();
  EXPECT_TRUE(host_.run_until([&] { return code.has_value(); }));
  EXPECT_EQ(code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace kurrentlite
