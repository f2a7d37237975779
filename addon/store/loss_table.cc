// weir_loss: live in the process that collects, else as the last run left it.
#include "store/loss.h"
#include "store/rows_table.h"

namespace weir::store {

namespace {

int Fill(Connection& connection, Rows* rows, std::string* error) {
  if (FindHotStore(connection.Path())) {
    TheCounters().Refresh();
    const LossRun run = CurrentRun(connection.Path());
    for (int c = 0; c < schema::kClassCount; ++c) {
      std::vector<Value> row{std::string(schema::kClasses[c].name)};
      const LossRow values = LiveLoss(c);
      for (const int64_t value : values) row.emplace_back(value);
      row.emplace_back(Balance(values));
      row.emplace_back(run.expired[c]);
      row.emplace_back(run.expired_unread[c]);
      row.emplace_back(run.started);
      rows->push_back(std::move(row));
    }
    return SQLITE_OK;
  }
  if (!connection.state().exists) return SQLITE_OK;
  Statement query(connection.db(),
                  "SELECT l.*, c.expired, coalesce((SELECT value FROM main.weir_store_meta"
                  " WHERE key = 'expired_unread:' || class), 0) FROM main.weir_store_loss l"
                  " JOIN main.weir_store_class c USING (class)"
                  " WHERE run = (SELECT max(run) FROM main.weir_store_loss) ORDER BY c.rowid");
  int rc;
  while ((rc = query.Step()) == SQLITE_ROW) {
    std::vector<Value> row{std::string(query.Bytes(1))};
    LossRow values{};
    for (int i = 0; i < kLossColumns; ++i) values[i] = query.Int(i + 2);
    for (const int64_t value : values) row.emplace_back(value);
    row.emplace_back(Balance(values));
    row.emplace_back(query.Int(kLossColumns + 2));
    row.emplace_back(query.Int(kLossColumns + 3));
    row.emplace_back(query.Int(0));
    rows->push_back(std::move(row));
  }
  if (rc != SQLITE_DONE) *error = sqlite3_errmsg(connection.db());
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

}  // namespace

const RowsTable kLossTable = {
    "weir_loss",
    "CREATE TABLE x(class TEXT, seen BIGINT, stored BIGINT, pending BIGINT, excluded_kernel BIGINT,"
    " excluded_stream BIGINT, coalesced BIGINT, rate_limited BIGINT, lost_ring BIGINT,"
    " lost_map BIGINT, lost_decode BIGINT, lost_queue BIGINT, lost_store BIGINT,"
    " recursion_misses BIGINT, page_faults BIGINT, balance BIGINT, expired BIGINT,"
    " expired_unread BIGINT, run BIGINT)",
    Fill,
};

}  // namespace weir::store
