#include "sensor/reader.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "weir.h"

namespace weir {

namespace {

constexpr int64_t kMillisecond = 1'000'000;

// How often an active reader looks: half of what a row may wait.
constexpr int64_t kPollNs = 2 * kMillisecond;

// The programs wake us at most once per window: see WEIR_WAKE_WINDOW_NS.
constexpr int64_t kActiveNs = 2 * static_cast<int64_t>(WEIR_WAKE_WINDOW_NS);

// How often to say that we are awake, so that within the window they need not.
constexpr int64_t kAwakeNs = static_cast<int64_t>(WEIR_WAKE_WINDOW_NS) / 2;

// A record that stays reserved this long belongs to a producer that was preempted.
constexpr int64_t kBusyNs = kMillisecond;
constexpr int64_t kDrainBusyNs = 500 * kMillisecond;

// Even with nothing to read, exited processes have to be forgotten.
constexpr int kIdleMs = 1000;

void Clear(int event) {
  eventfd_t value;
  eventfd_read(event, &value);
}

void WaitFor(int event, int64_t ns) {
  pollfd descriptor = {event, POLLIN, 0};
  const timespec timeout = {ns / 1'000'000'000, ns % 1'000'000'000};
  if (ppoll(&descriptor, 1, &timeout, nullptr) > 0) Clear(event);
}

}  // namespace

Reader::Reader(std::unique_ptr<Ring> lifecycle, std::unique_ptr<Ring> noise,
               std::unique_ptr<Decoder> decoder, Reconciler reconciler, BatchQueue& queue,
               int64_t batch_ns, std::function<void(int64_t)> awake)
    : lifecycle_(std::move(lifecycle)),
      noise_(std::move(noise)),
      decoder_(std::move(decoder)),
      reconciler_(std::move(reconciler)),
      queue_(queue),
      batch_ns_(batch_ns),
      awake_(std::move(awake)) {}

Reader::~Reader() {
  Stop();
  if (epoll_ >= 0) close(epoll_);
  if (event_ >= 0) close(event_);
}

bool Reader::Start() {
  event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (event_ < 0 || epoll_ < 0) return false;
  for (const int fd : {event_, lifecycle_->fd(), noise_->fd()}) {
    epoll_event interest = {};
    interest.events = EPOLLIN;
    interest.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &interest) != 0) return false;
  }
  // Signals are Node's business.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "weir-reader");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return true;
}

void Reader::Drain() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  const uint64_t mine = ++drain_asked_;
  eventfd_write(event_, 1);
  drained_.wait(lock, [&] { return drain_done_ >= mine || stop_; });
}

void Reader::Resume() { eventfd_write(event_, 1); }

void Reader::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  eventfd_write(event_, 1);
  thread_.join();
}

void Reader::Run() {
  last_read_ = Nanoseconds(CLOCK_MONOTONIC);
  for (;;) {
    uint64_t asked;
    bool stop;
    {
      const std::lock_guard lock(mutex_);
      asked = drain_asked_;
      stop = stop_;
    }
    const bool drain = stop || asked > drain_done_;
    const bool full = !drain && queue_.full();
    const bool complete = !full && Pass(!drain);
    const int64_t now = Nanoseconds(CLOCK_MONOTONIC);
    if (complete && !drain) reconciler_.AfterPass(*decoder_, now, [&] { Flush(now); });
    if (drain) {
      Flush(now);
      {
        const std::lock_guard lock(mutex_);
        drain_done_ = asked;
      }
      drained_.notify_all();
      if (stop) return;
      continue;
    }
    if (decoder_->rows() == 0) {
      first_row_ = 0;
    } else {
      if (first_row_ == 0) first_row_ = now;
      if (now - last_flush_ >= batch_ns_ || now - first_row_ >= batch_ns_) Flush(now);
    }
    Sleep(full, now);
  }
}

// False when a record stayed busy or the queue filled: then not everything was read.
bool Reader::Pass(bool bounded) {
  decoder_->BeginPass();
  // In this order: whatever a noisy record before `noise` depends on is in the lifecycle ring
  // before `lifecycle`, as it was written earlier.
  const uint64_t noise = noise_->ProducerPosition();
  const uint64_t lifecycle = lifecycle_->ProducerPosition();
  const bool complete = TakeAll(*lifecycle_, lifecycle, WEIR_CLASS_LIFECYCLE, bounded) &&
                        TakeAll(*noise_, noise, WEIR_CLASS_FILE, bounded);
  lifecycle_->Release();
  noise_->Release();
  decoder_->EndPass();
  return complete;
}

void Reader::NoteRead() {
  const int64_t now = Nanoseconds(CLOCK_MONOTONIC);
  last_read_ = now;
  if (now - last_said_awake_ < kAwakeNs) return;
  last_said_awake_ = now;
  awake_(Nanoseconds(CLOCK_BOOTTIME));
}

bool Reader::TakeAll(Ring& ring, uint64_t limit, int ring_class, bool bounded) {
  if (ring.position() < limit) NoteRead();
  int64_t busy_since = 0;
  for (;;) {
    const void* data = nullptr;
    size_t size = 0;
    switch (ring.Take(limit, &data, &size)) {
      case Ring::Next::kEnd:
        return true;
      case Ring::Next::kRecord:
        busy_since = 0;
        decoder_->Decode(data, size, ring_class);
        if (!decoder_->full()) break;
        Flush(Nanoseconds(CLOCK_MONOTONIC));
        if (bounded && queue_.full()) return false;
        break;
      case Ring::Next::kBusy: {
        const int64_t now = Nanoseconds(CLOCK_MONOTONIC);
        if (busy_since == 0) busy_since = now;
        if (now - busy_since > (bounded ? kBusyNs : kDrainBusyNs)) return false;
        sched_yield();
        break;
      }
    }
  }
}

void Reader::Flush(int64_t now) {
  if (decoder_->rows() == 0) return;
  queue_.Push(decoder_->Seal());
  last_flush_ = now;
  first_row_ = 0;
}

void Reader::Sleep(bool full, int64_t now) {
  if (full) return WaitFor(event_, 10 * kMillisecond);
  if (now - last_read_ < kActiveNs || decoder_->rows() > 0) {
    // Not by epoll: the rings would wake us for every record, and batches would never fill.
    int64_t wait = kPollNs;
    if (first_row_ != 0) wait = std::clamp(first_row_ + batch_ns_ - now, int64_t{0}, kPollNs);
    return WaitFor(event_, wait);
  }
  epoll_event ready[3];
  const int count = epoll_wait(epoll_, ready, 3, kIdleMs);
  for (int i = 0; i < count; ++i) {
    if (ready[i].data.fd == event_) {
      Clear(event_);
    } else {
      // Who woke us knows, and what comes alone is read without another word.
      last_read_ = last_said_awake_ = Nanoseconds(CLOCK_MONOTONIC);
    }
  }
}

}  // namespace weir
