#include "store/column_codec.h"

#include <zstd.h>

#include <memory>

namespace weir::store {

namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kWorthCompressing = 64;

// Contexts are large; each thread keeps one.
struct Contexts {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compress{ZSTD_createCCtx(), ZSTD_freeCCtx};
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> decompress{ZSTD_createDCtx(), ZSTD_freeDCtx};
};
Contexts& ThreadContexts() {
  thread_local Contexts contexts;
  return contexts;
}

EncodedPart MakePart(std::string raw) {
  EncodedPart part;
  part.raw_size = raw.size();
  if (raw.size() >= kWorthCompressing) {
    std::string packed(ZSTD_compressBound(raw.size()), '\0');
    const size_t size = ZSTD_compressCCtx(ThreadContexts().compress.get(), packed.data(),
                                          packed.size(), raw.data(), raw.size(), kZstdLevel);
    if (!ZSTD_isError(size) && size < raw.size() - raw.size() / 16) {
      packed.resize(size);
      part.stored.assign(packed);  // exact capacity: parts may wait in memory
      part.codec = Codec::kZstd;
      return part;
    }
  }
  part.stored = std::move(raw);
  return part;
}

bool Unpack(const Part& part, std::string_view stored, std::string* buffer, std::string_view* raw) {
  if (stored.size() != part.stored_size || Checksum(stored) != part.checksum) return false;
  if (part.codec == Codec::kPlain) {
    *raw = stored;
    return stored.size() == part.raw_size;
  }
  if (part.raw_size > kMaxPartBytes) return false;
  // The frame's own word first: a few damaged bytes must not make us reserve a gigabyte.
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != part.raw_size) return false;
  buffer->resize(part.raw_size);
  const size_t size = ZSTD_decompressDCtx(ThreadContexts().decompress.get(), buffer->data(),
                                          buffer->size(), stored.data(), stored.size());
  if (ZSTD_isError(size) || size != part.raw_size) return false;
  *raw = *buffer;
  return true;
}

int WidthOf(uint64_t range) {
  int width = 0;
  for (; range != 0; range >>= 8) ++width;
  return width;
}

// `width` low bytes of each value, value by value.
template <typename Value>
void PackTo(std::string* out, const Value* values, size_t count, uint64_t base, int width) {
  if (width == 0) return;
  const size_t start = out->size();
  out->resize(start + count * width + 8);
  char* to = out->data() + start;
  for (size_t i = 0; i < count; ++i, to += width) {
    const uint64_t value = static_cast<uint64_t>(values[i]) - base;
    memcpy(to, &value, 8);
  }
  out->resize(start + count * width);
}

// Calls take(i, value) for each packed value; false when the bytes do not fit.
template <typename Take>
bool Unpacked(std::string_view packed, int width, size_t count, Take take) {
  if (width < 0 || width > 8 || packed.size() != count * static_cast<size_t>(width)) return false;
  if (width == 0) {
    for (size_t i = 0; i < count; ++i) take(i, uint64_t{0});
    return true;
  }
  const uint64_t mask = width == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width)) - 1;
  const char* from = packed.data();
  size_t i = 0;
  for (; i + 8 < count; ++i, from += width) {  // 8 bytes may be read while 8 values follow
    uint64_t value;
    memcpy(&value, from, 8);
    take(i, value & mask);
  }
  for (; i < count; ++i, from += width) {
    uint64_t value = 0;
    memcpy(&value, from, width);
    take(i, value);
  }
  return true;
}

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

EncodedColumn EncodeInts(const std::vector<int64_t>& values) {
  EncodedColumn out;
  out.min = INT64_MAX;
  out.max = INT64_MIN;
  // Packed relative to the smallest of all, NULL (the smallest there is) included.
  int64_t low = INT64_MAX;
  uint64_t least = UINT64_MAX, most = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t value = values[i];
    low = std::min(low, value);
    if (value == kNullI64) {
      out.has_null = true;
    } else {
      out.min = std::min(out.min, value);
      out.max = std::max(out.max, value);
    }
    if (i > 0) {
      // Biased so that the unsigned order of differences is their signed one.
      const uint64_t delta = (static_cast<uint64_t>(value) - static_cast<uint64_t>(values[i - 1])) ^
                             (uint64_t{1} << 63);
      least = std::min(least, delta);
      most = std::max(most, delta);
    }
  }
  const bool all_null = out.min > out.max;
  if (all_null || (out.min == out.max && !out.has_null)) return out;

  const size_t count = values.size();
  const int64_t high = out.max;
  const int offset_width = WidthOf(static_cast<uint64_t>(high) - static_cast<uint64_t>(low));
  const int delta_width = WidthOf(most - least);
  std::vector<int64_t> distinct;
  std::vector<uint32_t> codes;
  ByteWriter raw;
  const int plain_width = std::min(offset_width, delta_width);
  if (plain_width >= 3 && Distinct(values, count / 4 + 1, &distinct, &codes)) {
    out.encoding = Encoding::kDictionary;
    const int width = WidthOf(distinct.size() - 1);
    raw.Varint(distinct.size());
    raw.Raw(distinct.data(), distinct.size() * 8);
    raw.U8(static_cast<uint8_t>(width));
    PackTo(&raw.out(), codes.data(), count, 0, width);
  } else if (delta_width < offset_width) {
    out.encoding = Encoding::kDelta;
    const uint64_t base = least ^ (uint64_t{1} << 63);
    std::vector<uint64_t> deltas(count - 1);
    for (size_t i = 1; i < count; ++i) {
      deltas[i - 1] = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]);
    }
    raw.I64(values[0]);
    raw.I64(static_cast<int64_t>(base));
    raw.U8(static_cast<uint8_t>(delta_width));
    PackTo(&raw.out(), deltas.data(), deltas.size(), base, delta_width);
  } else {
    out.encoding = Encoding::kOffset;
    raw.I64(low);
    raw.U8(static_cast<uint8_t>(offset_width));
    PackTo(&raw.out(), values.data(), count, static_cast<uint64_t>(low), offset_width);
  }
  out.parts.push_back(MakePart(std::move(raw.out())));
  return out;
}

EncodedColumn EncodeText(const Column& column) {
  EncodedColumn out;
  out.encoding = Encoding::kNullText;
  if (column.entries <= 1) return out;
  bool constant = column.entries == 2;
  for (const uint32_t code : column.codes) {
    if (code == 0) out.has_null = true;
  }
  constant = constant && !out.has_null;
  ByteWriter dictionary;
  dictionary.Varint(column.entries - 1);
  for (uint32_t code = 1; code < column.entries; ++code) {
    dictionary.Varint(column.Entry(code).size());
  }
  // Entries lie one after the other, so that one copy takes them all.
  const uint32_t from = column.offsets_at[1];
  dictionary.Raw(column.bytes_at + from, column.offsets_at[column.entries] - from);
  out.parts.push_back(MakePart(std::move(dictionary.out())));
  out.encoding = constant ? Encoding::kOneText : Encoding::kText;
  if (constant) return out;
  ByteWriter codes;
  const int width = WidthOf(column.entries - 1);
  codes.U8(static_cast<uint8_t>(width));
  PackTo(&codes.out(), column.codes.data(), column.codes.size(), 0, width);
  out.parts.push_back(MakePart(std::move(codes.out())));
  return out;
}

bool DecodeCodes(ByteReader* in, uint32_t rows, uint32_t limit, std::vector<uint32_t>* codes) {
  const int width = in->U8();
  if (width > 4) return false;
  codes->resize(rows);
  bool valid = true;
  const bool fits = Unpacked(in->Raw(in->left()), width, rows, [&](size_t i, uint64_t code) {
    valid &= code < limit;
    (*codes)[i] = static_cast<uint32_t>(code);
  });
  return in->ok() && fits && valid;
}

bool DecodeInts(Encoding encoding, std::string_view raw, uint32_t rows, std::vector<int64_t>* out) {
  ByteReader in(raw);
  out->resize(rows);
  if (encoding == Encoding::kOffset) {
    const auto base = static_cast<uint64_t>(in.I64());
    const int width = in.U8();
    if (!in.ok()) return false;
    return Unpacked(in.Raw(in.left()), width, rows, [&](size_t i, uint64_t value) {
      (*out)[i] = static_cast<int64_t>(base + value);
    });
  }
  if (encoding == Encoding::kDelta) {
    auto value = static_cast<uint64_t>(in.I64());
    const auto base = static_cast<uint64_t>(in.I64());
    const int width = in.U8();
    if (!in.ok()) return false;
    (*out)[0] = static_cast<int64_t>(value);
    return Unpacked(in.Raw(in.left()), width, rows - 1, [&](size_t i, uint64_t delta) {
      value += base + delta;
      (*out)[i + 1] = static_cast<int64_t>(value);
    });
  }
  if (encoding != Encoding::kDictionary) return false;
  const uint64_t count = in.Varint();
  if (!in.ok() || count == 0 || count > in.left() / 8) return false;
  std::vector<int64_t> distinct(count);
  memcpy(distinct.data(), in.Raw(count * 8).data(), count * 8);
  std::vector<uint32_t> codes;
  if (!DecodeCodes(&in, rows, static_cast<uint32_t>(count), &codes)) return false;
  for (uint32_t row = 0; row < rows; ++row) (*out)[row] = distinct[codes[row]];
  return true;
}

bool DecodeDictionary(std::string_view raw, Column* out) {
  ByteReader in(raw);
  const uint64_t count = in.Varint();
  if (!in.ok() || count == 0 || count > in.left()) return false;
  out->offsets.reserve(count + 2);
  out->offsets.assign({0, 0});
  uint64_t total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    total += in.Varint();
    if (!in.ok() || total > kMaxPartBytes) return false;
    out->offsets.push_back(static_cast<uint32_t>(total));
  }
  if (total != in.left()) return false;
  out->bytes.assign(in.Raw(total));
  out->OwnDictionary();
  return true;
}

}  // namespace

EncodedColumn EncodeColumn(const Column& column) {
  return column.text ? EncodeText(column) : EncodeInts(column.ints);
}

bool DecodeColumn(const BlockColumn& column, const std::vector<std::string_view>& stored,
                  uint32_t rows, Column* out) {
  *out = Column{};
  out->text = column.text;
  if (stored.size() != column.parts.size() || rows == 0) return false;
  std::string buffer;
  std::string_view raw;
  if (!column.text) {
    if (column.encoding == Encoding::kConstant) {
      out->ints.assign(rows, column.min > column.max ? kNullI64 : column.min);
      return column.parts.empty();
    }
    return column.parts.size() == 1 && Unpack(column.parts[0], stored[0], &buffer, &raw) &&
           DecodeInts(column.encoding, raw, rows, &out->ints);
  }
  switch (column.encoding) {
    case Encoding::kNullText:
      out->offsets.assign({0, 0});
      out->OwnDictionary();
      out->codes.assign(rows, 0);
      return column.parts.empty();
    case Encoding::kOneText:
      out->codes.assign(rows, 1);
      return column.parts.size() == 1 && Unpack(column.parts[0], stored[0], &buffer, &raw) &&
             DecodeDictionary(raw, out);
    case Encoding::kText: {
      if (column.parts.size() != 2) return false;
      if (!Unpack(column.parts[0], stored[0], &buffer, &raw) || !DecodeDictionary(raw, out)) {
        return false;
      }
      if (!Unpack(column.parts[1], stored[1], &buffer, &raw)) return false;
      ByteReader in(raw);
      return DecodeCodes(&in, rows, out->entries, &out->codes);
    }
    default:
      return false;
  }
}

}  // namespace weir::store
