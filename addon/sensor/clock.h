// From nanoseconds since boot to wall-clock nanoseconds.
#pragma once

#include <time.h>

#include <cstdint>

namespace weir {

inline int64_t Nanoseconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// The wall clock may be set at any time, so the distance is read again before each pass.
class WallClock {
 public:
  WallClock() { Refresh(); }
  void Refresh() { offset_ = Nanoseconds(CLOCK_REALTIME) - Nanoseconds(CLOCK_BOOTTIME); }
  int64_t FromBoottime(uint64_t boottime) const {
    return static_cast<int64_t>(boottime + static_cast<uint64_t>(offset_));
  }

 private:
  int64_t offset_ = 0;
};

}  // namespace weir
