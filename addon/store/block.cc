#include "store/block.h"

#include <algorithm>
#include <map>
#include <memory>

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
  if (pieces.size() == 1 && text) return pieces[0].read(column, out);
  if (text) {
    out->codes.reserve(rows);
  } else {
    out->ints.resize(rows);
  }
  int64_t* to = out->ints.data();
  Dictionary dictionary;
  std::vector<uint32_t> translated;
  for (const Piece& piece : pieces) {
    if (!text && piece.read_integers) {
      piece.read_integers(column, to);
      to += piece.rows;
      continue;
    }
    Column part;
    if (!piece.read(column, &part)) return false;
    if (!text) {
      for (uint32_t row = 0; row < piece.rows; ++row) *to++ = part.Int(row);
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

// What all rows of all pieces are; most columns of most blocks are of that kind.
std::optional<int64_t> SameInAll(const std::vector<Piece>& pieces, int column) {
  std::optional<int64_t> value;
  for (const Piece& piece : pieces) {
    const std::optional<int64_t> same = piece.same ? piece.same(column) : std::nullopt;
    if (!same || (value && *value != *same)) return std::nullopt;
    value = same;
  }
  return value;
}

// The column whose every row is `value`, or NULL.
EncodedColumn EncodeSame(bool text, int64_t value) {
  EncodedColumn encoded;
  if (text) {
    encoded.encoding = Encoding::kNullText;
  } else if (value == kNullI64) {
    encoded.has_null = true;
    encoded.min = INT64_MAX;
    encoded.max = INT64_MIN;
  } else {
    encoded.min = encoded.max = value;
  }
  return encoded;
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

// Of the texts that people search most.
constexpr std::string_view kSearched[] = {"path", "target_path", "cmdline"};

Codec DictionaryCodec(std::string_view name) {
  const auto* end = std::end(kSearched);
  return std::find(std::begin(kSearched), end, name) != end ? Codec::kLz4 : Codec::kZstd;
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
  // Views of short chunks point into the list itself: it must not move while filters are added.
  block->chunks.reserve(block->chunks.size() + filters.size());
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

// One column after the other, each with what those before it tell of it.
class Encoder {
 public:
  Encoder(Block* block, const std::vector<Piece>& pieces) : block_(block), pieces_(pieces) {}

  // False: a piece cannot be read.
  bool Encode(const schema::ClassSpec& spec, Filters* filters) {
    const auto seqs = Read(kSeqColumn, false);
    if (!seqs) return false;
    BlockHeader& header = block_->parsed;
    header.first_seq = seqs->ints.front();
    header.last_seq = seqs->ints.back();
    AddColumn(block_, "seq", false, EncodeColumn(*seqs, Sources{}));
    if (!EncodeKeys(spec)) return false;
    for (int c = 0; c < spec.count; ++c) {
      if (spec.columns[c].origin == Origin::kBatch) continue;
      const bool text = spec.columns[c].kind == Kind::kText;
      const std::string_view name = spec.columns[c].name;
      const bool tells = c == schema::process_column::kTimeNs || keys_.contains(c);
      if (const auto same = tells ? std::nullopt : SameInAll(pieces_, c)) {
        AddColumn(block_, name, text, EncodeSame(text, *same));
        continue;
      }
      const auto column = Read(c, text);
      if (!column) return false;
      const auto index = static_cast<uint32_t>(header.columns.size());
      EncodedColumn encoded;
      if (const auto key = keys_.find(c); key != keys_.end()) {
        encoded = std::move(key->second);
      } else if (name == "json_cmdline") {
        Sources with_words = sources_;
        with_words.words = words_;
        with_words.words_index = words_index_;
        encoded = EncodeColumn(*column, with_words);
      } else {
        encoded = EncodeColumn(*column, sources_, DictionaryCodec(name));
      }
      if (c == schema::process_column::kTimeNs) {
        // NULL, the smallest integer, must not lie outside of them.
        header.first_time = encoded.has_null ? kNullI64 : encoded.min;
        header.last_time = encoded.max;
        sources_.times = column;
        sources_.times_index = index;
      } else if (name == "cmdline") {
        words_ = column;
        words_index_ = index;
      }
      std::string filter = MakeFilter(name, *column);
      if (!filter.empty()) filters->emplace_back(static_cast<int>(index), std::move(filter));
      AddColumn(block_, name, text, std::move(encoded));
    }
    return true;
  }

 private:
  std::shared_ptr<Column> Read(int column, bool text) const {
    auto out = std::make_shared<Column>();
    if (!Gather(pieces_, column, text, block_->parsed.rows, out.get())) return nullptr;
    if (text && pieces_.size() == 1) Compact(out.get());
    return out;
  }

  // A process does many things: what tells it tells much of the rest, and so comes first.
  bool EncodeKeys(const schema::ClassSpec& spec) {
    for (const int c : {schema::process_column::kProcessId, schema::process_column::kExecId}) {
      const auto column = Read(c, false);
      if (!column) return false;
      EncodedColumn encoded = EncodeColumn(*column, sources_);
      if (encoded.encoding == Encoding::kDictionary) {
        const auto before = std::count_if(spec.columns, spec.columns + c,
                                          [](const auto& s) { return s.origin != Origin::kBatch; });
        sources_.keys.push_back(
            {static_cast<uint32_t>(before + 1), encoded.distinct, std::move(encoded.codes)});
      }
      keys_.emplace(c, std::move(encoded));
    }
    return true;
  }

  Block* block_;
  const std::vector<Piece>& pieces_;
  Sources sources_;
  std::map<int, EncodedColumn> keys_;
  std::shared_ptr<const Column> words_;
  uint32_t words_index_ = 0;
};

}  // namespace

BlockPtr EncodeBlock(int event_class, const std::vector<Piece>& pieces) {
  auto block = std::make_shared<Block>();
  block->event_class = event_class;
  const schema::ClassSpec& spec = kClasses[event_class];
  block->parsed.class_name = spec.name;
  for (const Piece& piece : pieces) block->parsed.rows += piece.rows;
  Filters filters;
  if (!Encoder(block.get(), pieces).Encode(spec, &filters)) return nullptr;
  Seal(block.get(), std::move(filters));
  return block;
}

}  // namespace weir::store
