#include "server/engine_thread.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/memory.hpp"

namespace kurrentlite::server {
namespace {

constexpr std::chrono::seconds kQuiet{1};

}  // namespace

std::int64_t ServerClock::now_ticks() const {
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Ticks>(now).count() + offset_ticks_;
}

void ServerClock::advance_ms(std::uint64_t ms) {
  constexpr std::uint64_t kOffsetMaxMs = 315'576'000'000'000;
  const std::uint64_t offset_ms = static_cast<std::uint64_t>(offset_ticks_ / kTicksPerMillisecond);
  const std::uint64_t ahead_ms = std::min(ms, kOffsetMaxMs - offset_ms);
  offset_ticks_ += static_cast<std::int64_t>(ahead_ms) * kTicksPerMillisecond;
}

EngineThread::EngineThread(EngineOptions options) {
  options.regex = &regex_;
  engine_ = std::make_unique<Engine>(clock_, options);
  thread_ = std::thread([this] { run(); });
}

EngineThread::~EngineThread() {
  hurry();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_posted_.notify_one();
  thread_.join();
}

void EngineThread::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    if (work_.size() > 1) return;  // the thread is awake
  }
  work_posted_.notify_one();
}

void EngineThread::post_after(std::chrono::milliseconds delay, Work work) {
  {
    const std::lock_guard lock(mutex_);
    later_.emplace(std::chrono::steady_clock::now() + delay, std::move(work));
  }
  work_posted_.notify_one();
}

void EngineThread::hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurrying_ = true;
  }
  work_posted_.notify_one();
}

std::uint64_t EngineThread::on_append(std::function<void()> listener) { return engine_->on_append(std::move(listener)); }

bool EngineThread::collect_due() {
  if (!later_.empty()) {
    const auto now = std::chrono::steady_clock::now();
    while (!later_.empty() && (hurrying_ || later_.begin()->first <= now)) {
      work_.push_back(std::move(later_.extract(later_.begin()).mapped()));
    }
  }
  return !work_.empty();
}

void EngineThread::wait_for_work(std::unique_lock<std::mutex>& lock) {
  using Clock = std::chrono::steady_clock;
  if (collect_due() || stopping_) return;
  Clock::time_point quiet = Clock::now() + kQuiet;
  while (!collect_due() && !stopping_) {
    const Clock::time_point due = later_.empty() ? Clock::time_point::max() : later_.begin()->first;
    const Clock::time_point until = std::min(due, quiet);
    if (until == Clock::time_point::max()) {
      work_posted_.wait(lock);
    } else {
      work_posted_.wait_until(lock, until);
    }
    if (Clock::now() < quiet) continue;
    quiet = Clock::time_point::max();
    lock.unlock();  // nobody who posts has to wait
    give_back_memory();
    lock.lock();
  }
}

void EngineThread::run() {
  std::deque<Work> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wait_for_work(lock);
      if (work_.empty()) return;
      batch.swap(work_);
    }
    for (auto& work : batch) work(*engine_);
    batch.clear();
  }
}

}  // namespace kurrentlite::server
