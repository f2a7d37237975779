#include "store/told_codec.h"

#include <algorithm>

#include "store/bytes.h"
#include "store/packing.h"

namespace weir::store {

namespace {

// A description costs bytes too.
constexpr size_t kFewestRows = 64;

// `values` by code of a key whose codes are numbered in order of appearance; false when two rows
// with the same code differ.
template <typename Value>
bool ByCode(const Sources::Key& key, const std::vector<Value>& values, std::vector<Value>* mapped) {
  mapped->clear();
  mapped->reserve(key.distinct);
  for (size_t row = 0; row < values.size(); ++row) {
    const uint32_t code = key.codes[row];
    if (code == mapped->size()) {
      mapped->push_back(values[row]);
    } else if ((*mapped)[code] != values[row]) {
      return false;
    }
  }
  return true;
}

// `text` as a JSON array of what lies between its spaces. Part of the stored format: bytes from
// 0x80 stay as they are.
void JsonWords(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out->append("[\"");
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == ' ') {
      out->append("\",\"");
    } else if (byte < 0x20 || byte == 0x7f) {
      out->append("\\u00").push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
    } else {
      if (c == '"' || c == '\\') out->push_back('\\');
      out->push_back(c);
    }
  }
  out->append("\"]");
}

std::optional<ToldColumn> TellJson(const Column& column, const Sources& sources) {
  const Column& words = *sources.words;
  // Entry n of the words has this entry here.
  std::vector<uint32_t> entry(words.entries, 0);
  for (size_t row = 0; row < column.codes.size(); ++row) {
    const uint32_t word = words.codes[row], code = column.codes[row];
    if ((word == 0) != (code == 0)) return std::nullopt;
    if (entry[word] == 0) entry[word] = code;
    if (entry[word] != code) return std::nullopt;
  }
  ByteWriter list;
  std::string texts, made;
  uint64_t exceptions = 0;
  for (uint32_t word = 1; word < words.entries; ++word) {
    made.clear();
    JsonWords(words.Entry(word), &made);
    const std::string_view text = column.Entry(entry[word]);
    if (text == made) continue;
    if (++exceptions > words.entries / 2) return std::nullopt;
    list.Varint(word);
    list.Varint(text.size());
    texts.append(text);
  }
  ByteWriter raw;
  raw.Varint(sources.words_index);
  raw.Varint(exceptions);
  raw.Raw(list.out().data(), list.out().size());
  raw.Raw(texts.data(), texts.size());
  ToldColumn told{Encoding::kJsonWords, {}};
  told.parts.push_back(MakePart(std::move(raw.out())));
  return told;
}

}  // namespace

bool MayTell(Encoding source, Encoding told) {
  switch (told) {
    case Encoding::kRelative:
      return source <= Encoding::kRuns;
    case Encoding::kMapped:
    case Encoding::kMappedText:
      return source == Encoding::kDictionary;
    case Encoding::kJsonWords:
      return source >= Encoding::kNullText && source < Encoding::kJsonWords;
    default:
      return false;
  }
}

std::string DictionaryBytes(const Column& column) {
  ByteWriter dictionary;
  dictionary.Varint(column.entries - 1);
  for (uint32_t code = 1; code < column.entries; ++code) {
    dictionary.Varint(column.Entry(code).size());
  }
  // Entries lie one after the other, so that one copy takes them all.
  const uint32_t from = column.offsets_at[1];
  dictionary.Raw(column.bytes_at + from, column.offsets_at[column.entries] - from);
  return std::move(dictionary.out());
}

std::optional<ToldColumn> TellInts(const std::vector<int64_t>& values, const EncodedInts& own,
                                   const Sources& sources) {
  if (values.size() < kFewestRows || own.encoding == Encoding::kConstant ||
      own.encoding == Encoding::kRuns) {
    return std::nullopt;
  }
  std::vector<int64_t> mapped;
  for (const Sources::Key& key : sources.keys) {
    if (!ByCode(key, values, &mapped)) continue;
    EncodedInts inner = EncodeInts(mapped);
    ByteWriter raw;
    raw.Varint(key.index);
    raw.U8(static_cast<uint8_t>(inner.encoding));
    raw.Raw(inner.raw.data(), inner.raw.size());
    ToldColumn told{Encoding::kMapped, {}};
    told.parts.push_back(MakePart(std::move(raw.out())));
    return told;
  }
  if (!sources.times || own.width < 2) return std::nullopt;
  DifferenceRange range;
  std::vector<uint64_t> differences(values.size());
  for (size_t row = 0; row < values.size(); ++row) {
    differences[row] =
        static_cast<uint64_t>(values[row]) - static_cast<uint64_t>(sources.times->Int(row));
    range.Add(differences[row]);
  }
  const int width = range.width();
  if (width >= own.width) return std::nullopt;
  ByteWriter raw;
  raw.Varint(sources.times_index);
  raw.I64(static_cast<int64_t>(range.base()));
  raw.U8(static_cast<uint8_t>(width));
  PackTo(&raw.out(), differences.data(), differences.size(), range.base(), width);
  ToldColumn told{Encoding::kRelative, {}};
  told.parts.push_back(MakePart(std::move(raw.out())));
  return told;
}

std::optional<ToldColumn> TellText(const Column& column, const Sources& sources) {
  if (column.codes.size() < kFewestRows) return std::nullopt;
  if (sources.words) {
    std::optional<ToldColumn> told = TellJson(column, sources);
    if (told) return told;
  }
  std::vector<uint32_t> mapped;
  for (const Sources::Key& key : sources.keys) {
    if (!ByCode(key, column.codes, &mapped)) continue;
    ToldColumn told{Encoding::kMappedText, {}};
    told.parts.push_back(MakePart(DictionaryBytes(column)));
    const int width = WidthOf(column.entries - 1);
    ByteWriter raw;
    raw.Varint(key.index);
    raw.U8(static_cast<uint8_t>(width));
    PackTo(&raw.out(), mapped.data(), mapped.size(), 0, width);
    told.parts.push_back(MakePart(std::move(raw.out())));
    return told;
  }
  return std::nullopt;
}

namespace {

// The source that the part begins with; nullptr when it is none of the wanted kind.
const Column* Source(ByteReader* in, uint32_t rows, bool text, const SourceOf& source_of) {
  const uint64_t index = in->Varint();
  if (!in->ok() || index >= kMaxColumns) return nullptr;
  const Column* source = source_of(static_cast<uint32_t>(index));
  return source && source->text == text && source->rows() == rows ? source : nullptr;
}

}  // namespace

bool DecodeRelative(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out) {
  ByteReader in(raw);
  const Column* source = Source(&in, rows, false, source_of);
  const auto base = static_cast<uint64_t>(in.I64());
  const int width = in.U8();
  if (!source || !in.ok()) return false;
  out->ints.resize(rows);
  return Unpacked(in.Raw(in.left()), width, rows, [&](size_t row, uint64_t difference) {
    out->ints[row] =
        static_cast<int64_t>(static_cast<uint64_t>(source->Int(row)) + base + difference);
  });
}

bool DecodeMapped(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out) {
  ByteReader in(raw);
  const Column* source = Source(&in, rows, false, source_of);
  const auto inner = static_cast<Encoding>(in.U8());
  if (!source || !source->coded || !in.ok()) return false;
  const auto count = static_cast<uint32_t>(source->ints.size());
  Column values;
  if (!DecodeInts(inner, in.Raw(in.left()), count, &values)) return false;
  out->coded = true;
  out->codes = source->codes;
  if (values.coded) {
    out->ints.resize(count);
    for (uint32_t i = 0; i < count; ++i) out->ints[i] = values.Int(i);
  } else {
    out->ints = std::move(values.ints);
  }
  return true;
}

bool DecodeMappedText(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out) {
  ByteReader in(raw);
  const Column* source = Source(&in, rows, false, source_of);
  if (!source || !source->coded) return false;
  std::vector<uint32_t> mapped;
  const auto count = static_cast<uint32_t>(source->ints.size());
  if (!DecodeCodes(&in, count, out->entries, &mapped)) return false;
  out->codes.resize(rows);
  for (uint32_t row = 0; row < rows; ++row) out->codes[row] = mapped[source->codes[row]];
  return true;
}

bool DecodeJsonWords(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out) {
  ByteReader in(raw);
  const Column* source = Source(&in, rows, true, source_of);
  const uint64_t exceptions = in.Varint();
  if (!source || !in.ok() || exceptions > in.left()) return false;
  std::vector<std::pair<uint64_t, uint64_t>> list;  // entry, bytes
  list.reserve(exceptions);
  for (uint64_t i = 0; i < exceptions; ++i) {
    const uint64_t entry = in.Varint();
    list.emplace_back(entry, in.Varint());
  }
  out->offsets.reserve(source->entries + 1);
  out->offsets.assign({0, 0});
  out->bytes.reserve(source->offsets_at[source->entries] * size_t{5} / 4);
  size_t next = 0;
  for (uint32_t entry = 1; entry < source->entries; ++entry) {
    if (next < list.size() && list[next].first == entry) {
      out->bytes.append(in.Raw(list[next++].second));
    } else {
      JsonWords(source->Entry(entry), &out->bytes);
    }
    if (out->bytes.size() > kMaxPartBytes) return false;
    out->offsets.push_back(static_cast<uint32_t>(out->bytes.size()));
  }
  if (!in.ok() || next != list.size() || in.left() != 0) return false;
  out->OwnDictionary();
  out->codes = source->codes;
  return true;
}

}  // namespace weir::store
