// One walk over a table that TypeScript makes: asks for rows in batches, so that a long table never
// lies in memory as a whole, and keeps short ones for the statement.
#pragma once

#include <string>
#include <unordered_map>

#include "tables/plan.h"
#include "tables/script_table.h"

namespace weir::tables {

class ScriptCursor {
 public:
  ScriptCursor(ScriptHostPtr host, std::shared_ptr<const ScriptTable> table, int index);
  ~ScriptCursor();
  ScriptCursor(const ScriptCursor&) = delete;
  ScriptCursor& operator=(const ScriptCursor&) = delete;

  // Begins anew. SQLITE_OK, or a code with `error`.
  int Filter(const char* plan, int count, sqlite3_value** values, std::string* error);
  int Next(std::string* error);
  bool AtEnd() const { return !batch_; }
  void Column(sqlite3_context* context, int column) const;
  // The same for the same row in another walk: the branches of an OR are walked one after the
  // other, and SQLite shows a row id once. Made of what the row holds, and of how many such rows
  // came.
  int64_t RowId();

 private:
  void Reset();
  // The constraints that the plan gives values for, and `key_`. nullptr: no row can match.
  napi_value Constraints(const Plan& plan, sqlite3_value** values);
  // Takes the batch that JavaScript answered, or its exception.
  int Take(napi_value answer, std::string* error);
  int Fail(std::string* error);
  // Goes on to the next batch that has rows; none: the end.
  int Advance(std::string* error);

  const ScriptHostPtr host_;
  const std::shared_ptr<const ScriptTable> table_;
  const int index_;

  std::vector<int> places_;  // by column: position in a batch's row, -1: not read
  size_t width_ = 0;
  std::string key_;
  uint32_t open_ = 0;              // JavaScript's number of the walk; 0: it has no more rows
  std::shared_ptr<RowList> kept_;  // all batches so far while they are few; else empty
  size_t kept_bytes_ = 0;
  RowListPtr replay_;  // rows of an earlier walk
  size_t replayed_ = 0;
  RowBatchPtr batch_;
  size_t at_ = 0;
  uint64_t row_ = 0;                  // of the walk
  uint64_t identified_ = UINT64_MAX;  // the row that `row_id_` is of
  int64_t row_id_ = 0;
  std::unordered_map<size_t, int64_t> same_;  // rows with an id, by hash of what they hold
};

}  // namespace weir::tables
