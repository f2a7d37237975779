#include "sensor/netlink/source.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace weir {

SourceThread::SourceThread(std::string name, Source& source, Sink& sink)
    : name_(std::move(name)), source_(source), sink_(sink) {}

bool SourceThread::Start() {
  event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event_ < 0) return false;
  // Signals are Node's business.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), name_.c_str());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return true;
}

void SourceThread::Drain() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  const uint64_t mine = ++drain_asked_;
  eventfd_write(event_, 1);
  drained_.wait(lock, [&] { return drain_done_ >= mine || stop_; });
}

void SourceThread::Resume() {
  if (event_ >= 0) eventfd_write(event_, 1);
}

void SourceThread::Stop() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    eventfd_write(event_, 1);
    thread_.join();
  }
  if (event_ >= 0) close(event_);
  event_ = -1;
}

void SourceThread::Run() {
  source_.Begin();
  for (;;) {
    uint64_t asked;
    bool stop;
    {
      const std::lock_guard lock(mutex_);
      asked = drain_asked_;
      stop = stop_;
    }
    const bool drain = stop || asked > drain_done_;
    const bool full = !drain && sink_.full();
    if (!full) source_.Pass(drain);
    const int due = sink_.Flush(drain);
    if (drain) {
      {
        const std::lock_guard lock(mutex_);
        drain_done_ = asked;
      }
      drained_.notify_all();
      if (stop) return;
      continue;
    }
    std::vector<pollfd> descriptors = {{event_, POLLIN, 0}};
    int timeout = full ? 10 : source_.TimeoutMs();
    if (!full) {
      for (const int fd : source_.Descriptors()) descriptors.push_back({fd, POLLIN, 0});
    }
    if (due >= 0) timeout = timeout < 0 ? due : std::min(timeout, due);
    if (poll(descriptors.data(), descriptors.size(), timeout) > 0 && descriptors[0].revents != 0) {
      eventfd_t value;
      eventfd_read(event_, &value);
    }
  }
}

}  // namespace weir
