// weir_tables: how much each event table holds, without reading it.
#include <algorithm>
#include <climits>

#include "store/corruption.h"
#include "store/rows_table.h"

namespace weir::store {

namespace {

constexpr int64_t kSecond = 1'000'000'000;

struct Totals {
  int64_t rows = 0, bytes = 0, blocks = 0;
  int64_t first_time = INT64_MAX, last_time = INT64_MIN;
  int64_t first_seq = INT64_MAX, last_seq = INT64_MIN;

  void Add(const HotItem& item) {
    rows += item.rows;
    bytes += static_cast<int64_t>(item.bytes);
    first_time = std::min(first_time, item.first_time);
    last_time = std::max(last_time, item.last_time);
    first_seq = std::min(first_seq, item.first_seq);
    last_seq = std::max(last_seq, item.last_seq);
  }
};

int Stored(Connection& connection, int event_class, Totals* totals) {
  if (!connection.state().exists) return SQLITE_OK;
  Statement query(connection.db(),
                  "SELECT sum(rows), sum(bytes), count(*), min(first_time), max(last_time),"
                  " min(first_seq), max(last_seq) FROM main.weir_store_block WHERE class = ?1");
  if (query) query.Bind(1, std::string_view(schema::kClasses[event_class].name));
  const int rc = query.Step();
  if (rc != SQLITE_ROW) return rc;
  if (query.Int(2) > 0) {
    *totals = {query.Int(0), query.Int(1), query.Int(2), query.Int(3),
               query.Int(4), query.Int(5), query.Int(6)};
  }
  return SQLITE_OK;
}

int Fill(Connection& connection, Rows* rows, std::string* error) {
  Totals by_class[schema::kClassCount];
  for (int c = 0; c < schema::kClassCount; ++c) {
    const int rc = Stored(connection, c, &by_class[c]);
    if (rc != SQLITE_OK) {
      *error = sqlite3_errmsg(connection.db());
      return rc;
    }
    for (const HotItemPtr& item : connection.view().items[c]) by_class[c].Add(*item);
  }
  const std::string path = connection.Path();
  for (const schema::TableSpec& table : schema::kTables) {
    const Totals& totals = by_class[table.event_class];
    const auto known = [&](int64_t value) { return totals.rows > 0 ? Value{value} : Value{}; };
    rows->push_back({std::string(table.name), std::string(schema::kClasses[table.event_class].name),
                     totals.rows, totals.bytes, totals.blocks, known(totals.first_time / kSecond),
                     known(totals.last_time / kSecond), known(totals.first_seq),
                     known(totals.last_seq), CorruptBlocks(path, table.event_class)});
  }
  return SQLITE_OK;
}

}  // namespace

const RowsTable kTablesTable = {
    "weir_tables",
    "CREATE TABLE x(name TEXT, class TEXT, rows BIGINT, bytes BIGINT, blocks BIGINT,"
    " first_time BIGINT, last_time BIGINT, first_seq BIGINT, last_seq BIGINT,"
    " corrupt_blocks BIGINT)",
    Fill,
};

}  // namespace weir::store
