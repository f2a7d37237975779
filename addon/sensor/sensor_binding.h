// Door of the sensor: class Sensor and bootId of src/native/addon.ts.
#pragma once

#include <napi.h>

namespace weir {

void InitSensor(Napi::Env env, Napi::Object exports);

}  // namespace weir
