#include "sensor/reconciler.h"

#include <utility>

namespace weir {

namespace {

constexpr int64_t kLookNs = 1'000'000'000;
// A storm that fills the ring again and again is not made worse by walks through all tasks.
constexpr int64_t kAskNs = 5 * kLookNs;

}  // namespace

Reconciler::Reconciler(std::unique_ptr<TaskIterator> tasks, std::function<int64_t()> lost)
    : tasks_(std::move(tasks)), lost_(std::move(lost)) {}

void Reconciler::AfterPass(Decoder& decoder, int64_t now, const std::function<void()>& flush) {
  if (tasks_ == nullptr || now - looked_ns_ < kLookNs) return;
  looked_ns_ = now;
  const int64_t lost = lost_();
  if (lost == repaired_ || now - asked_ns_ < kAskNs) return;
  asked_ns_ = now;
  const bool done = tasks_->Run([&](const weir_exec_event* record, size_t size) {
    // Who has no executable any more is ending: forgotten already, it would be met anew.
    if (record->exe_ino == 0) return;
    decoder.Seed(record, size);
    if (decoder.full()) flush();
  });
  // What was lost during the walk is looked for again.
  if (done) repaired_ = lost;
}

}  // namespace weir
