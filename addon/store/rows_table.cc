#include "store/rows_table.h"

namespace weir::store {

namespace {

struct Module {
  ConnectionPtr connection;
  const RowsTable* table;
};

struct Table : sqlite3_vtab {
  Module* module;
};

struct Cursor : sqlite3_vtab_cursor {
  explicit Cursor(Connection& c) : connection(c) { connection.CursorOpened(); }
  ~Cursor() { connection.CursorClosed(); }
  Connection& connection;
  Rows rows;
  size_t at = 0;
};

Cursor& CursorOf(sqlite3_vtab_cursor* cursor) { return *static_cast<Cursor*>(cursor); }

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

int Best(sqlite3_vtab*, sqlite3_index_info* info) {
  info->estimatedRows = 10;
  info->estimatedCost = 100;
  return SQLITE_OK;
}

int Open(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
  *cursor = new Cursor(*static_cast<Table*>(table)->module->connection);
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int Filter(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
  Cursor& cursor = CursorOf(base);
  cursor.rows.clear();
  cursor.at = 0;
  std::string error;
  int rc = cursor.connection.TakeCut(&error);
  if (rc == SQLITE_OK) {
    rc = static_cast<Table*>(base->pVtab)
             ->module->table->fill(cursor.connection, &cursor.rows, &error);
  }
  if (rc != SQLITE_OK && !error.empty()) {
    sqlite3_free(base->pVtab->zErrMsg);
    base->pVtab->zErrMsg = sqlite3_mprintf("%s", error.c_str());
  }
  return rc;
}

int Next(sqlite3_vtab_cursor* cursor) {
  ++CursorOf(cursor).at;
  return SQLITE_OK;
}

int Eof(sqlite3_vtab_cursor* base) {
  const Cursor& cursor = CursorOf(base);
  return cursor.at >= cursor.rows.size() ? 1 : 0;
}

int ColumnOf(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
  const Cursor& cursor = CursorOf(base);
  const Value& value = cursor.rows[cursor.at][column];
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    sqlite3_result_int64(context, *integer);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else {
    sqlite3_result_null(context);
  }
  return SQLITE_OK;
}

int RowIdOf(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = static_cast<sqlite3_int64>(CursorOf(cursor).at) + 1;
  return SQLITE_OK;
}

constexpr sqlite3_module kRowsModule = {
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

int RegisterRowsTable(const ConnectionPtr& connection, const RowsTable& table) {
  return sqlite3_create_module_v2(connection->db(), table.name, &kRowsModule,
                                  new Module{connection, &table},
                                  [](void* module) { delete static_cast<Module*>(module); });
}

}  // namespace weir::store
