// Batches as JavaScript objects: NativeBatch of src/native/batch.ts.
#pragma once

#include <napi.h>

#include "batch/batch.h"

namespace weir {

// Exports buildBatch, release, RowKeeper, loss, count and schemaVersion.
void InitBatch(Napi::Env env, Napi::Object exports);

// NativeBatch over the batch's own memory: no copy. The object shares ownership until it is
// collected or released. Wrap a batch once only: V8 refuses two buffers over one memory.
Napi::Value BatchToValue(Napi::Env env, BatchPtr batch);

// The batch behind a NativeBatch. nullptr, with a TypeError pending, for anything else and for a
// batch that was released.
BatchPtr BatchFromValue(Napi::Value value);

}  // namespace weir
