// osquery's SQL functions and collations, for every connection; docs/functions.md lists them. Where
// SQLite has a function of that name that does the same, it stays.
#pragma once

#include "store/sqlite.h"

namespace weir::functions {

int RegisterRegex(sqlite3* db);
int RegisterText(sqlite3* db);
int RegisterEncoding(sqlite3* db);
int RegisterHash(sqlite3* db);
int RegisterNetwork(sqlite3* db);
int RegisterVersion(sqlite3* db);
int RegisterMath(sqlite3* db);
int RegisterPath(sqlite3* db);
int RegisterJson(sqlite3* db);

// SQLITE_OK or an error code.
inline int RegisterAll(sqlite3* db) {
  for (const auto add :
       {RegisterRegex, RegisterText, RegisterEncoding, RegisterHash, RegisterNetwork,
        RegisterVersion, RegisterMath, RegisterPath, RegisterJson}) {
    const int rc = add(db);
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK;
}

}  // namespace weir::functions
