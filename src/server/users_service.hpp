#pragma once

#include "server/database.hpp"
#include "users.grpc.pb.h"

namespace kurrentlite::server {

/// `event_store.client.users.Users` (reference: admin 3). It takes an administrator; but whoever is known may ask for the
/// details of anybody and change any password that he knows, as on KurrentDB, which compares the caller with himself.
class UsersService final : public event_store::client::users::Users::CallbackService {
 public:
  explicit UsersService(Database& database) : database_(database) {}

  grpc::ServerUnaryReactor* Create(grpc::CallbackServerContext* context, const event_store::client::users::CreateReq* request,
                                   event_store::client::users::CreateResp* response) override;
  grpc::ServerUnaryReactor* Update(grpc::CallbackServerContext* context, const event_store::client::users::UpdateReq* request,
                                   event_store::client::users::UpdateResp* response) override;
  grpc::ServerUnaryReactor* Delete(grpc::CallbackServerContext* context, const event_store::client::users::DeleteReq* request,
                                   event_store::client::users::DeleteResp* response) override;
  grpc::ServerUnaryReactor* Disable(grpc::CallbackServerContext* context,
                                    const event_store::client::users::DisableReq* request,
                                    event_store::client::users::DisableResp* response) override;
  grpc::ServerUnaryReactor* Enable(grpc::CallbackServerContext* context, const event_store::client::users::EnableReq* request,
                                   event_store::client::users::EnableResp* response) override;
  grpc::ServerWriteReactor<event_store::client::users::DetailsResp>* Details(
      grpc::CallbackServerContext* context, const event_store::client::users::DetailsReq* request) override;
  grpc::ServerUnaryReactor* ChangePassword(grpc::CallbackServerContext* context,
                                           const event_store::client::users::ChangePasswordReq* request,
                                           event_store::client::users::ChangePasswordResp* response) override;
  grpc::ServerUnaryReactor* ResetPassword(grpc::CallbackServerContext* context,
                                          const event_store::client::users::ResetPasswordReq* request,
                                          event_store::client::users::ResetPasswordResp* response) override;

 private:
  Database& database_;
};

}  // namespace kurrentlite::server
