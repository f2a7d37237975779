// NativeFileDatabases of src/native/file-databases.ts.
#pragma once

#include <napi.h>

namespace weir {

void InitFileDatabases(Napi::Env env, Napi::Object exports);

}  // namespace weir
