#include "store/block.h"

#include <algorithm>

#include "store/column_codec.h"
#include "store/hot_rows.h"
#include "store/value_filter.h"

namespace weir::store {

using schema::kClasses;
using schema::Kind;
using schema::Origin;

namespace {

// One column of all pieces; dictionaries are joined entry by entry, not row by row.
bool Gather(const std::vector<Piece>& pieces, int column, bool text, uint32_t rows, Column* out) {
  *out = Column{};
  out->text = text;
  if (pieces.size() == 1) return pieces[0].read(column, out);
  if (text) {
    out->codes.reserve(rows);
  } else {
    out->ints.reserve(rows);
  }
  Dictionary dictionary;
  std::vector<uint32_t> translated;
  for (const Piece& piece : pieces) {
    Column part;
    if (!piece.read(column, &part)) return false;
    if (!text) {
      out->ints.insert(out->ints.end(), part.ints.begin(), part.ints.end());
      continue;
    }
    // Only entries that are in use: a piece may be a small part of its batch.
    translated.assign(part.entries, 0);
    for (const uint32_t code : part.codes) {
      if (code != 0 && translated[code] == 0) translated[code] = dictionary.Code(part.Entry(code));
      out->codes.push_back(translated[code]);
    }
  }
  if (text) {
    out->offsets.assign(dictionary.offsets().begin(), dictionary.offsets().end());
    out->bytes = dictionary.bytes();
    out->OwnDictionary();
  }
  return true;
}

// Drops entries that no row uses, in place.
void Compact(Column* column) {
  std::vector<uint32_t> translated(column->entries, 0);
  std::vector<uint32_t> offsets{0, 0};
  std::string bytes;
  uint32_t next = 1;
  for (uint32_t& code : column->codes) {
    if (code == 0) continue;
    if (translated[code] == 0) {
      translated[code] = next++;
      bytes.append(column->Entry(code));
      offsets.push_back(static_cast<uint32_t>(bytes.size()));
    }
    code = translated[code];
  }
  column->offsets = std::move(offsets);
  column->bytes = std::move(bytes);
  column->OwnDictionary();
}

void AddColumn(Block* block, std::string_view name, bool text, EncodedColumn encoded) {
  BlockColumn column;
  column.name = name;
  column.text = text;
  column.encoding = encoded.encoding;
  column.has_null = encoded.has_null;
  column.min = encoded.min;
  column.max = encoded.max;
  const int index = static_cast<int>(block->parsed.columns.size());
  for (size_t p = 0; p < encoded.parts.size(); ++p) {
    EncodedPart& made = encoded.parts[p];
    Part part;
    part.codec = made.codec;
    part.raw_size = made.raw_size;
    part.stored_size = made.stored.size();
    part.checksum = Checksum(made.stored);
    block->chunks.emplace_back(index * kMaxParts + static_cast<int>(p), std::move(made.stored));
    column.parts.push_back(part);
  }
  block->parsed.columns.push_back(std::move(column));
}

using Filters = std::vector<std::pair<int, std::string>>;  // by index of the column

// Each in a chunk of its own, so that a header stays quickly read; the header says how long it is.
void AddFilters(Block* block, Filters filters, std::vector<std::string>* descriptions) {
  // Their chunks lie where the columns' chunks would, were there as many columns.
  if (block->parsed.columns.size() > kMaxColumns / 2) return;
  for (auto& [index, filter] : filters) {
    ByteWriter description;
    description.Varint(filter.size());
    description.U32(Checksum(filter));
    descriptions->push_back(std::move(description.out()));
    block->chunks.emplace_back(FilterChunk(index), std::move(filter));
  }
  for (size_t i = 0; i < descriptions->size(); ++i) {
    block->parsed.filters.push_back(
        {static_cast<uint32_t>(filters[i].first), kBloomKind, (*descriptions)[i]});
  }
}

// Writes the header, with small parts inside, and reads it back so that its views are its own.
void Seal(Block* block, Filters filters) {
  for (const auto& [at, content] : block->chunks) {
    if (content.size() > kInlineBytes) continue;
    Part& part = block->parsed.columns[at / kMaxParts].parts[at % kMaxParts];
    part.in_header = true;
    part.content = content;
  }
  std::vector<std::string> descriptions;
  const auto parts = static_cast<std::ptrdiff_t>(block->chunks.size());
  AddFilters(block, std::move(filters), &descriptions);
  block->header = block->parsed.Serialize();
  block->chunks.erase(
      std::remove_if(block->chunks.begin(), block->chunks.begin() + parts,
                     [](const auto& chunk) { return chunk.second.size() <= kInlineBytes; }),
      block->chunks.begin() + parts);
  ParseHeader(block->header, &block->parsed);
  block->bytes = block->header.size();
  for (const auto& [at, content] : block->chunks) block->bytes += content.size();
}

}  // namespace

BlockPtr EncodeBlock(int event_class, const std::vector<Piece>& pieces) {
  auto block = std::make_shared<Block>();
  block->event_class = event_class;
  const schema::ClassSpec& spec = kClasses[event_class];
  BlockHeader& header = block->parsed;
  header.class_name = spec.name;
  for (const Piece& piece : pieces) header.rows += piece.rows;
  Column column;
  Filters filters;
  if (!Gather(pieces, kSeqColumn, false, header.rows, &column)) return nullptr;
  header.first_seq = column.ints.front();
  header.last_seq = column.ints.back();
  AddColumn(block.get(), "seq", false, EncodeColumn(column));
  for (int c = 0; c < spec.count; ++c) {
    if (spec.columns[c].origin == Origin::kBatch) continue;
    const bool text = spec.columns[c].kind == Kind::kText;
    if (!Gather(pieces, c, text, header.rows, &column)) return nullptr;
    if (text && pieces.size() == 1) Compact(&column);
    EncodedColumn encoded = EncodeColumn(column);
    if (c == schema::process_column::kTimeNs) {
      // NULL, the smallest integer, must not lie outside of them.
      header.first_time = encoded.has_null ? kNullI64 : encoded.min;
      header.last_time = encoded.max;
    }
    std::string filter = MakeFilter(spec.columns[c].name, column);
    if (!filter.empty()) {
      filters.emplace_back(static_cast<int>(header.columns.size()), std::move(filter));
    }
    AddColumn(block.get(), spec.columns[c].name, text, std::move(encoded));
  }
  Seal(block.get(), std::move(filters));
  return block;
}

}  // namespace weir::store
