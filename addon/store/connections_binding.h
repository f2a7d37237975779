// NativeConnections of src/sensor/native.ts.
#pragma once

#include <napi.h>

namespace weir::store {

Napi::Object MakeConnections(Napi::Env env);

}  // namespace weir::store
