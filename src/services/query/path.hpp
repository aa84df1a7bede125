#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurrentlite/query.hpp"
#include "services/query/value.hpp"

namespace kurrentlite::services {

/// What documents and events consist of, as paths begin.
enum class QueryField : std::uint8_t {
  // of documents
  Id,
  Kind,
  Name,
  Description,
  Status,
  Owner,
  Tags,
  CreatedAt,
  UpdatedAt,
  Version,
  Read,
  Write,
  Admin,
  // of events
  Type,
  StreamName,
  Revision,
  Position,
  Created,
  Metadata,
  // of both
  Data,
};

/// Something whose fields can be asked for: a document or an event.
class Subject {
 public:
  /// What the field holds; of Data and Metadata the whole JSON value. Missing when it has none.
  [[nodiscard]] virtual ValueView field(QueryField field) = 0;

 protected:
  ~Subject() = default;
};

class DocumentSubject final : public Subject {
 public:
  explicit DocumentSubject(const Stream& document) : document_(document) {}
  [[nodiscard]] ValueView field(QueryField field) override;

 private:
  const Stream& document_;
};

class EventSubject final : public Subject {
 public:
  explicit EventSubject(const RecordedEvent& event) : event_(event) {}
  [[nodiscard]] ValueView field(QueryField field) override;

 private:
  /// The bytes, when they are JSON: looked at once, and only when a condition asks.
  struct Part {
    bool is_known = false;
    bool is_json = false;
  };
  [[nodiscard]] ValueView part(const Bytes& bytes, Part& part) const;
  const RecordedEvent& event_;
  Part data_;
  Part metadata_;
};

/// A path, ready to be followed.
class CompiledPath {
 public:
  /// Errors are one sentence: what is wrong with `path`.
  [[nodiscard]] static std::optional<CompiledPath> compile(std::string_view path, QuerySubject subject,
                                                           std::string& problem);

  /// The value there. It refers to `subject` or to `scratch`.
  [[nodiscard]] ValueView read(Subject& subject, std::string& scratch) const;

  [[nodiscard]] QueryField field() const { return field_; }
  /// The field itself, nothing inside it.
  [[nodiscard]] bool is_field() const { return steps_.empty(); }
  bool operator==(const CompiledPath&) const = default;

 private:
  struct Step {
    std::string key;
    std::optional<std::size_t> index;  ///< when the key can mean an element of an array
    bool operator==(const Step&) const = default;
  };
  CompiledPath(QueryField field, std::vector<std::string> steps);

  QueryField field_;
  std::vector<Step> steps_;
};

}  // namespace kurrentlite::services
