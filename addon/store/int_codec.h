// Integers of a column by themselves: constant, offset, delta, dictionary, runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/block_format.h"
#include "store/column.h"

namespace weir::store {

struct EncodedInts {
  Encoding encoding = Encoding::kConstant;
  bool has_null = false;
  int64_t min = 0, max = 0;     // without NULL; min > max: there is nothing else
  int width = 0;                // bytes that a row takes before compression
  std::string raw;              // empty for kConstant
  size_t distinct = 0;          // of kDictionary
  std::vector<uint32_t> codes;  // of kDictionary: which distinct value a row has
};

EncodedInts EncodeInts(const std::vector<int64_t>& values);

// Fills `ints`, and for kDictionary `codes`. Not for kConstant. False: the bytes make no sense.
bool DecodeInts(Encoding encoding, std::string_view raw, uint32_t rows, Column* out);

// u8 width and a code per row, each below `limit`, up to the end.
class ByteReader;
bool DecodeCodes(ByteReader* in, uint32_t rows, uint32_t limit, std::vector<uint32_t>* codes);

}  // namespace weir::store
