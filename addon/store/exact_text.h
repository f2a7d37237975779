// weir_exact_text(X): X as it is, but text that is not UTF-8 as a blob of its bytes. Languages that
// decode text would otherwise replace what a hostile file name holds, and an export not come back.
#pragma once

#include "store/sqlite.h"

namespace weir::store {

int RegisterExactText(sqlite3* db);

}  // namespace weir::store
