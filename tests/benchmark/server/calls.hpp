#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>

namespace kurrentlite::benchmark {

/// What a workload did, of which only the calls themselves were timed. Message sizes are on the wire, without frames.
struct Measured {
  std::uint64_t operations = 0;
  std::int64_t elapsed_ns = 0;
  std::uint64_t request_bytes = 0;  ///< of one append, or one request
  std::uint64_t answer_bytes = 0;   ///< mean of the answers
};

using Channel = std::shared_ptr<grpc::Channel>;

// Each ends the program with a line on stderr when an answer is not as expected.

/// `count` events, one in a call, over 1,000 streams, with so many calls under way at a time.
Measured append(const Channel& channel, std::uint64_t count, std::uint64_t in_flight);
/// `count` events to one stream, 100 in a call.
Measured fill(const Channel& channel, const std::string& stream, std::uint64_t count);
/// Reads the `count` events of a stream forwards.
Measured read(const Channel& channel, const std::string& stream, std::uint64_t count);
/// Subscribes from the start of a stream that has `count` events, until the last of them.
Measured catch_up(const Channel& channel, const std::string& stream, std::uint64_t count);
/// Subscribes to a stream of no events, then appends `count`, 100 in a call, until the last of them has come.
Measured live(const Channel& channel, const std::string& stream, std::uint64_t count);

/// Unary calls of the echo server with messages of these sizes.
Measured echo_once(const Channel& channel, std::uint64_t count, std::uint64_t in_flight, std::uint32_t request_bytes,
                   std::uint32_t answer_bytes);
/// One call of the echo server that is answered by `count` messages.
Measured echo_stream(const Channel& channel, std::uint32_t count, std::uint32_t answer_bytes);

}  // namespace kurrentlite::benchmark
