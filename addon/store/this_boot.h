// Which boot this is, and its clocks.
#pragma once

#include <time.h>

#include <cstdint>
#include <string>

namespace weir::store {

// Read once; empty when /proc does not say.
const std::string& BootId();
// Nanoseconds of CLOCK_REALTIME or CLOCK_BOOTTIME.
int64_t ClockNs(clockid_t clock);

}  // namespace weir::store
