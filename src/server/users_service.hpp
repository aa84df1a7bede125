#pragma once

#include "server/database.hpp"
#include "server/single_request.hpp"
#include "users.grpc.pb.h"

namespace kurrentlite::server {

/// `event_store.client.users.Users` (reference: admin 3). It takes an administrator; but whoever is known may ask for the
/// details of anybody and change any password that he knows, as on KurrentDB, which compares the caller with himself.
class UsersService final : public SingleRequestService<event_store::client::users::Users::Service> {
 public:
  explicit UsersService(Database& database);

 private:
  void create(const Unary<event_store::client::users::CreateReq, event_store::client::users::CreateResp>& call);
  void update(const Unary<event_store::client::users::UpdateReq, event_store::client::users::UpdateResp>& call);
  void remove(const Unary<event_store::client::users::DeleteReq, event_store::client::users::DeleteResp>& call);
  void disable(const Unary<event_store::client::users::DisableReq, event_store::client::users::DisableResp>& call);
  void enable(const Unary<event_store::client::users::EnableReq, event_store::client::users::EnableResp>& call);
  void change_password(
      const Unary<event_store::client::users::ChangePasswordReq, event_store::client::users::ChangePasswordResp>& call);
  void reset_password(
      const Unary<event_store::client::users::ResetPasswordReq, event_store::client::users::ResetPasswordResp>& call);

  Database& database_;
};

}  // namespace kurrentlite::server
