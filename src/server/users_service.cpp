#include "server/users_service.hpp"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "engine/user_management.hpp"
#include "protocol/status.hpp"
#include "server/messages.hpp"
#include "server/passwords.hpp"
#include "server/unary.hpp"

namespace kurrentlite::server {
namespace {

namespace wire = event_store::client::users;

enum class Right : std::uint8_t { Administrator, Anybody };

/// Errors: AccessDenied. Nobody without credentials may do anything here.
Result<void> check_right(const Caller& caller, Right right) {
  if (!caller || is_administrator(*caller) || (right == Right::Anybody && !caller->login.empty())) return {};
  return Error{ErrorCode::AccessDenied, "Only administrators may do this.", {}};
}

grpc::Status status_of(const Error& error, grpc::CallbackServerContext& context) {
  return protocol::to_status(error, "Users",
                             [&](const auto& name, const auto& text) { context.AddTrailingMetadata(name, text); });
}

/// A call that is done by `act(engine, options)`.
template <class Request, class Act>
grpc::ServerUnaryReactor* manage(Database& database, grpc::CallbackServerContext* context, const Request* request,
                                 Right right, Act act) {
  return answer(database, context, [=](Engine& engine, const Caller& caller) {
    if (const Result<void> allowed = check_right(caller, right); !allowed) return status_of(allowed.error(), *context);
    if (!request->has_options()) return handler_failed("The call brought no options.");
    const Result<void> done = act(engine, request->options());
    return done ? grpc::Status::OK : status_of(done.error(), *context);
  });
}

template <class Options>
std::vector<std::string> groups_of(const Options& options) {
  return {options.groups().begin(), options.groups().end()};
}

/// The users one after the other. Lives until gRPC is done with it.
class DetailsCall final : public grpc::ServerWriteReactor<wire::DetailsResp> {
 public:
  DetailsCall(Database& database, grpc::CallbackServerContext& context, std::string login)
      : context_(context), login_(std::move(login)) {
    database.engine.post([this, claim = claim_of(database, context)](Engine& engine) { begin(engine, claim); });
  }

  void OnWriteDone(bool ok) override {
    users_.pop_front();
    if (ok) return write_next();
    Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  void begin(const Engine& engine, const Claim& claim) {
    Caller caller;
    const grpc::Status known = identify(engine, claim, caller);
    if (!known.ok()) return Finish(known);
    const Result<void> allowed = check_right(caller, Right::Anybody);
    const Result<void> found = allowed ? look_up(engine) : allowed;
    if (!found) return Finish(status_of(found.error(), context_));
    write_next();
  }

  Result<void> look_up(const Engine& engine) {
    if (login_.find_first_not_of(" \t\r\n\v\f") != std::string::npos) {
      Result<UserDetails> user = user_details(engine, login_);
      if (!user) return std::move(user).error();
      add(*user);
      return {};
    }
    Result<std::vector<UserDetails>> users = all_users(engine);
    if (!users) return std::move(users).error();
    for (const UserDetails& user : *users) add(user);
    return {};
  }

  void add(const UserDetails& user) {
    wire::DetailsResp::UserDetails& details = *users_.emplace_back().mutable_user_details();
    details.set_login_name(user.login);
    details.set_full_name(user.full_name);
    for (const std::string& group : user.groups) details.add_groups(group);
    details.set_disabled(user.disabled);
    if (user.last_updated_ticks) details.mutable_last_updated()->set_ticks_since_epoch(*user.last_updated_ticks);
  }

  void write_next() {
    if (users_.empty()) return Finish(grpc::Status::OK);
    StartWrite(&users_.front());
  }

  grpc::CallbackServerContext& context_;
  std::string login_;
  std::deque<wire::DetailsResp> users_;
};

}  // namespace

grpc::ServerUnaryReactor* UsersService::Create(grpc::CallbackServerContext* context, const wire::CreateReq* request,
                                               wire::CreateResp*) {
  return manage(database_, context, request, Right::Administrator,
                [hashed = hash_new_password(request->options().password())](Engine& engine, const auto& options) {
                  return create_user(engine, {options.login_name(), options.full_name(), groups_of(options),
                                              options.password(), hashed});
                });
}

grpc::ServerUnaryReactor* UsersService::Update(grpc::CallbackServerContext* context, const wire::UpdateReq* request,
                                               wire::UpdateResp*) {
  return manage(database_, context, request, Right::Administrator, [](Engine& engine, const auto& options) {
    return update_user(engine, options.login_name(), options.full_name(), groups_of(options));
  });
}

grpc::ServerUnaryReactor* UsersService::Delete(grpc::CallbackServerContext* context, const wire::DeleteReq* request,
                                               wire::DeleteResp*) {
  return manage(database_, context, request, Right::Administrator,
                [](Engine& engine, const auto& options) { return delete_user(engine, options.login_name()); });
}

grpc::ServerUnaryReactor* UsersService::Disable(grpc::CallbackServerContext* context, const wire::DisableReq* request,
                                                wire::DisableResp*) {
  return manage(database_, context, request, Right::Administrator,
                [](Engine& engine, const auto& options) { return disable_user(engine, options.login_name()); });
}

grpc::ServerUnaryReactor* UsersService::Enable(grpc::CallbackServerContext* context, const wire::EnableReq* request,
                                               wire::EnableResp*) {
  return manage(database_, context, request, Right::Administrator,
                [](Engine& engine, const auto& options) { return enable_user(engine, options.login_name()); });
}

grpc::ServerWriteReactor<wire::DetailsResp>* UsersService::Details(grpc::CallbackServerContext* context,
                                                                   const wire::DetailsReq* request) {
  return new DetailsCall(database_, *context, request->options().login_name());
}

grpc::ServerUnaryReactor* UsersService::ChangePassword(grpc::CallbackServerContext* context,
                                                       const wire::ChangePasswordReq* request, wire::ChangePasswordResp*) {
  return manage(database_, context, request, Right::Anybody,
                [hashed = hash_new_password(request->options().new_password())](Engine& engine, const auto& options) {
                  return change_password(engine, options.login_name(), options.current_password(), hashed);
                });
}

grpc::ServerUnaryReactor* UsersService::ResetPassword(grpc::CallbackServerContext* context,
                                                      const wire::ResetPasswordReq* request, wire::ResetPasswordResp*) {
  return manage(database_, context, request, Right::Administrator,
                [hashed = hash_new_password(request->options().new_password())](Engine& engine, const auto& options) {
                  return reset_password(engine, options.login_name(), hashed);
                });
}

}  // namespace kurrentlite::server
