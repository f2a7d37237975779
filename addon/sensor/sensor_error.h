// Why the sensor cannot run, for people: one sentence and a way out.
#pragma once

#include <napi.h>

#include "sensor/programs.h"

namespace weir {

// The loader's error with a code of the sensor: SENSOR_NO_PERMISSION, SENSOR_NO_BTF,
// SENSOR_UNSUPPORTED, SENSOR_NOT_BUILT, SENSOR_LOAD_FAILED, SENSOR_ATTACH_FAILED,
// SENSOR_MAP_FAILED, SENSOR_NO_NETLINK.
ProgramsError Explain(const ProgramsError& error);

// Throws an Error whose `code` is error.code.
void ThrowSensorError(Napi::Env env, const ProgramsError& error);

}  // namespace weir
