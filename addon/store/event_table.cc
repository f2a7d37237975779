#include "store/event_table.h"

#include <memory>
#include <string>

#include "store/plan.h"
#include "store/scan.h"

namespace weir::store {

using schema::TableSpec;

namespace {

// What the module knows before a table is connected. SQLite destroys it with the connection.
struct Module {
  ConnectionPtr connection;
  const TableSpec* table;
  Role role;
};

struct Table : sqlite3_vtab {
  Module* module;
};

struct Cursor : sqlite3_vtab_cursor {
  Cursor(Connection& c, const TableSpec& table, Role role) : connection(c), scan(c, table, role) {
    connection.CursorOpened();
  }
  ~Cursor() { connection.CursorClosed(); }
  Connection& connection;
  Scan scan;
  // Of the plan that was followed last; the inner side of a join follows one again and again.
  std::string words;
  Plan plan;
};

Scan& ScanOf(sqlite3_vtab_cursor* cursor) { return static_cast<Cursor*>(cursor)->scan; }

int Fail(sqlite3_vtab* table, int rc, const std::string& error) {
  if (rc != SQLITE_OK && !error.empty()) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.c_str());
  }
  return rc;
}

int Connect(sqlite3* db, void* aux, int, const char* const*, sqlite3_vtab** out, char**) {
  auto* module = static_cast<Module*>(aux);
  const int rc = sqlite3_declare_vtab(db, module->table->declaration);
  if (rc != SQLITE_OK) return rc;
  sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  auto* table = new Table{};
  table->module = module;
  module->connection->TableConnected();
  *out = table;
  return SQLITE_OK;
}

int Disconnect(sqlite3_vtab* table) {
  static_cast<Table*>(table)->module->connection->TableDisconnected();
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

int Best(sqlite3_vtab* table, sqlite3_index_info* info) {
  return BestIndex(*static_cast<Table*>(table)->module->table, info);
}

int Open(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
  Module* module = static_cast<Table*>(table)->module;
  *cursor = new Cursor(*module->connection, *module->table, module->role);
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int Filter(sqlite3_vtab_cursor* base, int, const char* words, int count, sqlite3_value** values) {
  auto& cursor = *static_cast<Cursor*>(base);
  if (cursor.words != words) {
    cursor.plan = ParsePlan(*static_cast<Table*>(base->pVtab)->module->table, words);
    cursor.words = words;
  }
  std::string error;
  const int rc = cursor.scan.Start(cursor.plan, count, values, &error);
  return Fail(base->pVtab, rc, error);
}

int Next(sqlite3_vtab_cursor* cursor) {
  if (ScanOf(cursor).Step()) return SQLITE_OK;
  std::string error;
  const int rc = ScanOf(cursor).Next(&error);
  return Fail(cursor->pVtab, rc, error);
}

int Eof(sqlite3_vtab_cursor* cursor) { return ScanOf(cursor).eof() ? 1 : 0; }

int ColumnOf(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
  ScanOf(cursor).Show(column, context);
  return SQLITE_OK;
}

int RowIdOf(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = ScanOf(cursor).RowId();
  return SQLITE_OK;
}

// Eponymous only (no xCreate) and read-only (no xUpdate).
constexpr sqlite3_module kEventModule = {
    .iVersion = 0,
    .xConnect = Connect,
    .xBestIndex = Best,
    .xDisconnect = Disconnect,
    .xOpen = Open,
    .xClose = Close,
    .xFilter = Filter,
    .xNext = Next,
    .xEof = Eof,
    .xColumn = ColumnOf,
    .xRowid = RowIdOf,
};

}  // namespace

int RegisterEventTables(const ConnectionPtr& connection) {
  constexpr struct {
    const char* prefix;
    Role role;
  } kRoles[] = {{"", Role::kAll}, {"new_", Role::kNew}, {"old_", Role::kOld}};
  for (const TableSpec& table : schema::kTables) {
    for (const auto& [prefix, role] : kRoles) {
      const std::string name = std::string(prefix) + table.name;
      const int rc = sqlite3_create_module_v2(
          connection->db(), name.c_str(), &kEventModule, new Module{connection, &table, role},
          [](void* module) { delete static_cast<Module*>(module); });
      if (rc != SQLITE_OK) return rc;
    }
  }
  return SQLITE_OK;
}

}  // namespace weir::store
