#include "server/engine_thread.hpp"

#include <chrono>
#include <utility>

namespace kurrentlite::server {

std::int64_t ServerClock::now_ticks() const {
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Ticks>(now).count() + offset_ticks_;
}

EngineThread::EngineThread(EngineOptions options) {
  options.regex = &regex_;
  engine_ = std::make_unique<Engine>(clock_, options);
  thread_ = std::thread([this] { run(); });
}

EngineThread::~EngineThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_posted_.notify_one();
  thread_.join();
}

void EngineThread::post(std::function<void(Engine&)> work) {
  {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    if (work_.size() > 1) return;  // the thread is awake
  }
  work_posted_.notify_one();
}

std::uint64_t EngineThread::on_append(std::function<void()> listener) { return engine_->on_append(std::move(listener)); }

void EngineThread::run() {
  std::deque<std::function<void(Engine&)>> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      work_posted_.wait(lock, [this] { return stopping_ || !work_.empty(); });
      if (work_.empty()) return;
      batch.swap(work_);
    }
    for (auto& work : batch) work(*engine_);
    batch.clear();
  }
}

}  // namespace kurrentlite::server
