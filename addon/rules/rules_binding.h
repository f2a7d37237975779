#pragma once

#include <napi.h>

namespace weir {

// LiteralFilter of src/sensor/native.ts.
void InitRules(Napi::Env env, Napi::Object exports);

}  // namespace weir
