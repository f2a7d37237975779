// Rows given as plain JavaScript objects: replay, providers in TypeScript, tests.
#pragma once

#include <napi.h>

#include "batch/batch.h"

namespace weir {

// Sets the columns named by the object's keys in the builder's last row. Numbers and bigints for
// integer columns, strings or bytes (Uint8Array: paths need not be UTF-8) for text, null for NULL.
// False with a TypeError or RangeError pending.
bool SetRow(BatchBuilder& builder, const Napi::Object& row);

}  // namespace weir
