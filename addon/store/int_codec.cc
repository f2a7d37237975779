#include "store/int_codec.h"

#include <algorithm>

#include "store/bytes.h"
#include "store/packing.h"

namespace weir::store {

namespace {

// Distinct values in order of appearance and a code per row; false when there are too many.
bool Distinct(const std::vector<int64_t>& values, size_t limit, std::vector<int64_t>* distinct,
              std::vector<uint32_t>* codes) {
  size_t slots = 64;
  while (slots < limit * 2) slots *= 2;
  std::vector<uint32_t> table(slots, 0);
  const size_t mask = slots - 1;
  codes->resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0 && values[i] == values[i - 1]) {
      (*codes)[i] = (*codes)[i - 1];
      continue;
    }
    size_t slot = (static_cast<uint64_t>(values[i]) * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (table[slot] != 0 && (*distinct)[table[slot] - 1] != values[i]) slot = (slot + 1) & mask;
    if (table[slot] == 0) {
      if (distinct->size() >= limit) return false;
      distinct->push_back(values[i]);
      table[slot] = static_cast<uint32_t>(distinct->size());
    }
    (*codes)[i] = table[slot] - 1;
  }
  return true;
}

void EncodeRuns(const std::vector<int64_t>& values, size_t runs, std::string* out) {
  ByteWriter raw;
  raw.Varint(runs);
  for (size_t from = 0, to; from < values.size(); from = to) {
    to = from + 1;
    while (to < values.size() && values[to] - 1 == values[to - 1]) ++to;
    raw.I64(values[from]);
    raw.Varint(to - from);
  }
  *out = std::move(raw.out());
}

bool DecodeRuns(ByteReader* in, uint32_t rows, std::vector<int64_t>* out) {
  const uint64_t runs = in->Varint();
  if (runs > in->left()) return false;
  out->reserve(rows);
  for (uint64_t run = 0; run < runs; ++run) {
    const auto from = static_cast<uint64_t>(in->I64());
    const uint64_t length = in->Varint();
    if (!in->ok() || length == 0 || length > rows - out->size()) return false;
    for (uint64_t i = 0; i < length; ++i) out->push_back(static_cast<int64_t>(from + i));
  }
  return in->ok() && in->left() == 0 && out->size() == rows;
}

}  // namespace

EncodedInts EncodeInts(const std::vector<int64_t>& values) {
  EncodedInts out;
  // Packed relative to the smallest of all, NULL (the smallest there is) included.
  int64_t low = INT64_MAX;
  out.max = INT64_MIN;
  for (const int64_t value : values) {
    low = std::min(low, value);
    out.max = std::max(out.max, value);
  }
  out.min = low;
  out.has_null = low == kNullI64;
  if (out.has_null) {
    out.min = INT64_MAX;
    for (const int64_t value : values) {
      out.min = std::min(out.min, value == kNullI64 ? INT64_MAX : value);
    }
  }
  const bool all_null = out.min > out.max;
  if (all_null || (out.min == out.max && !out.has_null)) return out;

  const size_t count = values.size();
  const int offset_width = WidthOf(static_cast<uint64_t>(out.max) - static_cast<uint64_t>(low));
  DifferenceRange deltas;
  size_t runs = 1;
  // Many values of a byte gain nothing by their differences.
  const bool by_difference = offset_width > 1 || count <= 256;
  for (size_t i = 1; i < count && by_difference; ++i) {
    const uint64_t delta = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]);
    deltas.Add(delta);
    runs += delta == 1 ? 0 : 1;
  }
  const int delta_width = by_difference ? deltas.width() : offset_width;
  out.width = std::min(offset_width, delta_width);
  constexpr size_t kRunBytes = 11;
  if (!out.has_null && by_difference && runs * kRunBytes < count * out.width) {
    out.encoding = Encoding::kRuns;
    out.width = 0;
    EncodeRuns(values, runs, &out.raw);
    return out;
  }
  ByteWriter raw;
  std::vector<int64_t> distinct;
  if (out.width >= 3 && Distinct(values, count / 4 + 1, &distinct, &out.codes)) {
    out.encoding = Encoding::kDictionary;
    out.distinct = distinct.size();
    const int width = WidthOf(distinct.size() - 1);
    raw.Varint(distinct.size());
    raw.Raw(distinct.data(), distinct.size() * 8);
    raw.U8(static_cast<uint8_t>(width));
    PackTo(&raw.out(), out.codes.data(), count, 0, width);
    out.raw = std::move(raw.out());
    return out;
  }
  out.codes.clear();
  if (delta_width < offset_width) {
    out.encoding = Encoding::kDelta;
    std::vector<uint64_t> differences(count - 1);
    for (size_t i = 1; i < count; ++i) {
      differences[i - 1] = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]);
    }
    raw.I64(values[0]);
    raw.I64(static_cast<int64_t>(deltas.base()));
    raw.U8(static_cast<uint8_t>(delta_width));
    PackTo(&raw.out(), differences.data(), differences.size(), deltas.base(), delta_width);
  } else {
    out.encoding = Encoding::kOffset;
    raw.I64(low);
    raw.U8(static_cast<uint8_t>(offset_width));
    PackTo(&raw.out(), values.data(), count, static_cast<uint64_t>(low), offset_width);
  }
  out.raw = std::move(raw.out());
  return out;
}

bool DecodeCodes(ByteReader* in, uint32_t rows, uint32_t limit, std::vector<uint32_t>* codes) {
  const int width = in->U8();
  if (width > 4) return false;
  codes->resize(rows);
  uint32_t* to = codes->data();
  uint64_t most = 0;
  const bool fits = Unpacked(in->Raw(in->left()), width, rows, [&](size_t i, uint64_t code) {
    most = std::max(most, code);
    to[i] = static_cast<uint32_t>(code);
  });
  return in->ok() && fits && most < limit;
}

bool DecodeInts(Encoding encoding, std::string_view raw, uint32_t rows, Column* out) {
  ByteReader in(raw);
  std::vector<int64_t>& ints = out->ints;
  if (encoding == Encoding::kRuns) return DecodeRuns(&in, rows, &ints);
  if (encoding == Encoding::kDictionary) {
    const uint64_t count = in.Varint();
    if (!in.ok() || count == 0 || count > in.left() / 8) return false;
    ints.resize(count);
    memcpy(ints.data(), in.Raw(count * 8).data(), count * 8);
    out->coded = true;
    return DecodeCodes(&in, rows, static_cast<uint32_t>(count), &out->codes);
  }
  ints.resize(rows);
  int64_t* to = ints.data();
  if (encoding == Encoding::kOffset) {
    const auto base = static_cast<uint64_t>(in.I64());
    const int width = in.U8();
    if (!in.ok()) return false;
    return Unpacked(in.Raw(in.left()), width, rows,
                    [=](size_t i, uint64_t value) { to[i] = static_cast<int64_t>(base + value); });
  }
  if (encoding != Encoding::kDelta) return false;
  auto value = static_cast<uint64_t>(in.I64());
  const auto base = static_cast<uint64_t>(in.I64());
  const int width = in.U8();
  if (!in.ok()) return false;
  to[0] = static_cast<int64_t>(value);
  return Unpacked(in.Raw(in.left()), width, rows - 1, [&](size_t i, uint64_t delta) {
    value += base + delta;
    to[i + 1] = static_cast<int64_t>(value);
  });
}

}  // namespace weir::store
