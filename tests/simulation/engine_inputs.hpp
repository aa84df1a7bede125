#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine_model.hpp"
#include "unit/engine_support.hpp"

namespace kurrentlite::testing {

/// What the simulation feeds to the engine and the model: seeded, mostly sensible, with every edge now and then.
class EngineInputs {
 public:
  EngineInputs(Prng& random, std::map<std::string, Fields>& objects) : random_(random), objects_(objects) {
    if (random_.chance(0.1)) names_.push_back(std::string(70'000, 'n'));
  }

  std::string name() {
    if (random_.chance(0.01)) return std::vector<std::string>{"", "$$", "$all", "bad\xff", "never"}[random_.below(5)];
    const std::string plain = plain_name();
    return random_.chance(0.15) ? "$$" + plain : plain;
  }

  ExpectedState expected(const EngineModel& model, const std::string& stream) {
    const std::uint64_t dice = random_.below(12);
    if (dice < 4) return Any{};
    if (dice < 6) return NoStream{};
    if (dice < 8) return StreamExists{};
    return StreamRevision{revision_near(model, stream)};
  }

  std::uint64_t revision_near(const EngineModel& model, const std::string& stream) {
    const std::uint64_t count = model.events_of(stream).size();
    const std::uint64_t last = count > 0 ? count - 1 : random_.below(4);
    const std::uint64_t dice = random_.below(20);
    if (dice == 0) return UINT64_MAX - random_.below(2);
    if (dice == 1) return kDeletedRevision;
    return dice < 12 ? last : last + 2 - random_.below(std::min<std::uint64_t>(last + 3, 6));
  }

  /// New, or now and then one that was used before.
  Uuid event_id(const std::vector<ModelEvent>& log) {
    if (!log.empty() && random_.chance(0.15)) {
      const std::size_t near_end = log.size() - 1 - random_.below(std::min<std::size_t>(log.size(), 10));
      return *log[random_.chance(0.5) ? near_end : random_.below(log.size())].id;
    }
    return id_of(++last_id_);
  }

  std::string body() {
    const std::uint64_t dice = random_.below(200);
    if (dice == 0) return random_text(random_, random_.below(200'000));
    if (dice < 40) return random_text(random_, random_.below(90));
    if (dice < 60) return "{\"text\":\"größer €😀\"}";
    return std::string(random_.below(90), 'x');
  }

  ModelEvent event(const std::vector<ModelEvent>& log) {
    ModelEvent made;
    made.id = event_id(log);
    made.type = random_.chance(0.005) ? "" : types_[random_.below(types_.size())];
    made.content_type = random_.chance(0.3) ? ContentType::Binary : ContentType::Json;
    made.data = body();
    if (random_.chance(0.3)) made.metadata = body();
    if (random_.chance(0.05)) {
      made.created_ticks = 17'000'000'000'000'000 - static_cast<std::int64_t>(random_.below(1ull << 40));
    }
    if (made.type == "$>") {
      const std::vector<std::string> revisions = {"0", "1", "2", "3", "-1", "-2", "x", "", "99999999999999999999"};
      made.data = revisions[random_.below(revisions.size())] + (random_.chance(0.05) ? "" : "@") + name();
    }
    return made;
  }

  std::string metadata_text() {
    if (random_.chance(0.1)) return std::vector<std::string>{"", "[]", "null", "{", "{\"$tb\":}"}[random_.below(5)];
    const std::vector<std::pair<std::string, std::vector<std::string>>> choices = {
        {"$tb", {"0", "1", "2", "5", "40", "9223372036854775807", "9223372036854775808", "-1", "\"1\"", "1.0", "null"}},
        {"$maxCount", {"1", "2", "3", "9223372036854775807", "0", "-3", "1e1", "true"}},
        {"$maxAge", {"1", "4", "3600", "922337203685", "922337203686", "0", "99999999999999999999"}},
        {"$cacheControl", {"1", "0", "\"1\""}},
        {"$tmp", {"true", "false", "1"}},
        {"$acl", {R"({"$r":"a","$w":["b","c"]})", "{}", R"({"$x":"a"})", R"({"$r":1})", "[]", "null"}},
        {"note", {"\"ä\"", "{\"deep\":[1,2]}", "1e400"}}};
    Fields fields;
    for (const auto& [key, values] : choices) {
      // Mostly the harmless values that lead each list: wrong ones void the whole text.
      if (random_.chance(0.4))
        fields.push_back({key, values[random_.below(random_.chance(0.8) ? 1 + values.size() / 2 : values.size())]});
    }
    const std::string text = render(fields);
    objects_[text] = fields;
    return text;
  }

  // Multi-stream appends

  std::vector<ModelRequest> requests(const EngineModel& model) {
    std::vector<ModelRequest> made;
    const std::uint64_t count = random_.chance(0.02) ? 0 : 1 + random_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      ModelRequest request;
      request.stream = name();
      const bool taken =
          std::any_of(made.begin(), made.end(), [&](const auto& each) { return each.stream == request.stream; });
      if (taken && random_.chance(0.9)) continue;
      const std::vector<std::size_t> row = model.events_of(request.stream);
      const bool repeats = !row.empty() && random_.chance(0.25);
      const std::size_t first = repeats ? random_.below(row.size()) : 0;
      const std::uint64_t events = random_.chance(0.02) ? 0 : 1 + random_.below(3);
      for (std::uint64_t each = 0; each < events; ++each) {
        const bool old = repeats && first + each < row.size();
        request.events.push_back(old ? again(model.log[row[first + each]]) : record_event(model.log, request.stream));
      }
      request.expected = expected(model, request.stream);
      if (repeats && random_.chance(0.5))
        request.expected = first == 0 ? ExpectedState(NoStream{}) : StreamRevision{first - 1};
      made.push_back(std::move(request));
    }
    return made;
  }

  std::vector<ModelRecord> records(const EngineModel& model) {
    std::vector<ModelRecord> made;
    const std::vector<std::string> streams = {name(), name(), name()};
    if (!model.log.empty() && random_.chance(0.25)) {
      for (std::size_t i = random_.below(model.log.size()); i < model.log.size() && made.size() < 3; ++i) {
        if (model.log[i].revision != kDeletedRevision) made.push_back({model.log[i].stream, again(model.log[i])});
      }
      if (random_.chance(0.7)) return made;
    }
    const std::uint64_t count = random_.chance(0.02) ? 0 : 1 + random_.below(6);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string& stream = streams[random_.below(streams.size())];
      made.push_back({stream, record_event(model.log, stream)});
    }
    return made;
  }

  /// On streams that are written and on others.
  std::vector<StateCheck> checks(const EngineModel& model, const std::vector<ModelRecord>& records) {
    std::vector<StateCheck> made;
    for (std::uint64_t count = random_.below(4); count > 0; --count) {
      const bool on_written = !records.empty() && random_.chance(0.6);
      const std::string stream = on_written ? records[random_.below(records.size())].stream : name();
      const bool taken = std::any_of(made.begin(), made.end(), [&](const auto& each) { return each.stream == stream; });
      if (taken && random_.chance(0.9)) continue;
      const std::vector<CheckedState> states = {NoStream{}, StreamExists{}, SoftDeleted{}, Tombstoned{}};
      const std::uint64_t dice = random_.below(10);
      const std::uint64_t revision = std::min<std::uint64_t>(revision_near(model, stream), kDeletedRevision);
      made.push_back({stream, dice < states.size() ? states[dice] : StreamRevision{revision}});
    }
    return made;
  }

  /// One of a multi-stream append: its metadata map names to texts, nearly always.
  ModelEvent record_event(const std::vector<ModelEvent>& log, const std::string& stream) {
    ModelEvent made = event(log);
    if (made.type == "$>" && random_.chance(0.99)) made.type = "t";
    made.created_ticks = 0;
    made.metadata.clear();
    if (random_.chance(0.4)) {
      Fields fields = {{"user", "\"größer\""}};
      if (random_.chance(0.3)) fields.push_back({"$schema.name", "\"mine\""});
      if (random_.chance(0.3)) fields.push_back({"note", "\"" + std::string(random_.below(300), 'n') + "\""});
      if (random_.chance(0.02))
        fields.push_back({random_.chance(0.5) ? "" : "number", random_.chance(0.5) ? "1" : "\"\""});
      made.metadata = render(fields);
      objects_[made.metadata] = fields;
    } else if (random_.chance(0.01)) {
      made.metadata = random_.chance(0.5) ? "[]" : "no JSON";
    }
    if (is_metastream(stream) && random_.chance(0.7)) {
      made.type = "$metadata";
      made.data = metadata_text();
      made.content_type = ContentType::Json;
    }
    return made;
  }

  ReadRevision from(const EngineModel& model, const std::string& stream) {
    const std::uint64_t dice = random_.below(6);
    if (dice < 2) return Start{};
    if (dice < 4) return End{};
    return StreamRevision{revision_near(model, stream)};
  }

  Direction direction() { return random_.chance(0.5) ? Direction::Forwards : Direction::Backwards; }

  std::string plain_name() { return names_[random_.below(names_.size())]; }
  /// Brings a new name into play, since tombstones are for good.
  void add_name() { names_.push_back("new-" + std::to_string(names_.size())); }

 private:
  /// What a repeat of `written` in a multi-stream append sends.
  static ModelEvent again(ModelEvent written) {
    if (written.type == "$>") written.type = "t";
    written.metadata.clear();
    written.created_ticks = 0;
    return written;
  }

  Prng& random_;
  std::map<std::string, Fields>& objects_;  // every JSON object that was made, by its text
  std::vector<std::string> names_ = {"a", "A", "b", "name", "naïve-名", "$settings", "$$a", std::string(300, 'l')};
  std::vector<std::string> types_ = {"t", "type", "größer", "$>", "$>", "$metadata", "name"};
  std::uint64_t last_id_ = 0;
};

}  // namespace kurrentlite::testing
