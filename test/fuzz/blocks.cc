// libFuzzer target: headers and columns of blocks as a damaged or hostile events.db may hold them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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
using weir::store::Part;

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
  if (!column.text) {
    Require(column.ints.size() == rows, "a value per row");
    return;
  }
  Require(column.codes.size() == rows, "a code per row");
  Require(column.entries >= 1, "an entry for NULL");
  size_t total = 0;
  for (uint32_t code = 0; code < column.entries; ++code) {
    for (const char c : column.Entry(code)) total += static_cast<unsigned char>(c) != 0;
  }
  Require(total <= column.bytes.size(), "entries inside of the dictionary");
  for (const uint32_t code : column.codes) Require(code < column.entries, "codes with an entry");
}

bool SameRows(const Column& a, const Column& b) {
  if (!a.text) return a.ints == b.ints;
  if (a.codes.size() != b.codes.size()) return false;
  for (size_t row = 0; row < a.codes.size(); ++row) {
    if ((a.codes[row] == 0) != (b.codes[row] == 0)) return false;
    if (a.Entry(a.codes[row]) != b.Entry(b.codes[row])) return false;
  }
  return true;
}

// Whatever was decoded is a column like any other: encoded again it must come back the same.
void CheckRoundTrip(const Column& column, uint32_t rows) {
  const EncodedColumn encoded = weir::store::EncodeColumn(column);
  BlockColumn described;
  described.text = column.text;
  described.encoding = encoded.encoding;
  described.has_null = encoded.has_null;
  described.min = encoded.min;
  described.max = encoded.max;
  std::vector<std::string_view> stored;
  for (const EncodedPart& made : encoded.parts) {
    Part part;
    part.codec = made.codec;
    part.raw_size = made.raw_size;
    part.stored_size = made.stored.size();
    part.checksum = weir::store::Checksum(made.stored);
    described.parts.push_back(part);
    stored.push_back(made.stored);
  }
  Column again;
  Require(weir::store::DecodeColumn(described, stored, rows, &again), "own columns decode");
  CheckColumn(again, rows);
  Require(SameRows(column, again), "own columns decode to the same rows");
}

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
  uint64_t budget = kRowBudget;
  for (BlockColumn& column : header.columns) {
    if (header.rows > budget) break;
    budget -= header.rows;
    std::vector<std::string> chunks(column.parts.size());
    std::vector<std::string_view> stored;
    for (size_t p = 0; p < column.parts.size(); ++p) {
      Part& part = column.parts[p];
      const uint64_t wanted = part.in_header ? 0 : std::min<uint64_t>(part.stored_size, in.left());
      chunks[p].assign(part.in_header ? part.content : in.Raw(wanted));
      chunks[p].shrink_to_fit();
      if (flags & weir::store::kPlainParts) {
        part.codec = Codec::kPlain;
        part.raw_size = part.stored_size = chunks[p].size();
      }
      if (flags & weir::store::kCorrectChecksums) part.checksum = weir::store::Checksum(chunks[p]);
      stored.push_back(chunks[p]);
    }
    Column decoded;
    if (!weir::store::DecodeColumn(column, stored, header.rows, &decoded)) continue;
    CheckColumn(decoded, header.rows);
    CheckRoundTrip(decoded, header.rows);
  }
  return 0;
}
