#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/document.hpp"
#include "services/user_data.hpp"

namespace kurrentlite::services {

/// A document in the read model. It stays when its stream is deleted: that tells a late repeat from a new beginning.
struct DocumentEntry {
  DocumentFold fold;
  Position seen;                       ///< of the last event included
  std::optional<DocumentFold> before;  ///< without that event, when its time is a guess
};

/// Where a document stands in the read model: its id, and what is known of it. It stays there, and is the same one,
/// until the model is cleared, whatever becomes of the document.
using DocumentPlace = const std::pair<const std::string, DocumentEntry>*;
/// The document at `place`, deleted ones included; null when there is none (any more).
[[nodiscard]] inline const Stream* document_at(DocumentPlace place) {
  const std::optional<Stream>& document = place->second.fold.document;
  return document ? &*document : nullptr;
}

/// Is told of every change of documents in the read model.
class DocumentObserver {
 public:
  /// The document at `place` is about to change; `after_change` follows at once.
  virtual void before_change(DocumentPlace place) = 0;
  virtual void after_change(DocumentPlace place) = 0;
  /// Everything is about to be forgotten: places are void.
  virtual void before_clear() = 0;

 protected:
  ~DocumentObserver() = default;
};

/// Whether an event of a metadata stream is the soft delete of the stream that it describes.
[[nodiscard]] bool is_soft_delete(const RecordedEvent& metadata);

/// All documents and user data, as lists show them. Fed with events in log order and, ahead of them, with the outcome
/// of our own writes; what it has seen already changes nothing, whichever way it comes first.
class ReadModel {
 public:
  struct Changed {
    bool documents = false;
    bool users = false;
    void add(Changed other) {
      documents = documents || other.documents;
      users = users || other.users;
    }
  };

  /// The streams it is made of: documents, user data, and their metadata (which tells of deletions). Those of unique values
  /// change nothing in it, but are counted on the way.
  [[nodiscard]] static Filter filter();

  /// Takes an event of one of those streams; others are ignored.
  Changed apply(const RecordedEvent& event);
  /// Takes the state of document `id` after the event at `position`, as we wrote or read it. When its time is only our
  /// guess, `before` is the state without that event: the event itself, when it comes, sets the time right.
  Changed put_document(const std::string& id, const DocumentFold& fold, Position position,
                       std::optional<DocumentFold> before = std::nullopt);
  /// The same for what the user stream of `key` holds.
  Changed put_user_data(const UserStreamKey& key, const std::optional<UserStream>& state, std::uint64_t next_revision,
                        Position position, bool time_is_guess = false);
  void clear();

  /// Ordered by id; deleted ones included.
  [[nodiscard]] std::vector<const Stream*> documents() const;
  /// The same by id, with entries that hold no document.
  using Documents = std::map<std::string, DocumentEntry, std::less<>>;
  [[nodiscard]] const Documents& places() const { return documents_; }
  /// `observer` must outlive the model or be replaced by null.
  void observe(DocumentObserver* observer) { observer_ = observer; }
  /// Ordered by stream name; of one user when given.
  [[nodiscard]] std::vector<const UserStream*> user_data(const std::optional<std::string>& user_id) const;

  struct Counts {
    std::uint64_t documents = 0;  ///< not deleted
    std::uint64_t active = 0;
    std::uint64_t users = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct UserEntry {
    std::optional<UserStream> state;
    std::uint64_t next_revision = 0;
    Position seen;
    bool time_is_guess = false;
  };

  Changed apply_to_document(std::string_view id, const RecordedEvent& event);
  Changed apply_to_user(const RecordedEvent& event);
  Changed apply_metadata(std::string_view stream, const RecordedEvent& event);

  /// Stands on the stack while a document changes: the observer is told before and after.
  class Change {
   public:
    Change(DocumentObserver* observer, DocumentPlace place) : observer_(observer), place_(place) {
      if (observer_ != nullptr) observer_->before_change(place_);
    }
    ~Change() {
      if (observer_ != nullptr) observer_->after_change(place_);
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    DocumentObserver* observer_;
    DocumentPlace place_;
  };

  DocumentObserver* observer_ = nullptr;
  Documents documents_;                                          // by id
  std::map<std::string, UserEntry, std::less<>> users_;          // by stream name
};

}  // namespace kurrentlite::services
