// The stored form of a block: up to kBlockRows rows of one class. docs/store.md is the reference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/bytes.h"

namespace weir::store {

inline constexpr uint32_t kBlockRows = 16384;
inline constexpr uint8_t kBlockVersion = 3;  // what is written; all versions up to it are read
// Decoders refuse more: a damaged length must not make a reader allocate the machine's memory.
inline constexpr uint64_t kMaxPartBytes = uint64_t{1} << 30;
inline constexpr uint32_t kMaxBlockRows = 1u << 20;
// Chunk id in weir_store_chunk: block id * kChunksPerBlock + column * kMaxParts + part.
inline constexpr int kMaxParts = 2;
inline constexpr int kMaxColumns = 256;
inline constexpr int64_t kChunksPerBlock = int64_t{kMaxParts} * kMaxColumns;
// Parts up to this size lie in the header and cost no page of their own.
inline constexpr size_t kInlineBytes = 48;

enum class Encoding : uint8_t {
  kConstant = 0,     // every row has `min`
  kOffset = 1,       // base + unsigned of `width` bytes
  kDelta = 2,        // first value, then base + unsigned of `width` bytes to the one before
  kDictionary = 3,   // distinct values, and a code per row
  kRuns = 4,         // values that rise by one: where each run begins and how long it is
  kRelative = 5,     // another column's value, a base, and unsigned of `width` bytes
  kMapped = 6,       // a value for each of the distinct values of a column that is kDictionary
  kNullText = 16,    // every row is NULL
  kOneText = 17,     // every row has the one dictionary entry
  kText = 18,        // part 0: dictionary, part 1: a code per row
  kMappedText = 19,  // part 0: dictionary, part 1: a code for each distinct value, as of kMapped
  kJsonWords = 20,   // another text as a JSON array of its words, but for a list of exceptions
};

// zstd takes least space; LZ4 is undone three times as fast, and is for dictionaries that people
// search.
enum class Codec : uint8_t { kPlain = 0, kZstd = 1, kLz4 = 2 };

struct Part {
  Codec codec = Codec::kPlain;
  bool in_header = false;
  uint64_t raw_size = 0;
  uint64_t stored_size = 0;
  uint32_t checksum = 0;     // CRC-32 of the stored bytes
  std::string_view content;  // when in_header; points into the header's bytes
};

// Up to kMaxParts of them, in place: a header has fifty columns, and most queries only pass over
// it.
class Parts {
 public:
  void push_back(const Part& part) { parts_[size_++] = part; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Part& operator[](size_t i) { return parts_[i]; }
  const Part& operator[](size_t i) const { return parts_[i]; }
  Part* begin() { return parts_; }
  Part* end() { return parts_ + size_; }
  const Part* begin() const { return parts_; }
  const Part* end() const { return parts_ + size_; }

 private:
  Part parts_[kMaxParts];
  uint32_t size_ = 0;
};

struct BlockColumn {
  std::string_view name;
  bool text = false;
  Encoding encoding = Encoding::kConstant;
  bool has_null = false;
  // Smallest and largest value that is not NULL; min > max when there is none. Text: unused.
  int64_t min = 0;
  int64_t max = 0;
  Parts parts;
};

// Per-block filters (Bloom and the like): of a kind that this reader does not know, they are
// passed over.
struct BlockFilter {
  uint32_t column = 0;
  uint8_t kind = 0;
  std::string_view content;
};

struct BlockHeader {
  std::string_view class_name;
  uint32_t rows = 0;
  int64_t first_seq = 0, last_seq = 0;
  int64_t first_time = 0, last_time = 0;
  std::vector<BlockColumn> columns;  // columns[0] is seq
  std::vector<BlockFilter> filters;

  std::string Serialize() const;
};

enum class ParseResult { kOk, kCorrupt, kUnknownVersion };

// Views in `header` point into `bytes`, which must outlive it.
ParseResult ParseHeader(std::string_view bytes, BlockHeader* header);

uint32_t Checksum(std::string_view bytes);

}  // namespace weir::store
