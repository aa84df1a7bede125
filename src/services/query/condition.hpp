#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kurrentlite/ports.hpp"
#include "kurrentlite/query.hpp"
#include "services/query/path.hpp"

/// Conditions, ready to be tried on documents and events: the one place that decides whether something matches.
///
///   Result<CompiledCondition> where = CompiledCondition::compile(condition, QuerySubject::Documents, regexes);
///   if (where->matches(document)) …
namespace kurrentlite::services {

/// Conditions inside each other, and all of one query together.
inline constexpr std::size_t kConditionDepthMax = 16;
inline constexpr std::size_t kConditionsMax = 1000;
/// Values of one `in`.
inline constexpr std::size_t kInValuesMax = 10'000;

/// One comparison with a value.
struct Test {
  Condition::Op op = Condition::Op::Eq;
  Key operand = {};
  std::vector<Key> operands = {};  ///< of In, sorted
  std::unique_ptr<Regex> regex = nullptr;
};

/// All comparisons with the value at one path that must hold together.
struct FieldTests {
  CompiledPath path;
  std::vector<Test> tests;
};

class CompiledCondition {
 public:
  /// `regexes` must outlive the condition; without, regular expressions are refused.
  /// Errors: ValidationFailed names every bad path, value and regular expression by `Condition::place`.
  [[nodiscard]] static Result<CompiledCondition> compile(const Condition& condition, QuerySubject subject,
                                                         RegexEngine* regexes);

  /// Whether the condition holds. False also when a regular expression gave up: then `failure` tells.
  [[nodiscard]] bool matches(Subject& subject);
  [[nodiscard]] bool matches(const Stream& document);
  [[nodiscard]] bool matches(const RecordedEvent& event);
  /// What went wrong in any `matches` so far.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  /// The comparisons of which each must hold for anything that matches: an index may be asked for one of them.
  [[nodiscard]] std::vector<const FieldTests*> required() const;
  /// Whether some comparison, wherever it stands, is about `field`.
  [[nodiscard]] bool mentions(QueryField field) const;

 private:
  struct Node {
    enum class Kind : std::uint8_t { All, Any, Not, Field, Search };
    Kind kind = Kind::All;
    std::vector<Node> parts = {};
    std::optional<FieldTests> field = std::nullopt;
    std::string needle = {};  ///< of Search, in lower case
  };
  class Compiler;

  explicit CompiledCondition(Node root) : root_(std::move(root)) {}
  bool holds(const Node& node, Subject& subject);
  bool holds(const Test& test, const ValueView& value);
  [[nodiscard]] static bool mentions(const Node& node, QueryField field);
  [[nodiscard]] static int cost(const Node& node);

  Node root_;
  std::string scratch_;
  std::string inner_scratch_;
  std::optional<Error> failure_;
};

/// What is wrong with comparing by `op` with the JSON text `value`; empty when nothing is.
[[nodiscard]] std::string operand_problem(Condition::Op op, const Json& value);
/// Whether `needle` (lower case) is in `text`; ASCII letters ignore case.
[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view needle);

}  // namespace kurrentlite::services
