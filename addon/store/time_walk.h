// Rows of many segments by time, then seq. Segments overlap in time (events of several processors,
// clocks that were set back), so those that can hold the next row are walked side by side; the
// others are not opened yet. What is open at a time is what overlaps at one moment.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "store/segment.h"

namespace weir::store {

class TimeWalk {
 public:
  struct Candidate {
    size_t segment;
    int64_t first_time, last_time;  // of its rows, or wider
  };
  // Fills `rows`, ascending, and `times` with those that match; both empty when none does or the
  // segment is corrupt. SQLITE_OK or an error that ends the walk.
  using Open =
      std::function<int(size_t segment, std::vector<uint32_t>* rows, std::vector<int64_t>* times)>;

  // NULL stays NULL.
  static int64_t Second(int64_t time);

  // `seconds`: times within a second are equal.
  void Start(std::vector<Candidate> candidates, bool seconds, bool newest_first);
  // Goes to the first or the next row. SQLITE_OK or what Open returned.
  int Next(const Open& open);
  bool eof() const { return heap_.empty(); }
  size_t segment() const { return heap_.front().segment; }
  uint32_t row() const { return heap_.front().rows[heap_.front().at].second; }

 private:
  struct Run {
    size_t segment;
    std::vector<std::pair<int64_t, uint32_t>> rows;  // key and row, in walking order
    size_t at;
  };
  // Keys are negated for the newest first, so that the smallest is next either way.
  int64_t KeyOf(int64_t time) const;
  bool After(const Run& a, const Run& b) const;
  void Push(Run run);

  bool seconds_ = false;
  bool newest_first_ = false;
  bool started_ = false;
  std::vector<Candidate> waiting_;  // the next one last
  std::vector<Run> heap_;           // the run with the next row first
};

}  // namespace weir::store
