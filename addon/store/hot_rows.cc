#include "store/hot_rows.h"

#include <algorithm>

namespace weir::store {

using schema::Kind;
using schema::Origin;

void HotRows::Read(int column, Column* out) const {
  *out = Column{};
  const Batch& batch = *source_->batch;
  if (column == kSeqColumn) {
    out->ints.resize(rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) {
      out->ints[i] = first_seq_ + static_cast<int64_t>(i);
    }
    return;
  }
  const schema::PhysicalColumn& spec = schema::kClasses[batch.event_class].columns[column];
  if (spec.kind == Kind::kI64) {
    const int64_t* values = batch.I64(column);
    out->ints.resize(rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) out->ints[i] = values[rows_[i]];
    return;
  }
  if (spec.kind == Kind::kU32) {
    const uint32_t* values = batch.U32(column);
    out->ints.resize(rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) out->ints[i] = values[rows_[i]];
    return;
  }
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
  for (size_t i = 0; i < rows_.size(); ++i) out->codes[i] = codes[rows_[i]];
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
