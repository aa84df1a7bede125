// Streams of documents that somebody deletes or makes anew past the services: every way of looking shows it.
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

/// How a stream is deleted softly: by the call for it, or by the metadata that the call writes.
enum class Way { Call, Metadata };

class DeletedStreams : public ServiceSuite {
 protected:
  static StreamQuery marked() {
    StreamQuery query;
    Result<Condition> where = parse_condition(R"({"data.mark": 1})");
    EXPECT_THAT(where, IsOk());
    if (where.ok()) query.where = std::move(*where);
    query.total = true;
    return query;
  }
  void create_marked(const std::string& id) { created(id, id, R"({"mark":1})"); }
  void delete_by(Way way, const std::string& id) {
    if (way == Way::Call) {
      EXPECT_THAT(await(others_.client().delete_stream("document-" + id, {})), IsOk());
    } else {
      append_raw("$$document-" + id, "$metadata", R"({"$tb":9223372036854775807})");
    }
  }
  std::vector<std::string> found() {
    std::vector<std::string> ids;
    for (const Stream& each : good(documents_->query(marked())).items) ids.push_back(each.id);
    return ids;
  }
  bool told(const std::vector<std::string>& ids) {
    return host_->run_until([&] { return !updates_.empty() && updates_.back().ids == ids; });
  }
  std::function<void(LiveUpdate)> listener() {
    return [this](LiveUpdate update) { updates_.push_back(std::move(update)); };
  }
  std::vector<LiveUpdate> updates_;
};
INSTANTIATE_TEST_SUITE_P(Services, DeletedStreams, every_service_host(), host_name);

TEST_P(DeletedStreams, LeaveListsQueriesAndLiveResults) {
  good(documents_->declare_index("data.mark"));
  for (const char* id : {"a", "b", "c"}) create_marked(id);
  good(documents_->archive("b"));
  const Result<StreamWatch> watch = await(documents_->watch(marked(), listener()));
  ASSERT_THAT(watch, IsOk());
  EXPECT_THAT(watch->first().ids, ElementsAre("a", "b", "c"));

  delete_by(Way::Call, "a");
  ASSERT_TRUE(told({"b", "c"}));
  ASSERT_THAT(updates_.back().changes, SizeIs(1));
  EXPECT_EQ(updates_.back().changes[0].kind, LiveChange::Kind::Removed);
  EXPECT_EQ(updates_.back().changes[0].id, "a");
  delete_by(Way::Metadata, "b");
  ASSERT_TRUE(told({"c"}));
  EXPECT_EQ(updates_.back().total, 1u);

  EXPECT_THAT(ids(listed()), ElementsAre("c"));
  EXPECT_THAT(found(), ElementsAre("c"));
  StreamFilter archived;
  archived.status = StreamStatus::Archived;
  EXPECT_EQ(listed(archived).total, 0u);
  StreamFilter deleted;
  deleted.status = StreamStatus::Deleted;
  EXPECT_EQ(listed(deleted).total, 0u) << "nothing of it can be read any more";
  for (const char* id : {"a", "b"}) {
    EXPECT_EQ(good(documents_->get(id)), std::nullopt);
    EXPECT_THAT(await(documents_->update(id, with_data("1"))), FailsWith(ErrorCode::NotFound));
    EXPECT_THAT(await(documents_->tag(id, TagChanges{{"x"}, {}})), FailsWith(ErrorCode::NotFound));
    EXPECT_THAT(await(documents_->remove(id)), FailsWith(ErrorCode::NotFound));
    EXPECT_THAT(await(documents_->history(id)), FailsWith(ErrorCode::NotFound));
  }
  EXPECT_EQ(good(documents_.database().metrics()).total_streams, 1u);
}

TEST_P(DeletedStreams, ComeBackWhenTheServiceCreatesThemAnew) {
  create_marked("a");
  const Result<StreamWatch> watch = await(documents_->watch(marked(), listener()));
  ASSERT_THAT(watch, IsOk());
  for (const Way way : {Way::Call, Way::Metadata}) {
    delete_by(way, "a");
    ASSERT_TRUE(told({}));
    const Stream again = created("a", "again", R"({"mark":1,"new":true})");
    ASSERT_TRUE(told({"a"}));
    EXPECT_EQ(*updates_.back().changes[0].item, again);
    EXPECT_EQ(good(documents_->get("a")), again);
    wait_for_lists(documents_);  // the feed repeats what the write has shown already
    EXPECT_THAT(listed().items, ElementsAre(again));
    EXPECT_THAT(found(), ElementsAre("a"));
    const Stream changed = good(documents_->update("a", with_data(R"({"mark":1})")));
    EXPECT_EQ(changed.metadata.version, again.metadata.version + 1) << "versions go on";
  }
}

TEST_P(DeletedStreams, ComeBackWhenSomebodyElseWritesThemAnew) {
  create_marked("a");
  const Result<StreamWatch> watch = await(documents_->watch(marked(), listener()));
  ASSERT_THAT(watch, IsOk());
  delete_by(Way::Call, "a");
  ASSERT_TRUE(told({}));
  EXPECT_THAT(await(others_->create(named("a", "theirs", R"({"mark":1})"))), IsOk());
  ASSERT_TRUE(told({"a"}));
  EXPECT_EQ(updates_.back().changes[0].item->name, "theirs");
  wait_for_lists(documents_);
  const std::optional<Stream> got = good(documents_->get("a"));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->name, "theirs");
  EXPECT_THAT(listed().items, ElementsAre(*got));
  EXPECT_THAT(found(), ElementsAre("a"));
}

TEST_P(DeletedStreams, AreGoneForServicesThatBeginLater) {
  for (const char* id : {"a", "b", "c"}) create_marked(id);
  delete_by(Way::Call, "a");
  delete_by(Way::Metadata, "b");
  EXPECT_THAT(await(others_->create(named("b", "again", R"({"mark":1})"))), IsOk());
  ServiceUser late(host_->new_client(), *host_, 3);
  EXPECT_THAT(ids(good(late->list({}))), UnorderedElementsAre("b", "c"));
  EXPECT_EQ(good(late->get("a")), std::nullopt);
  EXPECT_EQ(good(late->query(marked())).total, 2u);
}

TEST_P(DeletedStreams, OfWhichAPartIsTruncatedAreNotDeleted) {
  create_marked("a");
  good(documents_->update("a", with_data(R"({"mark":1,"more":2})")));
  append_raw("$$document-a", "$metadata", R"({"$maxAge":1000000})");
  wait_for_lists(documents_);
  EXPECT_THAT(found(), ElementsAre("a"));
  EXPECT_EQ(listed().total, 1u);
}

}  // namespace
}  // namespace kurrentlite
