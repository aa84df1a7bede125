#include "server/control_command.hpp"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "base/base64.hpp"
#include "control.grpc.pb.h"

namespace kurrentlite::server {
namespace {

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
    context.AddMetadata("authorization", "Basic " + base64::encode(target.login + ":" + target.password));
  }
  ResetResp response;
  const grpc::Status status = stub->Reset(&context, ResetReq(), &response);
  if (status.ok()) return {};
  return Error{code_of(status.error_code()), target.address + ": " + status.error_message(), {}};
}

}  // namespace kurrentlite::server
