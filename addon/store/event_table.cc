#include "store/event_table.h"

#include <string>

#include "store/plan.h"
#include "store/scan.h"
#include "store/virtual_table.h"

namespace weir::store {

using schema::TableSpec;

namespace {

struct EventTable {
  ConnectionPtr connection;
  const TableSpec* table;
  Role role;

  const char* Declaration() const { return table->declaration; }
  int BestIndex(sqlite3_index_info* info) const { return store::BestIndex(*table, role, info); }
  void Connected() const { connection->TableConnected(); }
  void Disconnected() const { connection->TableDisconnected(); }

  class Cursor {
   public:
    explicit Cursor(const EventTable& kind)
        : connection_(*kind.connection),
          table_(*kind.table),
          scan_(connection_, table_, kind.role) {
      connection_.CursorOpened();
    }
    ~Cursor() { connection_.CursorClosed(); }

    int Filter(const char* words, int count, sqlite3_value** values, std::string* error) {
      // The inner side of a join follows one plan again and again; its words stay where they are
      // while the statement lives.
      if (words_ != words) {
        plan_ = ParsePlan(table_, words);
        words_ = words;
        scan_.PlanChanged();
      }
      return scan_.Start(plan_, count, values, error);
    }
    int Next(std::string* error) { return scan_.Step() ? SQLITE_OK : scan_.Next(error); }
    bool AtEnd() const { return scan_.eof(); }
    void Column(sqlite3_context* context, int column) { scan_.Show(column, context); }
    int64_t RowId() { return scan_.RowId(); }

   private:
    Connection& connection_;
    const TableSpec& table_;
    Scan scan_;
    const char* words_ = nullptr;
    Plan plan_;
  };
};

}  // namespace

int RegisterEventTables(const ConnectionPtr& connection) {
  constexpr struct {
    const char* prefix;
    Role role;
  } kRoles[] = {{"", Role::kAll}, {"new_", Role::kNew}, {"old_", Role::kOld}};
  for (const TableSpec& table : schema::kTables) {
    for (const auto& [prefix, role] : kRoles) {
      const int rc = VirtualTable<EventTable>::Register(
          connection->db(), std::string(prefix) + table.name, {connection, &table, role});
      if (rc != SQLITE_OK) return rc;
    }
  }
  return SQLITE_OK;
}

}  // namespace weir::store
