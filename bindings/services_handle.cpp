#include "services_handle.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "convert.hpp"

namespace kurrentlite::bindings {
namespace {

SimulationProfile simulation_of(const std::string& json) {
  Result<SimulationProfile> profile = read_simulation(json);
  return profile ? std::move(*profile) : SimulationProfile{};
}

DatabaseConfig config_of(const std::string& json) {
  Result<DatabaseConfig> config = read_config(json);
  return config ? std::move(*config) : default_config(Environment::Dev);
}

}  // namespace

void JavaScriptPort::begin(std::uint64_t call, const std::string& operation, const std::string& arguments) {
  object_.call<void>("begin", static_cast<double>(call), operation, arguments);
}

void JavaScriptPort::abandon(std::uint64_t call) { object_.call<void>("abandon", static_cast<double>(call)); }

ServicesHandle::ServicesHandle(int handle, DatabaseHandle& database, const std::string& config,
                               const std::string& simulation) {
  auto client = std::make_unique<MemoryClient>(database.engine(), database.time(), simulation_of(simulation), &database.faults());
  memory_ = client.get();
  client_ = std::move(client);
  services_ = std::make_unique<Services>(ServiceContext{*client_, database.time(), database.time(), Host::instance().ids,
                                                        config_of(config), &Host::instance().regex});
  listen(handle);
}

ServicesHandle::ServicesHandle(int handle, emscripten::val port, const std::string& config)
    : own_time_(std::make_unique<TimeLine>()), port_(std::make_unique<JavaScriptPort>(std::move(port))) {
  auto client = std::make_unique<HostClient>(*port_, *own_time_);
  host_ = client.get();
  client_ = std::move(client);
  services_ = std::make_unique<Services>(ServiceContext{*client_, *own_time_, *own_time_, Host::instance().ids,
                                                        config_of(config), &Host::instance().regex});
  listen(handle);
}

void ServicesHandle::answer(double call, bool ok, const std::string& json) {
  Boundary boundary;
  if (host_ != nullptr) host_->answer(static_cast<std::uint64_t>(call), ok, json);
}

void ServicesHandle::listen(int handle) {
  handle_ = handle;
  services_->database().on_connection_change(
      [handle](const DatabaseConnection&) { Host::instance().notify(handle, Topic::Connection); });
  services_->streams().on_change([handle] { Host::instance().notify(handle, Topic::Streams); });
  services_->users().on_change([handle] { Host::instance().notify(handle, Topic::Users); });
  services_->database().on_pending_change([handle] { Host::instance().notify(handle, Topic::Pending); });
}

ServicesHandle::~ServicesHandle() {
  calls_.clear();
  watches_.clear();
  services_.reset();
}

void ServicesHandle::refuse(double call, const Error& error) { Host::instance().complete(call, false, to_json(error)); }

void ServicesHandle::begin(double call, Task<void> task) {
  calls_.remove_if([](const Call& each) { return each.task.done(); });
  calls_.push_back({call, std::move(task)});
  calls_.back().task.start();
}

void ServicesHandle::cancel(double call) {
  Boundary boundary;
  calls_.remove_if([call](const Call& each) { return each.number == call; });
}

void ServicesHandle::call(double call, const std::string& operation, const std::string& arguments, double timeout_ms) {
  Boundary boundary;
  OperationOptions options;
  if (timeout_ms > 0) options.timeout = Duration(static_cast<std::int64_t>(timeout_ms * 1000));
  const OperationScope scope(*services_, options);
  dispatch(call, operation, arguments);
}

void ServicesHandle::dispatch(double call, const std::string& operation, const std::string& arguments) {
  // The arguments are held several times over on their way: as text, request, event, list entry and answer.
  constexpr std::uint64_t kCopies = 8;
  constexpr std::uint64_t kReserve = std::uint64_t{2} << 20;
  const std::uint64_t needed = arguments.size() * kCopies + kReserve;
  if (!has_headroom(needed)) {
    return refuse(call, {ErrorCode::OutOfMemory, "There is no memory left for this operation; nothing was changed.",
                         {{"requestedBytes", needed}}});
  }
  if (operation.find("UserData") != std::string::npos) return call_users(call, operation, arguments);
  if (operation.find("Stream") != std::string::npos) return call_streams(call, operation, arguments);
  call_database(call, operation);
}

void ServicesHandle::act_as(const emscripten::val& user) {
  Boundary boundary;
  services_->act_as(user.isString() ? Actor(user.as<std::string>()) : std::nullopt);
}

std::string ServicesHandle::connection() { return to_json(services_->database().connection()); }
std::string ServicesHandle::health_history(int limit) {
  return to_json(services_->database().health_history(static_cast<std::size_t>(std::max(limit, 0))));
}
std::string ServicesHandle::series(int seconds, const std::string& operation) {
  return to_json(services_->database().series(static_cast<std::uint32_t>(std::max(seconds, 0)), operation));
}
int ServicesHandle::pending_writes() { return static_cast<int>(services_->database().pending_writes()); }

void ServicesHandle::trace(bool wanted) {
  Boundary boundary;
  spans_.clear();
  if (!wanted) return services_->database().on_spans({});
  services_->database().on_spans([this](std::vector<Span> spans) {
    for (Span& each : spans) spans_.push_back(std::move(each));
    Host::instance().notify(handle_, Topic::Spans);
  });
}

std::string ServicesHandle::take_spans() {
  std::vector<Span> spans;
  spans.swap(spans_);
  return to_json(spans);
}

std::string ServicesHandle::simulation() const { return memory_ != nullptr ? to_json(memory_->profile()) : std::string(); }

void ServicesHandle::set_simulation(const std::string& simulation) {
  Boundary boundary;
  if (memory_ != nullptr) memory_->set_profile(simulation_of(simulation));
}

void ServicesHandle::resync() {
  Boundary boundary;
  services_->resync();
}

}  // namespace kurrentlite::bindings
