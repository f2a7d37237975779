// The walks of a scan that are not simply in seq order.
#include <algorithm>

#include "store/scan.h"

namespace weir::store {

using schema::How;

namespace {

constexpr int kTimeColumn = schema::process_column::kTimeNs;  // the same in every class

}  // namespace

void Scan::StartByTime(const Plan& plan) {
  by_ = By::kTime;
  std::vector<TimeWalk::Candidate> candidates;
  const size_t count = restricted_ ? candidates_.size() : segments_.size();
  candidates.reserve(count);
  for (size_t place = 0; place < count; ++place) {
    const size_t i = restricted_ ? candidates_[place] : place;
    const BlockMeta& meta = segments_[i].meta();
    const bool known = meta.first_time <= meta.last_time;
    candidates.push_back(
        {i, known ? meta.first_time : INT64_MIN, known ? meta.last_time : INT64_MAX});
  }
  times_.Start(std::move(candidates), table_.columns[plan.column].how == How::kSeconds,
               newest_first_);
}

int Scan::OpenForTime(size_t index, std::vector<uint32_t>* rows, std::vector<int64_t>* times,
                      std::string* error) {
  const int rc = PickRows(index, rows, error);
  if (rc != SQLITE_OK || rows->empty()) return rc;
  const Column* column = segments_[index].Get(&connection_.reader(), kTimeColumn);
  if (!column) {
    Skip(segments_[index]);
    rows->clear();
    return SQLITE_OK;
  }
  times->reserve(rows->size());
  for (const uint32_t row : *rows) times->push_back(column->Int(row));
  return SQLITE_OK;
}

// Counts the values of the next pass. Without one, the walk is over.
int Scan::FillGroups(std::string* error) {
  if (!groups_.NextPass()) {
    eof_ = true;
    return SQLITE_OK;
  }
  const int physical = table_.columns[group_column_].column;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const int rc = PickRows(i, &rows_, error);
    if (rc != SQLITE_OK) return rc;
    if (rows_.empty()) continue;
    const Column* column = segments_[i].Get(&connection_.reader(), physical);
    if (column) {
      groups_.Add(*column, rows_);
    } else {
      Skip(segments_[i]);
    }
  }
  return SQLITE_OK;
}

int Scan::SettleGroup(std::string* error) {
  half_ = Half::kWhole;
  while (!groups_.Next()) {
    const int rc = FillGroups(error);
    if (rc != SQLITE_OK || eof_) return rc;
  }
  if (groups_.ordinal() == 0) group_seqs_.clear();
  return SQLITE_OK;
}

// SQLite never says beforehand that it will ask for rowids, and seldom does.
void Scan::FindGroupRows() {
  const int physical = table_.columns[group_column_].column;
  std::string error;
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (PickRows(i, &rows_, &error) != SQLITE_OK) return;
    if (rows_.empty()) continue;
    const Column* column = segments_[i].Get(&connection_.reader(), physical);
    const Column* seqs = segments_[i].Get(&connection_.reader(), kSeqColumn);
    if (!column || !seqs) continue;
    for (const uint32_t row : rows_) {
      if (groups_.Shows(*column, row)) group_seqs_.push_back(seqs->Int(row));
    }
  }
}

}  // namespace weir::store
