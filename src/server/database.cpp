#include "server/database.hpp"

#include <array>

#include "engine/users.hpp"

namespace kurrentlite::server {
namespace {

/// Empty when it is no base64.
std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xff));
    }
  }
  return bytes;
}

}  // namespace

grpc::Status identify(const Database& database, const grpc::CallbackServerContext& context, Caller& caller) {
  caller.reset();
  if (!database.secure) return grpc::Status::OK;
  caller = Principal{};  // anonymous
  const auto header = context.client_metadata().find("authorization");
  if (header == context.client_metadata().end()) return grpc::Status::OK;
  const std::string_view value(header->second.data(), header->second.size());
  constexpr std::string_view kBasic = "Basic ";
  if (value.substr(0, kBasic.size()) != kBasic) return {grpc::UNAUTHENTICATED, "Unauthenticated"};
  const std::optional<std::string> decoded = decode_base64(value.substr(kBasic.size()));
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return grpc::Status::OK;  // undecodable: anonymous (reference: streams 2.1)
  Result<Principal> who = authenticate({decoded->substr(0, colon), decoded->substr(colon + 1)});
  if (!who) return {grpc::UNAUTHENTICATED, "Unauthenticated"};
  caller = std::move(who).value();
  return grpc::Status::OK;
}

Result<void> check_incoming(const Database& database, std::uint64_t bytes) {
  if (bytes <= database.append_size_max_bytes) return {};
  return Error{ErrorCode::MaxAppendSizeExceeded,
               "Maximum Append Size of " + std::to_string(database.append_size_max_bytes) + " Exceeded.",
               {{"maxAppendSize", database.append_size_max_bytes}}};
}

Result<void> allow(const Engine& engine, const Caller& caller, std::string_view stream, Action action) {
  if (!caller) return {};
  if (caller->login.empty()) return Error{ErrorCode::AccessDenied, "Nobody without credentials may do this.", {}};
  return check_access(engine, *caller, stream, action);
}

}  // namespace kurrentlite::server
