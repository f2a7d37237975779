// Columns to parts of a block and back.
#pragma once

#include <string>
#include <vector>

#include "store/block_format.h"
#include "store/column.h"
#include "store/part_codec.h"
#include "store/told_codec.h"

namespace weir::store {

struct EncodedColumn {
  Encoding encoding = Encoding::kConstant;
  bool has_null = false;
  int64_t min = 0, max = 0;
  std::vector<EncodedPart> parts;
  // Of kDictionary: what other columns may be told from.
  size_t distinct = 0;
  std::vector<uint32_t> codes;
};

// `dictionary`: how the entries of a text are compressed.
EncodedColumn EncodeColumn(const Column& column, const Sources& sources,
                           Codec dictionary = Codec::kZstd);

// A text whose dictionary is a part of its own, before the codes of its rows.
inline bool HasDictionary(Encoding encoding) {
  return encoding == Encoding::kText || encoding == Encoding::kMappedText;
}
// DecodeColumn in two steps, for such texts: most searches need the codes of few blocks.
bool DecodeDictionary(const BlockColumn& column, std::string_view stored, Column* out);
bool DecodeRows(const BlockColumn& column, std::string_view stored, uint32_t rows,
                const SourceOf& source_of, Column* out);

// `stored` holds the bytes of each of the column's parts. False when they make no sense: then
// `out` must not be used. Never reads outside of `stored`, whatever it holds.
bool DecodeColumn(const BlockColumn& column, const std::vector<std::string_view>& stored,
                  uint32_t rows, const SourceOf& source_of, Column* out);

}  // namespace weir::store
