#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "kurrentlite/client.hpp"

/// What a HostClient and its host say to each other, as JSON. 64-bit numbers are texts.
///
/// | operation | arguments | answer |
/// |---|---|---|
/// | `connect` | `{}` | `null` |
/// | `append` | `{stream, events, expected}` | `{revision?, position?}` |
/// | `multiAppend` | `{requests: [{stream, events, expected}]}` | `{revisions: [{stream, revision}], position?}` |
/// | `appendRecords` | `{records: [{stream, event}], checks: [{stream, expected}]}` | the same |
/// | `readStream` | `{stream, backwards, from, maxCount?, resolveLinks}` | `[{event?, link?}]` |
/// | `readAll` | `{backwards, from, maxCount?, resolveLinks, filter?}` | the same |
/// | `deleteStream`, `tombstoneStream` | `{stream, expected}` | `{position}` |
/// | `subscribeToStream` | `{stream, from, resolveLinks}` | `{subscription}` |
/// | `subscribeToAll` | `{from, resolveLinks, filter?}` | `{subscription}` |
/// | `next` | `{subscription}` | `{events, caughtUp, checkpoint?}` |
/// | `unsubscribe` | `{subscription}` | nobody waits for it |
/// | `statistics` | `{}` | `{totalEvents?, totalStreams?, storageUsedBytes?}` |
///
/// expected: `any`, `no_stream`, `stream_exists`, for checks also `deleted`, `tombstoned`, or a revision. from: `start`, `end`,
/// a revision or a position `{commit, prepare}`. Event to write: `{id, type, isJson, data, metadata?}`, data and metadata as
/// text, in base64 unless JSON. Event read: the same with `stream`, `revision`, `position`, `created` (ms since 1970).
/// filter: `{on: 'streamName' | 'eventType', prefixes}` or with `regex`. Errors: `{code, message, facts?}`, facts with
/// numbers as `{n: text}`.
namespace kurrentlite::host {

void write_event(json::Writer& out, const EventData& event);
void write_request(json::Writer& out, const AppendStreamRequest& request);
void write_filter(json::Writer& out, const Filter& filter);
[[nodiscard]] std::string state_text(const CheckedState& expected);
void write_from(json::Writer& out, const ReadRevision& from);
void write_from(json::Writer& out, const ReadPosition& from);

// Answers of the host. What cannot be read is Unknown: the host is at fault.
[[nodiscard]] Result<AppendResult> read_append(const json::Value& answer);
[[nodiscard]] Result<MultiAppendResult> read_multi_append(const json::Value& answer);
[[nodiscard]] Result<DeleteResult> read_deletion(const json::Value& answer);
[[nodiscard]] Result<std::vector<ResolvedEvent>> read_events(const json::Value& answer);
[[nodiscard]] Result<SubscriptionBatch> read_batch(const json::Value& answer);
[[nodiscard]] Result<DatabaseStatistics> read_statistics(const json::Value& answer);
[[nodiscard]] std::optional<std::uint64_t> read_number(const std::optional<json::Value>& value);
[[nodiscard]] Error read_error(std::string_view json);

}  // namespace kurrentlite::host
