// The conditions of one scan on stored rows: window and cut, the table's own ones, and what SQLite
// pushed down. Blocks that cannot match are skipped by their bounds, then rows are picked.
#pragma once

#include <memory>
#include <vector>

#include "store/integer_set.h"
#include "store/picked_rows.h"
#include "store/plan.h"
#include "store/segment.h"
#include "store/text_match.h"

namespace weir::store {

class RowFilter {
 public:
  explicit RowFilter(const schema::TableSpec& table) : table_(table) {}

  // Forgets all conditions.
  void Reset();
  // Conditions of the table itself and of the connection.
  void SetBase(const Range& seqs, bool category_only);
  // Adds what was pushed down. SQLITE_OK or an error code.
  int Add(const Plan& plan, int count, sqlite3_value** values);
  // No row can match.
  bool never() const { return never_; }

  // By block list alone, before the header is read.
  bool MayMatch(const BlockMeta& meta) const;
  // Rows of the segment that match, ascending. False: the block is corrupt. After Segment::Open.
  bool Pick(Segment& segment, BlockReader* reader, std::vector<uint32_t>* rows) const;
  // By bounds and filters alone. After Segment::Open.
  bool MayMatch(Segment& segment, BlockReader* reader) const;

 private:
  struct IntCondition {
    enum class Kind { kRange, kValues, kOutside, kNull, kNotNull };
    int column;
    Range range;
    Kind kind = Kind::kRange;
    IntegerSet any = {};    // of kValues
    bool null_too = false;  // of kOutside
    bool Accepts(int64_t value) const;
  };
  struct TextCondition {
    const schema::FaceColumn* face;  // nullptr: the stored value, not what is shown
    int column;
    TextMatch match;
  };

  void AddInteger(const schema::FaceColumn& face, Op op, sqlite3_value* value);
  int AddEqual(const schema::FaceColumn& face, sqlite3_value* value);
  int AddIntegerList(const schema::FaceColumn& face, sqlite3_value* list);
  int AddText(const schema::FaceColumn& face, Op op, sqlite3_value* value);
  bool MayHoldInts(const IntCondition& condition, Segment& segment, BlockReader* reader) const;
  bool MayHoldText(const TextCondition& condition, Segment& segment, BlockReader* reader) const;
  bool PickInts(const IntCondition& condition, Segment& segment, BlockReader* reader,
                PickedRows* rows) const;
  bool PickText(const TextCondition& condition, Segment& segment, BlockReader* reader,
                PickedRows* rows) const;
  std::vector<uint8_t> Accepted(const TextCondition& condition, const Column& column) const;

  const schema::TableSpec& table_;
  bool never_ = false;
  Range seqs_, times_;
  std::vector<IntCondition> ints_;
  std::vector<TextCondition> texts_;
};

}  // namespace weir::store
