// Event tables as eponymous virtual tables.
#pragma once

#include "store/connection.h"

namespace weir::store {

// Registers T, new_T and old_T for every table of the schema. An SQLite result code.
int RegisterEventTables(const ConnectionPtr& connection);

}  // namespace weir::store
