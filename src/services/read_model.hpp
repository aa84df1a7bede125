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

  /// The streams it is made of: documents, user data, and their metadata (which tells of deletions).
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
  /// Ordered by stream name; of one user when given.
  [[nodiscard]] std::vector<const UserStream*> user_data(const std::optional<std::string>& user_id) const;

  struct Counts {
    std::uint64_t documents = 0;  ///< not deleted
    std::uint64_t active = 0;
    std::uint64_t users = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  // Entries stay when their stream is deleted: they tell a late repeat from a new beginning.
  struct DocumentEntry {
    DocumentFold fold;
    Position seen;                       ///< of the last event included
    std::optional<DocumentFold> before;  ///< without that event, when its time is a guess
  };
  struct UserEntry {
    std::optional<UserStream> state;
    std::uint64_t next_revision = 0;
    Position seen;
    bool time_is_guess = false;
  };

  Changed apply_to_document(std::string_view id, const RecordedEvent& event);
  Changed apply_to_user(const RecordedEvent& event);
  Changed apply_metadata(std::string_view stream, const RecordedEvent& event);

  std::map<std::string, DocumentEntry, std::less<>> documents_;  // by id
  std::map<std::string, UserEntry, std::less<>> users_;          // by stream name
};

}  // namespace kurrentlite::services
