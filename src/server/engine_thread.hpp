#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/access.hpp"
#include "engine/engine.hpp"
#include "regex/pcre2_regex.hpp"

namespace kurrentlite::server {

/// Wall-clock time that can be moved ahead, by 10,000 years in all: times are counted in 64 bits.
class ServerClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ticks() const override;
  void advance_ms(std::uint64_t ms);

 private:
  std::int64_t offset_ticks_ = 0;
};

/// The one thread on which the engine lives. Everything else only posts work to it, which runs in the order posted. When
/// there has been none for a second, memory that nobody uses goes back to the system.
class EngineThread {
 public:
  explicit EngineThread(EngineOptions options);
  /// Finishes what was posted.
  ~EngineThread();
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;

  using Work = std::function<void(Engine&)>;
  /// From any thread.
  void post(Work work);
  /// From any thread: posted when so much time has passed, by a clock that nobody moves.
  void post_after(std::chrono::milliseconds delay, Work work);
  /// Nothing is kept waiting any more: what waits is posted now.
  void hurry();

  /// Called on the thread after every append, until the key is given back. Both on the thread only.
  std::uint64_t on_append(std::function<void()> listener);
  void unlisten(std::uint64_t key) { engine_->unlisten(key); }
  [[nodiscard]] ServerClock& clock() { return clock_; }

 private:
  void run();
  /// Under the mutex: returns when there is work, or when the thread is to stop.
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  /// Under the mutex: what is due goes to the work; true when there is any work.
  [[nodiscard]] bool collect_due();

  ServerClock clock_;
  Pcre2RegexEngine regex_;
  std::unique_ptr<Engine> engine_;
  std::mutex mutex_;
  std::condition_variable work_posted_;
  std::deque<Work> work_;
  std::multimap<std::chrono::steady_clock::time_point, Work> later_;
  bool hurrying_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace kurrentlite::server
