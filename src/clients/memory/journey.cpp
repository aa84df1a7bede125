#include "clients/memory/journey.hpp"

#include <utility>

namespace kurrentlite {
namespace {

Error unavailable(const char* message) { return {ErrorCode::Unavailable, message}; }

}  // namespace

Task<Result<CallPlan>> depart(std::shared_ptr<Connection> connection, Operation operation) {
  const bool connects = !connection->connected();
  if (auto failure = connection->open()) co_return std::move(*failure);
  CallPlan plan = connection->plan(operation);
  // To connect is a round trip already.
  if (connects && operation == Operation::Connect) plan.request = plan.reply = Duration::zero();
  if (auto lost = co_await connection->to_server(plan.request + plan.delay)) co_return std::move(*lost);
  if (plan.fate == CallPlan::Fate::BreaksRequest) {
    const Error broken = plan.error.value_or(unavailable("The connection broke before the request arrived."));
    connection->lose(broken);
    co_return broken;
  }
  if (plan.fate != CallPlan::Fate::Refused) co_return plan;
  if (auto lost = co_await connection->to_client(plan.reply)) co_return std::move(*lost);
  co_return plan.error.value_or(unavailable("The database refused the call: it is too busy."));
}

Task<Result<void>> come_back(std::shared_ptr<Connection> connection, CallPlan plan) {
  if (auto lost = co_await connection->to_client(plan.reply)) co_return std::move(*lost);
  if (plan.fate == CallPlan::Fate::BreaksReply) {
    const Error broken = plan.error.value_or(unavailable("The connection broke before the reply arrived."));
    connection->lose(broken);
    co_return broken;
  }
  if (plan.fate == CallPlan::Fate::ReplyLost) co_return plan.error.value_or(unavailable("The reply was lost."));
  co_return Result<void>();
}

}  // namespace kurrentlite
