#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/json.hpp"
#include "kurrentlite/query.hpp"
#include "services/query/condition.hpp"
#include "services/query/operators.hpp"
#include "services/validation.hpp"

/// Conditions as text, and what may stand in them.

namespace kurrentlite {

using Op = Condition::Op;

Literal::Literal(double value) : json(std::isfinite(value) ? json::Writer().number(value).take() : "null") {}
Literal::Literal(std::string_view text) { json::append_string(json, text); }
Literal Literal::of_json(Json text) {
  Literal literal(nullptr);
  literal.json = std::move(text);
  return literal;
}

Condition Field::make(Op op, Literal value) const { return {op, path_, std::move(value.json)}; }

Condition Field::in(const std::vector<Literal>& values) const {
  json::Writer array;
  array.begin_array();
  for (const Literal& value : values) array.raw(value.json);
  return {Op::In, path_, array.end_array().take()};
}

Condition all_of(std::vector<Condition> parts) { return {Op::All, {}, {}, std::move(parts)}; }
Condition any_of(std::vector<Condition> parts) { return {Op::Any, {}, {}, std::move(parts)}; }
Condition not_(Condition part) {
  Condition condition{Op::Not};
  condition.parts.push_back(std::move(part));
  return condition;
}

const char* to_string(LiveChange::Kind kind) {
  switch (kind) {
    case LiveChange::Kind::Added: return "added";
    case LiveChange::Kind::Changed: return "changed";
    case LiveChange::Kind::Removed: return "removed";
  }
  return "changed";
}

namespace services {

namespace {

constexpr std::array kComparisons{
    std::pair{"eq", Op::Eq},     std::pair{"ne", Op::Ne},         std::pair{"lt", Op::Lt},
    std::pair{"lte", Op::Lte},   std::pair{"gt", Op::Gt},         std::pair{"gte", Op::Gte},
    std::pair{"in", Op::In},     std::pair{"contains", Op::Contains}, std::pair{"prefix", Op::Prefix},
    std::pair{"regex", Op::Regex}, std::pair{"exists", Op::Exists}};

bool is_scalar(const json::Value& value) { return !value.is(json::Kind::Array) && !value.is(json::Kind::Object); }

}  // namespace

const char* operator_name(Op op) {
  for (const auto& each : kComparisons) {
    if (each.second == op) return each.first;
  }
  switch (op) {
    case Op::Any: return "or";
    case Op::Not: return "not";
    case Op::Search: return "search";
    default: return "and";
  }
}

std::optional<Op> comparison_of(std::string_view name) {
  for (const auto& each : kComparisons) {
    if (name == each.first) return each.second;
  }
  return std::nullopt;
}

std::string operand_problem(Op op, const Json& text) {
  if (json::check(text)) return "must be a JSON value.";
  const json::Value value(text);
  switch (op) {
    case Op::Lt:
    case Op::Lte:
    case Op::Gt:
    case Op::Gte:
      if (!value.is(json::Kind::Number) && !value.is(json::Kind::String)) return "must be a number or a text.";
      break;
    case Op::In: {
      if (!value.is(json::Kind::Array)) return "must be an array of values.";
      const std::vector<json::Value> elements = value.elements();
      if (elements.size() > kInValuesMax) return "must hold at most 10,000 values.";
      if (!std::all_of(elements.begin(), elements.end(), is_scalar)) return "must hold no arrays and no objects.";
      break;
    }
    case Op::Contains:
      if (!is_scalar(value)) return "must be a text, a number, true, false or null.";
      break;
    case Op::Prefix:
    case Op::Regex:
    case Op::Search:
      if (!value.is(json::Kind::String)) return "must be a text.";
      break;
    case Op::Exists:
      if (!value.is(json::Kind::Bool)) return "must be true or false.";
      break;
    default: break;
  }
  // A lone surrogate would silently become another text.
  return json::find_hazard(text) && value.is(json::Kind::String) ? "holds half of a surrogate pair, which is no character."
                                                                  : std::string();
}

namespace {

/// Goes through the JSON of a condition; what it finds wrong, it notes with its place.
class ConditionParser {
 public:
  explicit ConditionParser(QuerySubject subject) : subject_(subject) {}

  Condition parse(const json::Value& value, const std::string& place, std::size_t depth) {
    Condition all{Op::All, {}, {}, {}, place};
    if (!value.is(json::Kind::Object)) {
      refuse(place, "must be a condition: an object of paths and what their values must be.");
      return all;
    }
    if (depth > kConditionDepthMax) {
      refuse(place, "is nested deeper than 16 conditions.");
      return all;
    }
    for (const json::Member& member : value.members()) {
      const std::string inner = place + "." + member.key;
      if (member.key == "and" || member.key == "or") {
        all.parts.push_back(parse_group(member.key == "and" ? Op::All : Op::Any, member.value, inner, depth));
      } else if (member.key == "not") {
        Condition negated{Op::Not, {}, {}, {}, inner};
        negated.parts.push_back(parse(member.value, inner, depth + 1));
        all.parts.push_back(std::move(negated));
      } else {
        parse_field(all, member, inner);
      }
    }
    return all;
  }

  std::vector<Violation> violations;

 private:
  void refuse(std::string place, std::string problem) { violations.push_back({std::move(place), std::move(problem)}); }

  Condition parse_group(Op op, const json::Value& value, const std::string& place, std::size_t depth) {
    Condition group{op, {}, {}, {}, place};
    const std::vector<json::Value> elements = value.elements();
    if (elements.empty()) refuse(place, "must be an array of at least one condition.");
    for (std::size_t i = 0; i < elements.size(); ++i) {
      group.parts.push_back(parse(elements[i], place + "[" + std::to_string(i) + "]", depth + 1));
    }
    return group;
  }

  void parse_field(Condition& all, const json::Member& member, const std::string& place) {
    std::string problem;
    if (!CompiledPath::compile(member.key, subject_, problem)) return refuse(place, problem);
    if (!member.value.is(json::Kind::Object)) {
      return add(all, {Op::Eq, member.key, std::string(member.value.raw()), {}, place});
    }
    const std::vector<json::Member> comparisons = member.value.members();
    if (comparisons.empty()) refuse(place, "must say how to compare, such as { \"eq\": 1 }.");
    for (const json::Member& comparison : comparisons) {
      const std::string inner = place + "." + comparison.key;
      const std::optional<Op> op = comparison_of(comparison.key);
      if (!op) {
        refuse(inner, "is no comparison: there are eq, ne, lt, lte, gt, gte, in, contains, prefix, regex and exists.");
        continue;
      }
      add(all, {*op, member.key, std::string(comparison.value.raw()), {}, inner});
    }
  }

  void add(Condition& all, Condition comparison) {
    if (++count_ == kConditionsMax + 1) refuse(comparison.place, "is one of more than 1,000 conditions.");
    std::string problem = operand_problem(comparison.op, comparison.value);
    if (!problem.empty()) refuse(comparison.place, std::move(problem));
    if (count_ <= kConditionsMax) all.parts.push_back(std::move(comparison));
  }

  QuerySubject subject_;
  std::size_t count_ = 0;
};

/// Comparisons of different paths do not look alike, so each is an object of its own.
void write(json::Writer& out, const Condition& condition) {
  const bool is_group = condition.op == Op::All || condition.op == Op::Any;
  out.begin_object().key(is_group || condition.op == Op::Not || condition.path.empty() ? operator_name(condition.op)
                                                                                      : condition.path.c_str());
  if (is_group) {
    out.begin_array();
    for (const Condition& part : condition.parts) write(out, part);
    out.end_array();
  } else if (condition.op == Op::Not) {
    if (condition.parts.size() == 1) {
      write(out, condition.parts.front());
    } else {
      out.null();
    }
  } else if (condition.path.empty()) {
    out.raw(condition.value);
  } else {
    out.begin_object().key(operator_name(condition.op)).raw(condition.value).end_object();
  }
  out.end_object();
}

}  // namespace

}  // namespace services

Result<Condition> parse_condition(std::string_view json, QuerySubject subject, const std::string& name) {
  if (const std::optional<json::Fault> fault = json::check(json)) {
    return services::validation_failed(name, std::string("is not JSON: ") + fault->problem + ".");
  }
  services::ConditionParser parser(subject);
  Condition condition = parser.parse(json::Value(json), name, 0);
  if (!parser.violations.empty()) return services::validation_failed(std::move(parser.violations));
  return condition;
}

Json to_json(const Condition& condition) {
  json::Writer out;
  services::write(out, condition);
  return out.take();
}

}  // namespace kurrentlite
