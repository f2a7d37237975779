#include "sensor/netlink/sink.h"

#include <algorithm>
#include <utility>

#include "batch/counters.h"
#include "sensor/clock.h"

namespace weir {

Sink::Sink(std::unique_ptr<Decoder> decoder, BatchQueue& queue, int64_t batch_ns)
    : queue_(queue), batch_ns_(batch_ns), decoder_(std::move(decoder)) {}

void Sink::Seed(const std::string& record, Origin origin) {
  const std::lock_guard lock(mutex_);
  decoder_->Seed(record.data(), record.size(), origin);
  if (decoder_->full()) FlushLocked(Nanoseconds(CLOCK_MONOTONIC));
}

void Sink::SeedDone() {
  const std::lock_guard lock(mutex_);
  decoder_->SeedDone();
}

void Sink::Emit(const std::string& record, int event_class, Origin origin) {
  const std::lock_guard lock(mutex_);
  TheCounters().Add(Stage::kSeen, event_class, 1);
  TheCounters().Add(Stage::kSubmitted, event_class, 1);
  decoder_->Decode(record.data(), record.size(), event_class, origin);
  if (first_row_ == 0) first_row_ = Nanoseconds(CLOCK_MONOTONIC);
  if (decoder_->full()) FlushLocked(Nanoseconds(CLOCK_MONOTONIC));
}

void Sink::Excluded(int event_class, uint32_t slot) {
  TheCounters().Add(Stage::kSeen, event_class, 1);
  TheCounters().AddExcluded(slot, 1);
  TheCounters().Add(Stage::kExcludedKernel, event_class, 1);
}

void Sink::Lost(int event_class, int64_t rows) {
  TheCounters().Add(Stage::kSeen, event_class, rows);
  TheCounters().Add(Stage::kLostRing, event_class, rows);
}

void Sink::BeginPass() {
  const std::lock_guard lock(mutex_);
  decoder_->BeginPass();
}

void Sink::EndPass() {
  const std::lock_guard lock(mutex_);
  decoder_->EndPass();
}

int Sink::Flush(bool all) {
  const std::lock_guard lock(mutex_);
  if (decoder_->rows() == 0) return -1;
  const int64_t now = Nanoseconds(CLOCK_MONOTONIC);
  if (first_row_ == 0) first_row_ = now;
  const int64_t due = std::min(last_flush_, first_row_) + batch_ns_;
  if (all || due <= now) {
    FlushLocked(now);
    return -1;
  }
  return static_cast<int>((due - now) / 1'000'000) + 1;
}

void Sink::FlushLocked(int64_t now) {
  if (decoder_->rows() > 0) queue_.Push(decoder_->Seal());
  last_flush_ = now;
  first_row_ = 0;
}

}  // namespace weir
