// Rows that TypeScript made, packed. Immutable once decoded, so cursors and the cache share them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::tables {

// As src/tables/bridge/pack.ts counts them.
enum class Tag : uint8_t { kNull, kInteger, kReal, kText, kBig, kBytes };

struct RowBatch {
  size_t rows = 0;
  size_t width = 0;             // values of a row: the columns that the query reads
  std::vector<uint8_t> tags;    // Tag, row by row
  std::vector<int64_t> values;  // integer, bits of a double, or where the text is in `text`
  std::string text;

  // A text's place: offset in the upper 32 bits, length in the lower.
  static int64_t Place(size_t offset, size_t size) {
    return static_cast<int64_t>(offset) << 32 | static_cast<int64_t>(size);
  }
  bool IsText(size_t i) const {
    return tags[i] == static_cast<uint8_t>(Tag::kText) ||
           tags[i] == static_cast<uint8_t>(Tag::kBytes);
  }
  size_t Bytes() const { return sizeof *this + tags.size() * 9 + text.size(); }
};
using RowBatchPtr = std::shared_ptr<const RowBatch>;
using RowList = std::vector<RowBatchPtr>;
using RowListPtr = std::shared_ptr<const RowList>;

// Results by table, columns read and constraints. One statement asks an inner table of a join the
// same again and again; its rows must also be the same each time.
class RowCache {
 public:
  RowListPtr Find(const std::string& key) const {
    const auto found = lists_.find(key);
    return found == lists_.end() ? nullptr : found->second;
  }
  void Keep(const std::string& key, RowListPtr list, size_t bytes) {
    // Starting over is as good as any order of leaving: joins walk their keys once.
    if (bytes_ + bytes > kMaxBytes) Clear();
    bytes_ += bytes + key.size();
    lists_[key] = std::move(list);
  }
  void Clear() {
    lists_.clear();
    bytes_ = 0;
  }
  // A larger result is made again when it is asked for again.
  static constexpr size_t kMaxResultBytes = 8 << 20;

 private:
  static constexpr size_t kMaxBytes = 16 << 20;
  std::unordered_map<std::string, RowListPtr> lists_;
  size_t bytes_ = 0;
};

}  // namespace weir::tables
