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

void SourceThread::Await(bool drain) {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  const uint64_t mine = ++asked_;
  if (drain) drain_asked_ = mine;
  eventfd_write(event_, 1);
  drained_.wait(lock, [&] { return done_ >= mine || stop_; });
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
    bool wanted;
    bool drain;
    {
      const std::lock_guard lock(mutex_);
      asked = asked_;
      stop = stop_;
      wanted = stop || asked > done_;
      drain = stop || drain_asked_ > done_;
    }
    const bool full = !wanted && sink_.full();
    if (!full) source_.Pass(drain);
    const int due = sink_.Flush(drain);
    if (wanted) {
      {
        const std::lock_guard lock(mutex_);
        done_ = asked;
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
