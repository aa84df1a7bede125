// Users and access lists (3.13): who may do what, when a call brings credentials. Without any, everything is allowed.
#include "contract/access_harness.hpp"

namespace kurrentlite::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const CallOptions kAdmin{Credentials{"admin", "changeit"}};
const CallOptions kOps{Credentials{"ops", "changeit"}};

TEST_P(AccessContract, UserStreamsAreOpenAndSystemStreamsAreForAdministrators) {
  appended("$own", {placed()});
  for (const CallOptions& who : {kAdmin, kOps}) {
    appended("order-1", {placed()});
    EXPECT_EQ(reads("order-1", who), "yes");
    EXPECT_EQ(appends("order-1", who), "yes");
    EXPECT_EQ(subscribes("order-1", who), "yes");
    EXPECT_EQ(appends("$$order-1", who), "yes");
    EXPECT_EQ(reads("$$order-1", who), "yes");
    EXPECT_EQ(deletes("order-1", who), "yes");
  }
  EXPECT_EQ(reads("$own", kOps), "no");
  EXPECT_EQ(appends("$own", kOps), "no");
  EXPECT_EQ(subscribes("$own", kOps), "no");
  EXPECT_EQ(appends("$$$own", kOps), "no");
  EXPECT_EQ(deletes("$own", kOps), "no");
  EXPECT_EQ(tombstones("$own", kOps), "no");
  EXPECT_EQ(reads("$own", kAdmin), "yes");
  EXPECT_EQ(appends("$own", kAdmin), "yes");
  EXPECT_EQ(tombstones("$own", kAdmin), "yes");
}

TEST_P(AccessContract, AllIsForAdministratorsUnlessAListSaysOtherwise) {
  EXPECT_EQ(reads_all(kOps), "no");
  EXPECT_EQ(subscribes_to_all(kOps), "no");
  EXPECT_EQ(reads_all(kAdmin), "yes");
  EXPECT_EQ(subscribes_to_all(kAdmin), "yes");
  ASSERT_THAT(set_metadata("$all", R"({"$acl":{"$r":["$ops","somebody"]}})"), IsOk());
  EXPECT_EQ(reads_all(kOps), "yes");
  EXPECT_EQ(subscribes_to_all(kOps), "yes");
  ASSERT_THAT(set_metadata("$all", R"({"$acl":{"$r":[]}})"), IsOk());
  EXPECT_EQ(reads_all(kOps), "no");
  EXPECT_EQ(reads_all(kAdmin), "yes") << "an empty list allows nobody but administrators";
}

TEST_P(AccessContract, EachActionHasItsOwnList) {
  struct Case {
    const char* acl;
    const char* reads;
    const char* writes;
    const char* deletes;
    const char* reads_metadata;
    const char* writes_metadata;
  };
  for (const Case& each :
       {Case{R"({"$r":"$admins"})", "no", "yes", "yes", "yes", "yes"},
        Case{R"({"$w":"$admins"})", "yes", "no", "yes", "yes", "yes"},
        Case{R"({"$d":"$admins"})", "yes", "yes", "no", "yes", "yes"},
        Case{R"({"$mr":"$admins"})", "yes", "yes", "yes", "no", "yes"},
        Case{R"({"$mw":"$admins"})", "yes", "yes", "yes", "yes", "no"},
        Case{R"({"$r":"$all","$w":"ops","$d":["x","$ops"],"$mr":[],"$mw":""})", "yes", "yes", "yes", "no", "no"},
        Case{R"({"$unknown":"x","$r":"$admins"})", "yes", "yes", "yes", "yes", "yes"}}) {
    SCOPED_TRACE(each.acl);
    const StreamName stream = std::string("guarded ") + each.acl;
    const std::string metadata = std::string(R"({"$acl":)") + each.acl + "}";
    appended(stream, {placed()});
    ASSERT_THAT(set_metadata(stream, metadata), IsOk());
    EXPECT_EQ(reads(stream, kOps), each.reads);
    EXPECT_EQ(subscribes(stream, kOps), each.reads);
    EXPECT_EQ(appends(stream, kOps), each.writes);
    EXPECT_EQ(reads("$$" + stream, kOps), each.reads_metadata);
    EXPECT_EQ(let_in(run(client().append_to_stream("$$" + stream, {event("$metadata", metadata)}, {Any{}, kOps}))),
              each.writes_metadata);
    EXPECT_EQ(reads(stream, kAdmin), "yes");
    EXPECT_EQ(appends(stream, kAdmin), "yes");
    EXPECT_EQ(appends(stream, {}), "yes") << "no credentials at all are the system account's";
    EXPECT_EQ(deletes(stream, kOps), each.deletes);
  }
}

TEST_P(AccessContract, ARefusedWriteChangesNothing) {
  appended("order-1", {placed()});
  ASSERT_THAT(set_metadata("order-1", R"({"$acl":{"$w":"$admins","$d":"$admins"}})"), IsOk());
  const ReadPosition before = end_of_all();
  EXPECT_EQ(appends("order-1", kOps), "no");
  EXPECT_EQ(deletes("order-1", kOps), "no");
  EXPECT_EQ(tombstones("order-1", kOps), "no");
  EXPECT_EQ(let_in(append_records({{"order-2", placed()}, {"order-1", placed()}}, {}, kOps)), "no");
  EXPECT_EQ(let_in(append_session({{"order-2", {placed()}}, {"order-1", {placed()}}}, kOps)), "no");
  EXPECT_THAT(all_since(before), IsEmpty());
}

TEST_P(AccessContract, DefaultListsHoldWhereAStreamSaysNothing) {
  set_defaults(R"({"$userStreamAcl":{"$r":"$admins"},"$systemStreamAcl":{"$r":"$all","$w":"$ops"}})");
  appended("order-1", {placed()});
  appended("order-2", {placed()});
  appended("$own", {placed()});
  ASSERT_THAT(set_metadata("order-2", R"({"$acl":{"$r":"ops"}})"), IsOk());
  EXPECT_EQ(reads("order-1", kOps), "no");
  EXPECT_EQ(appends("order-1", kOps), "yes") << "action by action";
  EXPECT_EQ(reads("order-2", kOps), "yes");
  EXPECT_EQ(reads("$own", kOps), "yes");
  EXPECT_EQ(appends("$own", kOps), "yes");
  EXPECT_EQ(deletes("$own", kOps), "no");
  EXPECT_EQ(reads_all(kOps), "yes");
  set_defaults("{}");
  EXPECT_EQ(reads("order-1", kOps), "yes");
  EXPECT_EQ(reads_all(kOps), "no");
}

TEST_P(AccessContract, NobodyWritesToAllOrDeletesMetadataStreams) {
  ASSERT_THAT(set_metadata("order-1", "{}"), IsOk());
  for (const CallOptions& who : {kAdmin, kOps, CallOptions{}}) {
    EXPECT_EQ(appends("$all", who), "no");
    EXPECT_EQ(deletes("$all", who), "no");
    EXPECT_EQ(deletes("$$order-1", who), "no");
    EXPECT_EQ(tombstones("$$order-1", who), "no");
  }
}

TEST_P(AccessContract, EventsReadThroughAllOrALinkAreNotChecked) {
  appended("secret", {placed()});
  ASSERT_THAT(set_metadata("secret", R"({"$acl":{"$r":"$admins"}})"), IsOk());
  appended("links", {link_to("0@secret")});
  ASSERT_THAT(set_metadata("$all", R"({"$acl":{"$r":"$ops"}})"), IsOk());
  EXPECT_EQ(reads("secret", kOps), "no");
  const auto through_link = read("links", {.resolve_links = true, .call = kOps});
  ASSERT_THAT(through_link, IsOk());
  EXPECT_THAT(types_of(*through_link), ElementsAre("placed"));
  const auto through_all = read_all({.filter = Filter{Filter::On::StreamName, {"secret"}}, .call = kOps});
  ASSERT_THAT(through_all, IsOk());
  EXPECT_THAT(types_of(*through_all), ElementsAre("placed"));
}

// 3.11: written streams need the right to write, streams that are only checked the right to read
TEST_P(AccessContract, RecordsAndChecksAskForTheirOwnRights) {
  appended("unreadable", {placed()});
  appended("unwritable", {placed()});
  ASSERT_THAT(set_metadata("unreadable", R"({"$acl":{"$r":"$admins"}})"), IsOk());
  ASSERT_THAT(set_metadata("unwritable", R"({"$acl":{"$w":"$admins"}})"), IsOk());
  const auto records_to = [&](const StreamName& written, std::vector<StateCheck> checks, const CallOptions& who) {
    return let_in(append_records({{"open", placed()}, {written, placed()}}, std::move(checks), who));
  };
  EXPECT_EQ(records_to("unwritable", {}, kOps), "no");
  EXPECT_EQ(records_to("unreadable", {}, kOps), "yes");
  EXPECT_EQ(records_to("unreadable", {{"unreadable", StreamExists{}}}, kOps), "yes")
      << "it is written, not only checked";
  EXPECT_EQ(records_to("open", {{"unreadable", StreamExists{}}}, kOps), "no");
  EXPECT_EQ(records_to("open", {{"unwritable", StreamExists{}}}, kOps), "yes");
  EXPECT_EQ(records_to("unwritable", {{"unreadable", StreamExists{}}}, kAdmin), "yes");
}

TEST_P(AccessContract, RefusalsComeBeforeWhatElseIsWrong) {
  bring("gone", StreamState::Tombstoned);
  ASSERT_THAT(set_metadata("$gone", "{}"), IsOk());
  ASSERT_THAT(tombstone("$gone"), IsOk());
  EXPECT_EQ(reads("$gone", kOps), "no");
  EXPECT_EQ(subscribes("$gone", kOps), "no");
  EXPECT_EQ(appends("$gone", kOps), "no");
  EXPECT_EQ(reads("gone", kOps), "StreamDeleted");
  EXPECT_EQ(subscribes("gone", kOps), "StreamDeleted");
  const CallOptions wrong{Credentials{"ops", "wrong"}};
  EXPECT_EQ(subscribes("gone", wrong), "no");
  EXPECT_EQ(let_in(append_records({}, {}, wrong)), "no");
  EXPECT_EQ(let_in(append_session({}, wrong)), "no");
  EXPECT_EQ(let_in(run(client().subscribe_to_all({.filter = Filter{Filter::On::EventType, {}, "("}, .call = kOps}))),
            "no");
}

TEST_P(AccessContract, CredentialsCountPerCall) {
  for (const Credentials& wrong : {Credentials{"admin", "Changeit"}, Credentials{"Admin", "changeit"},
                                   Credentials{"", ""}, Credentials{"admin", ""}, Credentials{"$admins", "changeit"}}) {
    const auto refused = read_all({.call = {wrong}});
    ASSERT_THAT(refused, FailsWith(ErrorCode::AccessDenied)) << wrong.login;
    EXPECT_THAT(refused.error().message, Not(HasSubstr("changeit")));
    EXPECT_EQ(reads_all({}), "yes");
    EXPECT_EQ(reads_all(kAdmin), "yes");
  }
}

// 3.12: a live subscription ends when its right to read does

TEST_P(AccessContract, AChangedListEndsALiveSubscription) {
  appended("order-1", {placed()});
  auto subscription = run(client().subscribe_to_stream("order-1", {.call = kOps}));
  ASSERT_THAT(subscription, IsOk());
  EXPECT_THAT(next_types(**subscription), ElementsAre("placed"));
  ASSERT_THAT(set_metadata("order-1", R"({"$acl":{"$w":"$admins"}})"), IsOk());
  ASSERT_THAT(set_metadata("order-2", R"({"$acl":{"$r":"$admins"}})"), IsOk());
  appended("order-1", {paid()});
  EXPECT_THAT(next_types(**subscription, 1), ElementsAre("paid")) << "neither takes its right away";
  auto next = (*subscription)->next();
  ASSERT_TRUE(waits(next));
  ASSERT_THAT(set_metadata("order-1", R"({"$acl":{"$r":"$admins"}})"), IsOk());
  ASSERT_TRUE(harness().run_until([&] { return next.done(); }));
  EXPECT_THAT(next.take(), FailsWith(ErrorCode::AccessDenied));
  ASSERT_THAT(set_metadata("order-1", "{}"), IsOk());
  EXPECT_THAT(run((*subscription)->next()), FailsWith(ErrorCode::AccessDenied)) << "for good";
}

TEST_P(AccessContract, ChangedDefaultsEndALiveSubscription) {
  auto subscription = run(client().subscribe_to_stream("order-1", {.call = kOps}));
  ASSERT_THAT(subscription, IsOk());
  EXPECT_THAT(next_types(**subscription), IsEmpty());
  auto next = (*subscription)->next();
  ASSERT_TRUE(waits(next));
  set_defaults(R"({"$userStreamAcl":{"$r":"$admins"}})");
  ASSERT_TRUE(harness().run_until([&] { return next.done(); }));
  EXPECT_THAT(next.take(), FailsWith(ErrorCode::AccessDenied));
}

TEST_P(AccessContract, AChangedListOfAllEndsALiveSubscriptionToAll) {
  ASSERT_THAT(set_metadata("$all", R"({"$acl":{"$r":"$ops"}})"), IsOk());
  auto ops = run(client().subscribe_to_all({.from = End{}, .call = kOps}));
  auto admin = run(client().subscribe_to_all({.from = End{}, .call = kAdmin}));
  const auto system = subscribe_to_all({.from = End{}});
  ASSERT_THAT(ops, IsOk());
  ASSERT_THAT(admin, IsOk());
  for (Subscription* each : {ops->get(), admin->get(), system.get()}) EXPECT_THAT(next_types(*each), IsEmpty());
  ASSERT_THAT(set_metadata("$all", R"({"$acl":{"$r":[]}})"), IsOk());
  EXPECT_THAT(run((*ops)->next()), FailsWith(ErrorCode::AccessDenied));
  EXPECT_THAT(next_types(**admin, 1), ElementsAre("$metadata"));
  EXPECT_THAT(next_types(*system, 1), ElementsAre("$metadata"));
}

}  // namespace
}  // namespace kurrentlite::contract
