// How a scan finds rows by an index: the inner side of a join.
#include <algorithm>

#include "store/scan.h"

namespace weir::store {

using schema::How;

namespace {

constexpr int kTimeColumn = schema::process_column::kTimeNs;  // the same in every class

// A statement that looks up this often is the inner side of a join.
constexpr int kStartsBeforeIndex = 3;
// Indexing a row costs many times what passing over it does. Look-ups that bounds and filters make
// short never pay for an index; those that walk far soon have.
constexpr uint64_t kWalksBeforeIndex = 4;

// Rows of the outer side: entries are found by the bucket, which has to be there by then.
constexpr size_t kBucketsAhead = 12;
constexpr size_t kEntriesAhead = 6;

}  // namespace

int Scan::LookUp(const Plan& plan, int count, sqlite3_value** values, bool* found,
                 std::string* error) {
  using State = LookupIndex::State;
  for (int i = 0; i < count && !*found; ++i) {
    const PlanTerm& term = plan.terms[i];
    // An index answers one term only, so that has to be the one that SQLite does not look at.
    if (plan.exact >= 0 && i != plan.exact) continue;
    int64_t key;
    if (term.op != Op::kEq || !LookupIndex::Supports(table_, term.column) ||
        !LookupIndex::Key(table_, term.column, values[i], &key)) {
      continue;
    }
    if ((!index_ || index_->column() != term.column) && !TakeKept(term.column)) {
      if (starts_ < kStartsBeforeIndex || walked_rows_ < kWalksBeforeIndex * total_rows_) continue;
      const int rc = BuildIndex(term.column, error);
      if (rc != SQLITE_OK) return rc;
    }
    if (index_->state() == State::kTooLarge) continue;
    *found = true;
    const LookupIndex::Found place = index_->Find(key);
    if (index_->state() == State::kRows) {
      fast_term_ = i;
      return StartIndexed(plan, place, error);
    }
    restricted_ = true;
    candidates_.clear();
    for (const LookupIndex::Entry* entry = place.from; entry != place.to; ++entry) {
      const size_t segment = index_->SegmentOf(*entry);
      if (candidates_.empty() || candidates_.back() != segment) candidates_.push_back(segment);
    }
  }
  return SQLITE_OK;
}

IndexScope Scan::Scope(int column) const {
  IndexScope scope{&table_, column, category_only_, {}, {}};
  scope.parts.reserve(segments_.size());
  Range seqs = seqs_;
  if (!segments_.empty()) {
    if (seqs.low <= segments_.front().meta().first_seq) seqs.low = INT64_MIN;
    if (seqs.high >= segments_.back().meta().last_seq) seqs.high = INT64_MAX;
  }
  scope.seqs = seqs;
  for (const Segment& segment : segments_) {
    const BlockMeta& meta = segment.meta();
    scope.parts.push_back({meta.id, meta.first_seq, meta.last_seq});
  }
  return scope;
}

bool Scan::TakeKept(int column) {
  if (std::find(asked_.begin(), asked_.end(), column) != asked_.end()) return false;
  asked_.push_back(column);
  if (!connection_.indexes().Has(table_, column)) return false;
  LookupIndexPtr kept = connection_.indexes().Find(Scope(column));
  if (!kept) return false;
  index_ = std::move(kept);
  return true;
}

int Scan::BuildIndex(int column, std::string* error) {
  RowFilter base(table_);
  base.SetBase(seqs_, category_only_);
  auto index = std::make_shared<LookupIndex>(table_, column, segments_);
  const bool integers = !FaceOfText(table_, table_.columns[column]);
  bool complete = true;
  for (size_t i = 0; i < segments_.size(); ++i) {
    Segment& segment = segments_[i];
    if (!base.MayMatch(segment.meta())) continue;
    const int rc = OpenSegment(i, error);
    if (rc != SQLITE_OK && rc != SQLITE_CORRUPT) return rc;
    if (rc == SQLITE_OK) MoveTo(i);
    if (rc == SQLITE_CORRUPT || !index->Add(base, i, segment, &connection_.reader())) {
      if (rc == SQLITE_OK) Skip(segment);
      complete = false;
    }
    // The statement reads other columns; of integers the index says all.
    if (integers) segment.Forget();
  }
  std::fill(shown_.begin(), shown_.end(), nullptr);
  index->Finish();
  index_ = std::move(index);
  fast_term_ = -1;
  // What could not be read now may be read by the next statement.
  if (complete) connection_.indexes().Keep(Scope(column), index_);
  return SQLITE_OK;
}

int Scan::GoTo(size_t index, std::string* error) {
  if (index == segment_ && segments_[index].opened()) return SQLITE_OK;
  const int rc = OpenSegment(index, error);
  if (rc == SQLITE_OK) MoveTo(index);
  return rc;
}

// Where a large index is looked up, memory is waited for longer than anything else is done: what
// the outer side of the join will look up soon is fetched meanwhile.
void Scan::FetchAhead(int64_t key) const {
  const auto [giver, column] = connection_.giver();
  int64_t value;
  if (!giver || giver == this || !giver->Ahead(column, 0, &value) || value != key) return;
  if (giver->Ahead(column, kBucketsAhead, &value)) index_->FetchBucket(value);
  if (giver->Ahead(column, kEntriesAhead, &value)) index_->FetchEntries(value);
}

int Scan::StartIndexed(const Plan& plan, const LookupIndex::Found& found, std::string* error) {
  by_ = By::kIndex;
  newest_first_ = plan.newest_first;
  from_ = found.from;
  to_ = found.to;
  if (plan.walk != Walk::kTime || from_ == to_) return SQLITE_OK;
  // Entries of a key are in seq order.
  const bool seconds = table_.columns[plan.column].how == How::kSeconds;
  std::vector<std::pair<int64_t, LookupIndex::Entry>> timed;
  for (const LookupIndex::Entry* entry = from_; entry != to_; ++entry) {
    const size_t index = index_->SegmentOf(*entry);
    const int rc = GoTo(index, error);
    if (rc == SQLITE_CORRUPT) continue;
    if (rc != SQLITE_OK) return rc;
    Segment& segment = segments_[index];
    const Column* times = segment.Get(&connection_.reader(), kTimeColumn);
    if (!times) {
      Skip(segment);
      continue;
    }
    const int64_t time = times->Int(index_->RowOf(*entry, index));
    timed.emplace_back(seconds ? TimeWalk::Second(time) : time, *entry);
  }
  std::stable_sort(timed.begin(), timed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  by_time_.clear();
  for (const auto& [time, entry] : timed) by_time_.push_back(entry);
  from_ = by_time_.data();
  to_ = from_ + by_time_.size();
  return SQLITE_OK;
}

}  // namespace weir::store
