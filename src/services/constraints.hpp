#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/client.hpp"
#include "kurrentlite/kinds.hpp"
#include "services/query/condition.hpp"

/// Unique values and checks of documents, by kind.
///
/// The events of `unique-{kind}-{name}-{value}` tell who holds the value:
///
/// | type | data |
/// |---|---|
/// | `value-claimed` | `{document, value}` |
/// | `value-released` | `{document}` |
namespace kurrentlite::services {

inline constexpr std::string_view kUniquePrefix = "unique-";
inline constexpr std::string_view kValueClaimed = "value-claimed";
inline constexpr std::string_view kValueReleased = "value-released";

/// A value that a document holds for itself.
struct Claim {
  StreamName stream;
  std::string document;
  std::string name;  ///< of the constraint
  std::string path;
  Json value;
};

[[nodiscard]] EventData value_claimed(Uuid event_id, const Claim& claim);
[[nodiscard]] EventData value_released(Uuid event_id, const Claim& claim);
/// Who holds a value after the last event on its stream; nobody when it was released or the event is foreign.
[[nodiscard]] std::optional<std::string> holder_of(const RecordedEvent& last);
/// Why a value cannot be claimed. ValidationFailed at its path.
[[nodiscard]] Violation taken(const Claim& claim);
/// The same when the stream on which it would be claimed was tombstoned by somebody.
[[nodiscard]] Violation closed(const Claim& claim);
/// The same when the end of that stream cannot be seen.
[[nodiscard]] Violation hidden(const Claim& claim);
/// `unique-{kind}-`: the names of all streams of one kind begin with it.
[[nodiscard]] std::string unique_stream_prefix(std::string_view kind);

class Constraints {
 public:
  /// Replaces what was declared for the kind before. Errors: ValidationFailed (`unique[0].path`, `checks[1].where.…`).
  [[nodiscard]] Result<void> declare(DocumentKind kind, RegexEngine* regexes);

  /// Every check that does not hold, and every unique value that cannot be one.
  [[nodiscard]] std::vector<Violation> violations(const Stream& document);
  /// What `document` claims; nothing when it is null. By what `kind` declares only when one is given.
  [[nodiscard]] std::vector<Claim> claims(const Stream* document, const std::optional<std::string>& kind = {}) const;
  /// Whether `kind` has unique values.
  [[nodiscard]] bool has_unique(std::string_view kind) const;

 private:
  struct Unique {
    UniqueConstraint constraint;
    CompiledPath path;
  };
  struct Check {
    CheckConstraint constraint;
    CompiledCondition condition;
  };
  struct Declared {
    std::string kind;
    std::vector<Unique> unique;
    std::vector<Check> checks;
    [[nodiscard]] bool is_about(const Stream& document) const { return kind == "*" || document.kind == kind; }
  };
  std::vector<Declared> declared_;
};

}  // namespace kurrentlite::services
