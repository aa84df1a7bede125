/// One workload of the server's benchmark, from C++: prints what it measured as JSON. Run by server.mjs, which knows the
/// order of the arguments; or the echo server.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <vector>

#include "benchmark/server/calls.hpp"
#include "benchmark/server/echo_server.hpp"
#include "benchmark/server/timing.hpp"

namespace {

using namespace kurrentlite::benchmark;

using Numbers = std::vector<std::uint32_t>;
using Workload = std::function<Measured(const Channel&, const Numbers&)>;

const std::map<std::string, std::pair<std::size_t, Workload>>& workloads() {
  static const std::string one = "one";
  static const std::map<std::string, std::pair<std::size_t, Workload>> all = {
      {"append", {2, [](const Channel& channel, const Numbers& n) { return append(channel, n[0], n[1]); }}},
      {"fill", {1, [](const Channel& channel, const Numbers& n) { return fill(channel, one, n[0]); }}},
      {"read", {1, [](const Channel& channel, const Numbers& n) { return read(channel, one, n[0]); }}},
      {"catch-up", {1, [](const Channel& channel, const Numbers& n) { return catch_up(channel, one, n[0]); }}},
      {"live", {1, [](const Channel& channel, const Numbers& n) { return live(channel, "live", n[0]); }}},
      {"echo-once",
       {4, [](const Channel& channel, const Numbers& n) { return echo_once(channel, n[0], n[1], n[2], n[3]); }}},
      {"echo-stream", {2, [](const Channel& channel, const Numbers& n) { return echo_stream(channel, n[0], n[1]); }}},
  };
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments[0] == "echo-server") return serve_echo();
  const auto found = arguments.empty() ? workloads().end() : workloads().find(arguments[0]);
  if (found == workloads().end() || arguments.size() != 2 + found->second.first) {
    give_up("usage: kurrentlite_server_benchmark echo-server | <workload> <host:port> <number>...");
  }
  Numbers numbers;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    numbers.push_back(static_cast<std::uint32_t>(std::strtoul(arguments[i].c_str(), nullptr, 10)));
  }
  const Channel channel = grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials());
  expect(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)), "Nobody answers");
  const Measured result = found->second.second(channel, numbers);
  std::printf(R"({"operations":%llu,"elapsedNs":%lld,"requestBytes":%llu,"answerBytes":%llu})"
              "\n",
              static_cast<unsigned long long>(result.operations), static_cast<long long>(result.elapsed_ns),
              static_cast<unsigned long long>(result.request_bytes),
              static_cast<unsigned long long>(result.answer_bytes));
  return 0;
}
