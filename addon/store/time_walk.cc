#include "store/time_walk.h"

#include <algorithm>

namespace weir::store {

int64_t TimeWalk::Second(int64_t time) {
  constexpr int64_t kSecond = 1'000'000'000;
  return time == kNullI64 ? time : time / kSecond - (time % kSecond < 0 ? 1 : 0);
}

int64_t TimeWalk::KeyOf(int64_t time) const {
  const int64_t key = seconds_ ? Second(time) : time;
  return newest_first_ ? ~key : key;  // ~ turns the order without overflow
}

void TimeWalk::Start(std::vector<Candidate> candidates, bool seconds, bool newest_first) {
  seconds_ = seconds;
  newest_first_ = newest_first;
  started_ = false;
  heap_.clear();
  waiting_ = std::move(candidates);
  for (Candidate& c : waiting_) {
    c.first_time = KeyOf(c.first_time);
    c.last_time = KeyOf(c.last_time);
    if (newest_first) std::swap(c.first_time, c.last_time);
  }
  std::sort(waiting_.begin(), waiting_.end(),
            [](const Candidate& a, const Candidate& b) { return a.first_time > b.first_time; });
}

// Of equal keys seq decides, and segments are numbered by seq.
bool TimeWalk::After(const Run& a, const Run& b) const {
  const int64_t left = a.rows[a.at].first, right = b.rows[b.at].first;
  if (left != right) return left > right;
  return newest_first_ ? a.segment < b.segment : a.segment > b.segment;
}

void TimeWalk::Push(Run run) {
  heap_.push_back(std::move(run));
  std::push_heap(heap_.begin(), heap_.end(),
                 [this](const Run& a, const Run& b) { return After(a, b); });
}

int TimeWalk::Next(const Open& open) {
  if (started_ && !heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(),
                  [this](const Run& a, const Run& b) { return After(a, b); });
    Run run = std::move(heap_.back());
    heap_.pop_back();
    if (++run.at < run.rows.size()) Push(std::move(run));
  }
  started_ = true;
  while (!waiting_.empty() && (heap_.empty() || waiting_.back().first_time <=
                                                    heap_.front().rows[heap_.front().at].first)) {
    const Candidate next = waiting_.back();
    waiting_.pop_back();
    std::vector<uint32_t> rows;
    std::vector<int64_t> times;
    const int rc = open(next.segment, &rows, &times);
    if (rc != SQLITE_OK) return rc;
    if (rows.empty()) continue;
    Run run{next.segment, {}, 0};
    run.rows.reserve(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) run.rows.emplace_back(KeyOf(times[i]), rows[i]);
    if (newest_first_) std::reverse(run.rows.begin(), run.rows.end());
    // Rows came in seq order: a stable sort keeps it among equal times.
    std::stable_sort(run.rows.begin(), run.rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Push(std::move(run));
  }
  return SQLITE_OK;
}

}  // namespace weir::store
