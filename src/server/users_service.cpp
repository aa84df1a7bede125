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

enum Method { kCreate, kUpdate, kDelete, kDisable, kEnable, kDetails, kChangePassword, kResetPassword };

/// A call that is done by `act(engine, options)`.
template <class Request, class Response, class Act>
void manage(Database& database, const Unary<Request, Response>& call, Right right, Act act) {
  answer(database, call, [=](Engine& engine, const Caller& caller) {
    if (const Result<void> allowed = check_right(caller, right); !allowed) return status_of(allowed.error(), call->context());
    if (!call->request().has_options()) return handler_failed("The call brought no options.");
    const Result<void> done = act(engine, call->request().options());
    return done ? grpc::Status::OK : status_of(done.error(), call->context());
  });
}

template <class Options>
std::vector<std::string> groups_of(const Options& options) {
  return {options.groups().begin(), options.groups().end()};
}

/// The users one after the other.
class DetailsCall final : public SingleRequestCall {
 public:
  DetailsCall(Database& database, grpc::CallbackServerContext& context) : SingleRequestCall(context), database_(database) {}

  void OnWriteDone(bool ok) override {
    users_.pop_front();
    if (ok) return write_next();
    Finish(grpc::Status::CANCELLED);
  }

 private:
  void begin(grpc::ByteBuffer& bytes) override {
    wire::DetailsReq request;
    if (const grpc::Status read = read_message(bytes, request, kMessageBytesMax); !read.ok()) return Finish(read);
    login_ = request.options().login_name();
    const auto call = std::static_pointer_cast<DetailsCall>(shared_from_this());
    database_.engine.post([call, claim = claim_of(database_, context_)](Engine& engine) { call->answer(engine, claim); });
  }
  void finish(const grpc::Status& status) override { Finish(status); }

  void answer(const Engine& engine, const Claim& claim) {
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
    bytes_ = bytes_of(users_.front());
    StartWrite(&bytes_);
  }

  Database& database_;
  std::string login_;
  std::deque<wire::DetailsResp> users_;
  grpc::ByteBuffer bytes_;  // being written
};

}  // namespace

UsersService::UsersService(Database& database) : database_(database) {
  unary(kCreate, &UsersService::create);
  unary(kUpdate, &UsersService::update);
  unary(kDelete, &UsersService::remove);
  unary(kDisable, &UsersService::disable);
  unary(kEnable, &UsersService::enable);
  single_request(kDetails, [&database](grpc::CallbackServerContext* context) {
    return SingleRequestCall::start(std::make_shared<DetailsCall>(database, *context));
  });
  unary(kChangePassword, &UsersService::change_password);
  unary(kResetPassword, &UsersService::reset_password);
}

void UsersService::create(const Unary<wire::CreateReq, wire::CreateResp>& call) {
  manage(database_, call, Right::Administrator,
         [hashed = hash_new_password(call->request().options().password())](Engine& engine, const auto& options) {
           return create_user(engine, {options.login_name(), options.full_name(), groups_of(options), options.password(),
                                       hashed});
         });
}

void UsersService::update(const Unary<wire::UpdateReq, wire::UpdateResp>& call) {
  manage(database_, call, Right::Administrator, [](Engine& engine, const auto& options) {
    return update_user(engine, options.login_name(), options.full_name(), groups_of(options));
  });
}

void UsersService::remove(const Unary<wire::DeleteReq, wire::DeleteResp>& call) {
  manage(database_, call, Right::Administrator,
         [](Engine& engine, const auto& options) { return delete_user(engine, options.login_name()); });
}

void UsersService::disable(const Unary<wire::DisableReq, wire::DisableResp>& call) {
  manage(database_, call, Right::Administrator,
         [](Engine& engine, const auto& options) { return disable_user(engine, options.login_name()); });
}

void UsersService::enable(const Unary<wire::EnableReq, wire::EnableResp>& call) {
  manage(database_, call, Right::Administrator,
         [](Engine& engine, const auto& options) { return enable_user(engine, options.login_name()); });
}

void UsersService::change_password(const Unary<wire::ChangePasswordReq, wire::ChangePasswordResp>& call) {
  manage(database_, call, Right::Anybody,
         [hashed = hash_new_password(call->request().options().new_password())](Engine& engine, const auto& options) {
           return kurrentlite::change_password(engine, options.login_name(), options.current_password(), hashed);
         });
}

void UsersService::reset_password(const Unary<wire::ResetPasswordReq, wire::ResetPasswordResp>& call) {
  manage(database_, call, Right::Administrator,
         [hashed = hash_new_password(call->request().options().new_password())](Engine& engine, const auto& options) {
           return kurrentlite::reset_password(engine, options.login_name(), hashed);
         });
}

}  // namespace kurrentlite::server
