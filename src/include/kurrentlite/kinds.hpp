#pragma once

#include <string>
#include <vector>

#include "kurrentlite/query.hpp"

namespace kurrentlite {

/// A value that no two documents have in common; missing and null are no values. Others must be text, numbers or booleans.
///
/// Whoever writes a value claims it on a stream of its own, `unique-{kind}-{name}-{value}`, in the same multi-stream append
/// as the document, at the revision that was read: of two that claim it at once, one is refused. A change of the value or
/// the document's deletion gives it back. The constraint holds for what is written while it is declared.
struct UniqueConstraint {
  std::string name;  ///< 1 to 64 characters; part of the streams' names, so it must not change
  std::string path;  ///< see query.hpp, e.g. "data.email"
  bool ignore_case = false;  ///< of ASCII letters
};

/// What every document must be like, judged before it is written.
struct CheckConstraint {
  std::string name;     ///< 1 to 64 characters
  Condition where;      ///< must hold
  std::string message;  ///< what to tell when it does not; made of `where` when empty
};

/// What holds for the documents of one kind.
struct DocumentKind {
  std::string kind;  ///< as in CreateStreamRequest; "*": every document
  std::vector<UniqueConstraint> unique = {};
  std::vector<CheckConstraint> checks = {};
};

}  // namespace kurrentlite
