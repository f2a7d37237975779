// Door of the sensor: class Sensor and bootId of src/sensor/native.ts.
#pragma once

#include <napi.h>

namespace weir {

void InitSensor(Napi::Env env, Napi::Object exports);

}  // namespace weir
