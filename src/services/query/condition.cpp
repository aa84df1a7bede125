#include "services/query/condition.hpp"

#include <algorithm>
#include <utility>

#include "base/json_diff.hpp"
#include "base/utf8.hpp"
#include "services/query/operators.hpp"
#include "services/validation.hpp"

namespace kurrentlite::services {

namespace {

using Op = Condition::Op;

char lower(char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each; }

bool equal(const ValueView& value, const Key& operand) {
  if (value.rank != operand.rank) return false;
  if (value.rank != Rank::Composite) return compare(value, operand.view()) == 0;
  return value.texts != nullptr ? json::same(json_of(value), operand.text) : json::same(value.text, operand.text);
}

/// Less than, equal to or greater than zero; nothing when they cannot be compared.
std::optional<int> order_of(const ValueView& value, const Key& operand) {
  if (value.rank != operand.rank) return std::nullopt;
  return compare(value, operand.view());
}

bool is_one_of(const ValueView& value, const std::vector<Key>& operands) {
  const auto before = [](const Key& key, const ValueView& wanted) { return compare(key.view(), wanted) < 0; };
  const auto found = std::lower_bound(operands.begin(), operands.end(), value, before);
  return found != operands.end() && compare(found->view(), value) == 0;
}

}  // namespace

bool contains_ignoring_case(std::string_view text, std::string_view needle) {
  if (needle.empty()) return true;
  const char first = needle.front();
  const char upper = first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
  for (std::size_t at = 0; at + needle.size() <= text.size(); ++at) {
    if (text[at] != first && text[at] != upper) continue;
    std::size_t same = 1;
    while (same < needle.size() && lower(text[at + same]) == needle[same]) ++same;
    if (same == needle.size()) return true;
  }
  return false;
}

/// Makes nodes of a condition and notes what is wrong with it.
class CompiledCondition::Compiler {
 public:
  Compiler(QuerySubject subject, RegexEngine* regexes) : subject_(subject), regexes_(regexes) {}

  Node compile(const Condition& condition, std::size_t depth) {
    if (++count_ == kConditionsMax + 1) refuse(condition, "are more than 1,000 conditions.");
    if (depth == kConditionDepthMax + 1) refuse(condition, "is nested deeper than 16 conditions.");
    if (count_ > kConditionsMax || depth > kConditionDepthMax) return {};
    switch (condition.op) {
      case Op::All: return group(Node::Kind::All, condition, depth);
      case Op::Any: return group(Node::Kind::Any, condition, depth);
      case Op::Not: return group(Node::Kind::Not, condition, depth);
      case Op::Search: return search(condition);
      default: return comparison(condition);
    }
  }

  std::vector<Violation> violations;

 private:
  static std::string place_of(const Condition& condition) {
    if (!condition.place.empty()) return condition.place;
    const std::string name = operator_name(condition.op);
    return condition.path.empty() ? "where." + name : "where." + condition.path + "." + name;
  }
  void refuse(const Condition& condition, std::string problem) {
    violations.push_back({place_of(condition), std::move(problem)});
  }

  Node group(Node::Kind kind, const Condition& condition, std::size_t depth) {
    Node node{kind};
    if (kind == Node::Kind::Not && condition.parts.size() != 1) refuse(condition, "takes one condition.");
    for (const Condition& part : condition.parts) add(node, compile(part, depth + 1));
    // What is cheap to find out comes first. Nodes only move; they cannot be sorted by a library that copies.
    std::stable_sort(node.parts.begin(), node.parts.end(),
                     [](const Node& a, const Node& b) { return cost(a) < cost(b); });
    return node;
  }

  /// Comparisons with the same value join: it is read once. An All within an All is part of it.
  static void add(Node& group, Node part) {
    if (group.kind == Node::Kind::All && part.kind == Node::Kind::All) {
      for (Node& each : part.parts) add(group, std::move(each));
      return;
    }
    if (group.kind == Node::Kind::All && part.kind == Node::Kind::Field) {
      for (Node& each : group.parts) {
        if (each.kind != Node::Kind::Field || !(each.field->path == part.field->path)) continue;
        for (Test& test : part.field->tests) each.field->tests.push_back(std::move(test));
        return;
      }
    }
    group.parts.push_back(std::move(part));
  }

  Node search(const Condition& condition) {
    Node node{Node::Kind::Search};
    if (subject_ != QuerySubject::Documents) refuse(condition, "searches documents only.");
    const std::string problem = operand_problem(condition.op, condition.value);
    if (!problem.empty()) {
      refuse(condition, problem);
    } else {
      node.needle = utf8::ascii_lower(json::Value(condition.value).string().value_or(""));
    }
    return node;
  }

  Node comparison(const Condition& condition) {
    std::string problem;
    std::optional<CompiledPath> path = CompiledPath::compile(condition.path, subject_, problem);
    if (!path) {
      refuse(condition, problem);
      return {};
    }
    problem = operand_problem(condition.op, condition.value);
    Test test{condition.op};
    if (problem.empty()) {
      const json::Value value(condition.value);
      std::string scratch;
      if (condition.op == Op::In) {
        for (const json::Value& each : value.elements()) test.operands.emplace_back(ValueView::of(each, scratch));
        std::sort(test.operands.begin(), test.operands.end(),
                  [](const Key& a, const Key& b) { return compare(a, b) < 0; });
      } else {
        test.operand = Key(ValueView::of(value, scratch));
      }
      if (condition.op == Op::Regex) problem = compile_regex(test);
    }
    if (!problem.empty()) {
      refuse(condition, problem);
      return {};
    }
    Node node{Node::Kind::Field};
    node.field.emplace(FieldTests{std::move(*path), {}});
    node.field->tests.push_back(std::move(test));
    return node;
  }

  std::string compile_regex(Test& test) {
    if (regexes_ == nullptr) return "cannot be tried: this program was built without regular expressions.";
    Result<std::unique_ptr<Regex>> made = regexes_->compile(test.operand.text);
    if (!made.ok()) return "is no regular expression, or uses what this platform does not have.";
    test.regex = std::move(made).value();
    return {};
  }

  QuerySubject subject_;
  RegexEngine* regexes_;
  std::size_t count_ = 0;
};

Result<CompiledCondition> CompiledCondition::compile(const Condition& condition, QuerySubject subject,
                                                     RegexEngine* regexes) {
  Compiler compiler(subject, regexes);
  Node root = compiler.compile(condition, 0);
  if (!compiler.violations.empty()) return validation_failed(std::move(compiler.violations));
  return CompiledCondition(std::move(root));
}

bool CompiledCondition::matches(Subject& subject) { return holds(root_, subject); }

bool CompiledCondition::matches(const Stream& document) {
  DocumentSubject subject(document);
  return holds(root_, subject);
}

bool CompiledCondition::matches(const RecordedEvent& event) {
  EventSubject subject(event);
  return holds(root_, subject);
}

bool CompiledCondition::holds(const Node& node, Subject& subject) {
  switch (node.kind) {
    case Node::Kind::All:
      return std::all_of(node.parts.begin(), node.parts.end(), [&](const Node& each) { return holds(each, subject); });
    case Node::Kind::Any:
      return std::any_of(node.parts.begin(), node.parts.end(), [&](const Node& each) { return holds(each, subject); });
    case Node::Kind::Not: return !holds(node.parts.front(), subject);
    case Node::Kind::Field: {
      const ValueView value = node.field->path.read(subject, scratch_);
      const std::vector<Test>& tests = node.field->tests;
      return std::all_of(tests.begin(), tests.end(), [&](const Test& test) { return holds(test, value); });
    }
    case Node::Kind::Search: {
      for (const QueryField field : {QueryField::Id, QueryField::Name, QueryField::Description}) {
        if (contains_ignoring_case(subject.field(field).text, node.needle)) return true;
      }
      return any_element(subject.field(QueryField::Tags), scratch_,
                         [&](const ValueView& tag) { return contains_ignoring_case(tag.text, node.needle); });
    }
  }
  return false;
}

bool CompiledCondition::holds(const Test& test, const ValueView& value) {
  const Key& operand = test.operand;
  switch (test.op) {
    case Op::Eq: return equal(value, operand);
    case Op::Ne: return !equal(value, operand);
    case Op::Lt: return order_of(value, operand).value_or(0) < 0;
    case Op::Lte: return order_of(value, operand).value_or(1) <= 0;
    case Op::Gt: return order_of(value, operand).value_or(0) > 0;
    case Op::Gte: return order_of(value, operand).value_or(-1) >= 0;
    case Op::In: return is_one_of(value, test.operands);
    case Op::Exists: return (value.rank != Rank::Missing) == (operand.rank == Rank::True);
    case Op::Prefix: return value.rank == Rank::Text && value.text.substr(0, operand.text.size()) == operand.text;
    case Op::Contains:
      if (value.rank == Rank::Text) {
        return operand.rank == Rank::Text && value.text.find(operand.text) != std::string_view::npos;
      }
      return any_element(value, inner_scratch_,
                         [&](const ValueView& each) { return compare(each, operand.view()) == 0; });
    case Op::Regex: {
      if (value.rank != Rank::Text) return false;
      const Result<bool> found = test.regex->matches(value.text);
      if (!found.ok() && !failure_) failure_ = found.error();
      return found.ok() && found.value();
    }
    default: return false;
  }
}

std::vector<const FieldTests*> CompiledCondition::required() const {
  std::vector<const FieldTests*> found;
  if (root_.kind == Node::Kind::Field) found.push_back(&*root_.field);
  if (root_.kind != Node::Kind::All) return found;
  for (const Node& part : root_.parts) {
    if (part.kind == Node::Kind::Field) found.push_back(&*part.field);
  }
  return found;
}

bool CompiledCondition::mentions(QueryField field) const { return mentions(root_, field); }

bool CompiledCondition::mentions(const Node& node, QueryField field) {
  if (node.field && node.field->path.field() == field) return true;
  return std::any_of(node.parts.begin(), node.parts.end(), [&](const Node& each) { return mentions(each, field); });
}

/// A field of its own before a look into JSON, that before groups and searches, regular expressions last.
int CompiledCondition::cost(const Node& node) {
  if (node.kind == Node::Kind::Search) return 3;
  int most = 0;
  for (const Node& part : node.parts) most = std::max(most, cost(part) + 1);
  if (!node.field) return most;
  const bool has_regex = std::any_of(node.field->tests.begin(), node.field->tests.end(),
                                     [](const Test& test) { return test.op == Op::Regex; });
  if (has_regex) return 4;
  const QueryField field = node.field->path.field();
  return field == QueryField::Data || field == QueryField::Metadata ? 1 : 0;
}

}  // namespace kurrentlite::services
