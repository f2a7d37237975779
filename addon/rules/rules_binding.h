#pragma once

#include <napi.h>

namespace weir {

// LiteralFilter of src/native/addon.ts.
void InitRules(Napi::Env env, Napi::Object exports);

}  // namespace weir
