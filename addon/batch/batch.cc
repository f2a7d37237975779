#include "batch/batch.h"

#include <sys/random.h>

#include <algorithm>

namespace weir {

using schema::kClasses;
using schema::Kind;
using schema::Origin;

namespace {

uint64_t ProcessKey() {
  static const uint64_t key = [] {
    uint64_t value = 0;
    if (getrandom(&value, sizeof value, 0) != sizeof value) value = 0x9e3779b97f4a7c15u;
    return value;
  }();
  return key;
}

uint64_t Mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

size_t Align(size_t offset) { return (offset + 7) & ~size_t{7}; }

}  // namespace

// The multiply-fold construction of wyhash, over 8-byte words.
uint64_t KeyedHash(const void* data, size_t size, uint64_t seed) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  uint64_t hash = Mix(seed ^ ProcessKey() ^ 0xa0761d6478bd642fu, size ^ 0xe7037ed1a0b428dbu);
  for (; size >= 8; size -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    hash = Mix(hash ^ word, 0x8ebc6af09c88c6e3u);
  }
  uint64_t tail = 0;
  memcpy(&tail, bytes, size);
  return Mix(hash ^ tail ^ ProcessKey(), 0x589965cc75374cc3u);
}

Dictionary::Dictionary() { Clear(); }

void Dictionary::Clear() {
  bytes_.clear();
  offsets_.assign({0, 0});
  hashes_.assign(1, 0);
  table_.assign(16, 0);
  last_ = 0;
}

uint32_t Dictionary::Code(std::string_view text) {
  if (last_ != 0 && Entry(last_) == text) return last_;
  const auto hash = static_cast<uint32_t>(KeyedHash(text.data(), text.size(), 0));
  uint32_t mask = static_cast<uint32_t>(table_.size()) - 1;
  uint32_t slot = hash & mask;
  for (; table_[slot] != 0; slot = (slot + 1) & mask) {
    const uint32_t code = table_[slot];
    if (hashes_[code] == hash && Entry(code) == text) return last_ = code;
  }
  const uint32_t code = count();
  bytes_.append(text);
  offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
  hashes_.push_back(hash);
  table_[slot] = code;
  if (code * 2 > mask) Grow();
  return last_ = code;
}

std::string_view Dictionary::Entry(uint32_t code) const {
  return std::string_view(bytes_).substr(offsets_[code], offsets_[code + 1] - offsets_[code]);
}

void Dictionary::Grow() {
  table_.assign(table_.size() * 4, 0);
  const uint32_t mask = static_cast<uint32_t>(table_.size()) - 1;
  for (uint32_t code = 1; code < count(); ++code) {
    uint32_t slot = hashes_[code] & mask;
    while (table_[slot] != 0) slot = (slot + 1) & mask;
    table_[slot] = code;
  }
}

BatchBuilder::BatchBuilder(int event_class)
    : event_class_(event_class),
      u32_(kClasses[event_class].count),
      i64_(kClasses[event_class].count),
      dictionaries_(kClasses[event_class].count) {}

size_t BatchBuilder::bytes() const {
  size_t total = 0;
  const auto& spec = kClasses[event_class_];
  for (int c = 0; c < spec.count; ++c) {
    total += size_t{rows_} * (spec.columns[c].kind == Kind::kI64 ? 8 : 4);
    total += dictionaries_[c].bytes().size() + dictionaries_[c].count() * 4;
  }
  return total;
}

void BatchBuilder::Grow() {
  capacity_ = capacity_ == 0 ? 16 : capacity_ * 4;
  const auto& spec = kClasses[event_class_];
  for (int c = 0; c < spec.count; ++c) {
    if (spec.columns[c].origin == Origin::kStream) continue;
    if (spec.columns[c].kind == Kind::kI64) {
      i64_[c].resize(capacity_, kNullI64);
    } else {
      u32_[c].resize(capacity_, 0);
    }
  }
}

void BatchBuilder::CopyRow(const Batch& batch, uint32_t row) {
  BeginRow();
  const auto& spec = kClasses[event_class_];
  for (int c = 0; c < spec.count; ++c) {
    if (spec.columns[c].origin == Origin::kStream) continue;
    switch (spec.columns[c].kind) {
      case Kind::kU32:
        SetU32(c, batch.U32(c)[row]);
        break;
      case Kind::kI64:
        SetI64(c, batch.I64(c)[row]);
        break;
      case Kind::kText:
        if (const uint32_t code = batch.Codes(c)[row]; code != 0) SetText(c, batch.Entry(c, code));
        break;
    }
  }
}

std::shared_ptr<Batch> BatchBuilder::Seal() {
  const auto& spec = kClasses[event_class_];
  auto batch = std::make_shared<Batch>();
  batch->event_class = event_class_;
  batch->rows = rows_;
  batch->columns.resize(spec.count);
  size_t size = 0;
  const auto place = [&size](size_t bytes) {
    const size_t offset = size;
    size = Align(size + bytes);
    return static_cast<uint32_t>(offset);
  };
  for (int c = 0; c < spec.count; ++c) {
    const auto& column = spec.columns[c];
    if (column.origin == Origin::kStream) continue;
    ColumnLayout& layout = batch->columns[c];
    layout.data = place(size_t{rows_} * (column.kind == Kind::kI64 ? 8 : 4));
    if (column.kind != Kind::kText) continue;
    layout.dictionary_count = dictionaries_[c].count();
    layout.dictionary_offsets = place(dictionaries_[c].offsets().size() * 4);
    layout.dictionary_bytes = place(dictionaries_[c].bytes().size());
  }
  batch->size = size;
  batch->memory = std::make_unique_for_overwrite<uint8_t[]>(size > 0 ? size : 1);
  uint8_t* memory = batch->memory.get();
  for (int c = 0; c < spec.count; ++c) {
    const auto& column = spec.columns[c];
    if (column.origin != Origin::kStream) {
      const ColumnLayout& layout = batch->columns[c];
      if (column.kind == Kind::kI64) {
        memcpy(memory + layout.data, i64_[c].data(), size_t{rows_} * 8);
      } else {
        memcpy(memory + layout.data, u32_[c].data(), size_t{rows_} * 4);
      }
      if (column.kind == Kind::kText) {
        const auto& offsets = dictionaries_[c].offsets();
        const auto& bytes = dictionaries_[c].bytes();
        memcpy(memory + layout.dictionary_offsets, offsets.data(), offsets.size() * 4);
        memcpy(memory + layout.dictionary_bytes, bytes.data(), bytes.size());
      }
    }
    std::fill_n(u32_[c].begin(), std::min<size_t>(rows_, u32_[c].size()), 0u);
    std::fill_n(i64_[c].begin(), std::min<size_t>(rows_, i64_[c].size()), kNullI64);
    dictionaries_[c].Clear();
  }
  rows_ = 0;
  text_bytes_ = 0;
  return batch;
}

}  // namespace weir
