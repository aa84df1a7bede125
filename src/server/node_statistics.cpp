#include "server/node_statistics.hpp"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace kurrentlite::server {
namespace {

constexpr std::uint64_t kKiB = 1024;

/// A file of /proc, empty when there is none.
std::string content_of(const char* path) {
  std::string content;
  std::FILE* const file = std::fopen(path, "re");
  if (file == nullptr) return content;
  std::array<char, 4096> part{};
  for (std::size_t size = 0; (size = std::fread(part.data(), 1, part.size(), file)) > 0;) content.append(part.data(), size);
  std::fclose(file);
  return content;
}

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n";
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(kSpace, at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<std::uint64_t> number(const std::vector<std::string_view>& words, std::size_t place) {
  if (place >= words.size()) return std::nullopt;
  std::uint64_t value = 0;
  const std::string_view word = words[place];
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), value);
  return parsed.ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// The number behind `name` at the begin of a line.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return number(words_of(text.substr(at + name.size(), 40)), 0);
  }
  return std::nullopt;
}

/// As .NET writes it in UTC: 2026-11-23T16:00:00.1200000Z.
std::string utc(std::uint64_t hundredths_since_1970) {
  const auto seconds = static_cast<std::time_t>(hundredths_since_1970 / 100);
  std::tm time{};
  gmtime_r(&seconds, &time);
  std::array<char, 48> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &time);
  std::snprintf(text.data() + size, text.size() - size, ".%02u00000Z", static_cast<unsigned>(hundredths_since_1970 % 100));
  return text.data();
}

}  // namespace

const NodeStatistics::Figures& NodeStatistics::sample(const Engine& engine) {
  const auto now = std::chrono::steady_clock::now();
  if (!figures_.empty() && now - taken_ < std::chrono::seconds(1)) return figures_;
  taken_ = now;
  figures_.clear();
  add_process();
  add_system();
  const std::uint64_t end = engine.place_of(engine.follow_all(End{})).commit;
  add("es-checksum", end);
  add("es-checksumNonFlushed", end);
  return figures_;
}

void NodeStatistics::add(const char* name, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  figures_[name] = text.data();
}

double NodeStatistics::percent(Load& before, const Load& now) {
  const std::uint64_t all = now.all - before.all;
  const std::uint64_t busy = now.busy - before.busy;
  before = now;
  return all == 0 ? 0 : 100.0 * static_cast<double>(busy) / static_cast<double>(all);
}

void NodeStatistics::add_process() {
  const auto ticks_per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  add("proc-id", static_cast<std::uint64_t>(getpid()));
  // The second word is the program's name in parentheses, which may hold anything; words are counted from the state on.
  const std::string own = content_of("/proc/self/stat");
  const auto words = words_of(std::string_view(own).substr(std::min(own.rfind(')') + 1, own.size())));
  const auto user = number(words, 11);
  const auto system = number(words, 12);
  const auto threads = number(words, 17);
  const auto begin = number(words, 19);
  const std::string uptime = content_of("/proc/uptime");
  const std::string machine = content_of("/proc/stat");
  if (const auto boot = number_after(machine, "btime "); boot && begin) {
    figures_["proc-startTime"] = utc(*boot * 100 + *begin * 100 / ticks_per_second);
  }
  if (threads) add("proc-threadsCount", *threads);
  if (const auto up = number(words_of(uptime), 0); up && user && system && begin) {
    const auto processors = static_cast<std::uint64_t>(std::max(get_nprocs(), 1));
    const std::uint64_t lived = *up * ticks_per_second - std::min(*begin, *up * ticks_per_second);
    add("proc-cpu", percent(process_, {*user + *system, std::max(lived * processors, process_.all)}));
  }
  const std::string memory = content_of("/proc/self/statm");
  if (const auto pages = number(words_of(memory), 1)) {
    add("proc-mem", *pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
  }
  const std::string disk = content_of("/proc/self/io");
  constexpr std::pair<const char*, const char*> kDisk[] = {{"read_bytes:", "proc-diskIo-readBytes"},
                                                           {"write_bytes:", "proc-diskIo-writtenBytes"},
                                                           {"syscr:", "proc-diskIo-readOps"},
                                                           {"syscw:", "proc-diskIo-writeOps"}};
  for (const auto& [line, name] : kDisk) {
    if (const auto count = number_after(disk, line)) add(name, *count);
  }
}

void NodeStatistics::add_system() {
  const std::string machine = content_of("/proc/stat");
  const auto times = words_of(std::string_view(machine).substr(0, 400));
  Load now;
  for (std::size_t place = 1; place <= 8; ++place) {  // user, nice, system, idle, iowait, irq, softirq, steal
    const std::uint64_t ticks = number(times, place).value_or(0);
    now.all += ticks;
    if (place != 4 && place != 5) now.busy += ticks;
  }
  if (now.all > 0) add("sys-cpu", percent(system_, now));
  const std::string loads = content_of("/proc/loadavg");
  const auto averages = words_of(loads);
  constexpr const char* kAverages[] = {"sys-loadavg-1m", "sys-loadavg-5m", "sys-loadavg-15m"};
  for (std::size_t i = 0; i < 3 && i < averages.size(); ++i) figures_[kAverages[i]] = averages[i];
  const std::string memory = content_of("/proc/meminfo");
  if (const auto free = number_after(memory, "MemAvailable:")) add("sys-freeMem", *free * kKiB);
  if (const auto total = number_after(memory, "MemTotal:")) add("sys-totalMem", *total * kKiB);
}

}  // namespace kurrentlite::server
