#include "store/rows_table.h"

#include "store/virtual_table.h"

namespace weir::store {

namespace {

struct SmallTable {
  ConnectionPtr connection;
  const RowsTable* table;

  const char* Declaration() const { return table->declaration; }
  int BestIndex(sqlite3_index_info* info) const {
    info->estimatedRows = 10;
    info->estimatedCost = 100;
    return SQLITE_OK;
  }
  void Connected() const { connection->TableConnected(); }
  void Disconnected() const { connection->TableDisconnected(); }

  class Cursor {
   public:
    explicit Cursor(const SmallTable& kind) : connection_(*kind.connection), table_(*kind.table) {
      connection_.CursorOpened();
    }
    ~Cursor() { connection_.CursorClosed(); }

    int Filter(const char*, int, sqlite3_value**, std::string* error) {
      rows_.clear();
      at_ = 0;
      const int rc = connection_.TakeCut(error);
      return rc == SQLITE_OK ? table_.fill(connection_, &rows_, error) : rc;
    }
    int Next(std::string*) {
      ++at_;
      return SQLITE_OK;
    }
    bool AtEnd() const { return at_ >= rows_.size(); }
    void Column(sqlite3_context* context, int column) {
      const Value& value = rows_[at_][column];
      if (const auto* integer = std::get_if<int64_t>(&value)) {
        sqlite3_result_int64(context, *integer);
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
      } else {
        sqlite3_result_null(context);
      }
    }
    int64_t RowId() { return static_cast<int64_t>(at_) + 1; }

   private:
    Connection& connection_;
    const RowsTable& table_;
    Rows rows_;
    size_t at_ = 0;
  };
};

}  // namespace

int RegisterRowsTable(const ConnectionPtr& connection, const RowsTable& table) {
  return VirtualTable<SmallTable>::Register(connection->db(), table.name, {connection, &table});
}

}  // namespace weir::store
