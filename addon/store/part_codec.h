// Parts of a column: bytes, compressed when that is worth it, with sizes and checksum.
#pragma once

#include <string>
#include <string_view>

#include "store/block_format.h"
#include "store/buffer.h"

namespace weir::store {

struct EncodedPart {
  Codec codec = Codec::kPlain;
  uint64_t raw_size = 0;
  std::string stored;
};

// `codec`: how it is compressed, when that is worth it.
EncodedPart MakePart(std::string raw, Codec codec = Codec::kZstd);

// The bytes of a part: `raw` points into `stored` or into `buffer`. False: damaged.
bool Unpack(const Part& part, std::string_view stored, Buffer* buffer, std::string_view* raw);

}  // namespace weir::store
