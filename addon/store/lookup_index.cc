#include "store/lookup_index.h"

#include <algorithm>

#include "store/face.h"
#include "store/value_filter.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
using schema::TableSpec;

namespace {

constexpr size_t kBucketEntries = 16;
constexpr int kMaxBucketBits = 18;

int64_t TextKey(std::string_view text) {
  return static_cast<int64_t>(KeyedHash(text.data(), text.size(), 0));
}

}  // namespace

bool LookupIndex::Supports(const TableSpec& table, int column) {
  const FaceColumn& face = table.columns[column];
  if (face.how != How::kColumn) return false;
  // Either half of a rename may be meant.
  return !(table.file_events && FaceOfText(table, face));
}

bool LookupIndex::Key(const TableSpec& table, int column, sqlite3_value* value, int64_t* key) {
  if (FaceOfText(table, table.columns[column])) {
    if (sqlite3_value_type(value) != SQLITE_TEXT) return false;
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    *key = TextKey({text, static_cast<size_t>(sqlite3_value_bytes(value))});
    return true;
  }
  const Range range = IntegerBounds(Op::kEq, value);
  *key = range.low;
  return range.low == range.high && range.low != kNullI64;
}

void LookupIndex::Begin(int column, uint64_t rows, size_t segments) {
  column_ = column;
  entries_ = {};
  buckets_ = {};
  state_ = rows <= kMaxEntries ? State::kRows : State::kSegments;
  if (segments >= (size_t{1} << kSegmentBits)) state_ = State::kTooLarge;
  // All at once: growing would take twice the memory. What is not used is never touched.
  if (state_ != State::kTooLarge) entries_.reserve(std::min(rows, kMaxEntries));
}

void LookupIndex::Push(int64_t key, size_t segment, uint32_t row) {
  const uint64_t hash = FilterHash(key) >> (64 - kHashBits);
  entries_.push_back(hash << kPlaceBits | uint64_t{segment} << kRowBits | row);
}

bool LookupIndex::Add(const TableSpec& table, const RowFilter& base, size_t index, Segment& segment,
                      BlockReader* reader) {
  if (state_ == State::kTooLarge) return true;
  std::vector<uint32_t> rows;
  if (!base.Pick(segment, reader, &rows)) return false;
  const Column* column = segment.Get(reader, table.columns[column_].column);
  if (!column) return false;
  if (entries_.size() + rows.size() > kMaxEntries) {
    state_ = State::kTooLarge;
    entries_ = {};
    return true;
  }
  const bool once = state_ == State::kSegments && (column->text || column->coded);
  std::vector<int64_t> keys(column->text ? column->entries : 0);
  for (uint32_t code = 1; code < keys.size(); ++code) keys[code] = TextKey(column->Entry(code));
  seen_.assign(column->text ? column->entries : column->coded ? column->ints.size() : 0, 0);
  for (const uint32_t row : rows) {
    if (once) {
      if (seen_[column->codes[row]]) continue;
      seen_[column->codes[row]] = 1;
    }
    if (column->text) {
      if (column->codes[row] != 0) Push(keys[column->codes[row]], index, row);
    } else if (const int64_t value = column->Int(row); value != kNullI64) {
      Push(value, index, row);
    }
  }
  return true;
}

// By hash, twelve bits at a time. Entries came in seq order, and keep it where hashes are equal.
void LookupIndex::Sort() {
  constexpr int kDigit = kHashBits / 2;
  constexpr size_t kValues = size_t{1} << kDigit;
  std::vector<Entry> other(entries_.size());
  for (int shift = kPlaceBits; shift < 64; shift += kDigit) {
    const auto digit_of = [shift](Entry entry) { return entry >> shift & (kValues - 1); };
    std::vector<uint32_t> next(kValues + 1, 0);
    for (const Entry entry : entries_) ++next[digit_of(entry) + 1];
    for (size_t value = 1; value <= kValues; ++value) next[value] += next[value - 1];
    for (const Entry entry : entries_) other[next[digit_of(entry)]++] = entry;
    entries_.swap(other);
  }
  bucket_bits_ = 0;
  while (bucket_bits_ < kMaxBucketBits && (entries_.size() >> bucket_bits_) > kBucketEntries) {
    ++bucket_bits_;
  }
  buckets_.assign((size_t{1} << bucket_bits_) + 1, 0);
  for (const Entry entry : entries_) ++buckets_[BucketOf(entry >> kPlaceBits) + 1];
  for (size_t b = 1; b < buckets_.size(); ++b) buckets_[b] += buckets_[b - 1];
}

void LookupIndex::Finish() {
  if (state_ != State::kTooLarge) Sort();
}

LookupIndex::Found LookupIndex::Find(int64_t key) const {
  const uint64_t hash = FilterHash(key) >> (64 - kHashBits);
  const size_t bucket = BucketOf(hash);
  const Entry* from = entries_.data() + buckets_[bucket];
  const Entry* end = entries_.data() + buckets_[bucket + 1];
  from = std::lower_bound(from, end, hash << kPlaceBits);
  const Entry* to = from;
  while (to != end && *to >> kPlaceBits == hash) ++to;
  return {from, to};
}

}  // namespace weir::store
