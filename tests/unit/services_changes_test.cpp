// StreamService: patches, tags, owners, conflicts, transactions, and what an acting user may do.
#include "base/json_diff.hpp"
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Texts = std::vector<std::string>;

class Changes : public ServiceSuite {
 protected:
  static PatchStreamRequest patch(Json text, std::optional<std::uint64_t> expected = std::nullopt) {
    return {std::move(text), expected};
  }
  /// The error that a task must end with.
  template <class T>
  Error refused(Task<Result<T>> task) {
    Result<T> result = await(std::move(task));
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error{} : result.error();
  }
  void act_as(const char* user) { documents_.services().act_as(user); }
};
INSTANTIATE_TEST_SUITE_P(Services, Changes, every_service_host(), host_name);

TEST_P(Changes, AKindIsGivenOnceAndListedBy) {
  CreateStreamRequest request = named("a");
  request.kind = "customer";
  const Stream document = good(documents_->create(request));
  created("b");
  EXPECT_EQ(document.kind, "customer");
  StreamFilter customers;
  customers.kind = "customer";
  EXPECT_THAT(listed(customers).items, ElementsAre(document));
  request.kind = "";
  EXPECT_THAT(await(documents_->create(request)), RefusesFields(Texts{"kind"}));
}

TEST_P(Changes, APatchChangesPartsAndIsAllThatIsWritten) {
  created("a", "A", R"({"keep":1.0,"drop":2,"deep":{"x":1}})");
  const Stream patched = good(documents_->patch("a", patch(R"({"drop":null,"deep":{"y":[2]}})")));
  EXPECT_EQ(patched.data, R"({"keep":1.0,"deep":{"x":1,"y":[2]}})");
  EXPECT_EQ(good(documents_->get("a")), patched);
  const std::vector<RecordedEvent> events = raw_events("document-a");
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[1].type, "document-patched");
  EXPECT_EQ(events[1].data, R"({"data":{"drop":null,"deep":{"y":[2]}}})");
  EXPECT_THAT(await(documents_->patch("a", patch("[]"))), RefusesFields(Texts{"with"}));
  EXPECT_THAT(await(documents_->patch("b", patch("{}"))), FailsWith(ErrorCode::NotFound));
}

TEST_P(Changes, ADocumentDoesNotGrowBeyondWhatFitsOneEventByPatches) {
  const std::string half = "\"" + std::string(9u << 20, 'x') + "\"";
  created("a", "A", R"({"one":)" + half + "}");
  EXPECT_THAT(await(documents_->patch("a", patch(R"({"two":)" + half + "}"))), RefusesFields(Texts{"data"}));
  EXPECT_THAT(raw_types("document-a"), SizeIs(1));
  EXPECT_THAT(await(documents_->patch("a", patch(R"({"one":null,"two":)" + half + "}"))), IsOk());
}

TEST_P(Changes, TagsArePutOnAndTakenOff) {
  created("a");
  EXPECT_THAT(good(documents_->tag("a", {{"x", "y", "x"}, {}})).metadata.tags, ElementsAre("x", "y"));
  EXPECT_THAT(good(documents_->tag("a", {{"z"}, {"x"}})).metadata.tags, ElementsAre("y", "z"));
  EXPECT_THAT(good(documents_->tag("a", {{"y"}, {"y"}})).metadata.tags, ElementsAre("z", "y"));
  const std::uint64_t before = total_events();
  EXPECT_EQ(good(documents_->tag("a", {{"z"}, {"gone"}})).metadata.version, 4u);
  EXPECT_EQ(total_events(), before) << "what changes nothing is not written";
  EXPECT_THAT(await(documents_->tag("a", {{""}, {""}})), RefusesFields(Texts{"add[0]", "remove[0]"}));
}

TEST_P(Changes, ANewOwnerTakesTheFormerOnesPlace) {
  CreateStreamRequest request = named("a");
  request.owner = "ann";
  request.permissions = PermissionsPatch{std::nullopt, std::vector<std::string>{"ann", "bob"}, std::nullopt};
  good(documents_->create(request));
  const Stream given = good(documents_->transfer_owner("a", "bob"));
  EXPECT_EQ(given.metadata.owner, "bob");
  EXPECT_EQ(given.permissions, (Permissions{{"*"}, {"bob"}, {"bob"}}));
  EXPECT_EQ(good(documents_->transfer_owner("a", "bob")).metadata.version, 2u);
  EXPECT_THAT(raw_types("document-a"), ElementsAre("document-created", "document-owner-changed"));
}

TEST_P(Changes, PermissionsAreMergedPartByPart) {
  created("a");
  const Stream changed = good(documents_->set_permissions("a", {std::nullopt, std::vector<std::string>{"w"}, std::nullopt}));
  EXPECT_EQ(changed.permissions, (Permissions{{"*"}, {"w"}, {"anonymous"}}));
  EXPECT_EQ(good(documents_->set_permissions("a", {std::nullopt, std::nullopt, std::nullopt})).metadata.version, 2u);
  EXPECT_THAT(raw_types("document-a"), ElementsAre("document-created", "document-permissions-changed"));
}

TEST_P(Changes, ForeignEventsOfTheNewTypesChangeNothing) {
  const Stream before = created("a", "A", "{}");
  append_raw("document-a", "document-patched", "{}");
  append_raw("document-a", "document-patched", "no json");
  append_raw("document-a", "document-tagged", R"({"add":3})");
  append_raw("document-a", "document-permissions-changed", R"({"permissions":{"read":[1]}})");
  append_raw("document-a", "document-owner-changed", "{}");
  Stream after = *good(documents_->get("a"));
  EXPECT_EQ(after.metadata.version, 6u);
  after.metadata.version = 1;
  EXPECT_EQ(after, before);
}

// Conflicts

TEST_P(Changes, AConflictCarriesBothVersions) {
  created("a", "A", "1");
  const Stream base = good(documents_->update("a", with_data("2")));
  const Stream theirs = good(documents_->update("a", with_data("3")));
  const Error error = refused(documents_->patch("a", patch("{}", 2)));
  EXPECT_EQ(error.code, ErrorCode::Conflict);
  EXPECT_EQ(error.number("expectedVersion"), 2u);
  EXPECT_EQ(error.number("actualVersion"), 3u);
  EXPECT_EQ(json::Value(error.text("base")).find("data")->raw(), "2");
  EXPECT_EQ(json::Value(error.text("theirs")).find("data")->raw(), "3");
  const Error never = refused(documents_->patch("a", patch("{}", 9)));
  EXPECT_EQ(never.text("base"), "") << "it never had that version";
}

TEST_P(Changes, AMergeIsAskedUntilItsChangeIsMade) {
  created("a", "A", "1");
  good(documents_->update("a", with_data("2")));
  UpdateStreamRequest request = with_data("10");
  request.expected_version = 1;
  int asked = 0;
  const Stream merged = good(documents_->update("a", request, [&](const StreamConflict& conflict) {
    ++asked;
    EXPECT_EQ(conflict.expected_version, 1u);
    EXPECT_EQ(conflict.base->data, "1");
    return with_data(conflict.theirs.data + "0");
  }));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(merged.data, "20");
  EXPECT_EQ(merged.metadata.version, 3u);
  request.expected_version = 1;
  const auto undecided = [](const StreamConflict&) { return std::optional<UpdateStreamRequest>(); };
  EXPECT_EQ(refused(documents_->update("a", request, undecided)).code, ErrorCode::Conflict);
}

// Transactions

TEST_P(Changes, ATransactionDoesEverythingAtOnce) {
  created("a", "A", R"({"balance":10})");
  created("old");
  std::vector<TransactionStep> steps;
  steps.push_back({"a", patch(R"({"balance":7})", 1)});
  steps.push_back({"", named("b", "B", R"({"balance":3})")});
  steps.push_back({"b", TagChanges{{"new"}, {}}});
  steps.push_back({"a", StreamStatus::Archived});
  steps.push_back({"old", StreamStatus::Deleted});
  const std::uint64_t before = total_events();
  const std::vector<Stream> answers = good(documents_->transaction(std::move(steps)));
  ASSERT_THAT(answers, SizeIs(5));
  EXPECT_EQ(total_events(), before + 5);
  EXPECT_EQ(answers[0], answers[3]);
  EXPECT_EQ(answers[0].metadata.version, 3u);
  EXPECT_EQ(answers[0].status, StreamStatus::Archived);
  EXPECT_THAT(answers[2].metadata.tags, ElementsAre("new"));
  EXPECT_EQ(answers[4].status, StreamStatus::Deleted);
  EXPECT_EQ(good(documents_->get("a")), answers[0]);
  EXPECT_EQ(good(documents_->get("b")), answers[1]);
  EXPECT_THAT(ids(listed()), ElementsAre("a", "b"));
  wait_for_lists(documents_);
  EXPECT_THAT(listed().items, ElementsAre(answers[0], answers[1]));
}

TEST_P(Changes, ATransactionWithOneStepThatFailsChangesNothing) {
  created("a", "A", "1");
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  created("b", "B", "1");
  const std::uint64_t before = total_events();
  const auto fails = [&](TransactionStep bad) {
    std::vector<TransactionStep> steps;
    steps.push_back({"b", with_data("2")});
    steps.push_back(std::move(bad));
    return refused(documents_->transaction(std::move(steps))).code;
  };
  EXPECT_EQ(fails({"", named("b")}), ErrorCode::Conflict);
  EXPECT_EQ(fails({"", named("a")}), ErrorCode::Conflict) << "also the id of a deleted one";
  EXPECT_EQ(fails({"a", StreamStatus::Archived}), ErrorCode::NotFound);
  EXPECT_EQ(fails({"c", TagChanges{}}), ErrorCode::NotFound);
  EXPECT_EQ(fails({"b", patch("{}", 5)}), ErrorCode::Conflict);
  EXPECT_EQ(total_events(), before);
  std::vector<TransactionStep> steps;
  steps.push_back({"b", with_data("2")});
  steps.push_back({"", named("c", "")});
  EXPECT_THAT(await(documents_->transaction(std::move(steps))), RefusesFields(Texts{"steps[1].create.name"}));
  EXPECT_THAT(await(documents_->transaction({})), RefusesFields(Texts{"steps"}));
}

TEST_P(Changes, TransactionsThatMeetAreMadeOneAfterTheOther) {
  created("a", "A", R"({"count":0})");
  created("b", "B", R"({"count":0})");
  const auto both = [&](const char* name) {
    std::vector<TransactionStep> steps;
    steps.push_back({"a", TagChanges{{name}, {}}});
    steps.push_back({"b", TagChanges{{name}, {}}});
    return steps;
  };
  std::vector<Result<std::vector<Stream>>> results;
  TaskScope scope;
  const auto note = [&](Result<std::vector<Stream>> result) { results.push_back(std::move(result)); };
  scope.spawn(documents_->transaction(both("x")), note);
  scope.spawn(others_->transaction(both("y")), note);
  ASSERT_TRUE(host_->run_until([&] { return results.size() == 2; }));
  for (const auto& each : results) EXPECT_THAT(each, IsOk());
  EXPECT_THAT(good(documents_->get("a"))->metadata.tags, ::testing::UnorderedElementsAre("x", "y"));
  EXPECT_THAT(good(documents_->get("b"))->metadata.tags, ::testing::UnorderedElementsAre("x", "y"));
}

// The acting user

TEST_P(Changes, TheActingUserDoesWhatPermissionsSay) {
  act_as("ann");
  CreateStreamRequest request = named("a");
  request.permissions = PermissionsPatch{std::vector<std::string>{"bob"}, std::vector<std::string>{"carl"}, std::nullopt};
  EXPECT_EQ(good(documents_->create(request)).metadata.owner, "ann");

  act_as("bob");
  EXPECT_TRUE(good(documents_->get("a")).has_value());
  const Error error = refused(documents_->update("a", with_data("2")));
  EXPECT_EQ(error.code, ErrorCode::AccessDenied);
  EXPECT_EQ(error.text("id"), "a");
  EXPECT_EQ(error.text("user"), "bob");
  EXPECT_EQ(error.text("needed"), "write");
  EXPECT_THAT(listed().items, SizeIs(1));

  act_as("carl");
  EXPECT_THAT(await(documents_->archive("a")), IsOk());
  EXPECT_THAT(await(documents_->restore("a")), IsOk());
  UpdateStreamRequest grab;
  grab.permissions = PermissionsPatch{std::nullopt, std::nullopt, std::vector<std::string>{"carl"}};
  EXPECT_EQ(refused(documents_->update("a", grab)).text("needed"), "admin");
  EXPECT_EQ(refused(documents_->remove("a")).text("needed"), "admin");
  EXPECT_EQ(refused(documents_->transfer_owner("a", "carl")).text("needed"), "admin");

  act_as("dora");
  EXPECT_EQ(refused(documents_->get("a")).text("needed"), "read");
  EXPECT_EQ(refused(documents_->history("a")).text("needed"), "read");
  EXPECT_EQ(refused(documents_->at_version("a", 1)).text("needed"), "read");
  EXPECT_EQ(refused(documents_->diff("a", 1, 2)).text("needed"), "read");
  EXPECT_THAT(listed().items, IsEmpty());
  EXPECT_EQ(refused(documents_->create([] {
              CreateStreamRequest theirs = named("b");
              theirs.owner = "ann";
              return theirs;
            }())).code,
            ErrorCode::AccessDenied);

  documents_.services().act_as(std::nullopt);
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
}

TEST_P(Changes, ThePastIsShownToWhoMaySeeThePresent) {
  act_as("ann");
  created("a");
  EXPECT_THAT(await(documents_->set_permissions("a", {std::vector<std::string>{}, std::nullopt, std::nullopt})), IsOk());
  act_as("bob");
  EXPECT_EQ(refused(documents_->at_version("a", 1)).code, ErrorCode::AccessDenied) << "when it was public, too";
}

TEST_P(Changes, UserDataAreTheirUsers) {
  act_as("ann");
  UserStreamService& users = documents_.users();
  good(users.store({"ann", "open"}, "1", true));
  good(users.store({"ann", "closed"}, "2"));
  act_as("bob");
  EXPECT_EQ(good(users.get({"ann", "open"}))->data, "1");
  EXPECT_EQ(refused(users.get({"ann", "closed"})).text("needed"), "read");
  EXPECT_EQ(refused(users.store({"ann", "open"}, "3")).text("needed"), "write");
  EXPECT_EQ(refused(users.update({"ann", "open"}, "{}")).text("needed"), "write");
  EXPECT_EQ(refused(users.remove({"ann", "open"})).text("needed"), "write");
  EXPECT_THAT(good(users.list()), SizeIs(1));
}

TEST_P(Changes, AnotherActingUserIsANewListToListeners) {
  created("a");
  wait_for_lists(documents_);
  int told = 0;
  documents_->on_change([&] { ++told; });
  act_as("ann");
  act_as("ann");
  pause();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace kurrentlite
