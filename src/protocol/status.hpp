#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>

#include "kurrentlite/result.hpp"
#include "streams.pb.h"
#include "status.pb.h"

/// Errors of the domain as gRPC tells them (reference: streams, section 2).
namespace kurrentlite::protocol {

/// Takes trailers, name and text.
using AddTrailer = std::function<void(const std::string&, const std::string&)>;

/// Of version 1: trailers tell the details. `operation` stands in the words of a wrong expected version.
[[nodiscard]] grpc::Status to_status(const Error& error, const char* operation, const AddTrailer& add_trailer);

/// Of version 2: details travel in the status. `operation` such as `streams:write:<stream>` names what was denied.
[[nodiscard]] grpc::Status to_rich_status(const Error& error, const std::string& operation, const std::string& user);

/// Of streaming calls of both versions that are open when the server ends, as on KurrentDB 26 (reference: streams 2.4).
[[nodiscard]] grpc::Status server_ends();

/// What BatchAppend answers in its stream.
void to_wire(const Error& error, google::rpc::Status& status);

/// The part of an answer to Append that tells of a wrong expected version.
void to_wire(const Error& error, event_store::client::streams::AppendResp::WrongExpectedVersion& wire);

}  // namespace kurrentlite::protocol
