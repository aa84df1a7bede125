#include "server/control_command.hpp"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "control.grpc.pb.h"

namespace kurrentlite::server {
namespace {

std::string base64(const std::string& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

ErrorCode code_of(grpc::StatusCode code) {
  if (code == grpc::UNAVAILABLE || code == grpc::DEADLINE_EXCEEDED) return ErrorCode::Unavailable;
  return code == grpc::PERMISSION_DENIED || code == grpc::UNAUTHENTICATED ? ErrorCode::AccessDenied : ErrorCode::Unknown;
}

}  // namespace

Result<void> reset_database(const ControlTarget& target) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = target.trusted_roots;
  const auto credentials =
      target.trusted_roots.empty() ? grpc::InsecureChannelCredentials() : grpc::SslCredentials(tls);
  const auto stub = kurrentlite::Control::NewStub(grpc::CreateChannel(target.address, credentials));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  if (!target.login.empty()) {
    context.AddMetadata("authorization", "Basic " + base64(target.login + ":" + target.password));
  }
  ResetResp response;
  const grpc::Status status = stub->Reset(&context, ResetReq(), &response);
  if (status.ok()) return {};
  return Error{code_of(status.error_code()), target.address + ": " + status.error_message(), {}};
}

}  // namespace kurrentlite::server
