#pragma once

#include <napi.h>

namespace weir {

// Adds readCapture to the exports.
void InitCapture(Napi::Env env, Napi::Object exports);

}  // namespace weir
