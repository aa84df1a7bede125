#include "engine/filter.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/engine.hpp"

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

Result<bool> FilterJudge::accepts(const Engine& engine, const Record& record) {
  const bool by_stream = filter_.on == Filter::On::StreamName;
  const std::uint32_t id = by_stream ? record.stream : record.type;
  if (id >= verdicts_.size()) {
    verdicts_.resize(std::max<std::size_t>(std::size_t{id} + 1, verdicts_.size() * 2), Verdict::Unknown);
  }
  Verdict& verdict = verdicts_[id];
  if (verdict == Verdict::Unknown) {
    const Result<bool> accepted = judge(by_stream ? engine.stream_name(id) : engine.type_name(id));
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

}  // namespace kurrentlite
