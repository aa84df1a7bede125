#include <utility>

#include "async/time_slice.hpp"
#include "services/access.hpp"
#include "services/query/list_query.hpp"
#include "services/query/live_query.hpp"
#include "services/query/query_run.hpp"
#include "services/runtime.hpp"
#include "services/validation.hpp"

/// Queries over documents, as StreamService offers them.
namespace kurrentlite {

using services::CompiledQuery;
using services::LiveQuery;
using services::QueryRun;

// Not in the unnamed namespace, see document_events.cpp.
namespace services {

struct QueryAnswer {
  QueryPage page;
  QueryExplanation explanation;
};

}  // namespace services

using services::QueryAnswer;

namespace {

constexpr std::size_t kIndexesMax = 64;

/// What the acting user of now may read. Without one everything, which needs no asking.
services::Sight sight_of(const ServiceRuntime& runtime) {
  if (!runtime.actor()) return {};
  return [actor = runtime.actor()](const Stream& document) { return services::may(actor, Access::Read, document); };
}

Task<Result<QueryAnswer>> carry_out(ServiceRuntime& runtime, StreamQuery query) {
  Result<CompiledQuery> compiled = CompiledQuery::compile(query, runtime.queries().regexes());
  if (!compiled.ok()) co_return std::move(compiled).error();
  const services::Sight sight = sight_of(runtime);
  runtime.begin_operation();
  while (true) {
    Task<Result<void>> waiting = runtime.feed().ready();
    Result<void> ready = co_await std::move(waiting);
    if (!ready.ok()) co_return std::move(ready).error();
    const Duration begin = runtime.scheduler().now();
    QueryRun run(runtime.queries(), *compiled, sight);
    TimeSlice slice(runtime.scheduler());
    while (!run.step(slice) && !run.is_void()) {
      co_await slice.pause();
      slice.restart();
    }
    if (run.is_void()) continue;
    Result<QueryPage> page = run.page();
    if (!page.ok()) co_return std::move(page).error();
    QueryAnswer answer{std::move(page).value(), run.explanation()};
    answer.explanation.duration_ms = static_cast<double>((runtime.scheduler().now() - begin).count()) / 1000;
    co_return std::move(answer);
  }
}

Task<Result<QueryPage>> query_documents(ServiceRuntime& runtime, StreamQuery query) {
  Task<Result<QueryAnswer>> running = carry_out(runtime, std::move(query));
  Result<QueryAnswer> answer = co_await std::move(running);
  if (!answer.ok()) co_return std::move(answer).error();
  co_return std::move(answer->page);
}

Task<Result<StreamPage>> list_documents(ServiceRuntime& runtime, StreamFilter filter) {
  if (std::optional<Error> invalid = services::validate_filter(filter)) co_return std::move(*invalid);
  StreamPage page;
  page.offset = filter.offset;
  page.limit = filter.limit;
  Task<Result<QueryAnswer>> running = carry_out(runtime, services::query_of(filter));
  Result<QueryAnswer> answer = co_await std::move(running);
  if (!answer.ok()) co_return std::move(answer).error();
  page.total = answer->page.total.value_or(0);
  page.items = std::move(answer->page.items);
  co_return std::move(page);
}

Task<Result<QueryExplanation>> explain_query(ServiceRuntime& runtime, StreamQuery query) {
  Task<Result<QueryAnswer>> running = carry_out(runtime, std::move(query));
  Result<QueryAnswer> answer = co_await std::move(running);
  if (!answer.ok()) co_return std::move(answer).error();
  co_return std::move(answer->explanation);
}

Task<Result<StreamWatch>> watch_query(ServiceRuntime& runtime, StreamQuery query,
                                      std::function<void(LiveUpdate)> listener) {
  if (query.group_by) co_return services::validation_failed("groupBy", "cannot be followed; query it when something changed.");
  Result<CompiledQuery> compiled =
      CompiledQuery::compile(query, runtime.queries().regexes(), StreamWatch::kLimitMax);
  if (!compiled.ok()) co_return std::move(compiled).error();
  const services::Sight sight = sight_of(runtime);
  runtime.begin_operation();
  std::unique_ptr<LiveQuery> live;
  while (!live || !runtime.feed().caught_up()) {
    Task<Result<void>> waiting = runtime.feed().ready();
    Result<void> ready = co_await std::move(waiting);
    if (!ready.ok()) co_return std::move(ready).error();
    if (!live) {
      live = std::make_unique<LiveQuery>(runtime.queries(), runtime.scheduler(), std::move(compiled).value(), sight,
                                         [&runtime] { return runtime.feed().caught_up(); });
    }
    TimeSlice slice(runtime.scheduler());
    while (!live->catch_up(slice)) {
      co_await slice.pause();
      slice.restart();
    }
  }
  LiveUpdate first = live->update().value_or(LiveUpdate{});
  live->listen(std::move(listener));
  co_return StreamWatch(runtime.shared_from_this(), std::move(live), std::move(first));
}

Task<Result<StreamWatch>> watch_filter(ServiceRuntime& runtime, StreamFilter filter,
                                       std::function<void(LiveUpdate)> listener) {
  if (std::optional<Error> invalid = services::validate_filter(filter, StreamWatch::kLimitMax)) {
    co_return std::move(*invalid);
  }
  Task<Result<StreamWatch>> watching = watch_query(runtime, services::query_of(filter), std::move(listener));
  co_return co_await std::move(watching);
}

Task<Result<void>> make_index(ServiceRuntime& runtime, std::string path, std::string kind) {
  std::string problem;
  std::optional<services::CompiledPath> compiled =
      services::CompiledPath::compile(path, QuerySubject::Documents, problem);
  if (!compiled) co_return services::validation_failed("path", problem);
  services::Queries& queries = runtime.queries();
  services::SecondaryIndex* index = queries.find_index(*compiled, kind);
  if (index == nullptr && queries.indexes().size() == kIndexesMax) {
    co_return services::validation_failed("path", "cannot be indexed: there are 64 indexes already.");
  }
  if (index == nullptr) {
    index = &queries.indexes().emplace_back(std::move(path), std::move(*compiled), std::move(kind));
  }
  constexpr std::size_t kChunk = 64;
  TimeSlice slice(runtime.scheduler());
  while (!index->build(queries.model(), kChunk)) {
    if (!slice.spent()) continue;
    co_await slice.pause();
    slice.restart();
  }
  co_return Result<void>();
}

}  // namespace

StreamWatch::StreamWatch(std::shared_ptr<ServiceRuntime> runtime, std::unique_ptr<LiveQuery> query, LiveUpdate first)
    : runtime_(std::move(runtime)), query_(std::move(query)), first_(std::move(first)) {}
StreamWatch::StreamWatch(StreamWatch&&) noexcept = default;
StreamWatch::~StreamWatch() = default;

std::optional<LiveUpdate> StreamWatch::resize(std::uint32_t limit) { return query_->resize(limit); }

StreamWatch& StreamWatch::operator=(StreamWatch&& other) noexcept {
  query_ = std::move(other.query_);  // what it refers to goes after it
  runtime_ = std::move(other.runtime_);
  first_ = std::move(other.first_);
  return *this;
}

Task<Result<StreamPage>> StreamService::list(StreamFilter filter) {
  return runtime_.run("listStreams", list_documents(runtime_, std::move(filter)));
}

Task<Result<QueryPage>> StreamService::query(StreamQuery query) {
  return runtime_.run("queryStreams", query_documents(runtime_, std::move(query)));
}

Task<Result<QueryExplanation>> StreamService::explain(StreamQuery query) {
  return runtime_.run("explainQuery", explain_query(runtime_, std::move(query)));
}

Task<Result<StreamWatch>> StreamService::watch(StreamQuery query, std::function<void(LiveUpdate)> listener) {
  return runtime_.run("watchStreams", watch_query(runtime_, std::move(query), std::move(listener)));
}

Task<Result<StreamWatch>> StreamService::watch_list(StreamFilter filter, std::function<void(LiveUpdate)> listener) {
  return runtime_.run("watchStreams", watch_filter(runtime_, std::move(filter), std::move(listener)));
}

Task<Result<void>> StreamService::declare_index(std::string path, std::string kind) {
  return runtime_.run("declareIndex", make_index(runtime_, std::move(path), std::move(kind)));
}

}  // namespace kurrentlite
