#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kurrentlite/query.hpp"

namespace kurrentlite {

/// A value that no two documents have in common; missing and null are no values. Others must be text, numbers or booleans.
///
/// Whoever writes a value claims it on a stream of its own, `unique-{kind}-{name}-{value}`, in the same multi-stream append
/// as the document, at the revision that was read: of two that claim it at once, one is refused. A change of the value or
/// the document's deletion gives it back. The constraint holds for what is written while it is declared; what older
/// documents have is claimed by `StreamService::claim_unique`.
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

/// A document that has a unique value which it cannot claim.
struct UniqueConflict {
  std::string name;      ///< of the constraint
  std::string path;      ///< of the value
  Json value;
  std::string document;  ///< the one that is left without
  /// The document that holds the value; empty when nobody can any more, since `stream` is tombstoned.
  std::optional<std::string> holder;
  std::string stream;    ///< on which the value is claimed
};

/// What `StreamService::claim_unique` found and did.
struct UniqueClaims {
  std::uint64_t documents = 0;  ///< of the kind, deleted ones left out
  std::uint64_t held = 0;       ///< values that were claimed before
  std::uint64_t claimed = 0;    ///< values that were claimed now
  std::uint64_t released = 0;   ///< claims given back: their document no longer has the value
  std::vector<UniqueConflict> conflicts = {};  ///< in the order of the streams, then by age of the documents
};

}  // namespace kurrentlite
