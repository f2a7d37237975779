#pragma once

#include <napi.h>

namespace weir {

// openDatagram and peerOf of src/native/addon.ts.
void InitNet(Napi::Env env, Napi::Object exports);

}  // namespace weir
