// What services refuse: a table of bad requests, each with the fields it names. Nothing refused changes the database.
#include "services/validation.hpp"

#include "services/document.hpp"
#include "support/service_suite.hpp"

namespace kurrentlite {
namespace {

using ::testing::HasSubstr;

using Fields = std::vector<std::string>;

const std::string kLong(257, 'x');
const std::string kInvalid = "\xed\xa0\x80";  // a lone surrogate, as some encoders write it

CreateStreamRequest valid_create() {
  CreateStreamRequest request;
  request.id = "a";
  request.name = "N";
  request.data = "{}";
  return request;
}

class Validation : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(host_.engine().statistics().total_events, events_); }

  template <class F>
  Result<Stream> create(F change) {
    CreateStreamRequest request = valid_create();
    change(request);
    return at_once(user_->create(std::move(request)));
  }
  template <class F>
  Result<Stream> update(F change, const std::string& id = "a") {
    UpdateStreamRequest request;
    change(request);
    return at_once(user_->update(id, std::move(request)));
  }
  Result<UserStream> store(UserStreamKey key, Json data) {
    return at_once(user_.users().store(std::move(key), std::move(data)));
  }

  MemoryHost host_{SimulationProfile{}};
  ServiceUser user_{host_.new_client(), host_, 1};
  std::uint64_t events_ = 0;  ///< that may be there in the end
};

TEST_F(Validation, EachFieldOfACreateIsChecked) {
  const auto refused = [](Fields fields) { return RefusesFields(std::move(fields)); };
  EXPECT_THAT(create([](auto& r) { r.name = ""; }), refused({"name"}));
  EXPECT_THAT(create([](auto& r) { r.name = kLong; }), refused({"name"}));
  EXPECT_THAT(create([](auto& r) { r.name = kInvalid; }), refused({"name"}));
  EXPECT_THAT(create([](auto& r) { r.id = ""; }), refused({"id"}));
  EXPECT_THAT(create([](auto& r) { r.id = kLong; }), refused({"id"}));
  EXPECT_THAT(create([](auto& r) { r.id = kInvalid; }), refused({"id"}));
  EXPECT_THAT(create([](auto& r) { r.description = kInvalid; }), refused({"description"}));
  EXPECT_THAT(create([](auto& r) { r.owner = ""; }), refused({"owner"}));
  EXPECT_THAT(create([](auto& r) { r.tags = Fields{"ok", "", kLong}; }), refused({"tags[1]", "tags[2]"}));
  EXPECT_THAT(create([](auto& r) {
                r.permissions = PermissionsPatch{Fields{""}, Fields{"a", ""}, Fields{kLong}};
              }),
              refused({"permissions.read[0]", "permissions.write[1]", "permissions.admin[0]"}));
}

TEST_F(Validation, DataMustBeHarmlessJson) {
  struct Case {
    Json data;
    const char* field;
    const char* problem;
  };
  const std::vector<Case> cases{
      {"", "data", "is required"},
      {"{", "data", "must be JSON"},
      {"undefined", "data", "must be JSON"},
      {"NaN", "data", "must be JSON"},
      {"{'a':1}", "data", "must be JSON"},
      {"1 2", "data", "at byte 2"},
      {"\"" + kInvalid + "\"", "data", "must be JSON"},
      {std::string(513, '[') + std::string(513, ']'), "data", "must be JSON"},
      {std::string(100'000, '['), "data", "must be JSON"},
      {R"({"__proto__":1})", "data.__proto__", ""},
      {R"({"a":[{"\u005f_proto__":{}}]})", "data.a[0].__proto__", ""},
      {R"([{"constructor":{"prototype":1}}])", "data[0].constructor.prototype", ""},
      {R"("\ud800")", "data", ""},
      {R"({"a":"\udc00x"})", "data.a", ""},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.data.substr(0, 60));
    for (const auto& refused :
         {create([&](auto& r) { r.data = each.data; }), update([&](auto& r) { r.data = each.data; })}) {
      EXPECT_THAT(refused, RefusesFields(Fields{each.field}));
      ASSERT_FALSE(refused.ok());
      EXPECT_THAT(refused.error().violations.front().problem, HasSubstr(each.problem));
    }
    EXPECT_THAT(store({"u"}, each.data), RefusesFields(Fields{each.field}));
    EXPECT_THAT(at_once(user_.users().update({"u"}, each.data)), RefusesFields(Fields{each.field}));
  }
}

TEST_F(Validation, EverythingWrongIsToldAtOnce) {
  const Result<Stream> refused = create([](auto& r) {
    r.id = "";
    r.name = "";
    r.data = "{";
    r.tags = Fields{""};
    r.owner = kLong;
  });
  EXPECT_THAT(refused, RefusesFields(Fields{"id", "name", "data", "tags[0]", "owner"}));
  EXPECT_THAT(refused.error().message, HasSubstr("`name`: must have 1 to 256 characters, not 0."));
}

TEST_F(Validation, EachFieldOfAnUpdateIsChecked) {
  EXPECT_THAT(update([](auto&) {}, ""), RefusesFields(Fields{"id"}));
  EXPECT_THAT(update([](auto& r) { r.description = kInvalid; }), RefusesFields(Fields{"description"}));
  EXPECT_THAT(update([](auto& r) { r.tags = Fields{""}; }), RefusesFields(Fields{"tags[0]"}));
  EXPECT_THAT(update([](auto& r) {
                r.permissions = PermissionsPatch{std::nullopt, std::nullopt, Fields{""}};
              }),
              RefusesFields(Fields{"permissions.admin[0]"}));
}

TEST_F(Validation, IdsAreCheckedByEveryOperation) {
  const auto refused = RefusesFields(Fields{"id"});
  EXPECT_THAT(at_once(user_->get("")), refused);
  EXPECT_THAT(at_once(user_->remove(kLong)), refused);
  EXPECT_THAT(at_once(user_->archive("")), refused);
  EXPECT_THAT(at_once(user_->restore(kInvalid)), refused);
}

TEST_F(Validation, UserKeysAreCheckedByEveryOperation) {
  const UserStreamKey bad{"", kLong, ""};
  const auto refused = RefusesFields(Fields{"userId", "type", "category"});
  EXPECT_THAT(store(bad, "1"), refused);
  EXPECT_THAT(at_once(user_.users().get(bad)), refused);
  EXPECT_THAT(at_once(user_.users().update(bad, "{}")), refused);
  EXPECT_THAT(at_once(user_.users().remove(bad)), refused);
  EXPECT_THAT(at_once(user_.users().list("")), RefusesFields(Fields{"userId"}));
}

TEST_F(Validation, AUserUpdateTakesAnObject) {
  for (const char* patch : {"1", "[]", "null", "\"x\""}) {
    EXPECT_THAT(at_once(user_.users().update({"u"}, patch)), RefusesFields(Fields{"data"}));
  }
}

TEST_F(Validation, LengthsCountAsInJavaScript) {
  std::string pairs;
  for (int i = 0; i < 128; ++i) pairs += "😀";  // two UTF-16 units each
  EXPECT_THAT(create([&](auto& r) { r.name = pairs; }), IsOk());
  EXPECT_THAT(create([&](auto& r) { r.name = pairs + "x"; }), RefusesFields(Fields{"name"}));
  EXPECT_THAT(create([&](auto& r) { r.id = std::string(256, 'x'); }), IsOk());
  events_ = 2;
}

TEST_F(Validation, AnEventMayTake16MiB) {
  const std::size_t frame =
      services::document_created(Uuid{}, "a", valid_create()).data.size() + 2 * services::kDocumentCreated.size();
  const std::size_t room = services::kEventSizeMaxBytes - frame;
  EXPECT_THAT(create([&](auto& r) { r.data = "\"" + std::string(room + 1, 'x') + "\""; }),
              RefusesFields(Fields{"data"}));
  EXPECT_THAT(create([&](auto& r) { r.data = "\"" + std::string(room * 2, 'x') + "\""; }),
              RefusesFields(Fields{"data"}));
  EXPECT_THAT(create([&](auto& r) { r.description = std::string(room, 'x'); }), RefusesFields(Fields{"description"}));
  const Result<Stream> created = create([&](auto& r) { r.data = "\"" + std::string(room, 'x') + "\""; });
  ASSERT_THAT(created, IsOk()) << "the database agrees on the size";
  EXPECT_THAT(update([&](auto& r) { r.data = "\"" + std::string(services::kEventSizeMaxBytes, 'x') + "\""; }),
              RefusesFields(Fields{"data"}));
  events_ = 1;
}

TEST_F(Validation, AMergeThatGrowsTooLargeIsRefused) {
  const std::string half(9u << 20, 'x');
  EXPECT_THAT(store({"u"}, "{\"a\":\"" + half + "\"}"), IsOk());
  EXPECT_THAT(at_once(user_.users().update({"u"}, "{\"b\":\"" + half + "\"}")), RefusesFields(Fields{"data"}));
  EXPECT_THAT(at_once(user_.users().update({"u"}, "{\"a\":\"" + half + "\"}")), IsOk());
  events_ = 2;
}

TEST_F(Validation, RefusalsDoNotConnect) {
  EXPECT_THAT(create([](auto& r) { r.name = ""; }), RefusesFields(Fields{"name"}));
  EXPECT_EQ(user_.client().state(), ConnectionState::Disconnected);
}

}  // namespace
}  // namespace kurrentlite
