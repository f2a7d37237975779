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

struct Plan {
  std::vector<PlanTerm> terms;  // in the order of xFilter's arguments
  bool newest_first = false;
};

// sqlite3_module.xBestIndex for an event table.
int BestIndex(const schema::TableSpec& table, sqlite3_index_info* info);

Plan ParsePlan(const schema::TableSpec& table, const char* text);

}  // namespace weir::store
