#pragma once

#include <napi.h>

namespace weir {

// signalProcess of src/native/addon.ts.
void InitProcesses(Napi::Env env, Napi::Object exports);

}  // namespace weir
