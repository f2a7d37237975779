// NativeConnections of src/native/store.ts.
#pragma once

#include <napi.h>

namespace weir::store {

Napi::Object MakeConnections(Napi::Env env);

}  // namespace weir::store
