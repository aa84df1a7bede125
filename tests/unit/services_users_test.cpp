// UserStreamService: what each operation does, when it refuses, and that no two keys share a stream.
#include "services/user_data.hpp"

#include <set>

#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Users : public ServiceSuite {
 protected:
  UserStream stored(const UserStreamKey& key, const Json& data, std::optional<bool> is_public = std::nullopt) {
    return good(documents_.users().store(key, data, is_public));
  }
  std::optional<UserStream> got(const UserStreamKey& key) { return good(documents_.users().get(key)); }
  std::vector<UserStream> all(std::optional<std::string> user_id = std::nullopt) {
    return good(documents_.users().list(std::move(user_id)));
  }
};
INSTANTIATE_TEST_SUITE_P(Services, Users, every_service_host(), host_name);

TEST_P(Users, WhatIsStoredComesBackByteForByte) {
  const UserStream data = stored({"u"}, R"( {"a":1.0,"b":1E400} )");
  EXPECT_EQ(data.user_id, "u");
  EXPECT_EQ(data.type, "data");
  EXPECT_EQ(data.category, std::nullopt);
  EXPECT_EQ(data.data, R"({"a":1.0,"b":1E400})");
  EXPECT_FALSE(data.is_public);
  EXPECT_EQ(data.version, 1u);
  EXPECT_EQ(data.created_at_ms, data.updated_at_ms);
  EXPECT_EQ(got({"u"}), data);
  EXPECT_THAT(all(), ElementsAre(data));
  wait_for_lists(documents_);
  EXPECT_THAT(all(), ElementsAre(data));
}

TEST_P(Users, KeysAreApart) {
  stored({"u"}, "1");
  stored({"u", "settings"}, "2");
  stored({"u", "settings", "mail"}, "3");
  stored({"v"}, "4");
  EXPECT_EQ(got({"u"})->data, "1");
  EXPECT_EQ(got({"u", "settings"})->data, "2");
  EXPECT_EQ(got({"u", "settings", "mail"})->data, "3");
  EXPECT_EQ(got({"u", "settings", "news"}), std::nullopt);
  EXPECT_EQ(got({"w"}), std::nullopt);
  EXPECT_EQ(got({"u", "settings", "mail"})->category, "mail");
}

TEST_P(Users, StoringReplacesAndRemembersWhenItBegan) {
  const UserStream first = stored({"u"}, R"({"a":1})", true);
  pause();
  const UserStream second = stored({"u"}, R"({"b":2})");
  EXPECT_EQ(second.data, R"({"b":2})");
  EXPECT_TRUE(second.is_public) << "as before, when not said otherwise";
  EXPECT_EQ(second.version, 2u);
  EXPECT_EQ(second.created_at_ms, first.created_at_ms);
  EXPECT_GE(second.updated_at_ms, first.updated_at_ms + 10);
  EXPECT_EQ(got({"u"}), second);
  EXPECT_FALSE(stored({"u"}, "1", false).is_public);
}

TEST_P(Users, UpdateMergesTopLevelKeys) {
  const UserStream first = stored({"u"}, R"({"a":{"x":1},"b":2})");
  const UserStream second = good(documents_.users().update({"u"}, R"({"a":{"y":1.0},"c":3})"));
  EXPECT_EQ(second.data, R"({"a":{"y":1.0},"b":2,"c":3})");
  EXPECT_EQ(second.version, 2u);
  EXPECT_EQ(second.created_at_ms, first.created_at_ms);
  EXPECT_EQ(got({"u"}), second);
}

TEST_P(Users, UpdateNeedsSomethingStoredThatIsAnObject) {
  const Result<UserStream> missing = await(documents_.users().update({"u", "t", "c"}, "{}"));
  ASSERT_THAT(missing, FailsWith(ErrorCode::NotFound));
  EXPECT_EQ(missing.error().text("id"), "user-u-t-c");
  EXPECT_EQ(missing.error().text("userId"), "u");
  stored({"u"}, "[1]");
  EXPECT_THAT(await(documents_.users().update({"u"}, "{}")), RefusesFields(std::vector<std::string>{"data"}));
  EXPECT_EQ(got({"u"})->version, 1u);
}

TEST_P(Users, ConcurrentUpdatesAllHappen) {
  stored({"u"}, "{}");
  constexpr int kEach = 5;
  int finished = 0;
  TaskScope scope;
  for (int i = 0; i < kEach; ++i) {
    for (ServiceUser* user : {&documents_, &others_}) {
      const std::string key = (user == &documents_ ? "a" : "b") + std::to_string(i);
      scope.spawn(user->users().update({"u"}, "{\"" + key + "\":1}"), [&](Result<UserStream> result) {
        EXPECT_THAT(result, IsOk());
        ++finished;
      });
    }
  }
  EXPECT_TRUE(host_->run_until([&] { return finished == 2 * kEach; }));
  const UserStream data = *got({"u"});
  EXPECT_EQ(data.version, 1u + 2 * kEach);
  EXPECT_EQ(std::count(data.data.begin(), data.data.end(), ':'), 2 * kEach) << data.data;
}

TEST_P(Users, AStaleExpectedVersionChangesNothing) {
  const auto users = [&]() -> UserStreamService& { return documents_.users(); };
  EXPECT_EQ(good(users().store({"u"}, "1", std::nullopt, 0)).version, 1u) << "0: nothing is stored";
  EXPECT_THAT(await(users().store({"u"}, "2", std::nullopt, 0)), FailsWith(ErrorCode::Conflict));
  EXPECT_EQ(good(users().store({"u"}, R"({"a":1})", std::nullopt, 1)).version, 2u);
  const Result<UserStream> stale = await(users().update({"u"}, R"({"a":2})", 1));
  ASSERT_THAT(stale, FailsWith(ErrorCode::Conflict));
  EXPECT_THAT(stale.error().facts, ::testing::Contains(Fact{"expectedVersion", std::uint64_t{1}}));
  EXPECT_THAT(stale.error().facts, ::testing::Contains(Fact{"actualVersion", std::uint64_t{2}}));
  EXPECT_EQ(got({"u"})->data, R"({"a":1})");
  EXPECT_EQ(good(users().update({"u"}, R"({"b":2})", 2)).data, R"({"a":1,"b":2})");
}

TEST_P(Users, RemovedDataAreGoneAndMayBeStoredAnew) {
  const UserStream first = stored({"u"}, "1", true);
  EXPECT_THAT(await(documents_.users().remove({"u"})), IsOk());
  EXPECT_EQ(got({"u"}), std::nullopt);
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_THAT(await(documents_.users().remove({"u"})), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_.users().update({"u"}, "{}")), FailsWith(ErrorCode::NotFound));
  pause();
  const UserStream again = stored({"u"}, "2");
  EXPECT_EQ(again.version, 3u);
  EXPECT_FALSE(again.is_public) << "nothing is left of what was removed";
  EXPECT_GT(again.created_at_ms, first.created_at_ms);
  EXPECT_EQ(got({"u"}), again);
  EXPECT_THAT(all(), ElementsAre(again));
  wait_for_lists(documents_);
  EXPECT_THAT(all(), ElementsAre(again));
  EXPECT_THAT(raw_types("user-u-data"), ElementsAre("user-data-stored", "user-data-deleted", "user-data-stored"));
}

TEST_P(Users, EachEventCarriesTheWholeState) {
  stored({"a-b", "t%", "c"}, "{\"x\": 1}", true);
  good(documents_.users().update({"a-b", "t%", "c"}, "{\"y\":2}"));
  EXPECT_THAT(await(documents_.users().remove({"a-b", "t%", "c"})), IsOk());
  const std::vector<RecordedEvent> events = raw_events("user-a%2Db-t%25-c");
  ASSERT_THAT(events, ::testing::SizeIs(3));
  const std::string created_at = std::to_string(events[0].created_ticks / kTicksPerMillisecond);
  EXPECT_EQ(events[0].data, R"({"userId":"a-b","type":"t%","category":"c","data":{"x": 1},"isPublic":true})");
  EXPECT_EQ(events[1].type, "user-data-updated");
  EXPECT_EQ(events[1].data,
            R"({"userId":"a-b","type":"t%","category":"c","data":{"x":1,"y":2},"isPublic":true,"createdAt":)" +
                created_at + "}");
  EXPECT_EQ(events[2].data, R"({"userId":"a-b","type":"t%","category":"c"})");
}

TEST_P(Users, ListsAreOrderedByStreamNameAndMayBeOfOneUser) {
  for (const char* user : {"b", "a", "a-b", "ab"}) stored({user, "t"}, "1");
  stored({"a", "s"}, "1");
  stored({"a", "s", "x"}, "1");
  std::vector<std::string> names;
  for (const UserStream& each : all()) names.push_back(user_stream_name({each.user_id, each.type, each.category}));
  EXPECT_THAT(names, ElementsAre("user-a%2Db-t", "user-a-s", "user-a-s-x", "user-a-t", "user-ab-t", "user-b-t"));
  names.clear();
  for (const UserStream& each : all("a")) names.push_back(user_stream_name({each.user_id, each.type, each.category}));
  EXPECT_THAT(names, ElementsAre("user-a-s", "user-a-s-x", "user-a-t"));
  EXPECT_THAT(all("a-"), IsEmpty());
}

TEST_P(Users, ListsShowWhatOthersWrite) {
  EXPECT_THAT(all(), IsEmpty());
  const UserStream theirs = good(others_.users().store({"u"}, "1"));
  wait_for_lists(documents_);
  EXPECT_THAT(all(), ElementsAre(theirs));
}

TEST_P(Users, ForeignAndMalformedEventsCountAsVersionsAndChangeNothingElse) {
  const UserStream before = stored({"u"}, "1");
  for (const char* data :
       {"", "[]", R"({"data":1,"isPublic":"yes"})", R"({"isPublic":true})", R"({"data":1,"createdAt":"today"})"}) {
    append_raw("user-u-data", "user-data-stored", data);
  }
  append_raw("user-u-data", "logged-in", "{}");
  UserStream expected = before;
  expected.version = 7;
  EXPECT_EQ(got({"u"}), expected);
  wait_for_lists(documents_);
  EXPECT_THAT(all(), ElementsAre(expected));
  EXPECT_EQ(stored({"u"}, "2").version, 8u);
}

TEST_P(Users, ManyForeignEventsOnTopAreReadThroughInPages) {
  const UserStream before = stored({"u"}, "1");
  for (int i = 0; i < 1100; ++i) append_raw("user-u-data", "logged-in", "{}");
  EXPECT_EQ(got({"u"})->data, before.data);
  EXPECT_EQ(got({"u"})->version, 1101u);
}

TEST_P(Users, StreamsThatOnlyLookLikeUserDataAreNone) {
  for (const char* stream : {"user-42", "user-", "user-a-", "user-a-b-c-d", "user-a%2d-b", "user-a%-b", "user--b"}) {
    append_raw(stream, "user-data-stored", R"({"userId":"a","type":"b","data":1,"isPublic":false})");
  }
  append_raw("user-7-registered", "registered", "{}");  // an application's own
  wait_for_lists(documents_);
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_EQ(got({"7", "registered"}), std::nullopt);
  EXPECT_EQ(stored({"7", "registered"}, "1").version, 2u);
  EXPECT_EQ(got({"7", "registered"})->version, 2u);
}

TEST_P(Users, DeletedStreamsAreGone) {
  stored({"soft"}, "1");
  stored({"hard"}, "1");
  EXPECT_THAT(await(others_.client().delete_stream("user-soft-data", {})), IsOk());
  EXPECT_THAT(await(others_.client().tombstone_stream("user-hard-data", {})), IsOk());
  wait_for_lists(documents_);
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_EQ(got({"soft"}), std::nullopt);
  EXPECT_EQ(got({"hard"}), std::nullopt);
  EXPECT_THAT(await(documents_.users().remove({"hard"})), FailsWith(ErrorCode::NotFound));
  EXPECT_THAT(await(documents_.users().store({"hard"}, "1")), FailsWith(ErrorCode::Conflict));
  EXPECT_EQ(stored({"soft"}, "2").data, "2");
  EXPECT_EQ(all().size(), 1u);
}

TEST_P(Users, DataOfUnknownKeysCannotBeRemoved) {
  EXPECT_THAT(await(documents_.users().remove({"u"})), FailsWith(ErrorCode::NotFound));
  EXPECT_EQ(total_events(), 0u);
}

TEST(UserStreamNames, AreAsDocumented) {
  EXPECT_EQ(user_stream_name({"user-id"}), "user-user%2Did-data");
  EXPECT_EQ(user_stream_name({"u", "t", "c"}), "user-u-t-c");
  EXPECT_EQ(user_stream_name({"100%", "a-b", "%2D"}), "user-100%25-a%2Db-%252D");
  EXPECT_EQ(document_stream_name("a-b%"), "document-a-b%");
}

/// All texts of 1 to `length` characters out of those that could confuse the encoding.
std::vector<std::string> nasty_texts(std::size_t length) {
  std::vector<std::string> texts{""};
  for (std::size_t begin = 0, round = 0; round < length; ++round) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : {'-', '%', '2', 'D', '5'}) texts.push_back(texts[begin] + c);
    }
  }
  texts.erase(texts.begin());
  return texts;
}

TEST(UserStreamNames, NoTwoKeysShareOne) {
  std::set<std::string> names;
  std::size_t keys = 0;
  const auto add = [&](const UserStreamKey& key) {
    ++keys;
    const std::string name = user_stream_name(key);
    names.insert(name);
    ASSERT_EQ(services::parse_user_stream_name(name), key) << name;  // a name that leads back to one key only
  };
  const std::vector<std::string> short_texts = nasty_texts(2);
  for (const std::string& user : short_texts) {
    for (const std::string& type : short_texts) {
      add({user, type, std::nullopt});
      for (const std::string& category : short_texts) add({user, type, category});
    }
  }
  const std::vector<std::string> long_texts = nasty_texts(4);
  for (const std::string& user : long_texts) {
    if (user.size() > 2) add({user, "t", std::nullopt});
  }
  EXPECT_EQ(names.size(), keys);
  EXPECT_GT(keys, 27'000u);
}

}  // namespace
}  // namespace kurrentlite
