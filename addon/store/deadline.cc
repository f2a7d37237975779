// Deadlines of statements: one watchdog thread for the process, started with the first deadline.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <thread>

#include "store/connection.h"

namespace weir::store {

namespace {

using Clock = std::chrono::steady_clock;

// A timer is looked up and fired under the mutex, and a cleared or replaced one is gone from
// `timers` when SetDeadline returns: so it can never hit the statement after the one it was for.
class Watchdog {
 public:
  int Set(int id, int64_t ms) {
    const std::lock_guard lock(mutex_);
    timers_.erase(id);
    const int token = ++token_;
    if (ms > 0) {
      timers_[id] = {Clock::now() + std::chrono::milliseconds(ms), token};
      if (!started_) {
        started_ = true;
        // Detached: it lives as long as the process and touches nothing but this object, which is
        // never destroyed.
        std::thread([this] { Run(); }).detach();
      }
      changed_.notify_one();
    }
    return token;
  }
  void Forget(int id) {
    const std::lock_guard lock(mutex_);
    timers_.erase(id);
  }
  bool Expired(int token) {
    const std::lock_guard lock(mutex_);
    for (const int expired : expired_) {
      if (expired == token) return true;
    }
    return false;
  }

 private:
  struct Timer {
    Clock::time_point at;
    int token;
  };
  static constexpr size_t kRemembered = 256;

  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      auto next = timers_.end();
      for (auto it = timers_.begin(); it != timers_.end(); ++it) {
        if (next == timers_.end() || it->second.at < next->second.at) next = it;
      }
      if (next == timers_.end()) {
        changed_.wait(lock);
      } else if (Clock::now() < next->second.at) {
        changed_.wait_until(lock, Clock::time_point(next->second.at));
      } else {
        expired_.push_back(next->second.token);
        if (expired_.size() > kRemembered) expired_.pop_front();
        Interrupt(next->first);
        timers_.erase(next);
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, Timer> timers_;  // by connection
  std::deque<int> expired_;
  int token_ = 0;
  bool started_ = false;
};

Watchdog& TheWatchdog() {
  static Watchdog& watchdog = *new Watchdog;
  return watchdog;
}

}  // namespace

int SetDeadline(int id, int64_t ms) { return TheWatchdog().Set(id, ms); }
bool DeadlineExpired(int token) { return TheWatchdog().Expired(token); }
void ForgetDeadline(int id) { TheWatchdog().Forget(id); }
void Interrupt(int id) {
  WithConnection(id, [](Connection& connection) { connection.Interrupt(); });
}

}  // namespace weir::store
