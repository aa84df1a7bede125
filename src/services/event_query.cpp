#include <algorithm>
#include <charconv>
#include <utility>

#include "async/time_slice.hpp"
#include "services/query/compiled_query.hpp"
#include "services/query/group_counts.hpp"
#include "services/runtime.hpp"
#include "services/validation.hpp"

/// Queries over events, as EventService offers them.
namespace kurrentlite {

namespace services {

/// Events that are asked for at once.
constexpr std::uint64_t kEventsAtOnce = 500;
constexpr std::uint32_t kScanMax = 1'000'000;

/// An event query that was found to be in order.
class CompiledEventQuery {
 public:
  [[nodiscard]] static Result<CompiledEventQuery> compile(const EventQuery& query, RegexEngine* regexes);

  CompiledCondition where;
  std::optional<CompiledPath> group_by;
  /// The one stream to read; otherwise all of them.
  std::optional<StreamName> stream;
  /// What the database can leave out by itself.
  std::optional<Filter> filter;
  bool backwards = false;
  bool system_events = false;
  /// Revision or position of the event that the page before ended with.
  std::optional<std::uint64_t> after;

  [[nodiscard]] std::string cursor_at(std::uint64_t place) const;
  /// What the event counts for.
  [[nodiscard]] std::vector<Key> groups_of(const RecordedEvent& event);

 private:
  explicit CompiledEventQuery(CompiledCondition condition) : where(std::move(condition)) {}
  bool read_cursor(const std::string& cursor);
  void push_down(const EventScope& scope);
  std::uint64_t identity_ = 0;
  std::string scratch_;
  std::string inner_scratch_;
};

namespace {

/// What the values of a field must begin with, by one of its tests; nothing when none tells.
std::optional<std::vector<std::string>> prefixes_of(const FieldTests& tests) {
  for (const Test& test : tests.tests) {
    const bool is_one = test.op == Condition::Op::Eq || test.op == Condition::Op::Prefix;
    if (is_one && test.operand.rank == Rank::Text && !test.operand.text.empty()) {
      return std::vector<std::string>{test.operand.text};
    }
    const bool all_text = std::all_of(test.operands.begin(), test.operands.end(),
                                      [](const Key& key) { return key.rank == Rank::Text && !key.text.empty(); });
    if (test.op != Condition::Op::In || test.operands.empty() || !all_text) continue;
    std::vector<std::string> prefixes;
    for (const Key& key : test.operands) prefixes.push_back(key.text);
    return prefixes;
  }
  return std::nullopt;
}

std::vector<Violation> problems_of(const EventQuery& query) {
  std::vector<Violation> violations;
  if (query.limit > kPageSizeMax) violations.push_back({"limit", "must be 0 to 1000."});
  if (query.scan_max < 1 || query.scan_max > kScanMax) violations.push_back({"scanMax", "must be 1 to 1000000."});
  if (query.scope.stream && query.scope.category) violations.push_back({"category", "must not be given beside a stream."});
  if (query.scope.stream && query.scope.stream->empty()) violations.push_back({"stream", "must not be empty."});
  if (query.scope.category && query.scope.category->empty()) {
    violations.push_back({"category", "must not be empty."});
  }
  return violations;
}

}  // namespace

Result<CompiledEventQuery> CompiledEventQuery::compile(const EventQuery& query, RegexEngine* regexes) {
  std::vector<Violation> violations = problems_of(query);
  Result<CompiledCondition> where = CompiledCondition::compile(query.where, QuerySubject::Events, regexes);
  if (!where.ok()) {
    std::vector<Violation>& found = where.error().violations;
    violations.insert(violations.end(), found.begin(), found.end());
  }
  std::optional<CompiledPath> group_by;
  if (query.group_by) {
    std::string problem;
    group_by = CompiledPath::compile(*query.group_by, QuerySubject::Events, problem);
    if (!group_by) violations.push_back({"groupBy", problem});
  }
  if (!violations.empty()) return validation_failed(std::move(violations));

  CompiledEventQuery compiled(std::move(where).value());
  compiled.group_by = std::move(group_by);
  compiled.stream = query.scope.stream;
  compiled.backwards = query.backwards;
  compiled.system_events = query.system_events || query.scope.stream.has_value();
  compiled.identity_ = identity_of(to_json(query.where) + (query.backwards ? "\n-" : "\n+") +
                                   query.scope.stream.value_or("") + "\n" + query.scope.category.value_or("") +
                                   (compiled.system_events ? "\n$" : "\n"));
  compiled.push_down(query.scope);
  if (query.cursor && !compiled.read_cursor(*query.cursor)) {
    return validation_failed("cursor", "is not one that this query gave: another condition or scope, or no cursor.");
  }
  return compiled;
}

void CompiledEventQuery::push_down(const EventScope& scope) {
  if (stream) return;
  if (scope.category) {
    filter.emplace();
    filter->prefixes = {*scope.category + "-"};
    return;
  }
  const std::vector<const FieldTests*> required = where.required();
  // A filter is by names of streams or by types. Streams tell more.
  for (const auto& [field, on] : {std::pair{QueryField::StreamName, Filter::On::StreamName},
                                  std::pair{QueryField::Type, Filter::On::EventType}}) {
    for (const FieldTests* tests : required) {
      if (filter || tests->path.field() != field) continue;
      const std::optional<std::vector<std::string>> prefixes = prefixes_of(*tests);
      if (prefixes) filter = Filter{on, *prefixes, {}};
    }
  }
}

bool CompiledEventQuery::read_cursor(const std::string& cursor) {
  const std::optional<std::string> text = from_opaque(cursor);
  if (!text) return false;
  const std::vector<json::Value> parts = json::Value(*text).elements();
  if (parts.size() != 2 || parts[0].string() != std::to_string(identity_)) return false;
  const std::string place = parts[1].string().value_or("");
  std::uint64_t value = 0;
  const auto read = std::from_chars(place.data(), place.data() + place.size(), value);
  if (read.ec != std::errc() || read.ptr != place.data() + place.size()) return false;
  after = value;
  return true;
}

std::string CompiledEventQuery::cursor_at(std::uint64_t place) const {
  return opaque(json::Writer().begin_array().string(std::to_string(identity_)).string(std::to_string(place)).end_array().take());
}

std::vector<Key> CompiledEventQuery::groups_of(const RecordedEvent& event) {
  if (!group_by) return {};
  EventSubject subject(event);
  return group_keys(group_by->read(subject, scratch_), inner_scratch_);
}

/// Reads the events that come after `after`, which were not looked at before.
class EventPager {
 public:
  EventPager(ServiceRuntime& runtime, const CompiledEventQuery& query)
      : runtime_(runtime), query_(query), after_(query.after) {}

  Task<Result<std::vector<RecordedEvent>>> next(std::uint64_t count) {
    if (query_.backwards && query_.stream && after_ == 0u) exhausted_ = true;
    if (exhausted_) co_return std::vector<RecordedEvent>();
    // Reading `$all` forwards begins with the very event that the last page ended with.
    const bool repeats = after_.has_value() && !query_.stream && !query_.backwards;
    const std::uint64_t wanted = count + (repeats ? 1 : 0);
    Task<Result<std::vector<ResolvedEvent>>> reading = query_.stream ? read_stream(wanted) : read_all(wanted);
    Result<std::vector<ResolvedEvent>> read = co_await std::move(reading);
    std::vector<RecordedEvent> events;
    if (!read.ok()) {
      const ErrorCode code = read.error().code;
      if (code != ErrorCode::StreamNotFound && code != ErrorCode::StreamDeleted) co_return std::move(read).error();
      exhausted_ = true;
      co_return std::move(events);
    }
    exhausted_ = read->size() < wanted;
    for (ResolvedEvent& each : *read) {
      if (each.event && !(repeats && each.event->position.commit <= *after_)) events.push_back(std::move(*each.event));
    }
    if (!events.empty()) after_ = place_of(events.back());
    co_return std::move(events);
  }

  [[nodiscard]] bool exhausted() const { return exhausted_; }
  [[nodiscard]] std::uint64_t place_of(const RecordedEvent& event) const {
    return query_.stream ? event.revision.value : event.position.commit;
  }

 private:
  Task<Result<std::vector<ResolvedEvent>>> read_stream(std::uint64_t count) {
    ReadStreamOptions options;
    options.max_count = count;
    options.direction = query_.backwards ? Direction::Backwards : Direction::Forwards;
    if (query_.backwards) options.from = End{};
    if (after_) options.from = StreamRevision{query_.backwards ? *after_ - 1 : *after_ + 1};
    return runtime_.read_stream(*query_.stream, std::move(options));
  }
  Task<Result<std::vector<ResolvedEvent>>> read_all(std::uint64_t count) {
    ReadAllOptions options;
    options.max_count = count;
    options.direction = query_.backwards ? Direction::Backwards : Direction::Forwards;
    if (query_.backwards) options.from = End{};
    if (after_) options.from = Position{*after_, *after_};
    options.filter = query_.filter;
    options.call = runtime_.caller().options();
    return runtime_.caller().call<std::vector<ResolvedEvent>>(
        Operation::Read, [&runtime = runtime_, options = std::move(options)] {
          return runtime.caller().client().read_all(options);
        });
  }

  ServiceRuntime& runtime_;
  const CompiledEventQuery& query_;
  std::optional<std::uint64_t> after_;
  bool exhausted_ = false;
};

}  // namespace services

namespace {

using services::CompiledEventQuery;

Task<Result<EventPage>> query_events(ServiceRuntime& runtime, EventQuery query) {
  Result<CompiledEventQuery> compiled = CompiledEventQuery::compile(query, runtime.regexes());
  if (!compiled.ok()) co_return std::move(compiled).error();
  runtime.begin_operation();
  services::EventPager pager(runtime, *compiled);
  TimeSlice slice(runtime.scheduler());
  EventPage page;
  services::GroupCounts groups;
  std::optional<std::uint64_t> last;
  bool is_full = false;
  bool leaves_some = false;  // of what was read
  while (!is_full && page.scanned < query.scan_max && !pager.exhausted()) {
    const std::uint64_t wanted = std::min<std::uint64_t>(services::kEventsAtOnce, query.scan_max - page.scanned);
    Task<Result<std::vector<RecordedEvent>>> reading = pager.next(wanted);
    Result<std::vector<RecordedEvent>> events = co_await std::move(reading);
    if (!events.ok()) co_return std::move(events).error();
    for (RecordedEvent& event : *events) {
      if (is_full) {
        leaves_some = true;
        break;
      }
      ++page.scanned;
      last = pager.place_of(event);
      const bool is_system = is_system_stream(event.stream) || is_system_stream(event.type);
      if ((is_system && !compiled->system_events) || !compiled->where.matches(event)) continue;
      ++page.matched;
      for (services::Key& key : compiled->groups_of(event)) groups.add(std::move(key));
      if (query.limit > 0) page.items.push_back(std::move(event));
      is_full = query.limit > 0 && page.items.size() == query.limit;
    }
    if (const std::optional<Error>& failure = compiled->where.failure()) {
      co_return services::validation_failed("where", "holds a regular expression that takes too long: " + failure->message);
    }
    if (!slice.spent()) continue;
    co_await slice.pause();
    slice.restart();
  }
  if (last && (leaves_some || !pager.exhausted())) page.next = compiled->cursor_at(*last);
  if (compiled->group_by) {
    page.groups = groups.largest();
    page.groups_total = groups.size();
  }
  co_return std::move(page);
}

}  // namespace

Task<Result<EventPage>> EventService::query(EventQuery query) {
  return runtime_.run("queryEvents", query_events(runtime_, std::move(query)));
}

}  // namespace kurrentlite
