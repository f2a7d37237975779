#include "store/housekeeping.h"

#include <algorithm>

#include "store/corruption.h"
#include "store/segment.h"

namespace weir::store {

namespace {

constexpr size_t kTailBlocks = 256;
constexpr size_t kNeighbours = 16;  // of one level make one of the next

}  // namespace

void Housekeeping::Added(int event_class, int64_t id, const Block& block, int level) {
  if (!loaded_[event_class]) return;  // Load will find it
  Tail& tail = tails_[event_class];
  tail.push_back({id, block.parsed.rows, static_cast<int64_t>(block.bytes), level});
  if (tail.size() > 2 * kTailBlocks) tail.erase(tail.begin(), tail.end() - kTailBlocks);
}

bool Housekeeping::Load(int event_class) {
  Statement query(file_.db(),
                  "SELECT id, rows, bytes, level FROM weir_store_block WHERE class = ?1"
                  " ORDER BY first_seq DESC LIMIT ?2");
  if (!query) return false;
  query.Bind(1, std::string_view(schema::kClasses[event_class].name))
      .Bind(2, static_cast<int64_t>(kTailBlocks));
  Tail& tail = tails_[event_class];
  tail.clear();
  int rc;
  while ((rc = query.Step()) == SQLITE_ROW) {
    tail.push_back({query.Int(0), static_cast<uint32_t>(query.Int(1)), query.Int(2),
                    static_cast<int>(query.Int(3))});
  }
  std::reverse(tail.begin(), tail.end());
  loaded_[event_class] = rc == SQLITE_DONE;
  return loaded_[event_class];
}

int Housekeeping::MergeOne(bool* did) {
  *did = false;
  for (int c = 0; c < schema::kClassCount; ++c) {
    if (!loaded_[c] && !Load(c)) continue;
    const Tail& tail = tails_[c];
    for (size_t from = 0; from < tail.size();) {
      size_t to = from;
      uint64_t rows = 0;
      while (to < tail.size() && tail[to].level == tail[from].level &&
             tail[to].level < kFullLevel && rows + tail[to].rows <= kBlockRows) {
        rows += tail[to++].rows;
      }
      // A run that a larger block, or one too many rows, has closed will not grow any more.
      const bool closed = to < tail.size() && to - from >= 2 && tail[to].level >= tail[from].level;
      if (to - from >= kNeighbours || closed) {
        *did = true;
        return Merge(c, from, to);
      }
      from = std::max(to, from + 1);
    }
  }
  return SQLITE_OK;
}

int Housekeeping::Merge(int event_class, size_t from, size_t to) {
  Tail& tail = tails_[event_class];
  std::vector<Segment> segments;
  std::vector<Piece> pieces;
  segments.reserve(to - from);
  Statement query(file_.db(),
                  "SELECT first_seq, last_seq, first_time, last_time FROM weir_store_block"
                  " WHERE id = ?1");
  for (size_t i = from; i < to; ++i) {
    query.Bind(1, tail[i].id);
    if (query.Step() != SQLITE_ROW) return SQLITE_CORRUPT;
    segments.emplace_back(event_class, BlockMeta{tail[i].id, tail[i].rows, query.Int(0),
                                                 query.Int(1), query.Int(2), query.Int(3)});
    query.Reset();
    Segment* segment = &segments.back();
    if (segment->Open(&file_.reader()) != Segment::Status::kOk) {
      ReportCorrupt(file_.Path(), event_class, tail[i].id);
      tail[i].level = kFullLevel;  // leave it alone
      return SQLITE_OK;
    }
    pieces.push_back({tail[i].rows, [this, segment](int column, Column* out) {
                        const Column* values = segment->Get(&file_.reader(), column);
                        if (values) *out = *values;  // its dictionary stays the segment's
                        return values != nullptr;
                      }});
  }
  const BlockPtr block = EncodeBlock(event_class, pieces);
  if (!block) {
    for (size_t i = from; i < to; ++i) tail[i].level = kFullLevel;
    return SQLITE_OK;
  }
  const bool full = block->parsed.rows >= kFullRows || tail[from].level + 1 >= kFullLevel;
  const int level = full ? kFullLevel : tail[from].level + 1;
  int64_t id = 0;
  int rc = file_.Begin();
  if (rc == SQLITE_OK) rc = file_.Insert(*block, level, &id);
  for (size_t i = from; i < to && rc == SQLITE_OK; ++i) {
    rc = file_.Delete(event_class, tail[i].id, tail[i].rows, tail[i].bytes);
  }
  if (rc == SQLITE_OK) rc = file_.Commit();
  if (rc != SQLITE_OK) return rc;
  tail[from] = {id, block->parsed.rows, static_cast<int64_t>(block->bytes), level};
  tail.erase(tail.begin() + static_cast<std::ptrdiff_t>(from) + 1,
             tail.begin() + static_cast<std::ptrdiff_t>(to));
  return SQLITE_OK;
}

}  // namespace weir::store
