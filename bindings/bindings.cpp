/// Registrations only. The conversions are in convert.cpp and event_codec.cpp, the decisions in the core.

#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include "convert.hpp"
#include "database_handle.hpp"
#include "host.hpp"
#include "network_handle.hpp"
#include "services_handle.hpp"

namespace kurrentlite::bindings {
namespace {

void run_due() { Boundary boundary; }

/// `variables` is a JSON object of text. Answers {"config": …} or {"error": …}.
std::string parse_config(const std::string& variables, const std::string& environment) {
  const auto read = [](std::string_view json) {
    Variables result;
    for (const json::Member& member : json::Value(json).members()) {
      if (std::optional<std::string> text = member.value.string()) result.emplace_back(member.key, *std::move(text));
    }
    return result;
  };
  json::Writer out;
  out.begin_object();
  if (json::check(variables)) return out.key("config").null().end_object().take();
  const Variables given = read(variables);
  const std::optional<Environment> wanted = parse_environment(environment);
  if (!environment.empty() && !wanted) {
    const Error error{ErrorCode::InvalidConfig,
                      "environment is \"" + environment + "\" but must be dev, staging, test or mainnet.",
                      {},
                      {{"environment", "is \"" + environment + "\" but must be dev, staging, test or mainnet"}}};
    return out.key("error").raw(to_json(error)).end_object().take();
  }
  const Result<DatabaseConfig> config = config_from_variables(given, wanted);
  if (!config) return out.key("error").raw(to_json(config.error())).end_object().take();
  out.key("config").raw(to_json(*config));
  out.key("warnings").raw(to_json(config_warnings(given, false)));
  out.key("browserWarnings").raw(to_json(config_warnings(given, true)));
  return out.end_object().take();
}

std::string config_problem(const std::string& config) {
  const Result<DatabaseConfig> result = read_config(config);
  return result ? std::string() : to_json(result.error());
}

std::string simulation_problem(const std::string& simulation) {
  const Result<SimulationProfile> result = read_simulation(simulation);
  return result ? std::string() : to_json(result.error());
}

std::string user_stream_name_of(const std::string& user, const std::string& type, const std::string& category) {
  UserStreamKey key{user, type, std::nullopt};
  if (!category.empty()) key.category = category;
  return user_stream_name(key);
}

std::string document_stream_name_of(const std::string& id) { return document_stream_name(id); }

}  // namespace

// What is called for every append goes past embind, which takes ten times as long for a call as the engine's own. `database`
// is the address of a DatabaseHandle that is not deleted.
extern "C" {
EMSCRIPTEN_KEEPALIVE std::uintptr_t kurrentlite_request(DatabaseHandle* database, std::size_t size) {
  return database->request(size);
}
EMSCRIPTEN_KEEPALIVE std::uintptr_t kurrentlite_append(DatabaseHandle* database, std::size_t size, int who) {
  return database->append(size, who);
}
}

EMSCRIPTEN_BINDINGS(kurrentlite) {
  using emscripten::class_;
  using emscripten::function;
  function("installHost", &Host::install);
  function("runDue", &run_due);
  function("parseConfig", &parse_config);
  function("configProblem", &config_problem);
  function("simulationProblem", &simulation_problem);
  function("documentStreamName", &document_stream_name_of);
  function("userStreamName", &user_stream_name_of);

  class_<DatabaseHandle>("Database")
      .constructor<int, double, bool>()
      .function("login", &DatabaseHandle::login)
      .function("address", &DatabaseHandle::address)
      .function("appendMany", &DatabaseHandle::append_many)
      .function("remove", &DatabaseHandle::remove)
      .function("readStream", &DatabaseHandle::read_stream)
      .function("readAll", &DatabaseHandle::read_all)
      .function("streamName", &DatabaseHandle::stream_name)
      .function("typeName", &DatabaseHandle::type_name)
      .function("shape", &DatabaseHandle::shape)
      .function("shapeNumber", &DatabaseHandle::shape_number)
      .function("subscribeToStream", &DatabaseHandle::subscribe_to_stream)
      .function("subscribeToAll", &DatabaseHandle::subscribe_to_all)
      .function("take", &DatabaseHandle::take)
      .function("hasNews", &DatabaseHandle::has_news)
      .function("unsubscribe", &DatabaseHandle::unsubscribe)
      .function("statistics", &DatabaseHandle::statistics)
      .function("head", &DatabaseHandle::head)
      .function("reset", &DatabaseHandle::reset)
      .function("fork", &DatabaseHandle::fork, emscripten::allow_raw_pointers())
      .function("adopt", &DatabaseHandle::adopt)
      .function("journal", &DatabaseHandle::journal)
      .function("replay", &DatabaseHandle::replay)
      .function("listen", &DatabaseHandle::listen)
      .function("addFault", &DatabaseHandle::add_fault)
      .function("removeFault", &DatabaseHandle::remove_fault)
      .function("clearFaults", &DatabaseHandle::clear_faults)
      .function("hasFaults", &DatabaseHandle::has_faults)
      .function("clockNow", &DatabaseHandle::clock_now)
      .function("clockSet", &DatabaseHandle::clock_set)
      .function("clockFreeze", &DatabaseHandle::clock_freeze)
      .function("clockResume", &DatabaseHandle::clock_resume)
      .function("clockAdvance", &DatabaseHandle::clock_advance)
      .function("clockDue", &DatabaseHandle::clock_due)
      .function("lastError", &DatabaseHandle::last_error);

  class_<NetworkHandle>("Network")
      .constructor<int, DatabaseHandle&, const std::string&>()
      .function("depart", &NetworkHandle::depart)
      .function("comeBack", &NetworkHandle::come_back)
      .function("deliver", &NetworkHandle::deliver)
      .function("lose", &NetworkHandle::lose)
      .function("connected", &NetworkHandle::connected)
      .function("setSimulation", &NetworkHandle::set_simulation);

  class_<ServicesHandle>("Services")
      .constructor<int, DatabaseHandle&, const std::string&, const std::string&>()
      .constructor<int, emscripten::val, const std::string&>()
      .function("answer", &ServicesHandle::answer)
      .function("call", &ServicesHandle::call)
      .function("cancel", &ServicesHandle::cancel)
      .function("actAs", &ServicesHandle::act_as)
      .function("connection", &ServicesHandle::connection)
      .function("healthHistory", &ServicesHandle::health_history)
      .function("series", &ServicesHandle::series)
      .function("pendingWrites", &ServicesHandle::pending_writes)
      .function("trace", &ServicesHandle::trace)
      .function("takeSpans", &ServicesHandle::take_spans)
      .function("simulation", &ServicesHandle::simulation)
      .function("setSimulation", &ServicesHandle::set_simulation)
      .function("resync", &ServicesHandle::resync);
}

}  // namespace kurrentlite::bindings
