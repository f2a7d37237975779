// What every read-only, eponymous virtual table needs to tell SQLite; `Kind` says what is its own:
//
//   const char* Declaration() const;            CREATE TABLE ...
//   int BestIndex(sqlite3_index_info*) const;   as xBestIndex
//   void Connected() const, Disconnected() const;
//   class Cursor {
//     explicit Cursor(const Kind&);
//     int Filter(const char* plan, int count, sqlite3_value** values, std::string* error);
//     int Next(std::string* error);
//     bool AtEnd() const;
//     void Column(sqlite3_context*, int column);
//     int64_t RowId();
//   };
//
// A Kind is copied into each connected table. Codes are SQLite's; `error` is the statement's
// message.
#pragma once

#include <string>

#include "store/sqlite.h"

namespace weir::store {

template <typename Kind>
class VirtualTable {
 public:
  // Makes the table known to a connection. SQLite's code.
  static int Register(sqlite3* db, const std::string& name, Kind kind) {
    return sqlite3_create_module_v2(db, name.c_str(), &kModule, new Kind(std::move(kind)),
                                    [](void* held) { delete static_cast<Kind*>(held); });
  }

 private:
  struct Table : sqlite3_vtab {
    explicit Table(const Kind& k) : sqlite3_vtab{}, kind(k) { kind.Connected(); }
    ~Table() { kind.Disconnected(); }
    const Kind kind;
  };
  struct Walk : sqlite3_vtab_cursor {
    explicit Walk(const Kind& kind) : sqlite3_vtab_cursor{}, cursor(kind) {}
    typename Kind::Cursor cursor;
  };
  static auto& CursorOf(sqlite3_vtab_cursor* base) { return static_cast<Walk*>(base)->cursor; }

  static int Report(sqlite3_vtab* table, int rc, const std::string& error) {
    if (rc != SQLITE_OK && !error.empty()) {
      sqlite3_free(table->zErrMsg);
      table->zErrMsg = sqlite3_mprintf("%s", error.c_str());
    }
    return rc;
  }

  static int Connect(sqlite3* db, void* held, int, const char* const* names, sqlite3_vtab** out,
                     char** error) {
    const Kind& kind = *static_cast<Kind*>(held);
    const int rc = sqlite3_declare_vtab(db, kind.Declaration());
    if (rc != SQLITE_OK) {
      *error = sqlite3_mprintf("%s: %s", names[0], sqlite3_errmsg(db));
      return rc;
    }
    sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    *out = new Table(kind);
    return SQLITE_OK;
  }

  static int Disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
  }

  static int Best(sqlite3_vtab* table, sqlite3_index_info* info) {
    return static_cast<Table*>(table)->kind.BestIndex(info);
  }

  static int Open(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
    *cursor = new Walk(static_cast<Table*>(table)->kind);
    return SQLITE_OK;
  }

  static int Close(sqlite3_vtab_cursor* base) {
    delete static_cast<Walk*>(base);
    return SQLITE_OK;
  }

  static int Filter(sqlite3_vtab_cursor* base, int, const char* plan, int count,
                    sqlite3_value** values) {
    std::string error;
    const int rc = CursorOf(base).Filter(plan, count, values, &error);
    return Report(base->pVtab, rc, error);
  }

  static int Next(sqlite3_vtab_cursor* base) {
    std::string error;
    const int rc = CursorOf(base).Next(&error);
    return Report(base->pVtab, rc, error);
  }

  static int Eof(sqlite3_vtab_cursor* base) { return CursorOf(base).AtEnd() ? 1 : 0; }

  static int ColumnOf(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
    CursorOf(base).Column(context, column);
    return SQLITE_OK;
  }

  static int RowIdOf(sqlite3_vtab_cursor* base, sqlite3_int64* id) {
    *id = CursorOf(base).RowId();
    return SQLITE_OK;
  }

  // Eponymous only (no xCreate) and read-only (no xUpdate).
  static constexpr sqlite3_module kModule = {
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
};

}  // namespace weir::store
