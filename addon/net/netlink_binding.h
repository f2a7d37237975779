#pragma once

#include <napi.h>

namespace weir {

// NetlinkListener of src/native/addon.ts.
void InitNetlink(Napi::Env env, Napi::Object exports);

}  // namespace weir
