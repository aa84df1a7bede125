#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "support/loopback_client.hpp"
#include "support/result_matchers.hpp"
#include "support/service_host.hpp"

namespace kurrentlite {

/// The same database by clients whose calls their host carries out.
class LoopbackHost final : public MemoryHost {
 public:
  using MemoryHost::MemoryHost;
  std::unique_ptr<Client> new_client() override {
    return std::make_unique<LoopbackClient>(new_memory_client(), scheduler());
  }
};

/// A kind of database and client that the suite of the services holds for.
struct ServiceHostKind {
  std::string name;
  std::function<std::unique_ptr<ServiceHost>()> make;
  bool takes_time = false;  ///< its answers do, by the clock of its scheduler
};
inline void PrintTo(const ServiceHostKind& kind, std::ostream* out) { *out << kind.name; }

/// The memory client, as it is and behind a network that answers in no particular time, and the client whose calls its
/// host carries out. Others join here.
inline std::vector<ServiceHostKind> service_host_kinds() {
  const auto memory = [](const char* preset) {
    return [preset]() -> std::unique_ptr<ServiceHost> {
      return std::make_unique<MemoryHost>(simulation_preset(preset).value_or(SimulationProfile{}));
    };
  };
  const auto by_host = []() -> std::unique_ptr<ServiceHost> {
    return std::make_unique<LoopbackHost>(simulation_preset("instant").value_or(SimulationProfile{}));
  };
  return {{"Instant", memory("instant")}, {"Wan", memory("wan"), true}, {"Mobile", memory("mobile"), true}, {"Host", by_host}};
}

/// One database with two users of it, each behind a client of its own.
class ServiceSuite : public ::testing::TestWithParam<ServiceHostKind> {
 protected:
  ServiceSuite()
      : host_(GetParam().make()), documents_(host_->new_client(), *host_, 1), others_(host_->new_client(), *host_, 2) {}

  template <class T>
  T await(Task<T> task) {
    return kurrentlite::await(*host_, std::move(task));
  }
  /// The value of a task that must succeed.
  template <class T>
  T good(Task<Result<T>> task) {
    Result<T> result = await(std::move(task));
    EXPECT_THAT(result, IsOk());
    return result.ok() ? std::move(result).value() : T{};
  }
  void good(Task<Result<void>> task) { EXPECT_THAT(await(std::move(task)), IsOk()); }

  static CreateStreamRequest named(std::string id, std::string name = "A name", Json data = "{}") {
    CreateStreamRequest request;
    request.id = std::move(id);
    request.name = std::move(name);
    request.data = std::move(data);
    return request;
  }
  Stream created(const std::string& id, const std::string& name = "A name", const Json& data = "{}") {
    return good(documents_->create(named(id, name, data)));
  }
  static UpdateStreamRequest with_data(Json data) {
    UpdateStreamRequest request;
    request.data = std::move(data);
    return request;
  }

  StreamPage listed(StreamFilter filter = {}) { return good(documents_->list(std::move(filter))); }
  static std::vector<std::string> ids(const StreamPage& page) {
    std::vector<std::string> all;
    for (const Stream& each : page.items) all.push_back(each.id);
    return all;
  }

  /// Appends behind the services' back.
  void append_raw(const std::string& stream, const std::string& type, const std::string& data) {
    EventData event;
    event.id = raw_ids_.next();
    event.type = type;
    event.data = data;
    std::vector<EventData> events(1, event);
    EXPECT_THAT(await(others_.client().append_to_stream(stream, std::move(events), {})), IsOk());
  }
  std::vector<RecordedEvent> raw_events(const std::string& stream) {
    Result<std::vector<ResolvedEvent>> read = await(others_.client().read_stream(stream, {}));
    std::vector<RecordedEvent> events;
    if (!read.ok()) return events;
    for (ResolvedEvent& each : *read) events.push_back(std::move(*each.event));
    return events;
  }
  std::vector<std::string> raw_types(const std::string& stream) {
    std::vector<std::string> types;
    for (const RecordedEvent& each : raw_events(stream)) types.push_back(each.type);
    return types;
  }
  /// Waits until the lists of `user` show everything that was written so far.
  void wait_for_lists(ServiceUser& user) { EXPECT_TRUE(await(user.database().check_health()).sync); }
  /// Lets time pass, so that later events are younger.
  void pause(Duration duration = std::chrono::milliseconds(10)) { (void)await(wait(host_->scheduler(), duration)); }
  std::uint64_t total_events() { return good(others_.client().statistics({})).total_events; }

  std::unique_ptr<ServiceHost> host_;
  PrngIdSource raw_ids_{77};
  ServiceUser documents_;
  ServiceUser others_;

 private:
  static Task<Result<void>> wait(Scheduler& scheduler, Duration duration) {
    co_await sleep_for(scheduler, duration);
    co_return Result<void>();
  }
};

inline auto every_service_host() { return ::testing::ValuesIn(service_host_kinds()); }
inline std::string host_name(const ::testing::TestParamInfo<ServiceHostKind>& info) { return info.param.name; }

}  // namespace kurrentlite
