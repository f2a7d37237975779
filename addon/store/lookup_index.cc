#include "store/lookup_index.h"

#include <algorithm>

#include "store/face.h"
#include "store/value_filter.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
using schema::TableSpec;

namespace {

constexpr size_t kBucketEntries = 4;
// As many places as the first cache holds lines of.
constexpr int kMaxPartBits = 8;
// Longer buckets, which values that many rows share make, are searched by halves.
constexpr std::ptrdiff_t kShortBucket = 16;

size_t PrefixOf(uint64_t hash, int bits) { return bits == 0 ? 0 : hash >> (64 - bits); }

bool Before(const LookupIndex::Entry& a, const LookupIndex::Entry& b) {
  return a.hash() != b.hash() ? a.hash() < b.hash() : a.place < b.place;
}

int64_t TextKey(std::string_view text) {
  return static_cast<int64_t>(KeyedHash(text.data(), text.size(), 0));
}

// By code; of NULL anything.
std::vector<uint64_t> HashesByCode(const Column& column) {
  std::vector<uint64_t> hashes;
  if (column.text) {
    hashes.resize(column.entries);
    for (uint32_t code = 1; code < column.entries; ++code) {
      hashes[code] = FilterHash(TextKey(column.Entry(code)));
    }
  } else if (column.coded) {
    hashes.reserve(column.ints.size());
    for (const int64_t value : column.ints) hashes.push_back(FilterHash(value));
  }
  return hashes;
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
  std::optional<int64_t> equal;
  if (!EqualInteger(value, &equal) || !equal || *equal == kNullI64) return false;
  *key = *equal;
  return true;
}

LookupIndex::LookupIndex(const TableSpec& table, int column, const std::vector<Segment>& segments)
    : table_(table), column_(column) {
  uint64_t rows = 0;
  for (const Segment& segment : segments) rows += segment.meta().rows;
  state_ = rows <= kMaxEntries ? State::kRows : State::kSegments;
  // All at once: growing would take twice the memory. What is not used is never touched.
  entries_.reserve(std::min(rows, kMaxEntries));
  if (state_ == State::kSegments) return;
  first_row_.push_back(0);
  for (const Segment& segment : segments) {
    first_row_.push_back(first_row_.back() + segment.meta().rows);
  }
  uint32_t segment = 0;
  for (uint32_t row = 0; row < rows; row += uint32_t{1} << kNearBits) {
    while (row >= first_row_[segment + 1]) ++segment;
    near_.push_back(segment);
  }
}

bool LookupIndex::Add(const RowFilter& base, size_t index, Segment& segment, BlockReader* reader) {
  if (state_ == State::kTooLarge) return true;
  std::vector<uint32_t> rows;
  if (!base.Pick(segment, reader, &rows)) return false;
  const Column* column = segment.Get(reader, table_.columns[column_].column);
  if (!column) return false;
  if (entries_.size() + rows.size() > kMaxEntries) {
    state_ = State::kTooLarge;
    entries_ = {};
    return true;
  }
  const bool by_code = column->text || column->coded;
  if (!by_code) {
    for (const uint32_t row : rows) {
      const int64_t value = column->ints[row];
      if (value != kNullI64) Push(FilterHash(value), index, row);
    }
    return true;
  }
  const std::vector<uint64_t> hashes = HashesByCode(*column);
  seen_.assign(hashes.size(), 0);
  for (uint32_t code = 0; code < hashes.size(); ++code) {
    if (column->text ? code == 0 : column->ints[code] == kNullI64) seen_[code] = 1;
  }
  for (const uint32_t row : rows) {
    const uint32_t code = column->codes[row];
    if (seen_[code]) continue;
    if (state_ == State::kSegments) seen_[code] = 1;  // once for a value of the segment
    Push(hashes[code], index, row);
  }
  return true;
}

// In place, by the first bits of the hash: a copy would double the memory. `begins` gets where each
// part begins, and the end.
void LookupIndex::Part(std::vector<uint32_t>* begins) {
  const auto part_of = [this](const Entry& entry) { return PrefixOf(entry.hash(), part_bits_); };
  const size_t parts = size_t{1} << part_bits_;
  begins->assign(parts + 1, 0);
  for (const Entry& entry : entries_) ++(*begins)[part_of(entry) + 1];
  for (size_t part = 1; part <= parts; ++part) (*begins)[part] += (*begins)[part - 1];
  std::vector<uint32_t> next(begins->begin(), begins->end());
  for (size_t part = 0; part < parts; ++part) {
    while (next[part] < (*begins)[part + 1]) {
      Entry entry = entries_[next[part]];
      for (size_t to = part_of(entry); to != part; to = part_of(entry)) {
        std::swap(entry, entries_[next[to]++]);
      }
      entries_[next[part]++] = entry;
    }
  }
}

// Small enough for the processor's cache: by bucket, and sorted in each.
void LookupIndex::SortPart(size_t part, size_t begin, size_t end) {
  const size_t count = size_t{1} << (bucket_bits_ - part_bits_);
  const auto bucket_of = [&](const Entry& entry) {
    return PrefixOf(entry.hash(), bucket_bits_) & (count - 1);
  };
  copy_.assign(entries_.begin() + begin, entries_.begin() + end);
  counts_.assign(count + 1, 0);
  for (const Entry& entry : copy_) ++counts_[bucket_of(entry) + 1];
  for (size_t b = 1; b <= count; ++b) counts_[b] += counts_[b - 1];
  uint32_t* const begins = &buckets_[part * count];
  for (size_t b = 0; b < count; ++b) begins[b] = static_cast<uint32_t>(begin + counts_[b]);
  for (const Entry& entry : copy_) entries_[begin + counts_[bucket_of(entry)]++] = entry;
  for (size_t b = 0; b < count; ++b) {
    const auto from = entries_.begin() + begins[b];
    const auto to = entries_.begin() + begin + counts_[b];
    if (to - from > 1 && !std::is_sorted(from, to, Before)) std::sort(from, to, Before);
  }
}

void LookupIndex::Finish() {
  if (state_ == State::kTooLarge) return;
  bucket_bits_ = 0;
  while ((entries_.size() >> bucket_bits_) > kBucketEntries) ++bucket_bits_;
  part_bits_ = std::min(bucket_bits_, kMaxPartBits);
  std::vector<uint32_t> parts;
  Part(&parts);
  buckets_.resize((size_t{1} << bucket_bits_) + 1);
  buckets_.back() = static_cast<uint32_t>(entries_.size());
  for (size_t part = 0; part + 1 < parts.size(); ++part) {
    SortPart(part, parts[part], parts[part + 1]);
  }
  if (entries_.size() < entries_.capacity() / 2) entries_.shrink_to_fit();
  seen_ = {};
  copy_ = {};
  counts_ = {};
}

size_t LookupIndex::bytes() const {
  return entries_.capacity() * sizeof(Entry) +
         (buckets_.capacity() + first_row_.capacity() + near_.capacity()) * sizeof(uint32_t);
}

void LookupIndex::FetchBucket(int64_t key) const {
  __builtin_prefetch(&buckets_[PrefixOf(FilterHash(key), bucket_bits_)]);
}

void LookupIndex::FetchEntries(int64_t key) const {
  const size_t begin = buckets_[PrefixOf(FilterHash(key), bucket_bits_)];
  __builtin_prefetch(entries_.data() + begin);
  // Many buckets end on the next line.
  __builtin_prefetch(entries_.data() + std::min(begin + kBucketEntries, entries_.size()));
}

LookupIndex::Found LookupIndex::Find(int64_t key) const {
  const uint64_t hash = FilterHash(key);
  const size_t bucket = PrefixOf(hash, bucket_bits_);
  const Entry* from = entries_.data() + buckets_[bucket];
  const Entry* end = entries_.data() + buckets_[bucket + 1];
  if (end - from > kShortBucket) {
    const auto [first, last] = std::equal_range(
        from, end, Entry{static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(hash), 0},
        [](const Entry& a, const Entry& b) { return a.hash() < b.hash(); });
    return {first, last};
  }
  while (from != end && from->hash() != hash) ++from;
  const Entry* to = from;
  while (to != end && to->hash() == hash) ++to;
  return {from, to};
}

}  // namespace weir::store
