#include "engine/filter.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/engine.hpp"
#include "engine/state.hpp"

namespace kurrentlite {

Result<FilterJudge> FilterJudge::create(Filter filter, RegexEngine* engine) {
  // A regular expression wins over prefixes (reference: streams 3.12).
  if (filter.regex.empty()) return FilterJudge(std::move(filter), nullptr);
  if (engine == nullptr) {
    return Error{ErrorCode::Unknown, "This program was built without regular expressions: filter by prefixes.", {}};
  }
  Result<std::unique_ptr<Regex>> regex = engine->compile(filter.regex);
  if (!regex) return std::move(regex).error();
  return FilterJudge(std::move(filter), std::move(regex).value());
}

Result<bool> FilterJudge::accepts(const Engine& engine, std::uint32_t id) {
  if (id >= verdicts_.size()) {
    verdicts_.resize(std::max<std::size_t>(std::size_t{id} + 1, verdicts_.size() * 2), Verdict::Unknown);
  }
  Verdict& verdict = verdicts_[id];
  if (verdict == Verdict::Unknown) {
    const Result<bool> accepted = judge(by_stream() ? engine.stream_name(id) : engine.type_name(id));
    if (!accepted.ok()) return accepted.error();
    verdict = *accepted ? Verdict::Accepted : Verdict::Refused;
  }
  return verdict == Verdict::Accepted;
}

Result<bool> FilterJudge::judge(const std::string& name) {
  if (regex_ != nullptr) return regex_->matches(name);
  return std::any_of(filter_.prefixes.begin(), filter_.prefixes.end(),
                     [&](const std::string& prefix) { return name.compare(0, prefix.size(), prefix) == 0; });
}

Result<std::uint64_t> Engine::skip_refused(AllCursor& cursor, FilterJudge& judge, std::uint64_t most) const {
  const Log& log = state_->log;
  const bool backwards = cursor.direction == Direction::Backwards;
  const bool by_stream = judge.by_stream();
  for (std::uint64_t skipped = 0; skipped < most; ++skipped) {
    if (log.has_gaps()) cursor.next = backwards ? log.live_end(cursor.next) : log.next_live(cursor.next);
    if (backwards ? cursor.next == 0 : cursor.next >= log.count()) return skipped;
    const std::uint32_t ordinal = static_cast<std::uint32_t>(backwards ? cursor.next - 1 : cursor.next);
    const std::uint32_t id = by_stream ? log.stream_of(ordinal) : log.type_of(ordinal);
    if (!judge.refuses(id)) {
      const Result<bool> accepted = judge.accepts(*this, id);
      if (!accepted.ok()) return accepted.error();
      if (*accepted) return skipped;
    }
    cursor.next = backwards ? ordinal : std::uint64_t{ordinal} + 1;
  }
  return most;
}

}  // namespace kurrentlite
