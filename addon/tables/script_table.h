// Tables whose rows TypeScript makes: an SQLite virtual table on one side, four JavaScript
// functions on the other (src/tables/bridge/). SQLite runs a query on the thread that owns the
// connection, which is that environment's JavaScript thread, so xFilter may simply call.
#pragma once

#include <node_api.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite.h"
#include "tables/row_cache.h"

namespace weir::tables {

// How a value is shown, from the declared type.
enum class Shown : uint8_t { kInteger, kReal, kText };

struct ScriptColumn {
  std::string name;
  Shown shown;
  uint32_t operators;  // bit set of Operator that the table can use
  bool required;       // one of the required ones must be constrained
  bool index;          // = finds few rows without making the others
  int real;            // an alias shows this column; else its own index
};

struct ScriptTable {
  std::string name;
  std::string declaration;
  std::vector<ScriptColumn> columns;
  std::string required;  // names of required columns for the error; empty: none
  int64_t rows;          // about how many there are without constraints
};

// What the tables of one connection share. JavaScript references belong to the environment: when it
// ends before SQLite closes the connection, `alive` is false and nothing of Node is called any
// more.
struct ScriptHost {
  ScriptHost(napi_env e, sqlite3* connection) : env(e), db(connection) {}
  ~ScriptHost() { End(); }
  ScriptHost(const ScriptHost&) = delete;
  ScriptHost& operator=(const ScriptHost&) = delete;

  // Calls a function of JavaScript; nullptr: it threw, or the thread ends. Inside a handle scope.
  napi_value Call(napi_ref function, std::initializer_list<napi_value> arguments) const;
  // From the environment's end, while references may still be given back.
  void End();

  const napi_env env;
  sqlite3* const db;
  bool alive = true;
  // open(table, used, constraints, limit) and next(cursor) give a batch; close(cursor); end(): of
  // the statement.
  napi_ref open = nullptr, next = nullptr, close = nullptr, end = nullptr;
  int cursors = 0;
  RowCache cache;  // of the statement that runs
};
using ScriptHostPtr = std::shared_ptr<ScriptHost>;

// Makes the table known to the host's connection. SQLite's code.
int RegisterScriptTable(const ScriptHostPtr& host, int index,
                        const std::shared_ptr<const ScriptTable>& table, const std::string& name);

}  // namespace weir::tables
