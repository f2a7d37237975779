// libFuzzer target: headers and columns of blocks as a damaged or hostile events.db may hold them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "block_input.h"
#include "store/block_format.h"
#include "store/bytes.h"
#include "store/column_codec.h"

namespace {

using weir::store::BlockColumn;
using weir::store::BlockHeader;
using weir::store::ByteReader;
using weir::store::Codec;
using weir::store::Column;
using weir::store::EncodedColumn;
using weir::store::EncodedPart;
using weir::store::Encoding;
using weir::store::Part;
using weir::store::Sources;

// A header may promise a million rows in each of 256 columns: correct, but no input worth a second.
constexpr uint64_t kRowBudget = 1u << 18;

void Require(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "broken promise of the decoder: %s\n", what);
  abort();
}

void CorrectHeader(std::string* header) {
  if (header->size() < 8) return;
  const uint32_t checksum = weir::store::Checksum(std::string_view(*header).substr(8));
  memcpy(header->data() + 4, &checksum, 4);
}

// What readers rely on without checking it again.
void CheckColumn(const Column& column, uint32_t rows) {
  if (!column.text && !column.coded) {
    Require(column.ints.size() == rows, "a value per row");
    return;
  }
  if (column.coded) {
    Require(!column.text && column.codes.size() == rows, "which value, per row");
    for (const uint32_t code : column.codes) Require(code < column.ints.size(), "a value");
    return;
  }
  Require(column.codes.size() == rows, "a code per row");
  Require(column.entries >= 1, "an entry for NULL");
  size_t total = 0;
  for (uint32_t code = 0; code < column.entries; ++code) {
    for (const char c : column.Entry(code)) total += static_cast<unsigned char>(c) != 0;
  }
  const size_t held = column.unpacked ? column.unpacked->size() : column.bytes.size();
  Require(total <= held, "entries inside of the dictionary");
  for (const uint32_t code : column.codes) Require(code < column.entries, "codes with an entry");
}

bool SameRows(const Column& a, const Column& b) {
  if (!a.text) {
    if (a.rows() != b.rows()) return false;
    for (uint32_t row = 0; row < a.rows(); ++row) {
      if (a.Int(row) != b.Int(row)) return false;
    }
    return true;
  }
  if (a.codes.size() != b.codes.size()) return false;
  for (size_t row = 0; row < a.codes.size(); ++row) {
    if ((a.codes[row] == 0) != (b.codes[row] == 0)) return false;
    if (a.Entry(a.codes[row]) != b.Entry(b.codes[row])) return false;
  }
  return true;
}

void Describe(const EncodedColumn& encoded, BlockColumn* described,
              std::vector<std::string_view>* stored) {
  described->encoding = encoded.encoding;
  described->has_null = encoded.has_null;
  described->min = encoded.min;
  described->max = encoded.max;
  for (const EncodedPart& made : encoded.parts) {
    Part part;
    part.codec = made.codec;
    part.raw_size = made.raw_size;
    part.stored_size = made.stored.size();
    part.checksum = weir::store::Checksum(made.stored);
    described->parts.push_back(part);
    stored->push_back(made.stored);
  }
}

// The rows as encoders take them: integers one by one, no entry that is not in use.
std::shared_ptr<Column> Plain(const Column& column) {
  auto plain = std::make_shared<Column>();
  plain->text = column.text;
  if (!column.text) {
    for (uint32_t row = 0; row < column.rows(); ++row) plain->ints.push_back(column.Int(row));
    return plain;
  }
  std::vector<uint32_t> translated(column.entries, 0);
  plain->offsets.assign({0, 0});
  uint32_t next = 1;
  for (const uint32_t code : column.codes) {
    if (code != 0 && translated[code] == 0) {
      translated[code] = next++;
      plain->bytes.append(column.Entry(code));
      plain->offsets.push_back(static_cast<uint32_t>(plain->bytes.size()));
    }
    plain->codes.push_back(translated[code]);
  }
  plain->OwnDictionary();
  return plain;
}

// Whatever was decoded is a column like any other: encoded again, alone or with what others tell
// of it, it must come back the same. The sources that it is told from are those before it.
class RoundTrip {
 public:
  void Check(const Column& decoded, uint32_t index, uint32_t rows) {
    const std::shared_ptr<Column> column = Plain(decoded);
    Once(*column, Sources{}, rows);
    EncodedColumn encoded = Once(*column, sources_, rows);
    columns_[index] = decoded;
    if (column->text) {
      sources_.words = column;
      sources_.words_index = index;
      columns_[index] = *column;
      columns_[index].OwnDictionary();
    } else if (!encoded.codes.empty() && sources_.keys.size() < 2) {
      sources_.keys.push_back({index, encoded.distinct, encoded.codes});
      columns_[index] = Column{};
      columns_[index].coded = true;
      columns_[index].codes = encoded.codes;
      columns_[index].ints.resize(encoded.distinct);
      for (uint32_t row = 0; row < rows; ++row) {
        columns_[index].ints[encoded.codes[row]] = column->ints[row];
      }
    } else {
      sources_.times = column;
      sources_.times_index = index;
    }
  }

 private:
  EncodedColumn Once(const Column& column, const Sources& sources, uint32_t rows) {
    EncodedColumn encoded = weir::store::EncodeColumn(column, sources);
    BlockColumn described;
    described.text = column.text;
    std::vector<std::string_view> stored;
    Describe(encoded, &described, &stored);
    const auto source_of = [this](uint32_t index) -> const Column* {
      const auto found = columns_.find(index);
      return found == columns_.end() ? nullptr : &found->second;
    };
    Column again;
    Require(weir::store::DecodeColumn(described, stored, rows, source_of, &again),
            "own columns decode");
    CheckColumn(again, rows);
    Require(SameRows(column, again), "own columns decode to the same rows");
    return encoded;
  }

  Sources sources_;
  std::map<uint32_t, Column> columns_;
};

// The columns of an input, decoded when they are asked for or told from.
class Decoder {
 public:
  Decoder(BlockHeader* header, ByteReader* in, uint8_t flags) : header_(*header) {
    chunks_.resize(header_.columns.size());
    for (size_t c = 0; c < header_.columns.size(); ++c) {
      for (Part& part : header_.columns[c].parts) {
        const uint64_t wanted =
            part.in_header ? 0 : std::min<uint64_t>(part.stored_size, in->left());
        std::string& chunk =
            chunks_[c].emplace_back(part.in_header ? part.content : in->Raw(wanted));
        chunk.shrink_to_fit();
        if (flags & weir::store::kPlainParts) {
          part.codec = Codec::kPlain;
          part.raw_size = part.stored_size = chunk.size();
        }
        if (flags & weir::store::kCorrectChecksums) part.checksum = weir::store::Checksum(chunk);
      }
    }
  }

  const Column* Get(uint32_t index) {
    const auto known = decoded_.find(index);
    if (known != decoded_.end()) return known->second.get();
    if (header_.rows > budget_) return nullptr;
    budget_ -= header_.rows;
    const BlockColumn& column = header_.columns[index];
    const std::vector<std::string_view> stored(chunks_[index].begin(), chunks_[index].end());
    const auto source_of = [&](uint32_t source) -> const Column* {
      if (source >= header_.columns.size()) return nullptr;
      const Encoding encoding = header_.columns[source].encoding;
      return weir::store::MayTell(encoding, column.encoding) ? Get(source) : nullptr;
    };
    auto out = std::make_unique<Column>();
    if (!weir::store::DecodeColumn(column, stored, header_.rows, source_of, out.get())) out.reset();
    return decoded_.emplace(index, std::move(out)).first->second.get();
  }

 private:
  BlockHeader& header_;
  std::vector<std::vector<std::string>> chunks_;
  std::map<uint32_t, std::unique_ptr<Column>> decoded_;
  uint64_t budget_ = kRowBudget;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader in(std::string_view(reinterpret_cast<const char*>(data), size));
  const uint8_t flags = in.U8();
  const std::string_view header_input = in.Raw(in.U32());
  if (!in.ok()) return 0;
  // A copy of its own size, so that reading past its end is seen.
  std::string bytes(header_input);
  bytes.shrink_to_fit();
  if (flags & weir::store::kCorrectChecksums) CorrectHeader(&bytes);
  BlockHeader header;
  if (weir::store::ParseHeader(bytes, &header) != weir::store::ParseResult::kOk) return 0;
  Decoder decoder(&header, &in, flags);
  RoundTrip round_trip;
  for (uint32_t index = 0; index < header.columns.size(); ++index) {
    const Column* decoded = decoder.Get(index);
    if (decoded == nullptr) continue;
    CheckColumn(*decoded, header.rows);
    round_trip.Check(*decoded, index, header.rows);
  }
  return 0;
}
