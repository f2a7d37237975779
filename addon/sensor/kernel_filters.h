// KernelFilters of src/native/sensor.ts as the loader's settings.
#pragma once

#include <napi.h>

#include "sensor/programs.h"

namespace weir {

// False with a TypeError or RangeError pending. Executables that do not exist are left out: a scope
// that names nothing else then holds one key that nothing has, so that it stays a scope.
bool ReadFilters(const Napi::Value& value, KernelSettings* settings);

}  // namespace weir
