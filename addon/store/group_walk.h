// The values of one column with how often each occurs, for GROUP BY and DISTINCT of a column that
// is the only one read: no row is touched again afterwards. When there are too many values for
// memory, a part of them is taken by hash, and the rest in further passes over the segments.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/column.h"
#include "weir_schema.h"

namespace weir::store {

class GroupWalk {
 public:
  static bool Supports(const schema::TableSpec& table, int column);

  // `face`: of the column. `distinct`: each value once.
  void Start(const schema::FaceColumn* face, bool distinct);
  // False: every value was shown. True: Add the rows of all segments, then call Next.
  bool NextPass();
  void Add(const Column& column, const std::vector<uint32_t>& rows);
  // Goes to the first or the next row of the pass. False: the pass is over.
  bool Next();
  // The value of the row that the walk is at shows for row `row` of this column.
  bool Shows(const Column& column, uint32_t row) const;
  // What the row is of those with its value.
  uint64_t ordinal() const { return ordinal_; }
  bool text() const { return text_; }
  int64_t integer() const { return slots_[slot_].key; }
  std::optional<std::string_view> string() const;

 private:
  // Look-ups by view: most entries of a dictionary are known from another block.
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Texts = std::unordered_map<std::string, uint64_t, TextHash, std::equal_to<>>;
  struct Slot {
    int64_t key;
    uint64_t count;  // 0: free
  };
  bool Mine(uint64_t hash) const { return (hash & (part_.second - 1)) == part_.first; }
  void Count(int64_t key, uint64_t count);
  void CountText(std::string_view text, uint64_t count);
  void CountCodes(const Column& column, size_t entries, const std::vector<uint32_t>& rows);
  void Put(const Slot& slot);
  void Replace(size_t before);
  void Grow();
  void Split();

  const schema::FaceColumn* face_ = nullptr;
  bool distinct_ = false;
  bool text_ = false;
  // Values with hash % second == first belong to a pass.
  std::pair<uint64_t, uint64_t> part_;
  std::vector<std::pair<uint64_t, uint64_t>> parts_;
  std::vector<Slot> slots_;
  size_t used_ = 0;
  Texts texts_;
  size_t text_bytes_ = 0;
  uint64_t nulls_ = 0;            // of text
  std::vector<uint64_t> counts_;  // scratch: by code

  // Where the walk is.
  bool begun_ = false;
  bool at_null_ = false;
  size_t slot_ = 0;
  Texts::const_iterator at_text_;
  uint64_t ordinal_ = 0;
  uint64_t count_ = 0;
};

}  // namespace weir::store
