// The walks of a scan that are not simply in seq order.
#include <algorithm>

#include "store/scan.h"

namespace weir::store {

using schema::How;

namespace {

constexpr int kTimeColumn = schema::process_column::kTimeNs;  // the same in every class

// Indexing a row costs many times what passing over it does. Look-ups that bounds and filters make
// short never pay for an index; those that walk far soon have.
constexpr uint64_t kWalksBeforeIndex = 4;

}  // namespace

int Scan::LookUp(const Plan& plan, int count, sqlite3_value** values, bool* found,
                 std::string* error) {
  using State = LookupIndex::State;
  for (int i = 0; i < count && !*found; ++i) {
    const PlanTerm& term = plan.terms[i];
    int64_t key;
    if (term.op != Op::kEq || !LookupIndex::Supports(table_, term.column) ||
        !LookupIndex::Key(table_, term.column, values[i], &key)) {
      continue;
    }
    if (index_.state(term.column) == State::kNone) {
      if (walked_rows_ < kWalksBeforeIndex * total_rows_) continue;
      const int rc = BuildIndex(filter_, term.column, error);
      if (rc != SQLITE_OK) return rc;
    }
    if (index_.state(term.column) == State::kTooLarge) continue;
    *found = true;
    const LookupIndex::Found place = index_.Find(key);
    if (index_.state(term.column) == State::kRows) {
      StartIndexed(plan, place);
      continue;
    }
    restricted_ = true;
    candidates_.clear();
    for (const LookupIndex::Entry* entry = place.from; entry != place.to; ++entry) {
      const size_t segment = LookupIndex::SegmentOf(*entry);
      if (candidates_.empty() || candidates_.back() != segment) candidates_.push_back(segment);
    }
  }
  return SQLITE_OK;
}

void Scan::StartIndexed(const Plan& plan, const LookupIndex::Found& found) {
  by_ = By::kIndex;
  from_ = found.from;
  to_ = found.to;
  if (plan.walk != Walk::kTime || from_ == to_) return;
  // Entries of a key are in seq order.
  const bool seconds = table_.columns[plan.column].how == How::kSeconds;
  std::vector<std::pair<int64_t, LookupIndex::Entry>> timed;
  for (const LookupIndex::Entry* entry = from_; entry != to_; ++entry) {
    Segment& segment = segments_[LookupIndex::SegmentOf(*entry)];
    MoveTo(LookupIndex::SegmentOf(*entry));
    const Column* times = segment.Get(&connection_.reader(), kTimeColumn);
    if (!times) {
      Skip(segment);
      continue;
    }
    const int64_t time = times->Int(LookupIndex::RowOf(*entry));
    timed.emplace_back(seconds ? TimeWalk::Second(time) : time, *entry);
  }
  std::stable_sort(timed.begin(), timed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  by_time_.clear();
  for (const auto& [time, entry] : timed) by_time_.push_back(entry);
  from_ = by_time_.data();
  to_ = from_ + by_time_.size();
}

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
