#include "server/scavenge_log.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <initializer_list>
#include <utility>

#include "base/json.hpp"
#include "server/ids.hpp"
#include "server/log.hpp"
#include "server/memory.hpp"

namespace kurrentlite::server {
namespace {

using Elapsed = std::chrono::steady_clock::duration;

constexpr std::string_view kScavenges = "$scavenges";
/// Thirty days, and readable for operators.
constexpr std::string_view kHistoryMetadata =
    R"({"$maxAge":2592000,"$acl":{"$r":"$ops","$w":[],"$d":[],"$mr":[],"$mw":[]}})";
/// Of KurrentDB's files, which these events count in.
constexpr std::uint64_t kChunkBytes = std::uint64_t{256} << 20;

std::string quoted(std::string_view text) { return json::Writer().string(text).take(); }

/// As .NET writes a time span: hours, minutes, seconds and ticks.
std::string time_span(Elapsed elapsed) {
  const auto ticks = std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count() / 100;
  const auto seconds = ticks / 10'000'000;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld.%07lld", static_cast<long long>(seconds / 3600),
                static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60),
                static_cast<long long>(ticks % 10'000'000));
  return text.data();
}

/// An object as the server writes it, a member a line.
std::string object_of(std::initializer_list<std::pair<const char*, std::string>> members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    text += text.size() > 1 ? ",\n  " : "\n  ";
    text += quoted(name) + ": " + value;
  }
  return text + "\n}";
}

/// Writes the log of one scavenge.
class ScavengeLog {
 public:
  ScavengeLog(Engine& engine, std::string_view node)
      : engine_(engine), id_(new_id().to_string()), node_(node), stream_(std::string(kScavenges) + "-" + id_) {}

  [[nodiscard]] const std::string& id() const { return id_; }

  void started() {
    const std::string history = "$$" + std::string(kScavenges);
    if (!engine_.last_revision(history)) write(history, "$metadata", kHistoryMetadata);
    write("$$" + stream_, "$metadata", kHistoryMetadata);
    write_and_link("$scavengeStarted", object_of({{"scavengeId", quoted(id_)}, {"nodeEndpoint", quoted(node_)}}));
    write("$scavengePoints", "$scavengePoint", "{}");
  }

  void chunks_completed(std::uint64_t space_saved, Elapsed elapsed) {
    write(stream_, "$scavengeChunksCompleted",
          object_of({{"scavengeId", quoted(id_)},
                     {"chunkStartNumber", "0"},
                     {"chunkEndNumber", std::to_string(last_chunk())},
                     {"timeTaken", quoted(time_span(elapsed))},
                     {"wasScavenged", "true"},
                     {"spaceSaved", std::to_string(space_saved)},
                     {"nodeEndpoint", quoted(node_)},
                     {"errorMessage", "\"\""}}));
  }

  void completed(const Result<Scavenged>& result, Elapsed elapsed) {
    const std::string error =
        result ? "null" : quoted("Error while scavenging DB: " + result.error().message);
    write_and_link("$scavengeCompleted",
                   object_of({{"scavengeId", quoted(id_)},
                              {"nodeEndpoint", quoted(node_)},
                              {"result", result ? "\"Success\"" : "\"Errored\""},
                              {"error", error},
                              {"timeTaken", quoted(time_span(elapsed))},
                              {"spaceSaved", std::to_string(result ? result->memory_bytes : 0)},
                              {"maxChunkScavenged", std::to_string(result && result->events > 0 ? last_chunk() : 0)}}));
  }

 private:
  [[nodiscard]] std::uint64_t last_chunk() const { return engine_.head().commit / kChunkBytes; }

  std::optional<StreamRevision> write(std::string_view stream, std::string_view type, std::string_view data,
                                      ContentType content_type = ContentType::Json) {
    const EventView event{engine_.system_event_id(), type, content_type, data, {}, 0};
    const Result<AppendResult> written = engine_.append(stream, {&event, 1}, Any{});
    if (written) return written->revision;
    log::write(log::Level::Warn, "the log of scavenge " + id_ + " is not complete: " + written.error().message);
    return std::nullopt;
  }

  void write_and_link(std::string_view type, std::string_view data) {
    const std::optional<StreamRevision> revision = write(stream_, type, data);
    if (!revision) return;
    write(kScavenges, "$>", std::to_string(revision->value) + "@" + stream_, ContentType::Binary);
  }

  Engine& engine_;
  std::string id_;
  std::string node_;
  std::string stream_;
};

}  // namespace

std::string scavenge(Engine& engine, std::string_view node) {
  ScavengeLog events(engine, node);
  const auto began = std::chrono::steady_clock::now();
  events.started();
  const Result<Scavenged> result = engine.scavenge();
  give_back_memory();
  const Elapsed elapsed = std::chrono::steady_clock::now() - began;
  if (result && result->events > 0) events.chunks_completed(result->memory_bytes, elapsed);
  events.completed(result, elapsed);
  log::write(log::Level::Info, "scavenge " + events.id() + ": " +
                                   (result ? std::to_string(result->events) + " events taken out, " +
                                                 std::to_string(result->memory_bytes) + " bytes of memory given back"
                                           : result.error().message));
  return events.id();
}

}  // namespace kurrentlite::server
