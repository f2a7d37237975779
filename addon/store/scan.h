// One walk over the rows of an event table: what a virtual table's cursor does.
#pragma once

#include <string>
#include <vector>

#include "store/connection.h"
#include "store/face.h"
#include "store/group_walk.h"
#include "store/kept_indexes.h"
#include "store/lookup_index.h"
#include "store/row_filter.h"
#include "store/time_walk.h"

namespace weir::store {

class Scan {
 public:
  Scan(Connection& connection, const schema::TableSpec& table, Role role)
      : connection_(connection), table_(table), role_(role) {}
  ~Scan() {
    if (connection_.giver().scan == this) connection_.giver() = {};
  }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  // Start gets another plan than before.
  void PlanChanged() { fast_term_ = -1; }
  // Begins anew at the first matching row. SQLITE_OK, or a code and `error`.
  int Start(const Plan& plan, int count, sqlite3_value** values, std::string* error);
  int Next(std::string* error);
  // Next where that is simple: false, nothing happened.
  bool Step() {
    if (by_ == By::kIndex && half_ == Half::kWhole && to_ - from_ == 1) {
      from_ = to_;
      eof_ = true;
      return true;
    }
    if (by_ != By::kSegment || table_.file_events || at_ + 1 >= rows_.size()) return false;
    row_ = rows_[++at_];
    return true;
  }
  bool eof() const { return eof_; }
  // The integer that Show would give `rows` rows further on. False: not known without work.
  bool Ahead(int column, size_t rows, int64_t* value) const {
    if (by_ != By::kSegment || at_ + rows >= rows_.size()) return false;
    const Column* values = shown_[column];
    if (!values || values->text) return false;
    *value = values->Int(rows_[at_ + rows]);
    return true;
  }
  void Show(int column, sqlite3_context* context);
  int64_t RowId();

 private:
  int Load(std::string* error);
  bool SeqWindow(Range* seqs, std::string* error) const;
  // Opens a segment for reading. SQLITE_OK, SQLITE_CORRUPT (skip it) or an error.
  int OpenSegment(size_t index, std::string* error);
  IndexScope Scope(int column) const;
  // An index of the column that was kept, if this cursor may use it.
  bool TakeKept(int column);
  int BuildIndex(int column, std::string* error);
  // Rows of a segment that match; none when it is passed over. SQLITE_OK or an error.
  int PickRows(size_t index, std::vector<uint32_t>* rows, std::string* error);
  int NextSegment(std::string* error);
  // Looks the first term up that has an index. *found: the walk is set up, or restricted_.
  int LookUp(const Plan& plan, int count, sqlite3_value** values, bool* found, std::string* error);
  int StartIndexed(const Plan& plan, const LookupIndex::Found& found, std::string* error);
  // Moves to a segment that an index names. SQLITE_CORRUPT: it cannot be read.
  void FetchAhead(int64_t key) const;
  int GoTo(size_t index, std::string* error);
  void StartByTime(const Plan& plan);
  int OpenForTime(size_t index, std::vector<uint32_t>* rows, std::vector<int64_t>* times,
                  std::string* error);
  int FillGroups(std::string* error);
  void FindGroupRows();
  int SettleGroup(std::string* error);
  int Settle(std::string* error);
  void Skip(const Segment& segment);
  void MoveTo(size_t index);
  bool IsRename();

  Connection& connection_;
  const schema::TableSpec& table_;
  const Role role_;

  bool loaded_ = false;
  uint64_t total_rows_ = 0;
  std::vector<Segment> segments_;  // in seq order
  std::vector<size_t> counted_;    // of each segment's memory, how much is in kept_bytes_
  size_t kept_bytes_ = 0;
  int starts_ = 0;
  uint64_t walked_rows_ = 0;  // in all walks
  RowFilter filter_{table_};
  Range seqs_;
  bool category_only_ = false;
  LookupIndexPtr index_;
  std::vector<int> asked_;  // columns whose kept indexes were looked for
  // The term of the plan that rows are looked up by in `index_`, once that is how they are found.
  int fast_term_ = -1;

  // Only these can have rows, ascending.
  bool restricted_ = false;
  std::vector<size_t> candidates_;

  bool newest_first_ = false;
  bool eof_ = true;
  // Where the walk is: rows_[at_] of segments_[segment_], an entry of the index, or a walk's own.
  enum class By { kSegment, kIndex, kTime, kGroup };
  By by_ = By::kSegment;
  const LookupIndex::Entry* from_ = nullptr;
  const LookupIndex::Entry* to_ = nullptr;
  std::vector<LookupIndex::Entry> by_time_;  // entries of the index in order of time
  TimeWalk times_;
  GroupWalk groups_;
  int group_column_ = -1;            // of the face
  std::vector<int64_t> group_seqs_;  // of the group that the walk is at; when they were asked for
  size_t segment_ = 0;
  size_t next_segment_ = 0;  // how many segments are behind us, in the walk's direction
  std::vector<uint32_t> rows_;
  size_t at_ = 0;
  uint32_t row_ = 0;
  Half half_ = Half::kWhole;
  // By column of the face: of the segment that the walk is in, what Show needed before.
  std::vector<const Column*> shown_ = std::vector<const Column*>(table_.count, nullptr);
};

}  // namespace weir::store
