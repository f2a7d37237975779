#include "store/hot_rows.h"

#include <algorithm>
#include <numeric>

namespace weir::store {

using schema::Kind;
using schema::Origin;

namespace {

// `rows` of `values`, widened; rows without a gap need not be looked up one by one.
template <typename Value, typename To>
void Take(const Value* values, const std::vector<uint32_t>& rows, bool gapless, To* to) {
  if (gapless) {
    std::copy_n(values + rows.front(), rows.size(), to);
  } else {
    std::transform(rows.begin(), rows.end(), to, [=](uint32_t row) { return values[row]; });
  }
}

template <typename Value>
std::optional<int64_t> One(const Value* values, const std::vector<uint32_t>& rows, bool gapless) {
  const Value first = values[rows.front()];
  const auto other = [=](Value value) { return value != first; };
  const bool several =
      gapless
          ? std::any_of(values + rows.front(), values + rows.front() + rows.size(), other)
          : std::any_of(rows.begin(), rows.end(), [=](uint32_t row) { return other(values[row]); });
  if (several) return std::nullopt;
  return static_cast<int64_t>(first);
}

}  // namespace

void HotRows::ReadIntegers(int column, int64_t* to) const {
  const Batch& batch = *source_->batch;
  if (column == kSeqColumn) {
    std::iota(to, to + rows_.size(), first_seq_);
  } else if (schema::kClasses[batch.event_class].columns[column].kind == Kind::kI64) {
    Take(batch.I64(column), rows_, gapless_, to);
  } else {
    Take(batch.U32(column), rows_, gapless_, to);
  }
}

std::optional<int64_t> HotRows::Same(int column) const {
  const Batch& batch = *source_->batch;
  const schema::PhysicalColumn& spec = schema::kClasses[batch.event_class].columns[column];
  if (spec.kind == Kind::kI64) return One(batch.I64(column), rows_, gapless_);
  if (spec.kind == Kind::kU32) return One(batch.U32(column), rows_, gapless_);
  const bool made = std::any_of(source_->stream.begin(), source_->stream.end(),
                                [column](const StreamText& s) { return s.column == column; });
  if (made) return std::nullopt;
  const bool no_text =
      spec.origin == Origin::kStream || batch.columns[column].dictionary_count <= 1;
  return no_text ? std::optional(kNullI64) : std::nullopt;
}

void HotRows::Read(int column, Column* out) const {
  *out = Column{};
  const Batch& batch = *source_->batch;
  if (column == kSeqColumn ||
      schema::kClasses[batch.event_class].columns[column].kind != Kind::kText) {
    out->ints.resize(rows_.size());
    ReadIntegers(column, out->ints.data());
    return;
  }
  const schema::PhysicalColumn& spec = schema::kClasses[batch.event_class].columns[column];
  out->text = true;
  const uint32_t* codes = nullptr;
  const auto made = std::find_if(source_->stream.begin(), source_->stream.end(),
                                 [column](const StreamText& s) { return s.column == column; });
  if (made != source_->stream.end()) {
    codes = made->codes.data();
    out->entries = static_cast<uint32_t>(made->offsets.size() - 1);
    out->offsets_at = made->offsets.data();
    out->bytes_at = made->bytes.data();
  } else if (spec.origin != Origin::kStream) {
    const ColumnLayout& layout = batch.columns[column];
    codes = batch.Codes(column);
    out->entries = layout.dictionary_count;
    out->offsets_at =
        reinterpret_cast<const uint32_t*>(batch.memory.get() + layout.dictionary_offsets);
    out->bytes_at = reinterpret_cast<const char*>(batch.memory.get() + layout.dictionary_bytes);
  } else {
    out->offsets.assign({0, 0});
    out->OwnDictionary();
    out->codes.assign(rows_.size(), 0);
    return;
  }
  out->codes.resize(rows_.size());
  Take(codes, rows_, gapless_, out->codes.data());
}

void HotRows::TimeRange(int64_t* first, int64_t* last) const {
  // time_ns is the first column of every class.
  const int64_t* times = source_->batch->I64(schema::process_column::kTimeNs);
  *first = INT64_MAX;
  *last = INT64_MIN;
  for (const uint32_t row : rows_) {
    *first = std::min(*first, times[row]);
    *last = std::max(*last, times[row]);
  }
}

}  // namespace weir::store
