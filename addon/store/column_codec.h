// Columns to parts of a block and back.
#pragma once

#include <string>
#include <vector>

#include "store/block_format.h"
#include "store/column.h"

namespace weir::store {

struct EncodedPart {
  Codec codec = Codec::kPlain;
  uint64_t raw_size = 0;
  std::string stored;
};

struct EncodedColumn {
  Encoding encoding = Encoding::kConstant;
  bool has_null = false;
  int64_t min = 0, max = 0;
  std::vector<EncodedPart> parts;
};

EncodedColumn EncodeColumn(const Column& column);

// `stored` holds the bytes of each of the column's parts. False when they make no sense: then
// `out` must not be used. Never reads outside of `stored`, whatever it holds.
bool DecodeColumn(const BlockColumn& column, const std::vector<std::string_view>& stored,
                  uint32_t rows, Column* out);

}  // namespace weir::store
