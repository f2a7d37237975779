// Rows of one class that lie together: a block on disk, an encoded block in memory, or rows as
// appended. A cursor walks segments in seq order and decodes only the columns that are read.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/block_reader.h"
#include "store/hot_store.h"

namespace weir::store {

class Segment {
 public:
  enum class Status { kOk, kCorrupt, kUnknownVersion };

  Segment(int event_class, const BlockMeta& meta) : event_class_(event_class), meta_(meta) {}
  Segment(int event_class, HotItemPtr item);

  const BlockMeta& meta() const { return meta_; }
  bool on_disk() const { return hot_ == nullptr; }
  // Reads the header of a block; cheap when done before.
  Status Open(BlockReader* reader);
  bool opened() const { return opened_; }
  // Smallest and largest value of an integer column and whether NULLs are among them. False when
  // unknown without decoding. After Open.
  bool Bounds(int column, int64_t* min, int64_t* max, bool* has_null) const;
  // False: no row has a value with this FilterHash. After Open.
  bool MayHave(BlockReader* reader, int column, uint64_t hash);
  // The column in plain form, kept until Forget; a column that the block lacks is NULL in every
  // row. nullptr: the block is corrupt. After Open.
  const Column* Get(BlockReader* reader, int column);
  // The same, but of a text only the dictionary may be there yet: codes are there after Get.
  const Column* Dictionary(BlockReader* reader, int column);
  size_t memory() const { return memory_; }
  void Forget();
  // Forget, and the header too: the segment is as it was before Open.
  void Close();

 private:
  const BlockHeader& Header() const { return hot_ ? hot_->block->parsed : header_->parsed; }
  const BlockColumn* Find(int column) const;
  struct Slot {
    std::unique_ptr<Column> column;
    bool rows = false;  // not only its dictionary
  };

  // A part's bytes; `content` keeps them when they are read.
  bool Stored(BlockReader* reader, const BlockColumn& column, size_t part, std::string* content,
              std::string_view* stored);
  bool Decode(BlockReader* reader, int column, Column* out);
  bool DecodeRest(BlockReader* reader, int column, Column* out);
  // What another column is told from, by its index in the header.
  const Column* Source(BlockReader* reader, uint32_t index, Encoding told);
  Status ReadHeader(BlockReader* reader);
  FilterPtr Filter(BlockReader* reader, int column) const;
  std::string ReadFilter(BlockReader* reader, int column) const;

  int event_class_;
  BlockMeta meta_;
  HotItemPtr hot_;
  bool opened_ = false;
  HeaderPtr header_;                  // of a block on disk
  std::vector<Slot> columns_;         // [column + 1], so that seq is 0
  std::map<int, FilterPtr> filters_;  // those that were read; empty: there is none
  size_t memory_ = 0;
};

}  // namespace weir::store
