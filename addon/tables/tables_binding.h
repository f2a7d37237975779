// NativeTables of src/native/tables.ts.
#pragma once

#include <napi.h>

namespace weir {

void InitTables(Napi::Env env, Napi::Object exports);

}  // namespace weir
