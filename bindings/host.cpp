#include "host.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "time_line.hpp"

namespace kurrentlite::bindings {
namespace {

Host* installed = nullptr;

std::uint64_t draw_seed(const emscripten::val& object) {
  const std::uint64_t high = object.call<std::uint32_t>("entropy");
  return high << 32 | object.call<std::uint32_t>("entropy");
}

/// One expression of the host, by its number there.
class HostRegex final : public Regex {
 public:
  explicit HostRegex(int number) : number_(number) {}
  ~HostRegex() override { Host::instance().drop_regex(number_); }
  HostRegex(const HostRegex&) = delete;
  HostRegex& operator=(const HostRegex&) = delete;
  Result<bool> matches(std::string_view text) override {
    return Host::instance().test_regex(number_, std::string(text));
  }

 private:
  int number_;
};

}  // namespace

Result<std::unique_ptr<Regex>> HostRegexEngine::compile(const std::string& pattern) {
  const int number = Host::instance().compile_regex(pattern);
  if (number >= 0) return std::unique_ptr<Regex>(std::make_unique<HostRegex>(number));
  return Error{ErrorCode::Unknown,
               "Exception was thrown by handler. The regular expression \"" + pattern +
                   "\" of the filter is invalid, or uses what JavaScript's expressions do not have.",
               {}};
}

Host::Host(const emscripten::val& object) : ids(draw_seed(object)), object_(object) {}

void Host::install(const emscripten::val& host) {
  if (installed == nullptr) installed = new Host(host);
}

Host& Host::instance() { return *installed; }

double Host::monotonic_ms() const { return object_.call<double>("monotonic"); }
void Host::complete(double call, bool ok, const std::string& json) const {
  object_.call<void>("complete", call, ok, json);
}
void Host::notify(int handle, Topic topic) const { object_.call<void>("notify", handle, static_cast<int>(topic)); }
int Host::compile_regex(const std::string& pattern) const { return object_.call<int>("compileRegex", pattern); }
bool Host::test_regex(int number, const std::string& text) const { return object_.call<bool>("testRegex", number, text); }
void Host::drop_regex(int number) const { object_.call<void>("dropRegex", number); }

void Host::settle() {
  if (!timers_expected_) return;
  const auto has_due = [](const TimeLine* line) { return line->has_due(); };
  // By index: what runs may open databases and close them.
  while (std::any_of(lines_.begin(), lines_.end(), has_due)) {
    for (std::size_t i = 0; i < lines_.size(); ++i) lines_[i]->run_due();
  }
  timers_expected_ = false;
  std::optional<Duration> soonest;
  for (const TimeLine* line : lines_) {
    const std::optional<Duration> wait = line->wait();
    if (!wait) continue;
    timers_expected_ = true;
    soonest = soonest ? std::min(*soonest, *wait) : *wait;
  }
  const double wait_ms = soonest ? static_cast<double>(soonest->count()) / 1000 : -1;
  object_.call<void>("wake", soonest ? std::max(std::ceil(wait_ms), 0.0) : -1);
}

int Boundary::depth_ = 0;

Boundary::~Boundary() {
  if (depth_ == 1) Host::instance().settle();
  --depth_;
}

bool has_headroom(std::uint64_t bytes) {
  if (bytes > SIZE_MAX) return false;
  // volatile: the compiler may otherwise assume that a malloc whose result is freed at once succeeds.
  void* volatile probe = std::malloc(static_cast<std::size_t>(bytes));
  const bool got = probe != nullptr;
  std::free(probe);
  return got;
}

}  // namespace kurrentlite::bindings
