// Reads what src/tables/bridge/pack.ts packed.
#pragma once

#include <node_api.h>

#include "tables/row_cache.h"

namespace weir::tables {

// nullptr: it is not what pack.ts makes.
RowBatchPtr ReadBatch(napi_env env, napi_value packed, size_t width);

}  // namespace weir::tables
