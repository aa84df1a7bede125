#pragma once

#include <algorithm>

#include "kurrentlite/client.hpp"
#include "kurrentlite/models.hpp"
#include "services/constraints.hpp"
#include "services/document.hpp"
#include "services/user_data.hpp"

namespace kurrentlite::services {

/// Counts what documents, user data, unique values and system streams take, by their events, each once.
class StorageCount {
 public:
  /// An event from which the lists are made.
  void add(const RecordedEvent& event) {
    const std::string_view name = base_name(event.stream);
    if (begins_with(name, kDocumentPrefix)) count(shares_.documents, event);
    if (begins_with(name, kUserPrefix)) count(shares_.user_data, event);
    if (begins_with(name, kUniquePrefix)) count(shares_.unique_values, event);
  }
  /// An event of a stream whose name begins with `$`. Those about our own streams are counted with them.
  void add_system(const RecordedEvent& event) {
    system_seen_ = event.position;
    const std::string_view name = base_name(event.stream);
    for (const std::string_view prefix : {kDocumentPrefix, kUserPrefix, kUniquePrefix}) {
      if (begins_with(name, prefix)) return;
    }
    count(shares_.system, event);
  }
  /// The last event of a system stream that was counted.
  [[nodiscard]] const std::optional<Position>& system_seen() const { return system_seen_; }

  [[nodiscard]] StorageShares shares(const DatabaseStatistics& all) const {
    StorageShares shares = shares_;
    shares.other = {all.total_events, all.storage_used_bytes};
    for (const StorageShare* each : {&shares.documents, &shares.user_data, &shares.unique_values, &shares.system}) {
      shares.other.events -= std::min(shares.other.events, each->events);
      shares.other.bytes -= std::min(shares.other.bytes, each->bytes);
    }
    return shares;
  }

 private:
  /// What kurrentlite's own log takes for an event beside its bytes, and what it rounds up to.
  static constexpr std::uint64_t kOverhead = 52;
  static constexpr std::uint64_t kAlignment = 4;

  static bool begins_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
  }
  /// The stream that an event is about: of a metadata stream the one that it describes.
  static std::string_view base_name(std::string_view stream) {
    return is_metastream(stream) ? stream.substr(2) : stream;
  }
  static void count(StorageShare& share, const RecordedEvent& event) {
    const std::uint64_t bytes = kOverhead + event.data.size() + event.metadata.size();
    ++share.events;
    share.bytes += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  StorageShares shares_;
  std::optional<Position> system_seen_;
};

}  // namespace kurrentlite::services
