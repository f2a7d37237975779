// Small read-only tables whose rows are made at once, when a query begins.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "store/connection.h"

namespace weir::store {

using Value = std::variant<std::monostate, int64_t, std::string>;
using Rows = std::vector<std::vector<Value>>;

struct RowsTable {
  const char* name;
  const char* declaration;
  // Called with the cut taken. SQLITE_OK, or a code and `error`.
  int (*fill)(Connection& connection, Rows* rows, std::string* error);
};

int RegisterRowsTable(const ConnectionPtr& connection, const RowsTable& table);

// weir_loss, weir_coverage, weir_tables.
extern const RowsTable kLossTable;
extern const RowsTable kCoverageTable;
extern const RowsTable kTablesTable;

}  // namespace weir::store
