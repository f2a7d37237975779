// What xBestIndex hands to xFilter: written as words in idxStr, so that EXPLAIN QUERY PLAN shows
// it, and read back from there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/bounds.h"
#include "weir_schema.h"

namespace weir::store {

struct PlanTerm {
  int column = 0;  // of the face
  Op op = Op::kEq;
};

enum class Walk {
  kSeq,
  kTime,      // by Plan::column, a time, then by seq
  kGrouped,   // rows with the same value of Plan::column together; no other column is read
  kDistinct,  // one row for each value of Plan::column; no other column is read
};

struct Plan {
  std::vector<PlanTerm> terms;  // in the order of xFilter's arguments
  // Of the terms the one that SQLite leaves to the table alone: `=` of an integer column, as joins
  // look up. -1: there is none.
  int exact = -1;
  Walk walk = Walk::kSeq;
  int column = -1;  // of the face
  bool newest_first = false;
};

// T, new_T and old_T: which side of the connection's window a table shows.
enum class Role { kAll, kNew, kOld };

// sqlite3_module.xBestIndex for an event table.
int BestIndex(const schema::TableSpec& table, Role role, sqlite3_index_info* info);

// Plan::exact of these terms.
int ExactTerm(const schema::TableSpec& table, const std::vector<PlanTerm>& terms);

Plan ParsePlan(const schema::TableSpec& table, const char* text);

}  // namespace weir::store
