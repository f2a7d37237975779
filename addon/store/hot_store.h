// Rows that are not, or only just, on disk, shared by all connections of the process to one file.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/block.h"
#include "store/hot_rows.h"

namespace weir::store {

// Rows of one class, consecutive in its history; raw as appended or encoded. Immutable.
struct HotItem {
  int64_t first_seq = 0, last_seq = 0;
  int64_t first_time = 0, last_time = 0;
  uint32_t rows = 0;
  size_t bytes = 0;
  std::shared_ptr<const HotRows> raw;  // one of these two
  BlockPtr block;
};

using HotItemPtr = std::shared_ptr<const HotItem>;
using SeqByClass = std::array<int64_t, schema::kClassCount>;
using ItemsByClass = std::array<std::vector<HotItemPtr>, schema::kClassCount>;

// What a statement sees beyond its snapshot.
struct HotView {
  int64_t high_water = INT64_MAX;
  ItemsByClass items;
};

// Appended to by the main thread, encoded by main and writer thread, committed by the writer
// thread, viewed by every reader. One mutex, held for moments only: never while encoding or
// writing.
class HotStore {
 public:
  HotStore(int64_t next_seq, int64_t reserved, const SeqByClass& flushed, size_t max_bytes)
      : next_seq_(next_seq), reserved_(reserved), dropped_(flushed), max_bytes_(max_bytes) {}

  // Gives seqs and shows the rows. False: there is no room (or no reserved seq), nothing happened.
  bool Append(const std::shared_ptr<const Appended>& source, std::vector<uint32_t> rows,
              int64_t* first_seq);

  // The rows above what the reader's snapshot holds. False: memory has dropped rows that the
  // snapshot does not hold yet, so that the two together would have a gap.
  bool View(const SeqByClass& flushed, HotView* view);
  // What holds rows with after < seq <= upto. False: some of them may be on disk only.
  bool Between(int64_t after, int64_t upto, ItemsByClass* items);

  // Encodes a full group of rows of some class, or any group when `all`. False: none to encode.
  bool EncodeOne(bool all);
  // Rows that wait for an encoder amount to more than a few blocks.
  bool Behind();

  // Encoded blocks that may be committed now, in order, nothing left out before them.
  std::vector<HotItemPtr> Encoded();
  void Committed(const std::vector<HotItemPtr>& items);
  // What was committed is lost: the rows that are still here wait again. Returns what is not.
  SeqByClass CommitAgain();
  // Frees committed rows that no snapshot can still need (see View for the one that does).
  void DropCommitted();

  int64_t high_water();
  int64_t reserved();
  void Reserved(int64_t upto);
  struct Queue {
    uint64_t rows = 0;  // not committed
    uint64_t bytes = 0;
    uint64_t raw_rows[schema::kClassCount] = {};
    uint64_t rows_by_class[schema::kClassCount] = {};
    bool kept = false;  // committed rows are still in memory
  };
  Queue queue();

 private:
  using Clock = std::chrono::steady_clock;
  struct Node {
    HotItemPtr item;
    bool encoding = false;
    bool committed = false;
    Clock::time_point committed_at;
  };
  // The nodes [from, to) that the next block should be made of; from == to: none.
  std::pair<size_t, size_t> Group(int event_class, bool all) const;

  std::mutex mutex_;
  std::array<std::deque<Node>, schema::kClassCount> nodes_;
  int64_t next_seq_;
  int64_t reserved_;    // seqs up to here are ours to give
  SeqByClass dropped_;  // rows up to here are on disk only
  size_t pending_bytes_ = 0;
  size_t raw_bytes_ = 0;
  const size_t max_bytes_;
};

using HotStorePtr = std::shared_ptr<HotStore>;

// The open store of a database file of this process; nullptr when there is none.
HotStorePtr FindHotStore(const std::string& path);
void RegisterHotStore(const std::string& path, HotStorePtr store);
void UnregisterHotStore(const std::string& path);

}  // namespace weir::store
