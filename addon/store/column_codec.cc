#include "store/column_codec.h"

#include "store/bytes.h"
#include "store/int_codec.h"
#include "store/packing.h"

namespace weir::store {

namespace {

EncodedColumn EncodeNumbers(const std::vector<int64_t>& values, const Sources& sources) {
  EncodedInts own = EncodeInts(values);
  EncodedColumn out;
  out.has_null = own.has_null;
  out.min = own.min;
  out.max = own.max;
  if (std::optional<ToldColumn> told = TellInts(values, own, sources)) {
    out.encoding = told->encoding;
    out.parts = std::move(told->parts);
    return out;
  }
  out.encoding = own.encoding;
  if (own.encoding == Encoding::kConstant) return out;
  out.parts.push_back(MakePart(std::move(own.raw)));
  out.distinct = own.distinct;
  out.codes = std::move(own.codes);
  return out;
}

EncodedColumn EncodeText(const Column& column, const Sources& sources, Codec dictionary) {
  EncodedColumn out;
  out.encoding = Encoding::kNullText;
  if (column.entries <= 1) return out;
  for (const uint32_t code : column.codes) {
    if (code == 0) out.has_null = true;
  }
  if (column.entries == 2 && !out.has_null) {
    out.encoding = Encoding::kOneText;
    out.parts.push_back(MakePart(DictionaryBytes(column)));
    return out;
  }
  if (std::optional<ToldColumn> told = TellText(column, sources)) {
    out.encoding = told->encoding;
    out.parts = std::move(told->parts);
    return out;
  }
  out.encoding = Encoding::kText;
  out.parts.push_back(MakePart(DictionaryBytes(column), dictionary));
  ByteWriter codes;
  const int width = WidthOf(column.entries - 1);
  codes.U8(static_cast<uint8_t>(width));
  PackTo(&codes.out(), column.codes.data(), column.codes.size(), 0, width);
  out.parts.push_back(MakePart(std::move(codes.out())));
  return out;
}

// Takes `buffer` over when `raw` lies in it, so that entries need not be copied.
bool ReadDictionary(std::string_view raw, Buffer* buffer, Column* out) {
  ByteReader in(raw);
  const uint64_t count = in.Varint();
  if (!in.ok() || count == 0 || count > in.left()) return false;
  out->offsets.resize(count + 2);
  uint32_t* offsets = out->offsets.data();
  offsets[0] = offsets[1] = 0;
  uint64_t total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    total += in.Varint();
    if (total > kMaxPartBytes) return false;
    offsets[i + 2] = static_cast<uint32_t>(total);
  }
  if (!in.ok() || total != in.left()) return false;
  const size_t from = raw.size() - total;
  if (raw.data() == buffer->data()) {
    out->OwnDictionary(std::move(*buffer), from);
  } else {
    out->bytes.assign(raw.substr(from));
    out->OwnDictionary();
  }
  return true;
}

bool DecodeText(const BlockColumn& column, const std::vector<std::string_view>& stored,
                uint32_t rows, const SourceOf& source_of, Column* out) {
  if (column.encoding == Encoding::kNullText) {
    out->offsets.assign({0, 0});
    out->OwnDictionary();
    out->codes.assign(rows, 0);
    return stored.empty();
  }
  if (HasDictionary(column.encoding)) {
    return stored.size() == 2 && DecodeDictionary(column, stored[0], out) &&
           DecodeRows(column, stored[1], rows, source_of, out);
  }
  Buffer buffer;
  std::string_view raw;
  if (stored.empty() || !Unpack(column.parts[0], stored[0], &buffer, &raw)) return false;
  if (column.encoding == Encoding::kJsonWords) {
    return stored.size() == 1 && DecodeJsonWords(raw, rows, source_of, out);
  }
  if (column.encoding != Encoding::kOneText || !ReadDictionary(raw, &buffer, out)) return false;
  out->codes.assign(rows, 1);
  return stored.size() == 1;
}

}  // namespace

EncodedColumn EncodeColumn(const Column& column, const Sources& sources, Codec dictionary) {
  return column.text ? EncodeText(column, sources, dictionary)
                     : EncodeNumbers(column.ints, sources);
}

bool DecodeDictionary(const BlockColumn& column, std::string_view stored, Column* out) {
  Buffer buffer;
  std::string_view raw;
  return Unpack(column.parts[0], stored, &buffer, &raw) && ReadDictionary(raw, &buffer, out);
}

bool DecodeRows(const BlockColumn& column, std::string_view stored, uint32_t rows,
                const SourceOf& source_of, Column* out) {
  Buffer buffer;
  std::string_view raw;
  if (!Unpack(column.parts[1], stored, &buffer, &raw)) return false;
  if (column.encoding == Encoding::kMappedText) {
    return DecodeMappedText(raw, rows, source_of, out);
  }
  ByteReader in(raw);
  return DecodeCodes(&in, rows, out->entries, &out->codes);
}

bool DecodeColumn(const BlockColumn& column, const std::vector<std::string_view>& stored,
                  uint32_t rows, const SourceOf& source_of, Column* out) {
  *out = Column{};
  out->text = column.text;
  if (stored.size() != column.parts.size() || rows == 0) return false;
  if (column.text) return DecodeText(column, stored, rows, source_of, out);
  if (column.encoding == Encoding::kConstant) {
    out->ints.assign(rows, column.min > column.max ? kNullI64 : column.min);
    return stored.empty();
  }
  Buffer buffer;
  std::string_view raw;
  if (stored.size() != 1 || !Unpack(column.parts[0], stored[0], &buffer, &raw)) return false;
  switch (column.encoding) {
    case Encoding::kRelative:
      return DecodeRelative(raw, rows, source_of, out);
    case Encoding::kMapped:
      return DecodeMapped(raw, rows, source_of, out);
    default:
      return DecodeInts(column.encoding, raw, rows, out);
  }
}

}  // namespace weir::store
