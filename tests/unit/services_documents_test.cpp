// StreamService: what each operation does, and when it refuses.
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Documents : public ServiceSuite {};
INSTANTIATE_TEST_SUITE_P(Services, Documents, every_service_host(), host_name);

TEST_P(Documents, ANewDocumentHasVersion1AndDefaults) {
  const Stream document = created("a", "User Profile", R"({"userId":"123"})");
  EXPECT_EQ(document.id, "a");
  EXPECT_EQ(document.name, "User Profile");
  EXPECT_EQ(document.description, std::nullopt);
  EXPECT_EQ(document.data, R"({"userId":"123"})");
  EXPECT_EQ(document.status, StreamStatus::Active);
  EXPECT_EQ(document.metadata.version, 1u);
  EXPECT_EQ(document.metadata.owner, "anonymous");
  EXPECT_THAT(document.metadata.tags, IsEmpty());
  EXPECT_EQ(document.metadata.created_at_ms, document.metadata.updated_at_ms);
  EXPECT_EQ(document.permissions, (Permissions{{"*"}, {"anonymous"}, {"anonymous"}}));
}

TEST_P(Documents, EverythingGivenIsKept) {
  CreateStreamRequest request = named("a", "N");
  request.description = "";
  request.tags = std::vector<std::string>{"x", "y\"\n", "x"};
  request.owner = "ann";
  request.permissions = PermissionsPatch{std::nullopt, std::vector<std::string>{}, std::vector<std::string>{"root"}};
  const Stream document = good(documents_->create(request));
  EXPECT_EQ(document.description, "");
  EXPECT_THAT(document.metadata.tags, ElementsAre("x", "y\"\n", "x"));
  EXPECT_EQ(document.metadata.owner, "ann");
  EXPECT_EQ(document.permissions, (Permissions{{"*"}, {}, {"root"}}));
  EXPECT_EQ(good(documents_->get("a")), document);
}

TEST_P(Documents, WhatCreateAndUpdateAnswerIsWhatGetAndListAnswer) {
  const Stream first = created("a");
  EXPECT_EQ(good(documents_->get("a")), first);
  EXPECT_THAT(listed().items, ElementsAre(first));
  pause();
  const Stream second = good(documents_->update("a", with_data("[1]")));
  EXPECT_EQ(good(documents_->get("a")), second);
  EXPECT_THAT(listed().items, ElementsAre(second));
  wait_for_lists(documents_);
  EXPECT_THAT(listed().items, ElementsAre(second));
}

TEST_P(Documents, IdsAreGeneratedWhenNoneIsGiven) {
  CreateStreamRequest request = named("", "N");
  request.id.reset();
  const Stream one = good(documents_->create(request));
  const Stream two = good(documents_->create(request));
  EXPECT_TRUE(Uuid::parse(one.id).has_value()) << one.id;
  EXPECT_NE(one.id, two.id);
  EXPECT_EQ(good(documents_->get(one.id)), one);
}

TEST_P(Documents, DataComeBackByteForByte) {
  for (const std::string& data :
       {std::string(R"({"b":1.0,"a":1E400,"a":-0,"z":"\u00e9\/é"})"), std::string("[ 1 ,\n 2 ]"), std::string("null"),
        std::string("\"\\u0000\""), std::string("123456789012345678901234567890"),
        std::string(512, '[') + std::string(512, ']')}) {
    const Stream document = created("id" + std::to_string(data.size()), "N", " \n" + data + "\t");
    EXPECT_EQ(document.data, data);
    EXPECT_EQ(good(documents_->get(document.id))->data, data);
  }
}

TEST_P(Documents, ADocumentLivesOnItsStreamAsEventsThatHoldWhatChanged) {
  created("a", "N", "{\"x\": 1}");
  good(documents_->update("a", with_data("2")));
  good(documents_->archive("a"));
  good(documents_->restore("a"));
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  EXPECT_THAT(raw_types("document-a"), ElementsAre("document-created", "document-updated", "document-archived",
                                                   "document-restored", "document-deleted"));
  EXPECT_EQ(raw_events("document-a")[0].data,
            R"({"id":"a","name":"N","data":{"x": 1},"tags":[],"owner":"anonymous",)"
            R"("permissions":{"read":["*"],"write":["anonymous"],"admin":["anonymous"]}})");
  EXPECT_EQ(raw_events("document-a")[1].data, R"({"data":2})");
  EXPECT_EQ(raw_events("document-a")[2].data, "{}");
}

TEST_P(Documents, AnIdThatIsTakenIsAConflictAndChangesNothing) {
  const Stream first = created("a", "mine");
  const std::uint64_t events = total_events();
  const Result<Stream> second = await(others_->create(named("a", "theirs")));
  ASSERT_THAT(second, FailsWith(ErrorCode::Conflict));
  EXPECT_EQ(second.error().text("id"), "a");
  EXPECT_EQ(total_events(), events);
  EXPECT_EQ(good(documents_->get("a")), first);
}

TEST_P(Documents, ADeletedDocumentsIdStaysTaken) {
  created("a");
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  EXPECT_THAT(await(documents_->create(named("a"))), FailsWith(ErrorCode::Conflict));
}

TEST_P(Documents, UnknownDocumentsReadAsNothingAndRefuseChanges) {
  EXPECT_EQ(good(documents_->get("a")), std::nullopt);
  for (const Result<Stream>& result : {await(documents_->update("a", with_data("1"))), await(documents_->archive("a")),
                                       await(documents_->restore("a"))}) {
    ASSERT_THAT(result, FailsWith(ErrorCode::NotFound));
    EXPECT_EQ(result.error().text("id"), "a");
  }
  EXPECT_THAT(await(documents_->remove("a")), FailsWith(ErrorCode::NotFound));
  EXPECT_EQ(total_events(), 0u);
}

TEST_P(Documents, UpdateReplacesDataMergesPermissionsAndLeavesTheRest) {
  CreateStreamRequest request = named("a", "N", R"({"x":1})");
  request.description = "D";
  request.tags = std::vector<std::string>{"t"};
  const Stream before = good(documents_->create(request));
  pause();
  UpdateStreamRequest update = with_data(R"({"y":2})");
  update.permissions = PermissionsPatch{std::nullopt, std::vector<std::string>{"bob"}, std::nullopt};
  Stream expected = before;
  expected.data = R"({"y":2})";
  expected.permissions.write = {"bob"};
  const Stream after = good(documents_->update("a", update));
  expected.metadata.version = 2;
  expected.metadata.updated_at_ms = after.metadata.updated_at_ms;
  EXPECT_EQ(after, expected);
  EXPECT_GE(after.metadata.updated_at_ms, before.metadata.updated_at_ms + 10);

  UpdateStreamRequest words;
  words.description = "E";
  words.tags = std::vector<std::string>{};
  const Stream last = good(documents_->update("a", words));
  EXPECT_EQ(last.description, "E");
  EXPECT_THAT(last.metadata.tags, IsEmpty());
  EXPECT_EQ(last.data, R"({"y":2})");
  EXPECT_EQ(last.metadata.version, 3u);
}

TEST_P(Documents, AnUpdateMadeOnAnOldVersionIsAConflict) {
  created("a");
  good(others_->update("a", with_data("1")));
  UpdateStreamRequest update = with_data("2");
  update.expected_version = 1;
  const Result<Stream> stale = await(documents_->update("a", update));
  ASSERT_THAT(stale, FailsWith(ErrorCode::Conflict));
  EXPECT_EQ(stale.error().text("id"), "a");
  EXPECT_EQ(stale.error().number("expectedVersion"), 1u);
  EXPECT_EQ(stale.error().number("actualVersion"), 2u);
  EXPECT_EQ(good(documents_->get("a"))->data, "1");
  update.expected_version = 2;
  EXPECT_EQ(good(documents_->update("a", update)).metadata.version, 3u);
  update.expected_version = 9;  // a version that is yet to come
  EXPECT_THAT(await(documents_->update("a", update)), FailsWith(ErrorCode::Conflict));
  update.expected_version = 0;
  EXPECT_THAT(await(documents_->update("a", update)), FailsWith(ErrorCode::Conflict));
}

TEST_P(Documents, WithoutAnExpectedVersionConcurrentUpdatesAllHappen) {
  created("a");
  constexpr int kEach = 5;
  int finished = 0;
  TaskScope scope;
  for (int i = 0; i < kEach; ++i) {
    for (ServiceUser* user : {&documents_, &others_}) {
      scope.spawn((*user)->update("a", with_data(std::to_string(i))), [&](Result<Stream> result) {
        EXPECT_THAT(result, IsOk());
        ++finished;
      });
    }
  }
  EXPECT_TRUE(host_->run_until([&] { return finished == 2 * kEach; }));
  EXPECT_EQ(good(documents_->get("a"))->metadata.version, 1u + 2 * kEach);
}

TEST_P(Documents, ADeletedDocumentIsGoneForEveryOperation) {
  created("a");
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  const std::uint64_t events = total_events();
  EXPECT_EQ(good(documents_->get("a")), std::nullopt);
  EXPECT_THAT(await(documents_->update("a", with_data("1"))), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_->archive("a")), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_->restore("a")), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_->remove("a")), FailsWith(ErrorCode::NotFound));
  EXPECT_EQ(total_events(), events);
}

TEST_P(Documents, NoEventBringsADeletedDocumentBack) {
  created("a", "N", "1");
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  append_raw("document-a", "document-restored", "{}");
  append_raw("document-a", "document-updated", R"({"data":2})");
  append_raw("document-a", "document-created", R"({"name":"other","data":2})");
  EXPECT_EQ(good(documents_->get("a")), std::nullopt);
  wait_for_lists(documents_);
  StreamFilter filter;
  filter.status = StreamStatus::Deleted;
  EXPECT_EQ(listed().total, 0u);
  ASSERT_THAT(listed(filter).items, SizeIs(1));
  EXPECT_EQ(listed(filter).items.front().data, "1");
}

TEST_P(Documents, ArchivedDocumentsStayReadableAndChangeable) {
  created("a");
  EXPECT_EQ(good(documents_->archive("a")).status, StreamStatus::Archived);
  EXPECT_EQ(good(documents_->get("a"))->status, StreamStatus::Archived);
  const Stream updated = good(documents_->update("a", with_data("1")));
  EXPECT_EQ(updated.status, StreamStatus::Archived);
  EXPECT_EQ(updated.metadata.version, 3u);
  EXPECT_EQ(good(documents_->restore("a")).status, StreamStatus::Active);
}

TEST_P(Documents, ArchivingTwiceWritesOnce) {
  created("a");
  const Stream once = good(documents_->archive("a"));
  EXPECT_EQ(good(documents_->archive("a")), once);
  EXPECT_EQ(good(documents_->restore("a")).metadata.version, 3u);
  EXPECT_EQ(good(documents_->restore("a")).metadata.version, 3u);
  EXPECT_THAT(raw_events("document-a"), SizeIs(3));
}

TEST_P(Documents, LongHistoriesAreReadInPages) {
  created("a");
  for (int i = 0; i < 1200; ++i) append_raw("document-a", "document-updated", "{\"data\":" + std::to_string(i) + "}");
  const Stream document = *good(documents_->get("a"));
  EXPECT_EQ(document.data, "1199");
  EXPECT_EQ(document.metadata.version, 1201u);
  EXPECT_EQ(good(documents_->update("a", with_data("\"new\""))).metadata.version, 1202u);
}

TEST_P(Documents, ForeignAndMalformedEventsCountAsVersionsAndChangeNothingElse) {
  const Stream before = created("a", "N", "1");
  pause();
  for (const char* data : {"", "{", "[]", "null", R"({"description":1})", R"({"tags":"x"})", R"({"tags":[1]})",
                           R"({"permissions":[]})", R"({"permissions":{"read":"all"}})", "\xff"}) {
    append_raw("document-a", "document-updated", data);
  }
  append_raw("document-a", "something-else", "{}");
  append_raw("document-a", "document-created", R"({"name":"other","data":2})");
  Stream expected = before;
  expected.metadata.version = 13;
  EXPECT_EQ(good(documents_->get("a")), expected);
  wait_for_lists(documents_);
  EXPECT_THAT(listed().items, ElementsAre(expected));
  EXPECT_EQ(good(documents_->update("a", with_data("3"))).metadata.version, 14u);
}

TEST_P(Documents, StreamsThatOnlyLookLikeDocumentsAreNone) {
  append_raw("document-a", "document-updated", R"({"data":1})");
  append_raw("document-b", "document-created", R"({"name":"no data"})");
  append_raw("document-c", "document-created", R"({"data":"no name"})");
  append_raw("document-", "document-created", R"({"name":"no id","data":1})");
  EXPECT_EQ(good(documents_->get("a")), std::nullopt);
  EXPECT_EQ(good(documents_->get("b")), std::nullopt);
  EXPECT_THAT(await(documents_->update("c", with_data("1"))), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_->create(named("a"))), FailsWith(ErrorCode::Conflict));
  wait_for_lists(documents_);
  EXPECT_EQ(listed().total, 0u);
}

TEST_P(Documents, ASoftDeletedStreamIsGoneAndItsIdFree) {
  created("a", "first");
  listed();
  EXPECT_THAT(await(others_.client().delete_stream("document-a", {})), IsOk());
  wait_for_lists(documents_);
  EXPECT_EQ(listed().total, 0u);
  EXPECT_EQ(good(documents_->get("a")), std::nullopt);
  EXPECT_THAT(await(documents_->update("a", with_data("1"))), FailsWith(ErrorCode::NotFound));
  const Stream again = created("a", "second");
  EXPECT_EQ(again.name, "second");
  EXPECT_EQ(good(documents_->get("a")), again);
  EXPECT_THAT(listed().items, ElementsAre(again));
  wait_for_lists(documents_);
  EXPECT_THAT(listed().items, ElementsAre(again));
}

TEST_P(Documents, ATombstonedStreamIsGoneAndItsIdTaken) {
  created("a");
  listed();
  EXPECT_THAT(await(others_.client().tombstone_stream("document-a", {})), IsOk());
  wait_for_lists(documents_);
  EXPECT_EQ(listed().total, 0u);
  EXPECT_EQ(good(documents_->get("a")), std::nullopt);
  EXPECT_THAT(await(documents_->update("a", with_data("1"))), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_->remove("a")), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_->create(named("a"))), FailsWith(ErrorCode::Conflict));
}

class DocumentLists : public ServiceSuite {};
INSTANTIATE_TEST_SUITE_P(Services, DocumentLists, every_service_host(), host_name);

TEST_P(DocumentLists, ShowEachWriteWhenItResolves) {
  EXPECT_EQ(listed().total, 0u);
  created("a");
  EXPECT_THAT(ids(listed()), ElementsAre("a"));
  good(documents_->update("a", with_data("2")));
  EXPECT_EQ(listed().items.front().data, "2");
  good(documents_->archive("a"));
  EXPECT_EQ(listed().items.front().status, StreamStatus::Archived);
  EXPECT_THAT(await(documents_->remove("a")), IsOk());
  EXPECT_EQ(listed().total, 0u);
}

TEST_P(DocumentLists, ShowWhatWasThereBefore) {
  for (const char* id : {"b", "a", "c"}) created(id);
  ServiceUser late(host_->new_client(), *host_, 3);
  EXPECT_EQ(good(late->list({})).total, 3u);
}

TEST_P(DocumentLists, ShowWhatOthersWrite) {
  listed();
  good(others_->create(named("theirs")));
  wait_for_lists(documents_);
  EXPECT_THAT(ids(listed()), ElementsAre("theirs"));
  EXPECT_THAT(await(others_->remove("theirs")), IsOk());
  wait_for_lists(documents_);
  EXPECT_THAT(ids(listed()), IsEmpty());
}

TEST_P(DocumentLists, LeaveDeletedDocumentsOutUnlessAskedFor) {
  created("active");
  created("archived");
  created("deleted");
  good(documents_->archive("archived"));
  EXPECT_THAT(await(documents_->remove("deleted")), IsOk());
  StreamFilter filter;
  filter.sort = StreamSort::Id;
  EXPECT_THAT(ids(listed(filter)), ElementsAre("active", "archived"));
  filter.status = StreamStatus::Active;
  EXPECT_THAT(ids(listed(filter)), ElementsAre("active"));
  filter.status = StreamStatus::Archived;
  EXPECT_THAT(ids(listed(filter)), ElementsAre("archived"));
  filter.status = StreamStatus::Deleted;
  EXPECT_THAT(ids(listed(filter)), ElementsAre("deleted"));
}

TEST_P(DocumentLists, RefuseAWrongLimit) {
  for (const std::uint32_t limit : {0u, 1001u}) {
    StreamFilter filter;
    filter.limit = limit;
    EXPECT_THAT(await(documents_->list(filter)), RefusesFields(std::vector<std::string>{"limit"}));
  }
}

TEST_P(DocumentLists, TellOfChangesFromWhateverSource) {
  int changes = 0;
  listed();
  documents_->on_change([&] { ++changes; });
  created("a");
  pause();
  EXPECT_EQ(changes, 1) << "our own write, once";
  good(others_->create(named("b")));
  wait_for_lists(documents_);
  pause();
  EXPECT_EQ(changes, 2) << "somebody else's";
  good(others_.users().store({"u"}, "1"));
  wait_for_lists(documents_);
  pause();
  EXPECT_EQ(changes, 2) << "not of users' data";
  documents_->on_change({});
  created("c");
  pause();
  EXPECT_EQ(changes, 2);
}

TEST_P(DocumentLists, AListenerMayCloseTheServices) {
  auto user = std::make_unique<ServiceUser>(host_->new_client(), *host_, 9);
  user->services().streams().on_change([&] { user.reset(); });
  good((*user)->create(named("a")));
  EXPECT_TRUE(host_->run_until([&] { return user == nullptr; }));
}

TEST_P(DocumentLists, HoldNoGhostsAfterTheOwnerHasResetTheDatabase) {
  created("old");
  good(documents_.users().store({"u"}, "1"));
  wait_for_lists(documents_);
  host_->reset();
  documents_.services().resync();
  EXPECT_EQ(listed().total, 0u);
  EXPECT_THAT(good(documents_.users().list()), IsEmpty());
  const Stream fresh = created("old", "new");
  EXPECT_EQ(fresh.metadata.version, 1u);
  wait_for_lists(documents_);
  EXPECT_THAT(listed().items, ElementsAre(fresh));
}

}  // namespace
}  // namespace kurrentlite
