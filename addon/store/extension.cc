// The library as an SQLite extension: event tables, weir's own, and functions on one connection.
// Runs without Node too (the sqlite3 command line), so nothing of Node may be called from here.
#include <sqlite3ext.h>

#include "functions/functions.h"
#include "store/connection.h"
#include "store/event_table.h"
#include "store/rows_table.h"

extern "C" {

SQLITE_EXTENSION_INIT1

__attribute__((visibility("default"))) int sqlite3_weir_init(sqlite3* db, char** error,
                                                             const sqlite3_api_routines* api) {
  using namespace weir::store;
  SQLITE_EXTENSION_INIT2(api);
  constexpr int kOldest = 3'031'000;
  if (!SqliteAtLeast(kOldest)) {
    *error = sqlite3_mprintf("weir needs SQLite 3.31 or later, this is %s", sqlite3_libversion());
    return SQLITE_ERROR;
  }
  // Packs written for osquery use "text" for strings.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
  const auto connection = std::make_shared<Connection>(db);
  int rc = RegisterEventTables(connection);
  if (rc == SQLITE_OK) rc = weir::functions::RegisterAll(db);
  for (const RowsTable* table : {&kLossTable, &kCoverageTable, &kTablesTable}) {
    if (rc == SQLITE_OK) rc = RegisterRowsTable(connection, *table);
  }
  return rc;
}

}  // extern "C"
