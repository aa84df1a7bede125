#include "server/control_service.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "server/unary.hpp"

namespace kurrentlite::server {
namespace {

grpc::Status no_snapshot(std::uint64_t id) {
  return {grpc::NOT_FOUND, "There is no snapshot " + std::to_string(id) + "."};
}

enum Method {
  kReset,
  kSnapshot,
  kRestore,
  kDropSnapshot,
  kAdvanceClock,
  kInjectFault,
  kRemoveFault,
  kClearFaults
};

Operation operation_of(InjectFaultReq::Operation operation) {
  switch (operation) {
    case InjectFaultReq::READ: return Operation::Read;
    case InjectFaultReq::DELETE: return Operation::Delete;
    case InjectFaultReq::SUBSCRIBE: return Operation::Subscribe;
    default: return Operation::Append;
  }
}

Fault::Effect effect_of(InjectFaultReq::Effect effect) {
  switch (effect) {
    case InjectFaultReq::LOSE_REPLY: return Fault::Effect::LoseReply;
    case InjectFaultReq::DELAY: return Fault::Effect::Delay;
    default: return Fault::Effect::Refuse;
  }
}

/// Errors: InvalidArgument.
Result<Fault> fault_of(const InjectFaultReq& request) {
  constexpr std::uint64_t kDayMs = 86'400'000;
  const auto refusal = [](const char* field, const std::string& problem) {
    return Error{ErrorCode::InvalidArgument, std::string(field) + " " + problem, {{"field", std::string(field)}}};
  };
  if (!InjectFaultReq::Operation_IsValid(request.operation())) return refusal("operation", "is none that there is");
  if (!InjectFaultReq::Effect_IsValid(request.effect())) return refusal("effect", "is none that there is");
  Fault fault;
  fault.operation = operation_of(request.operation());
  fault.effect = effect_of(request.effect());
  fault.nth = std::max<std::uint64_t>(request.nth(), 1);
  fault.times = request.has_times() ? request.times() : 1;
  fault.delay_ms = static_cast<double>(std::min(request.delay_milliseconds(), kDayMs));
  if (!request.has_failure()) return fault;
  const Failure& failure = request.failure();
  const std::optional<ErrorCode> code =
      failure.code().empty() ? std::optional(ErrorCode::Unavailable) : error_code_of(failure.code());
  if (!code) return refusal("failure.code", "\"" + failure.code() + "\" is no error that there is; take for example Unavailable");
  fault.error.code = *code;
  if (!failure.message().empty()) fault.error.message = failure.message();
  for (const auto& [name, text] : failure.texts()) fault.error.facts.push_back({name, text});
  for (const auto& [name, number] : failure.numbers()) fault.error.facts.push_back({name, number});
  return fault;
}

}  // namespace

ControlService::ControlService(Database& database) : database_(database) {
  unary(kReset, &ControlService::reset);
  unary(kSnapshot, &ControlService::snapshot);
  unary(kRestore, &ControlService::restore);
  unary(kDropSnapshot, &ControlService::drop_snapshot);
  unary(kAdvanceClock, &ControlService::advance_clock);
  unary(kInjectFault, &ControlService::inject_fault);
  unary(kRemoveFault, &ControlService::remove_fault);
  unary(kClearFaults, &ControlService::clear_faults);
}

template <class Request, class Response, class Act>
void ControlService::run(const Unary<Request, Response>& call, Act act) {
  answer(database_, call, [act = std::move(act)](Engine& engine, const Caller& caller) -> grpc::Status {
    if (caller && !is_administrator(*caller)) return {grpc::PERMISSION_DENIED, "Only administrators may do this."};
    return act(engine);
  });
}

void ControlService::reset(const Unary<ResetReq, ResetResp>& call) {
  run(call, [this](Engine& engine) {
    engine.reset();
    const Result<void> stored = database_.first_users.store(engine);
    engine.announce();
    return stored ? grpc::Status::OK : grpc::Status(grpc::RESOURCE_EXHAUSTED, stored.error().message);
  });
}

void ControlService::snapshot(const Unary<SnapshotReq, SnapshotResp>& call) {
  run(call, [this, call](Engine& engine) {
    call->response().set_id(++last_snapshot_);
    snapshots_[last_snapshot_] = engine.fork(database_.engine.clock());
    return grpc::Status::OK;
  });
}

void ControlService::restore(const Unary<RestoreReq, RestoreResp>& call) {
  run(call, [this, call](Engine& engine) {
    const auto found = snapshots_.find(call->request().id());
    if (found == snapshots_.end()) return no_snapshot(call->request().id());
    engine.adopt(*found->second->fork(database_.engine.clock()));
    engine.announce();
    return grpc::Status::OK;
  });
}

void ControlService::drop_snapshot(const Unary<DropSnapshotReq, DropSnapshotResp>& call) {
  run(call, [this, call](Engine&) {
    return snapshots_.erase(call->request().id()) > 0 ? grpc::Status::OK : no_snapshot(call->request().id());
  });
}

void ControlService::advance_clock(const Unary<AdvanceClockReq, AdvanceClockResp>& call) {
  run(call, [this, call](Engine&) {
    database_.engine.clock().advance_ms(call->request().milliseconds());
    return grpc::Status::OK;
  });
}

void ControlService::inject_fault(const Unary<InjectFaultReq, InjectFaultResp>& call) {
  run(call, [this, call](Engine&) -> grpc::Status {
    const Result<Fault> fault = fault_of(call->request());
    if (!fault) return {grpc::INVALID_ARGUMENT, fault.error().message};
    call->response().set_id(database_.faults.add(*fault));
    return grpc::Status::OK;
  });
}

void ControlService::remove_fault(const Unary<RemoveFaultReq, RemoveFaultResp>& call) {
  run(call, [this, call](Engine&) -> grpc::Status {
    const std::uint64_t id = call->request().id();
    if (database_.faults.remove(id)) return grpc::Status::OK;
    return {grpc::NOT_FOUND, "There is no fault " + std::to_string(id) + "."};
  });
}

void ControlService::clear_faults(const Unary<ClearFaultsReq, ClearFaultsResp>& call) {
  run(call, [this](Engine&) {
    database_.faults.clear();
    return grpc::Status::OK;
  });
}

}  // namespace kurrentlite::server
