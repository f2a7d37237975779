// weir_coverage: from when to when each class was watched, by which provider and hook tier.
#include "store/rows_table.h"

namespace weir::store {

namespace {

Value IntegerOrNull(Statement& query, int column) {
  return query.IsNull(column) ? Value{} : Value{query.Int(column)};
}

// fanotify folds what waits, and sock_diag tells of some ends only that there were any: what is
// behind those nobody can count. Process events are numbered by the kernel.
constexpr char kExact[] =
    "CASE provider WHEN 'host' THEN NULL WHEN 'netlink' THEN class NOT IN ('file', 'socket')"
    " ELSE 1 END";

int Fill(Connection& connection, Rows* rows, std::string* error) {
  if (!connection.state().exists) return SQLITE_OK;
  Statement query(connection.db(), std::string("SELECT class, provider, tier, since / 1000000000,"
                                               " until / 1000000000, boot_id, since, until, ") +
                                       kExact + " FROM main.weir_store_coverage ORDER BY id");
  int rc;
  while ((rc = query.Step()) == SQLITE_ROW) {
    rows->push_back({std::string(query.Bytes(0)), std::string(query.Bytes(1)),
                     std::string(query.Bytes(2)), query.Int(3), IntegerOrNull(query, 4),
                     std::string(query.Bytes(5)), IntegerOrNull(query, 8), query.Int(6),
                     IntegerOrNull(query, 7)});
  }
  if (rc != SQLITE_DONE) *error = sqlite3_errmsg(connection.db());
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

}  // namespace

const RowsTable kCoverageTable = {
    "weir_coverage",
    "CREATE TABLE x(class TEXT, provider TEXT, tier TEXT, since BIGINT, until BIGINT, boot_id TEXT,"
    " exact BIGINT, since_ntime BIGINT HIDDEN, until_ntime BIGINT HIDDEN)",
    Fill,
};

}  // namespace weir::store
