#include "services/read_model.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "services/constraints.hpp"
#include "services/fields.hpp"

namespace kurrentlite::services {

namespace {

constexpr std::string_view kMetadataPrefix = "$$";

bool begins_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

ReadModel::Changed documents_changed(bool changed) { return {changed, false}; }
ReadModel::Changed users_changed(bool changed) { return {false, changed}; }

}  // namespace

/// A soft delete is metadata that truncates the stream before a revision it never reaches.
bool is_soft_delete(const RecordedEvent& metadata) {
  const std::optional<Fields> fields = Fields::parse(metadata.data);
  const json::Value* truncate_before = fields ? fields->find("$tb") : nullptr;
  return truncate_before != nullptr && truncate_before->integer() == std::numeric_limits<std::int64_t>::max();
}

Filter ReadModel::filter() {
  Filter filter;
  filter.on = Filter::On::StreamName;
  for (const std::string_view prefix : {kDocumentPrefix, kUserPrefix, kUniquePrefix}) {
    filter.prefixes.emplace_back(prefix);
    filter.prefixes.push_back(std::string(kMetadataPrefix).append(prefix));
  }
  return filter;
}

ReadModel::Changed ReadModel::apply(const RecordedEvent& event) {
  const std::string_view stream = event.stream;
  if (begins_with(stream, kMetadataPrefix)) return apply_metadata(stream.substr(kMetadataPrefix.size()), event);
  if (begins_with(stream, kDocumentPrefix)) return apply_to_document(stream.substr(kDocumentPrefix.size()), event);
  if (begins_with(stream, kUserPrefix)) return apply_to_user(event);
  return {};
}

ReadModel::Changed ReadModel::apply_to_document(std::string_view id, const RecordedEvent& event) {
  if (id.empty()) return {};
  const auto found = documents_.find(id);
  if (found == documents_.end() && event.type != kDocumentCreated) return {};  // nothing to remember of foreign streams
  const auto place = found != documents_.end() ? found : documents_.try_emplace(std::string(id)).first;
  DocumentEntry& entry = place->second;
  const bool replaces_guess = entry.before && event.revision.value + 1 == entry.fold.next_revision;
  if (event.revision.value < entry.fold.next_revision && !replaces_guess) return {};
  const Change change(observer_, &*place);
  if (replaces_guess) entry.fold = std::move(*std::exchange(entry.before, std::nullopt));
  if (event.revision.value < entry.fold.next_revision) return {};
  const bool was_there = entry.fold.document.has_value();
  entry.fold.apply(id, event);
  entry.seen = event.position;
  return documents_changed(was_there || entry.fold.document.has_value());
}

ReadModel::Changed ReadModel::apply_to_user(const RecordedEvent& event) {
  const auto found = users_.find(event.stream);
  if (found == users_.end() && !is_user_data_event(event.type)) return {};
  const std::optional<UserStreamKey> key = parse_user_stream_name(event.stream);
  if (!key) return {};
  UserEntry& entry = found != users_.end() ? found->second : users_[event.stream];
  if (entry.time_is_guess && event.revision.value + 1 == entry.next_revision) --entry.next_revision;
  if (event.revision.value < entry.next_revision) return {};
  entry.time_is_guess = false;
  const bool was_there = entry.state.has_value();
  entry.seen = event.position;
  if (event.type == kStreamTombstone) {
    entry.next_revision = kDeletedRevision;
    entry.state.reset();
    return users_changed(was_there);
  }
  entry.next_revision = event.revision.value + 1;
  if (std::optional<UserDataChange> change = parse_user_data(*key, event)) {
    entry.state = std::move(change->state);
  } else if (entry.state) {
    entry.state->version = entry.next_revision;
  }
  return users_changed(was_there || entry.state.has_value());
}

ReadModel::Changed ReadModel::apply_metadata(std::string_view stream, const RecordedEvent& event) {
  const bool is_document = begins_with(stream, kDocumentPrefix);
  const auto document = is_document ? documents_.find(stream.substr(kDocumentPrefix.size())) : documents_.end();
  const auto user = is_document ? users_.end() : users_.find(stream);
  if (document == documents_.end() && user == users_.end()) return {};
  if (!is_soft_delete(event)) return {};
  // An entry that has seen a later write than this deletion was re-created meanwhile.
  if (document != documents_.end()) {
    DocumentEntry& entry = document->second;
    if (event.position < entry.seen || !entry.fold.document) return {};
    const Change change(observer_, &*document);
    entry.fold.document.reset();
    entry.seen = event.position;
    return documents_changed(true);
  }
  UserEntry& entry = user->second;
  if (event.position < entry.seen || !entry.state) return {};
  entry.state.reset();
  entry.seen = event.position;
  return users_changed(true);
}

ReadModel::Changed ReadModel::put_document(const std::string& id, const DocumentFold& fold, Position position,
                                           std::optional<DocumentFold> before) {
  const auto place = documents_.try_emplace(id).first;
  DocumentEntry& entry = place->second;
  if (fold.next_revision <= entry.fold.next_revision) return {};
  const Change change(observer_, &*place);
  entry.fold = fold;
  entry.before = std::move(before);
  entry.seen = std::max(entry.seen, position);
  return documents_changed(true);
}

ReadModel::Changed ReadModel::put_user_data(const UserStreamKey& key, const std::optional<UserStream>& state,
                                            std::uint64_t next_revision, Position position, bool time_is_guess) {
  UserEntry& entry = users_[user_stream_name(key)];
  if (next_revision <= entry.next_revision) return {};
  entry.state = state;
  entry.next_revision = next_revision;
  entry.time_is_guess = time_is_guess;
  entry.seen = std::max(entry.seen, position);
  return users_changed(true);
}

void ReadModel::clear() {
  if (observer_ != nullptr) observer_->before_clear();
  documents_.clear();
  users_.clear();
}

std::vector<const Stream*> ReadModel::documents() const {
  std::vector<const Stream*> all;
  all.reserve(documents_.size());
  for (const auto& each : documents_) {
    if (each.second.fold.document) all.push_back(&*each.second.fold.document);
  }
  return all;
}

std::vector<const UserStream*> ReadModel::user_data(const std::optional<std::string>& user_id) const {
  const std::string prefix = user_id ? user_stream_prefix(*user_id) : std::string(kUserPrefix);
  std::vector<const UserStream*> all;
  for (auto each = users_.lower_bound(prefix); each != users_.end() && begins_with(each->first, prefix); ++each) {
    if (each->second.state) all.push_back(&*each->second.state);
  }
  return all;
}

ReadModel::Counts ReadModel::counts() const {
  Counts counts;
  for (const Stream* document : documents()) {
    if (document->status == StreamStatus::Deleted) continue;
    ++counts.documents;
    if (document->status == StreamStatus::Active) ++counts.active;
  }
  const std::string* previous = nullptr;  // streams of one user are neighbours
  for (const UserStream* data : user_data(std::nullopt)) {
    if (previous == nullptr || *previous != data->user_id) ++counts.users;
    previous = &data->user_id;
  }
  return counts;
}

}  // namespace kurrentlite::services
