// What xBestIndex decides and xFilter reads back: which constraints go to the table, and which
// columns the query reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite.h"

namespace weir::tables {

struct ScriptTable;

// As src/tables/bridge/operators.ts counts them.
enum class Operator : uint8_t { kEqual, kLike, kGlob, kLess, kLessEqual, kGreater, kGreaterEqual };

struct PlanItem {
  int column;
  Operator op;
  bool in;  // the argument is the whole list of an IN
};

struct Plan {
  uint64_t used = 0;  // bit set of columns, by index; bit 63: that and all that follow
  bool limit = false;
  bool missing = false;  // a required column has no constraint
  std::vector<PlanItem> items;
};

// In words, for EXPLAIN QUERY PLAN, and behind a # as ReadPlan takes it:
// "path like ?, limit #f 1 0 0 1 0".
std::string WritePlan(const ScriptTable& table, const Plan& plan);
Plan ReadPlan(const char* text);

// xBestIndex.
int ChoosePlan(const ScriptTable& table, sqlite3_index_info* info);

}  // namespace weir::tables
