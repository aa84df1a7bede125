// Unique values and checks of documents.
#include "services/constraints.hpp"
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Texts = std::vector<std::string>;

class Constrained : public ServiceSuite {
 protected:
  Constrained() {
    declare(documents_);
    declare(others_);
  }
  static void declare(ServiceUser& user) {
    DocumentKind customer;
    customer.kind = "customer";
    customer.unique.push_back({"email", "data.email", true});
    customer.checks.push_back({"solvent", field("data.balance").gte(0), "must not owe anything."});
    EXPECT_THAT(user->declare_kind(std::move(customer)), IsOk());
  }
  static CreateStreamRequest customer(const std::string& id, const std::string& email, int balance = 0) {
    CreateStreamRequest request =
        named(id, id, R"({"email":")" + email + R"(","balance":)" + std::to_string(balance) + "}");
    request.kind = "customer";
    return request;
  }
  static PatchStreamRequest patch(Json text) { return {std::move(text), std::nullopt}; }
  std::vector<std::string> refusal(Task<Result<Stream>> task) {
    const Result<Stream> result = await(std::move(task));
    std::vector<std::string> fields;
    if (result.ok()) return {"(accepted)"};
    EXPECT_EQ(result.error().code, ErrorCode::ValidationFailed) << result.error().message;
    for (const Violation& each : result.error().violations) fields.push_back(each.field);
    return fields;
  }
};
INSTANTIATE_TEST_SUITE_P(Services, Constrained, every_service_host(), host_name);

TEST_P(Constrained, NoTwoDocumentsHaveTheSameValue) {
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org"))), IsOk());
  const std::uint64_t before = total_events();
  EXPECT_THAT(refusal(others_->create(customer("b", "Ann@X.org"))), ElementsAre("data.email"));
  EXPECT_EQ(total_events(), before) << "nothing is written";
  EXPECT_THAT(await(others_->create(customer("b", "bob@x.org"))), IsOk());
  EXPECT_THAT(refusal(others_->patch("b", patch(R"({"email":"ann@x.org"})"))), ElementsAre("data.email"));
  EXPECT_THAT(await(documents_->create(named("c", "C", R"({"email":"ann@x.org"})"))), IsOk()) << "of another kind";
}

TEST_P(Constrained, AValueIsGivenBackWhenItChangesOrItsDocumentGoes) {
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org"))), IsOk());
  EXPECT_THAT(await(documents_->patch("a", patch(R"({"email":"anna@x.org"})"))), IsOk());
  EXPECT_THAT(await(others_->create(customer("b", "ann@x.org"))), IsOk());
  EXPECT_THAT(await(documents_->archive("a")), IsOk());
  EXPECT_THAT(refusal(others_->create(customer("c", "anna@x.org"))), ElementsAre("data.email")) << "archived is not gone";
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  EXPECT_THAT(await(others_->create(customer("c", "anna@x.org"))), IsOk());
  EXPECT_THAT(await(documents_->patch("b", patch(R"({"email":null})"))), IsOk());
  EXPECT_THAT(await(others_->create(customer("d", "ann@x.org"))), IsOk());
  EXPECT_THAT(raw_types("unique-customer-email-tann@x.org"),
              ElementsAre("value-claimed", "value-released", "value-claimed", "value-released", "value-claimed"));
}

TEST_P(Constrained, AChangeOfOtherThingsWritesNoClaims) {
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org"))), IsOk());
  const std::uint64_t before = total_events();
  EXPECT_THAT(await(documents_->patch("a", patch(R"({"balance":7,"email":"ANN@x.org"})"))), IsOk());
  EXPECT_EQ(total_events(), before + 1);
}

TEST_P(Constrained, OfTwoThatClaimAtOnceOneIsRefused) {
  std::vector<Result<Stream>> results;
  TaskScope scope;
  const auto note = [&](Result<Stream> result) { results.push_back(std::move(result)); };
  scope.spawn(documents_->create(customer("a", "same@x.org")), note);
  scope.spawn(others_->create(customer("b", "same@x.org")), note);
  ASSERT_TRUE(host_->run_until([&] { return results.size() == 2; }));
  EXPECT_NE(results[0].ok(), results[1].ok());
  const Result<Stream>& loser = results[0].ok() ? results[1] : results[0];
  EXPECT_THAT(loser, RefusesFields(Texts{"data.email"}));
  wait_for_lists(documents_);
  EXPECT_THAT(listed().items, SizeIs(1));
}

TEST_P(Constrained, ValuesAreSwappedWithinATransaction) {
  EXPECT_THAT(await(documents_->create(customer("a", "one@x.org"))), IsOk());
  EXPECT_THAT(await(documents_->create(customer("b", "two@x.org"))), IsOk());
  std::vector<TransactionStep> swap;
  swap.push_back({"a", patch(R"({"email":"two@x.org"})")});
  swap.push_back({"b", patch(R"({"email":"one@x.org"})")});
  EXPECT_THAT(await(documents_->transaction(std::move(swap))), IsOk());
  EXPECT_THAT(refusal(others_->create(customer("c", "two@x.org"))), ElementsAre("data.email"));
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  EXPECT_THAT(await(others_->create(customer("c", "two@x.org"))), IsOk());
  std::vector<TransactionStep> twice;
  twice.push_back({"", customer("x", "three@x.org")});
  twice.push_back({"", customer("y", "three@x.org")});
  EXPECT_THAT(await(documents_->transaction(std::move(twice))), RefusesFields(Texts{"data.email"}));
}

TEST_P(Constrained, ValuesThatAreNoneOrTooComplicated) {
  CreateStreamRequest none = named("a", "A", R"({"balance":0})");
  none.kind = "customer";
  EXPECT_THAT(await(documents_->create(none)), IsOk());
  none.id = "b";
  none.data = R"({"email":null,"balance":0})";
  EXPECT_THAT(await(documents_->create(none)), IsOk());
  none.id = "c";
  none.data = R"({"email":["x"],"balance":0})";
  EXPECT_THAT(refusal(documents_->create(none)), ElementsAre("data.email"));
  const std::string endless(5000, 'x');
  EXPECT_THAT(await(documents_->create(customer("d", endless + "1"))), IsOk());
  EXPECT_THAT(await(documents_->create(customer("e", endless + "2"))), IsOk());
  EXPECT_THAT(refusal(documents_->create(customer("f", endless + "1"))), ElementsAre("data.email"));
}

TEST_P(Constrained, ChecksAreJudgedOnTheWholeDocumentAfterTheChange) {
  EXPECT_THAT(refusal(documents_->create(customer("a", "ann@x.org", -1))), ElementsAre("solvent"));
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org", 5))), IsOk());
  const Result<Stream> refused = await(documents_->patch("a", patch(R"({"balance":-5})")));
  ASSERT_THAT(refused, RefusesFields(Texts{"solvent"}));
  EXPECT_EQ(refused.error().violations.front().problem, "must not owe anything.");
  EXPECT_EQ(good(documents_->get("a"))->metadata.version, 1u);
  EXPECT_THAT(await(documents_->remove("a")), IsOk()) << "what goes need not hold";
}

TEST_P(Constrained, DeclarationsAreCheckedAndReplaced) {
  DocumentKind bad;
  bad.kind = "";
  bad.unique.push_back({"", "data..x", false});
  bad.checks.push_back({"c", field("nothing").eq(1), ""});
  const Result<void> declared = documents_->declare_kind(bad);
  ASSERT_FALSE(declared.ok());
  EXPECT_THAT(declared.error().violations, SizeIs(::testing::Ge(3u)));
  DocumentKind free;
  free.kind = "customer";
  EXPECT_THAT(documents_->declare_kind(free), IsOk());
  EXPECT_THAT(await(documents_->create(customer("a", "x", -1))), IsOk());
  EXPECT_THAT(await(documents_->create(customer("b", "x", -1))), IsOk());
  DocumentKind all;
  all.kind = "*";
  all.checks.push_back({"named", field("name").ne("forbidden"), ""});
  EXPECT_THAT(documents_->declare_kind(all), IsOk());
  EXPECT_THAT(refusal(documents_->create(named("c", "forbidden"))), ElementsAre("named"));
}

/// Documents were written before anybody declared what is unique.
class OlderDocuments : public Constrained {
 protected:
  static void declare_nothing(ServiceUser& user) {
    DocumentKind free;
    free.kind = "customer";
    EXPECT_THAT(user->declare_kind(std::move(free)), IsOk());
  }
  /// Writes what the constraints would refuse.
  void write(const std::string& id, const std::string& email) {
    declare_nothing(others_);
    EXPECT_THAT(await(others_->create(customer(id, email))), IsOk());
    pause();
    declare(others_);
  }
  UniqueClaims claimed() { return good(documents_->claim_unique("customer")); }
};
INSTANTIATE_TEST_SUITE_P(Services, OlderDocuments, every_service_host(), host_name);

TEST_P(OlderDocuments, TheirValuesAreClaimedAndConflictsTold) {
  write("z", "ann@x.org");
  write("a", "Ann@x.org");
  write("b", "bob@x.org");
  EXPECT_THAT(await(documents_->create(customer("c", "cid@x.org"))), IsOk());
  EXPECT_THAT(await(documents_->create(named("other", "O", R"({"email":"o@x.org"})"))), IsOk());
  const UniqueClaims first = claimed();
  EXPECT_EQ(first.documents, 4u);
  EXPECT_EQ(first.claimed, 2u);
  EXPECT_EQ(first.held, 1u);
  EXPECT_EQ(first.released, 0u);
  ASSERT_THAT(first.conflicts, SizeIs(1));
  EXPECT_EQ(first.conflicts[0].name, "email");
  EXPECT_EQ(first.conflicts[0].path, "data.email");
  EXPECT_EQ(first.conflicts[0].value, R"("Ann@x.org")");
  EXPECT_EQ(first.conflicts[0].document, "a");
  EXPECT_EQ(first.conflicts[0].holder, "z") << "the older one";
  EXPECT_EQ(first.conflicts[0].stream, "unique-customer-email-tann@x.org");
  EXPECT_THAT(refusal(others_->create(customer("d", "bob@x.org"))), ElementsAre("data.email"));

  const std::uint64_t before = total_events();
  const UniqueClaims again = claimed();
  EXPECT_EQ(total_events(), before) << "nothing is written twice";
  EXPECT_EQ(again.held, 3u);
  EXPECT_EQ(again.claimed, 0u);
  EXPECT_THAT(again.conflicts, SizeIs(1));

  EXPECT_THAT(await(documents_->remove("z")), IsOk());
  const UniqueClaims settled = claimed();
  EXPECT_EQ(settled.claimed, 1u);
  EXPECT_THAT(settled.conflicts, IsEmpty());
}

TEST_P(OlderDocuments, ClaimsWhoseDocumentsChangedUnseenAreGivenBack) {
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org"))), IsOk());
  EXPECT_THAT(await(documents_->create(customer("b", "bob@x.org"))), IsOk());
  declare_nothing(others_);
  EXPECT_THAT(await(others_->patch("a", patch(R"({"email":"new@x.org"})"))), IsOk());
  EXPECT_THAT(await(others_.client().delete_stream("document-b", {})), IsOk());
  const UniqueClaims report = claimed();
  EXPECT_EQ(report.released, 2u);
  EXPECT_EQ(report.claimed, 1u);
  EXPECT_EQ(report.documents, 1u);
  EXPECT_THAT(await(documents_->create(customer("c", "ann@x.org"))), IsOk());
  EXPECT_THAT(refusal(documents_->create(customer("d", "new@x.org"))), ElementsAre("data.email"));
}

TEST_P(OlderDocuments, AReservationThatSomebodyDeletedIsMadeAgain) {
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org"))), IsOk());
  EXPECT_THAT(await(others_.client().delete_stream("unique-customer-email-tann@x.org", {})), IsOk());
  EXPECT_EQ(claimed().claimed, 1u);
  EXPECT_THAT(refusal(documents_->create(customer("b", "ann@x.org"))), ElementsAre("data.email"));
}

TEST_P(OlderDocuments, AreSoManyThatTheyTakeSeveralReadsAndAppends) {
  declare_nothing(others_);
  std::vector<TransactionStep> steps;
  for (int i = 0; i < 620; ++i) steps.push_back({"", customer("c" + std::to_string(i), std::to_string(i) + "@x.org")});
  ASSERT_THAT(await(others_->transaction(std::move(steps))), IsOk());
  EXPECT_EQ(claimed().claimed, 620u);
  EXPECT_EQ(claimed().held, 620u);
}

TEST_P(OlderDocuments, OnlyOfDeclaredKindsAndForNobodyInParticular) {
  EXPECT_THAT(await(documents_->claim_unique("nobody knows")), RefusesFields(Texts{"kind"}));
  EXPECT_THAT(await(documents_->claim_unique("")), RefusesFields(Texts{"kind"}));
  documents_.services().act_as("ann");
  const Result<UniqueClaims> refused = await(documents_->claim_unique("customer"));
  ASSERT_THAT(refused, FailsWith(ErrorCode::AccessDenied));
  EXPECT_EQ(refused.error().text("user"), "ann");
}

TEST_P(OlderDocuments, ATombstonedReservationNamesTheFieldAndTheFix) {
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org"))), IsOk());
  EXPECT_THAT(await(others_.client().tombstone_stream("unique-customer-email-tann@x.org", {})), IsOk());
  EXPECT_THAT(await(others_.client().tombstone_stream("unique-customer-email-tbob@x.org", {})), IsOk());
  const std::uint64_t before = total_events();
  const Result<Stream> refused = await(documents_->create(customer("b", "bob@x.org")));
  ASSERT_THAT(refused, RefusesFields(Texts{"data.email"}));
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("was tombstoned"));
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("another value"));
  EXPECT_THAT(refusal(documents_->patch("a", patch(R"({"email":"bob@x.org"})"))), ElementsAre("data.email"));
  EXPECT_EQ(total_events(), before);
  const UniqueClaims report = claimed();
  ASSERT_THAT(report.conflicts, SizeIs(1));
  EXPECT_EQ(report.conflicts[0].document, "a");
  EXPECT_EQ(report.conflicts[0].holder, std::nullopt);
  EXPECT_THAT(await(documents_->patch("a", patch(R"({"email":"cid@x.org"})"))), IsOk()) << "its own change goes on";
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
}

TEST_P(OlderDocuments, ReservationsHaveAPartOfTheStorage) {
  EXPECT_THAT(await(documents_->create(customer("a", "ann@x.org"))), IsOk());
  EXPECT_THAT(await(documents_->patch("a", patch(R"({"email":"new@x.org"})"))), IsOk());
  wait_for_lists(documents_);
  EXPECT_EQ(good(documents_.database().metrics()).storage.unique_values.events, 3u);
  EXPECT_EQ(good(documents_.database().metrics()).storage.other.events, 0u);
}

}  // namespace
}  // namespace kurrentlite
