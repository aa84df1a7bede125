#include "server/log.hpp"

#define SPDLOG_NO_EXCEPTIONS
#define SPDLOG_FMT_EXTERNAL
#define FMT_HEADER_ONLY
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <grpc/support/log.h>
#if __has_include(<google/protobuf/stubs/logging.h>)  // newer versions of protobuf tell nothing of what they refuse
#include <google/protobuf/stubs/logging.h>
#define KURRENTLITE_PROTOBUF_LOGS
#endif

#include <array>
#include <cstdio>
#include <utility>

namespace kurrentlite::server::log {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 5> kLevels = {
    {{"debug", Level::Debug}, {"info", Level::Info}, {"warn", Level::Warn}, {"error", Level::Error}, {"off", Level::Off}}};

spdlog::level::level_enum of_spdlog(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warn: return spdlog::level::warn;
    case Level::Error: return spdlog::level::err;
    case Level::Off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

spdlog::logger& logger() {
  static spdlog::logger* const logger = [] {
    auto* const made = new spdlog::logger("kurrentlite", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::warn);
    return made;
  }();
  return *logger;
}

/// gRPC's own words, which matter only to those who look for trouble: it tells as errors what a client did.
void hear_grpc(gpr_log_func_args* args) {
  write(Level::Debug, std::string("grpc: ") + args->message);
}

#ifdef KURRENTLITE_PROTOBUF_LOGS
/// Protobuf's, which tells of every text of a client that is no UTF-8. Fatal ones end the process afterwards.
void hear_protobuf(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  write(level == google::protobuf::LOGLEVEL_FATAL ? Level::Error : Level::Debug, "protobuf: " + message);
}
#endif

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      result.push_back(c);
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      result += escape;
    }
  }
  return result;
}

}  // namespace

std::optional<Level> level_of(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (name == known) return level;
  }
  return std::nullopt;
}

void set_level(Level level) {
  logger().set_level(of_spdlog(level));
  gpr_set_log_function(level == Level::Debug ? hear_grpc : [](gpr_log_func_args*) {});
#ifdef KURRENTLITE_PROTOBUF_LOGS
  google::protobuf::SetLogHandler(hear_protobuf);
#endif
}

bool enabled(Level level) { return logger().should_log(of_spdlog(level)); }

void write(Level level, std::string_view text) {
  if (!enabled(level)) return;
  logger().log(of_spdlog(level), printable(text));
  logger().flush();
}

}  // namespace kurrentlite::server::log
