#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "async/time_slice.hpp"
#include "regex/pcre2_regex.hpp"
#include "services/query/list_query.hpp"
#include "services/query/live_query.hpp"
#include "services/query/query_run.hpp"

namespace kurrentlite {

/// A clock that moves on by itself whenever somebody looks, so that work is cut into slices; timers never run by themselves.
class BusyScheduler final : public Scheduler {
 public:
  explicit BusyScheduler(Duration step) : step_(step) {}
  [[nodiscard]] Duration now() const override { return now_ += step_; }
  TimerId call_after(Duration, std::function<void()> callback) override {
    timers_[++last_] = std::move(callback);
    return last_;
  }
  void cancel(TimerId timer) override { timers_.erase(timer); }
  /// Runs what waits, and what that asks for.
  void run_all() {
    while (!timers_.empty()) {
      const auto callback = timers_.begin()->second;
      timers_.erase(timers_.begin());
      callback();
    }
  }

 private:
  Duration step_;
  mutable Duration now_ = Duration::zero();
  TimerId last_ = 0;
  std::map<TimerId, std::function<void()>> timers_;
};

/// A read model with documents in it and queries over them.
class QueryWorld {
 public:
  /// `step`: how long everything seems to take. By default nothing takes any time.
  explicit QueryWorld(Duration step = Duration::zero()) : scheduler(step) {}

  void put(Stream document) {
    services::DocumentFold fold;
    fold.next_revision = ++versions_[document.id];
    const std::string id = document.id;
    fold.document = std::move(document);
    model.put_document(id, fold, {++position_, position_});
  }
  void remove(const std::string& id) {
    services::DocumentFold fold;
    fold.next_revision = ++versions_[id];
    model.put_document(id, fold, {++position_, position_});
  }
  void index(const std::string& path, const std::string& kind = {}) {
    std::string problem;
    auto compiled = services::CompiledPath::compile(path, QuerySubject::Documents, problem);
    ASSERT_TRUE(compiled.has_value()) << problem;
    services::SecondaryIndex& made = queries.indexes().emplace_back(path, std::move(*compiled), kind);
    while (!made.build(model, 7)) {
    }
  }

  services::CompiledQuery compiled(const StreamQuery& query) {
    Result<services::CompiledQuery> made = services::CompiledQuery::compile(query, &regexes);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return std::move(made).value();
  }
  /// Carries the query out; `between` runs after every slice but the last.
  QueryPage run(const StreamQuery& query, const std::function<void()>& between = {}) {
    services::CompiledQuery ready = compiled(query);
    services::QueryRun running(queries, ready, sight);
    TimeSlice slice(scheduler);
    while (!running.step(slice)) {
      if (between) between();
      slice.restart();
    }
    explanation = running.explanation();
    Result<QueryPage> page = running.page();
    EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message);
    return page.ok() ? std::move(page).value() : QueryPage{};
  }
  std::vector<std::string> ids(const StreamQuery& query) {
    std::vector<std::string> all;
    for (const Stream& each : run(query).items) all.push_back(each.id);
    return all;
  }

  BusyScheduler scheduler;
  Pcre2RegexEngine regexes;
  services::ReadModel model;
  services::Queries queries{model, &regexes};
  services::Sight sight;
  QueryExplanation explanation;  ///< of the last `run`

 private:
  std::map<std::string, std::uint64_t> versions_;
  std::uint64_t position_ = 0;
};

}  // namespace kurrentlite
