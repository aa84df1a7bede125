// Who may do what (reference: streams 3.9 "$acl" and 3.13).
#include "engine/access.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>

#include "engine/stream_metadata.hpp"
#include "unit/engine_support.hpp"

namespace kurrentlite {
namespace {

using testing::append;
using ::testing::ElementsAre;
using testing::event;
using ::testing::IsEmpty;
using testing::ManualClock;
using ::testing::Optional;
using testing::set_metadata;

constexpr std::array<Action, 5> kActions = {Action::Read, Action::Write, Action::Delete, Action::MetaRead,
                                            Action::MetaWrite};

Acl acl(std::string_view metadata) { return parse_acl(ContentType::Json, metadata); }

const Principal kAdmin{"admin", {"$admins"}};
const Principal kOps{"ops", {"$ops"}};
const Principal kAnna{"anna", {"sales", "eu"}};

// ---- parsing

TEST(Acl, ListsAreTextsOrArrays) {
  const Acl read = acl(R"({"$acl":{"$r":"a","$w":["b","c"],"$d":[],"$mr":"","$mw":["ü","\u0024all"]}})");
  EXPECT_THAT(read.read, Optional(ElementsAre("a")));
  EXPECT_THAT(read.write, Optional(ElementsAre("b", "c")));
  EXPECT_THAT(read.remove, Optional(IsEmpty()));
  EXPECT_THAT(read.meta_read, Optional(ElementsAre("")));
  EXPECT_THAT(read.meta_write, Optional(ElementsAre("ü", "$all")));
  for (const Action action : kActions) EXPECT_TRUE(read.roles_for(action)) << static_cast<int>(action);
}

TEST(Acl, WhatIsMissingIsLeftToTheDefault) {
  EXPECT_EQ(acl("{}"), Acl{});
  EXPECT_EQ(acl(R"({"$acl":{}})"), Acl{});
  EXPECT_EQ(acl(R"({"acl":{"$r":"a"},"$ACL":{"$r":"a"},"x":{"$acl":{"$r":"a"}}})"), Acl{}) << "keys are exact";
  const Acl read = acl(R"({"$acl":{"$w":"a"}})");
  EXPECT_FALSE(read.read || read.remove || read.meta_read || read.meta_write);
}

TEST(Acl, TheLastOfEqualKeysCounts) {
  EXPECT_THAT(acl(R"({"$acl":{"$r":"a","$r":["b"]}})").read, Optional(ElementsAre("b")));
  const Acl replaced = acl(R"({"$acl":{"$r":"a"},"$acl":{"$w":"b"}})");
  EXPECT_FALSE(replaced.read);
  EXPECT_THAT(replaced.write, Optional(ElementsAre("b")));
}

TEST(Acl, OneWrongTypeAnywhereVoidsAllMetadata) {
  for (const char* wrong : {R"("$acl":null)",
                            R"("$acl":[])",
                            R"("$acl":"$userStreamAcl")",
                            R"("$acl":"$systemStreamAcl")",
                            R"("$acl":true)",
                            R"("$acl":{"$x":"a"})",
                            R"("$acl":{"$R":"a"})",
                            R"("$acl":{"r":"a"})",
                            R"("$acl":{"$r":1})",
                            R"("$acl":{"$r":null})",
                            R"("$acl":{"$r":{}})",
                            R"("$acl":{"$r":["a",1]})",
                            R"("$acl":{"$r":[["a"]]})",
                            R"("$acl":{"$r":[null]})",
                            R"("$maxCount":"3")",
                            R"("$maxCount":1.0)",
                            R"("$tb":9223372036854775808)",
                            R"("$tmp":1)",
                            R"("$cacheControl":1e3)",
                            R"("$maxAge":922337203686)",
                            R"("$cacheControl":-922337203686)"}) {
    for (const std::string& text : {"{\"$acl\":{\"$r\":\"a\"}," + std::string(wrong) + "}",
                                    "{" + std::string(wrong) + ",\"$acl\":{\"$r\":\"a\"}}"}) {
      EXPECT_EQ(acl(text), Acl{}) << text;
      EXPECT_FALSE(read_stream_metadata(ContentType::Json, text)) << text;
    }
  }
  for (const char* text : {"", " ", "[]", "null", "{", "{\"$acl\":{\"$r\":\"a\"}", "{\"$acl\":{\"$r\":\"a\"}}x"}) {
    EXPECT_EQ(acl(text), Acl{}) << text;
  }
  EXPECT_EQ(parse_acl(ContentType::Binary, R"({"$acl":{"$r":"a"}})"), Acl{}) << "must be marked as JSON";
}

TEST(Acl, ValuesOutOfRangeElsewhereAreIgnored) {
  EXPECT_THAT(acl(R"({"$maxCount":0,"$tb":-1,"$maxAge":-922337203685,"$acl":{"$r":"a"},"mine":[1e400]})").read,
              Optional(ElementsAre("a")));
}

TEST(DefaultAcls, AreReadFromSettings) {
  const DefaultAcls read = parse_default_acls(
      R"({"$userStreamAcl":{"$r":"a","$w":[]},"other":{"$r":1},"$systemStreamAcl":{"$mw":["b","c"]}})");
  EXPECT_THAT(read.user_streams.read, Optional(ElementsAre("a")));
  EXPECT_THAT(read.user_streams.write, Optional(IsEmpty()));
  EXPECT_FALSE(read.user_streams.meta_write);
  EXPECT_THAT(read.system_streams.meta_write, Optional(ElementsAre("b", "c")));
  EXPECT_EQ(parse_default_acls("{}"), DefaultAcls{});
}

TEST(DefaultAcls, OneWrongTypeVoidsAll) {
  for (const char* text : {"", "[]", "null", "{", R"({"$userStreamAcl":{"$r":"a"},"$systemStreamAcl":null})",
                           R"({"$userStreamAcl":{"$r":"a"},"$systemStreamAcl":"$admins"})",
                           R"({"$systemStreamAcl":{"$r":1},"$userStreamAcl":{"$r":"a"}})",
                           R"({"$userStreamAcl":{"$r":"a","$x":"a"}})", R"({"$userStreamAcl":{"$r":"a"}}x)"}) {
    EXPECT_EQ(parse_default_acls(text), DefaultAcls{}) << text;
  }
}

// ---- rules

TEST(Allows, WithoutAnyListUserStreamsAreOpenAndSystemStreamsAreNot) {
  for (const Action action : kActions) {
    EXPECT_TRUE(allows({}, {}, "order-1", kAnna, action));
    EXPECT_FALSE(allows({}, {}, "$et-placed", kAnna, action));
    EXPECT_FALSE(allows({}, {}, "$all", kOps, action)) << "$ops is no administrator";
  }
}

TEST(Allows, AdministratorsWhateverTheListsSay) {
  const Acl nobody = acl(R"({"$acl":{"$r":[],"$w":[],"$d":[],"$mr":[],"$mw":[]}})");
  const Principal named{"admin", {}};
  const Principal member{"anna", {"sales", "$admins"}};
  for (const Action action : kActions) {
    for (const Principal& who : {kAdmin, named, member}) {
      EXPECT_TRUE(is_administrator(who));
      EXPECT_TRUE(allows(nobody, {nobody, nobody}, "order-1", who, action));
      EXPECT_TRUE(allows(nobody, {nobody, nobody}, "$settings", who, action));
    }
    EXPECT_FALSE(allows(nobody, {}, "order-1", kAnna, action)) << "an empty list allows nobody else";
  }
  EXPECT_FALSE(is_administrator(kOps));
  EXPECT_FALSE(is_administrator({"Admin", {"$ADMINS", "admin"}})) << "names are exact, a group is no login";
}

TEST(Allows, EverybodyLoginsAndGroupsExactly) {
  for (const char* role : {"$all", "anna", "sales", "eu"}) {
    EXPECT_TRUE(allows(Acl{Roles{"someone", role}, {}, {}, {}, {}}, {}, "s", kAnna, Action::Read)) << role;
  }
  for (const char* role : {"", "Anna", "sale", "sales ", "$admins", "$ops", "$ALL", "all"}) {
    EXPECT_FALSE(allows(Acl{Roles{role}, {}, {}, {}, {}}, {}, "s", kAnna, Action::Read)) << role;
  }
}

TEST(Allows, EachActionHasItsOwnList) {
  const std::array<const char*, 5> keys = {"$r", "$w", "$d", "$mr", "$mw"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Acl one = acl("{\"$acl\":{\"" + std::string(keys[i]) + "\":\"someone\"}}");
    for (std::size_t j = 0; j < kActions.size(); ++j) {
      EXPECT_EQ(allows(one, {}, "s", kAnna, kActions[j]), i != j) << keys[i] << " " << j;
    }
  }
}

TEST(Allows, ActionByActionTheStreamThenTheDefaultThenTheBuiltInRule) {
  const DefaultAcls defaults =
      parse_default_acls(R"({"$userStreamAcl":{"$r":"ops","$w":"ops"},"$systemStreamAcl":{"$r":"anna","$w":"anna"}})");
  const Acl own = acl(R"({"$acl":{"$r":"anna"}})");
  EXPECT_TRUE(allows(own, defaults, "s", kAnna, Action::Read)) << "the stream's list";
  EXPECT_FALSE(allows(own, defaults, "s", kOps, Action::Read)) << "replaces the default";
  EXPECT_FALSE(allows(own, defaults, "s", kAnna, Action::Write)) << "the default";
  EXPECT_TRUE(allows(own, defaults, "s", kOps, Action::Write));
  EXPECT_TRUE(allows(own, defaults, "s", kAnna, Action::Delete)) << "the built-in rule of user streams";
  EXPECT_TRUE(allows({}, defaults, "$s", kAnna, Action::Write)) << "the default of system streams";
  EXPECT_FALSE(allows({}, defaults, "$s", kOps, Action::Write));
  EXPECT_FALSE(allows({}, defaults, "$s", kAnna, Action::Delete)) << "the built-in rule of system streams";
}

// ---- the engine's lists

class Access : public ::testing::Test {
 protected:
  void metadata(const std::string& stream, std::string_view json) {
    ASSERT_TRUE(set_metadata(engine_, ++number_, stream, json));
  }
  void settings(std::string_view json, ContentType content_type = ContentType::Json) {
    ASSERT_TRUE(append(engine_, "$settings", {event(++number_, "whatever", json, {}, content_type)}));
  }
  void write(std::string_view stream) { ASSERT_TRUE(append(engine_, stream, {event(++number_)})); }
  [[nodiscard]] bool may(const Principal& who, std::string_view stream, Action action) const {
    const Result<void> answer = check_access(engine_, who, stream, action);
    if (!answer) {
      EXPECT_EQ(answer.error().code, ErrorCode::AccessDenied);
    }
    return answer.ok();
  }

  ManualClock clock_;
  Engine engine_{clock_};
  std::uint64_t number_ = 0;
};

TEST_F(Access, ReadsTheListsThatHoldNow) {
  EXPECT_TRUE(may(kAnna, "s", Action::Read)) << "a stream that does not exist";
  metadata("s", R"({"$acl":{"$r":"ops"}})");
  EXPECT_FALSE(may(kAnna, "s", Action::Read));
  EXPECT_TRUE(may(kOps, "s", Action::Read));
  metadata("s", R"({"$acl":{"$r":["sales"]}})");
  EXPECT_TRUE(may(kAnna, "s", Action::Read));
  EXPECT_FALSE(may(kOps, "s", Action::Read));
  metadata("s", R"({"$acl":{"$r":1}})");
  EXPECT_TRUE(may(kOps, "s", Action::Read)) << "void metadata grant what the default grants";
  EXPECT_TRUE(may(kAnna, "other", Action::Read));
}

TEST_F(Access, MetadataMustBeMarkedAsJson) {
  ASSERT_TRUE(append(engine_, "$$s", {event(1, "$metadata", R"({"$acl":{"$r":"ops"}})", {}, ContentType::Binary)}));
  EXPECT_TRUE(may(kAnna, "s", Action::Read));
}

TEST_F(Access, SettingsHoldWhateverTheirContentType) {
  settings(R"({"$userStreamAcl":{"$r":"ops"}})", ContentType::Binary);
  EXPECT_FALSE(may(kAnna, "s", Action::Read));
  EXPECT_FALSE(may(kAnna, "$s", Action::Read));
  settings(R"({"$systemStreamAcl":{"$r":["anna"]}})");
  EXPECT_TRUE(may(kAnna, "s", Action::Read)) << "the last event replaces the one before";
  EXPECT_TRUE(may(kAnna, "$s", Action::Read));
  EXPECT_TRUE(may(kAnna, "$all", Action::Read));
  settings("no json");
  EXPECT_FALSE(may(kAnna, "$s", Action::Read));
}

TEST_F(Access, DoubleDollarStreamsAskForTheMetadataRights) {
  metadata("s", R"({"$acl":{"$r":[],"$w":[],"$mr":"anna","$mw":"ops"}})");
  EXPECT_TRUE(may(kAnna, "$$s", Action::Read));
  EXPECT_FALSE(may(kAnna, "$$s", Action::Write));
  EXPECT_TRUE(may(kOps, "$$s", Action::Write));
  EXPECT_FALSE(may(kOps, "$$s", Action::Read));
  EXPECT_TRUE(may(kAnna, "s", Action::MetaRead));
  EXPECT_FALSE(may(kAnna, "s", Action::MetaWrite));
  EXPECT_TRUE(may(kAnna, "$$fresh", Action::Write)) << "a user stream's metadata are open";
  EXPECT_FALSE(may(kAnna, "$$$fresh", Action::Read)) << "a system stream's are not";
}

TEST_F(Access, NobodyDeletesMetadataStreams) {
  EXPECT_FALSE(may(kAdmin, "$$s", Action::Delete));
  EXPECT_FALSE(may(kAnna, "$$s", Action::Delete));
  EXPECT_TRUE(may(kAnna, "s", Action::Delete));
}

TEST_F(Access, MetadataStreamsOfMetadataStreamsHaveNoListOfTheirOwn) {
  ASSERT_TRUE(append(engine_, "$$$$s", {event(1, "$metadata", R"({"$acl":{"$mr":"anna"}})")}));
  EXPECT_FALSE(may(kAnna, "$$$$s", Action::Read)) << "$$s is a system stream";
  EXPECT_TRUE(may(kAdmin, "$$$$s", Action::Read));
}

TEST_F(Access, AllIsASystemStreamThatNobodyWritesTo) {
  EXPECT_TRUE(may(kAdmin, "$all", Action::Read));
  EXPECT_FALSE(may(kOps, "$all", Action::Read));
  EXPECT_FALSE(may(kAdmin, "$all", Action::Write));
  EXPECT_FALSE(may(kAdmin, "$all", Action::Delete));
  metadata("$all", R"({"$acl":{"$r":["$ops","anna"],"$mw":"ops"}})");
  EXPECT_TRUE(may(kOps, "$all", Action::Read));
  EXPECT_TRUE(may(kAnna, "$all", Action::Read));
  EXPECT_FALSE(may({"ben", {}}, "$all", Action::Read));
  EXPECT_TRUE(may(kOps, "$$$all", Action::Write));
  EXPECT_FALSE(may(kOps, "$$$all", Action::Read));
  EXPECT_TRUE(may(kOps, "", Action::Read)) << "an empty name means $all";
  EXPECT_FALSE(may(kAdmin, "", Action::Write));
}

TEST_F(Access, DeletingAStreamForgetsItsList) {
  write("s");
  metadata("s", R"({"$acl":{"$r":"ops"}})");
  ASSERT_TRUE(engine_.delete_stream("s", Any{}));
  EXPECT_TRUE(may(kAnna, "s", Action::Read));
  metadata("s", R"({"$acl":{"$r":"ops"}})");
  ASSERT_TRUE(engine_.tombstone_stream("s", Any{}));
  EXPECT_TRUE(may(kAnna, "s", Action::Read));
}

TEST_F(Access, AFreshDatabaseShowsAccountsToTheirReadersOnly) {
  metadata("$user-ops", R"({"$acl":{"$w":"$admins","$d":"$admins","$mw":"$admins"}})");
  EXPECT_FALSE(may(kOps, "$user-ops", Action::Read));
  settings(R"({"$systemStreamAcl":{"$r":"$all","$w":"$all"}})");
  EXPECT_TRUE(may(kOps, "$user-ops", Action::Read));
  EXPECT_FALSE(may(kOps, "$user-ops", Action::Write)) << "the account's own list";
}

TEST_F(Access, ARefusalNamesUserActionAndStream) {
  const auto message = [&](std::string_view stream, Action action) {
    const Result<void> refused = check_access(engine_, kOps, stream, action);
    return refused ? std::string("allowed") : refused.error().message;
  };
  EXPECT_EQ(message("$all", Action::Read), R"(User "ops" may not read stream "$all".)");
  EXPECT_EQ(message("", Action::Delete), R"(User "ops" may not delete stream "$all".)");
  EXPECT_EQ(message("$s", Action::Write), R"(User "ops" may not write to stream "$s".)");
  EXPECT_EQ(message("$$$s", Action::Read), R"(User "ops" may not read the metadata of stream "$s".)");
  EXPECT_EQ(message("$$$s", Action::Write), R"(User "ops" may not write the metadata of stream "$s".)");
  EXPECT_EQ(message("$$s", Action::Delete), R"(User "ops" may not delete stream "$$s".)");
}

TEST_F(Access, AskingChangesNothing) {
  write("s");
  const std::vector<std::string> before = testing::contents(engine_);
  const std::uint64_t streams = engine_.statistics().total_streams;
  for (const char* stream : {"s", "unknown", "$unknown", "$$unknown", "$all", ""}) {
    for (const Action action : kActions) (void)check_access(engine_, kAnna, stream, action);
  }
  EXPECT_EQ(testing::contents(engine_), before);
  EXPECT_EQ(engine_.statistics().total_streams, streams);
}

TEST(DecidesAccess, SettingsAndTheStreamsOwnMetadata) {
  for (const char* stream : {"s", "$s", "$all", "$$s", ""}) EXPECT_TRUE(decides_access("$settings", stream)) << stream;
  EXPECT_TRUE(decides_access("$$s", "s"));
  EXPECT_TRUE(decides_access("$$s", "$$s")) << "the right to read metadata";
  EXPECT_TRUE(decides_access("$$$all", "$all"));
  EXPECT_TRUE(decides_access("$$$all", ""));
  for (const char* changed : {"s", "$s", "$$", "$$t", "$$$s", "$$$$s", "$$$settings"}) {
    EXPECT_FALSE(decides_access(changed, "s")) << changed;
  }
}

}  // namespace
}  // namespace kurrentlite
