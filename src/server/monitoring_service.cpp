#include "server/monitoring_service.hpp"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "protocol/status.hpp"

namespace kurrentlite::server {
namespace {

namespace wire = event_store::client::monitoring;

/// Samples are a second old at most, so that nobody misses anything by a period that is not shorter than this.
constexpr std::uint64_t kPeriodMinMs = 50;
/// A year: longer periods overflow somewhere.
constexpr std::uint64_t kPeriodMaxMs = 365ull * 24 * 3600 * 1000;

/// One Stats. Owns itself until gRPC is done with it and no alarm is under way.
class StatsCall final : public grpc::ServerWriteReactor<wire::StatsResp>,
                        public OpenCall,
                        public std::enable_shared_from_this<StatsCall> {
 public:
  static StatsCall* start(Database& database, grpc::CallbackServerContext& context, const wire::StatsReq& request,
                          std::shared_ptr<NodeStatistics> statistics) {
    const std::shared_ptr<StatsCall> call(new StatsCall(database, context, request, std::move(statistics)));
    call->self_ = call;
    database.open_calls.add(call);
    database.engine.post([call, claim = claim_of(database, context)](const Engine& engine) {
      Caller caller;
      const grpc::Status known = identify(engine, claim, caller);
      const std::lock_guard lock(call->mutex_);
      if (!known.ok()) return call->finish(known);
      if (!call->finished_) call->tick();
    });
    return call.get();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok || cancelled_) finish(last_);
  }

  void OnCancel() override { stop(grpc::Status::CANCELLED); }
  void server_ends() override { stop(protocol::server_ends()); }

  void OnDone() override {
    is_over(database_.open_calls);
    self_.reset();
  }

 private:
  StatsCall(Database& database, grpc::CallbackServerContext& context, const wire::StatsReq& request,
            std::shared_ptr<NodeStatistics> statistics)
      : OpenCall(context), database_(database), statistics_(std::move(statistics)),
        period_(std::clamp(request.refresh_time_period_in_ms(), kPeriodMinMs, kPeriodMaxMs)) {}

  void stop(const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    last_ = status;
    if (!writing_) finish(last_);
  }

  // On the engine's thread
  void sample(const Engine& engine) {
    const auto& figures = statistics_->sample(engine);
    const std::lock_guard lock(mutex_);
    if (writing_ || finished_ || cancelled_) return;
    message_.mutable_stats()->clear();
    for (const auto& [name, figure] : figures) (*message_.mutable_stats())[name] = figure;
    writing_ = true;
    StartWrite(&message_);
  }

  // Under the mutex

  /// Asks for a sample, and for the next one after a period. Only while the call is open: the database outlives that.
  void tick() {
    if (!writing_) database_.engine.post([call = shared_from_this()](const Engine& engine) { call->sample(engine); });
    // A new alarm each time: one that is set anew within its own callback would destroy what runs.
    alarm_ = std::make_unique<grpc::Alarm>();
    // The alarm keeps its callback when that has run, and the call keeps the alarm: the callback lets go of the call itself.
    alarm_->Set(std::chrono::system_clock::now() + period_, [held = shared_from_this()](bool fired) mutable {
      const std::shared_ptr<StatsCall> call = std::move(held);
      const std::lock_guard lock(call->mutex_);
      if (fired && !call->finished_ && !call->cancelled_) call->tick();
    });
  }

  void finish(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    if (alarm_ != nullptr) alarm_->Cancel();  // its callback lets go of this call
    Finish(status);
  }

  Database& database_;
  std::shared_ptr<NodeStatistics> statistics_;
  std::chrono::milliseconds period_;
  std::shared_ptr<StatsCall> self_;

  std::mutex mutex_;
  std::unique_ptr<grpc::Alarm> alarm_;
  wire::StatsResp message_;
  bool writing_ = false;
  bool finished_ = false;
  bool cancelled_ = false;
  grpc::Status last_ = grpc::Status::CANCELLED;
};

}  // namespace

grpc::ServerWriteReactor<wire::StatsResp>* MonitoringService::Stats(grpc::CallbackServerContext* context,
                                                                    const wire::StatsReq* request) {
  return StatsCall::start(database_, *context, *request, statistics_);
}

}  // namespace kurrentlite::server
