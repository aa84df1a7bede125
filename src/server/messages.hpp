#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <string>

namespace kurrentlite::server {

/// What one message of version 1 may hold, as on KurrentDB.
constexpr std::size_t kMessageBytesMax = 16'767'216;

/// What KurrentDB answers to calls that its handlers do not expect.
[[nodiscard]] inline grpc::Status handler_failed(const char* why) {
  return {grpc::UNKNOWN, std::string("Exception was thrown by handler. ") + why};
}

/// Reads a message of a call that gRPC itself does not decode: it would tell of bytes that are no message just as of the
/// client's last one, and what came until then would be appended. Leaves `bytes` empty.
template <class Message>
[[nodiscard]] grpc::Status read_message(grpc::ByteBuffer& bytes, Message& message, std::size_t bytes_max) {
  if (bytes.Length() > bytes_max) {
    return {grpc::RESOURCE_EXHAUSTED, "Received message larger than max (" + std::to_string(bytes.Length()) + " vs. " +
                                          std::to_string(bytes_max) + ")"};
  }
  const grpc::Status read = grpc::SerializationTraits<Message>::Deserialize(&bytes, &message);
  return read.ok() ? read : grpc::Status(grpc::INTERNAL, "Failed to deserialize the request.");
}

/// The bytes of an answer.
template <class Message>
[[nodiscard]] grpc::ByteBuffer bytes_of(const Message& message) {
  grpc::ByteBuffer bytes;
  bool owns = false;
  (void)grpc::SerializationTraits<Message>::Serialize(message, &bytes, &owns);
  return bytes;
}

}  // namespace kurrentlite::server
