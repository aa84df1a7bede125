#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kurrentlite/client.hpp"
#include "shared.pb.h"
#include "streams.pb.h"
#include "v2_streams.pb.h"

/// Messages of the wire to values of the domain, and back (reference: streams, section 1). What cannot be meant comes back
/// as InvalidArgument, or as empty where the caller knows the right error.
namespace kurrentlite::protocol {

namespace v1 = event_store::client;
namespace v2 = ::kurrentdb::protocol::v2::streams;

/// How a reader wants event ids.
enum class UuidForm : std::uint8_t { Structured, Text };

/// Empty when it holds neither form, or text that is no UUID (braces and missing dashes are fine).
[[nodiscard]] std::optional<Uuid> from_wire(const v1::UUID& uuid);
void to_wire(const Uuid& uuid, UuidForm form, v1::UUID& wire);

/// Expected states of the different requests; empty when none is set.
[[nodiscard]] std::optional<ExpectedState> expected_of(const v1::streams::AppendReq::Options& options);
[[nodiscard]] std::optional<ExpectedState> expected_of(const v1::streams::DeleteReq::Options& options);
[[nodiscard]] std::optional<ExpectedState> expected_of(const v1::streams::TombstoneReq::Options& options);
[[nodiscard]] std::optional<ExpectedState> expected_of(const v1::streams::BatchAppendReq::Options& options);

/// States of version 2, where -1 is no stream, -2 any (also when nothing is said), -4 stream exists, -5 soft-deleted and -6
/// tombstoned; empty for what cannot be asked for there.
[[nodiscard]] std::optional<ExpectedState> expected_of(const v2::AppendRequest& request);
[[nodiscard]] std::optional<CheckedState> checked_of(const v2::ConsistencyCheck& check);

/// A message of Append or of BatchAppend. Errors: InvalidArgument, with the fact `required` when `type` or `content-type`
/// is missing from its metadata.
template <class ProposedMessage>
[[nodiscard]] Result<EventData> from_wire(ProposedMessage& message);
extern template Result<EventData> from_wire(v1::streams::AppendReq::ProposedMessage& message);
extern template Result<EventData> from_wire(v1::streams::BatchAppendReq::ProposedMessage& message);

/// Moves the bytes of the event into the message.
void to_wire(ResolvedEvent&& event, UuidForm form, v1::streams::ReadResp::ReadEvent& wire);

/// What a read asks for.
struct ReadRequest {
  std::optional<StreamName> stream;  ///< empty: `$all`
  ReadRevision from_revision = Start{};
  ReadPosition from_position = Start{};
  Direction direction = Direction::Forwards;
  bool resolve_links = false;
  std::optional<std::uint64_t> max_count;  ///< empty: a subscription
  std::optional<Filter> filter;
  std::uint64_t checkpoint_interval = 0;  ///< in events looked at
  UuidForm uuids = UuidForm::Structured;
  bool tells_bounds = false;  ///< control option: the first and last revision are told
};
/// Errors: InvalidArgument for an absent or impossible option; Unknown for what makes the server's handler fail.
[[nodiscard]] Result<ReadRequest> from_wire(const v1::streams::ReadReq& request);

/// A record of the second protocol. Errors: InvalidArgument.
[[nodiscard]] Result<EventData> from_wire(const v2::AppendRecord& record, Uuid id_if_absent);

}  // namespace kurrentlite::protocol
