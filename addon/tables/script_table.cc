#include "tables/script_table.h"

#include "tables/plan.h"
#include "tables/script_cursor.h"

namespace weir::tables {

namespace {

struct Module {
  ScriptHostPtr host;
  std::shared_ptr<const ScriptTable> table;
  int index;
};

struct Table : sqlite3_vtab {
  Module module;
};

ScriptCursor& CursorOf(sqlite3_vtab_cursor* cursor) { return *static_cast<ScriptCursor*>(cursor); }

int Connect(sqlite3* db, void* aux, int, const char* const*, sqlite3_vtab** out, char** error) {
  const auto* module = static_cast<Module*>(aux);
  const int rc = sqlite3_declare_vtab(db, module->table->declaration.c_str());
  if (rc != SQLITE_OK) {
    *error = sqlite3_mprintf("%s: %s", module->table->name.c_str(), sqlite3_errmsg(db));
    return rc;
  }
  sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  *out = new Table{{}, *module};
  return SQLITE_OK;
}

int Disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

int Best(sqlite3_vtab* table, sqlite3_index_info* info) {
  return ChoosePlan(*static_cast<Table*>(table)->module.table, info);
}

int Open(sqlite3_vtab* base, sqlite3_vtab_cursor** cursor) {
  const Module& module = static_cast<Table*>(base)->module;
  *cursor = new ScriptCursor(module.host, module.table, module.index);
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  delete &CursorOf(cursor);
  return SQLITE_OK;
}

int Report(sqlite3_vtab* table, int rc, const std::string& error) {
  if (rc != SQLITE_OK && !error.empty()) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.c_str());
  }
  return rc;
}

int Filter(sqlite3_vtab_cursor* base, int, const char* plan, int count, sqlite3_value** values) {
  std::string error;
  const int rc = CursorOf(base).Filter(plan, count, values, &error);
  return Report(base->pVtab, rc, error);
}

int Next(sqlite3_vtab_cursor* base) {
  std::string error;
  const int rc = CursorOf(base).Next(&error);
  return Report(base->pVtab, rc, error);
}

int Eof(sqlite3_vtab_cursor* base) { return CursorOf(base).AtEnd() ? 1 : 0; }

int ColumnOf(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
  CursorOf(base).Column(context, column);
  return SQLITE_OK;
}

int RowIdOf(sqlite3_vtab_cursor* base, sqlite3_int64* id) {
  *id = CursorOf(base).RowId();
  return SQLITE_OK;
}

constexpr sqlite3_module kScriptModule = {
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

napi_value ScriptHost::Call(napi_ref function, std::initializer_list<napi_value> arguments) const {
  napi_value callee = nullptr;
  napi_value self = nullptr;
  napi_value answer = nullptr;
  if (!alive || napi_get_reference_value(env, function, &callee) != napi_ok || !callee ||
      napi_get_undefined(env, &self) != napi_ok ||
      napi_call_function(env, self, callee, arguments.size(), arguments.begin(), &answer) !=
          napi_ok) {
    return nullptr;
  }
  return answer;
}

void ScriptHost::End() {
  if (!alive) return;
  alive = false;
  for (napi_ref* reference : {&open, &next, &close, &end}) {
    if (*reference) napi_delete_reference(env, *reference);
    *reference = nullptr;
  }
}

int RegisterScriptTable(const ScriptHostPtr& host, int index,
                        const std::shared_ptr<const ScriptTable>& table, const std::string& name) {
  return sqlite3_create_module_v2(host->db, name.c_str(), &kScriptModule,
                                  new Module{host, table, index},
                                  [](void* module) { delete static_cast<Module*>(module); });
}

}  // namespace weir::tables
