#include "store/scan.h"

#include <algorithm>

#include "store/corruption.h"

namespace weir::store {

using schema::How;
namespace file = schema::file_column;

namespace {

// Decoded columns that a cursor may keep, so that joins need not decode a block for each row.
constexpr size_t kCursorBytes = 32u << 20;

}  // namespace

int Scan::Start(const Plan& plan, int count, sqlite3_value** values, std::string* error) {
  eof_ = true;
  int64_t key;
  if (fast_term_ >= 0 &&
      LookupIndex::Key(table_, plan.terms[fast_term_].column, values[fast_term_], &key)) {
    ++starts_;
    FetchAhead(key);
    const int rc = StartIndexed(plan, index_->Find(key), error);
    return rc == SQLITE_OK ? Settle(error) : rc;
  }
  int rc = connection_.TakeCut(error);
  if (rc != SQLITE_OK) return rc;
  if (!loaded_ && (rc = Load(error)) != SQLITE_OK) return rc;
  if (!SeqWindow(&seqs_, error)) return SQLITE_ERROR;
  category_only_ = table_.file_events && connection_.state().file_paths;
  filter_.Reset();
  filter_.SetBase(seqs_, category_only_);
  by_ = By::kSegment;
  restricted_ = false;
  newest_first_ = plan.newest_first;
  ++starts_;
  const bool grouped = plan.walk == Walk::kGrouped || plan.walk == Walk::kDistinct;
  if (!grouped) {
    bool found = false;
    rc = LookUp(plan, count, values, &found, error);
    if (rc != SQLITE_OK) return rc;
    if (found && by_ == By::kIndex) return Settle(error);
  }
  rc = filter_.Add(plan, count, values);
  if (rc != SQLITE_OK || filter_.never()) return rc;
  if (plan.walk == Walk::kTime) StartByTime(plan);
  if (grouped) {
    by_ = By::kGroup;
    connection_.indexes().Clear();  // groups need the memory
    group_column_ = plan.column;
    groups_.Start(&table_.columns[plan.column], plan.walk == Walk::kDistinct);
    if ((rc = FillGroups(error)) != SQLITE_OK) return rc;
  }
  next_segment_ = 0;
  rows_.clear();
  at_ = 0;
  return Settle(error);
}

int Scan::Load(std::string* error) {
  std::vector<BlockMeta> blocks;
  // New rows are mostly in memory still: a rule that looks at each batch must list neither all
  // blocks nor all that was appended since the last flush.
  const Window window = connection_.window();
  const bool only_new = role_ == Role::kNew && window.set;
  const bool hot_only = only_new && window.after >= connection_.state().flushed[table_.event_class];
  if (!hot_only && connection_.state().exists &&
      !connection_.reader().Blocks(table_.event_class, &blocks)) {
    *error = sqlite3_errmsg(connection_.db());
    return sqlite3_errcode(connection_.db());
  }
  const auto& hot = connection_.view().items[table_.event_class];
  segments_.reserve(blocks.size() + hot.size());
  for (const BlockMeta& block : blocks) segments_.emplace_back(table_.event_class, block);
  for (const HotItemPtr& item : hot) {
    if (only_new && (item->last_seq <= window.after || item->first_seq > window.upto)) continue;
    segments_.emplace_back(table_.event_class, item);
  }
  for (const Segment& segment : segments_) total_rows_ += segment.meta().rows;
  counted_.assign(segments_.size(), 0);
  loaded_ = true;
  return SQLITE_OK;
}

bool Scan::SeqWindow(Range* seqs, std::string* error) const {
  *seqs = {INT64_MIN, connection_.view().high_water};
  const Window window = connection_.window();
  if (!window.set) {
    if (role_ == Role::kAll) return true;
    *error = std::string(role_ == Role::kNew ? "new_" : "old_") + table_.name +
             " exists only inside a scheduled query; use " + table_.name;
    return false;
  }
  switch (role_) {
    case Role::kAll:
      seqs->Intersect({INT64_MIN, window.upto});
      break;
    case Role::kNew:
      seqs->Intersect({window.after == INT64_MAX ? window.after : window.after + 1, window.upto});
      break;
    case Role::kOld:
      seqs->Intersect({INT64_MIN, window.after});
      break;
  }
  return true;
}

void Scan::Skip(const Segment& segment) {
  if (segment.on_disk()) {
    ReportCorrupt(connection_.Path(), table_.event_class, segment.meta().id);
  }
}

int Scan::OpenSegment(size_t index, std::string* error) {
  if (connection_.Interrupted()) return SQLITE_INTERRUPT;
  switch (segments_[index].Open(&connection_.reader())) {
    case Segment::Status::kOk:
      return SQLITE_OK;
    case Segment::Status::kUnknownVersion:
      *error = "block " + std::to_string(segments_[index].meta().id) +
               " was written by a newer version of weir";
      return SQLITE_ERROR;
    case Segment::Status::kCorrupt:
      break;
  }
  Skip(segments_[index]);
  return SQLITE_CORRUPT;
}

// The walk goes on to another segment: what the last one decoded is kept while there is room, when
// it may come back to it.
void Scan::MoveTo(size_t index) {
  if (segment_ == index) return;
  std::fill(shown_.begin(), shown_.end(), nullptr);
  const bool comes_back = starts_ > 1 || by_ == By::kTime || by_ == By::kIndex;
  if (segment_ < segments_.size() && !comes_back) {
    segments_[segment_].Close();
  } else if (segment_ < segments_.size()) {
    const size_t now = segments_[segment_].memory();
    kept_bytes_ += now - counted_[segment_];
    counted_[segment_] = now;
  }
  segment_ = index;
  if (kept_bytes_ <= kCursorBytes) return;
  for (Segment& segment : segments_) segment.Forget();
  counted_.assign(segments_.size(), 0);
  kept_bytes_ = 0;
}

int Scan::PickRows(size_t index, std::vector<uint32_t>* rows, std::string* error) {
  rows->clear();
  Segment& segment = segments_[index];
  ScanStats& stats = connection_.stats();
  stats.blocks.fetch_add(1, std::memory_order_relaxed);
  if (!filter_.MayMatch(segment.meta())) {
    stats.skipped.fetch_add(1, std::memory_order_relaxed);
    return SQLITE_OK;
  }
  const int rc = OpenSegment(index, error);
  if (rc != SQLITE_OK) return rc == SQLITE_CORRUPT ? SQLITE_OK : rc;
  MoveTo(index);
  if (!filter_.MayMatch(segment, &connection_.reader())) {
    stats.skipped.fetch_add(1, std::memory_order_relaxed);
    return SQLITE_OK;
  }
  if (!filter_.Pick(segment, &connection_.reader(), rows)) {
    Skip(segment);
    rows->clear();
  }
  stats.rows.fetch_add(segment.meta().rows, std::memory_order_relaxed);
  walked_rows_ += segment.meta().rows;
  return SQLITE_OK;
}

int Scan::NextSegment(std::string* error) {
  const size_t count = restricted_ ? candidates_.size() : segments_.size();
  while (next_segment_ < count) {
    const size_t place = newest_first_ ? count - 1 - next_segment_ : next_segment_;
    const size_t index = restricted_ ? candidates_[place] : place;
    ++next_segment_;
    const int rc = PickRows(index, &rows_, error);
    if (rc != SQLITE_OK) return rc;
    if (rows_.empty()) continue;
    if (newest_first_) std::reverse(rows_.begin(), rows_.end());
    at_ = 0;
    return SQLITE_OK;
  }
  eof_ = true;
  return SQLITE_OK;
}

// Moves to the row that the walk has come to, or to the end.
int Scan::Settle(std::string* error) {
  eof_ = false;
  if (by_ == By::kGroup) return SettleGroup(error);
  if (by_ == By::kTime) {
    const int rc =
        times_.Next([&](size_t index, std::vector<uint32_t>* rows, std::vector<int64_t>* times) {
          return OpenForTime(index, rows, times, error);
        });
    eof_ = rc != SQLITE_OK || times_.eof();
    if (eof_) return rc;
    MoveTo(times_.segment());
    row_ = times_.row();
  } else if (by_ == By::kIndex) {
    int rc = SQLITE_CORRUPT;
    for (; from_ != to_; newest_first_ ? --to_ : ++from_) {
      const LookupIndex::Entry entry = newest_first_ ? to_[-1] : *from_;
      const size_t segment = index_->SegmentOf(entry);
      rc = GoTo(segment, error);
      row_ = index_->RowOf(entry, segment);
      if (rc != SQLITE_CORRUPT) break;
    }
    eof_ = rc != SQLITE_OK;
    if (eof_) return rc == SQLITE_CORRUPT ? SQLITE_OK : rc;
  } else {
    if (at_ >= rows_.size()) {
      const int rc = NextSegment(error);
      if (rc != SQLITE_OK || eof_) return rc;
    }
    row_ = rows_[at_];
  }
  half_ = Half::kWhole;
  if (table_.file_events && IsRename()) half_ = newest_first_ ? Half::kTo : Half::kFrom;
  return SQLITE_OK;
}

int Scan::Next(std::string* error) {
  if (half_ != Half::kWhole && half_ == (newest_first_ ? Half::kTo : Half::kFrom)) {
    half_ = newest_first_ ? Half::kFrom : Half::kTo;
    return SQLITE_OK;
  }
  if (by_ == By::kIndex) {
    if (newest_first_) {
      --to_;
    } else {
      ++from_;
    }
  } else if (by_ == By::kSegment) {
    ++at_;
  }
  return Settle(error);
}

bool Scan::IsRename() {
  const Column* action = segments_[segment_].Get(&connection_.reader(), file::kAction);
  if (!action) return false;
  const uint32_t code = action->codes[row_];
  return code != 0 && action->Entry(code) == "rename";
}

void Scan::Show(int column, sqlite3_context* context) {
  if (by_ == By::kGroup) {
    if (groups_.text()) {
      ShowText(groups_.string(), context);
    } else {
      ShowInteger(table_.columns[group_column_], groups_.integer(), context);
    }
    return;
  }
  const schema::FaceColumn& face = table_.columns[column];
  if (face.how == How::kColumn && half_ == Half::kWhole) {
    const Column*& values = shown_[column];
    if (!values) values = segments_[segment_].Get(&connection_.reader(), face.column);
    if (values) {
      if (!values->text) connection_.giver() = {this, column};
      ShowStored(*values, row_, context);
      return;
    }
  }
  Segment& segment = segments_[segment_];
  if (ShowColumn(table_, column, segment, &connection_.reader(), row_, half_, context)) return;
  // The block's other columns made it this far; this one is lost.
  Skip(segment);
  sqlite3_result_null(context);
}

int64_t Scan::RowId() {
  if (by_ == By::kGroup) {
    if (group_seqs_.empty()) FindGroupRows();
    return groups_.ordinal() < group_seqs_.size() ? group_seqs_[groups_.ordinal()] : 0;
  }
  const Column* seq = segments_[segment_].Get(&connection_.reader(), kSeqColumn);
  if (!seq) return 0;
  const int64_t id = seq->Int(row_);
  return table_.file_events ? id * 2 + (half_ == Half::kTo ? 1 : 0) : id;
}

}  // namespace weir::store
