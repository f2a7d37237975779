// The store's part of the addon: openStore and connections of src/native/addon.ts.
#pragma once

#include <napi.h>

namespace weir {

void InitStore(Napi::Env env, Napi::Object exports);

}  // namespace weir
