// Which blocks leave the store, and when: by age and bytes, of each class and together.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "store/file_space.h"
#include "store/store_file.h"

namespace weir::store {

struct Limit {
  int64_t max_age_seconds = 0;  // 0: no limit
  int64_t max_bytes = 0;
};

struct Limits {
  std::array<Limit, schema::kClassCount> by_class{};
  int64_t max_bytes = 0;  // of the file, but for its free pages
};

// Up to where all queries with a cursor have read, by class; rows above leave unread. Set by the
// main thread, read by the writer thread.
using ReadUpTo = std::array<std::atomic<int64_t>, schema::kClassCount>;

// The writer thread's.
class Retention {
 public:
  Retention(StoreFile& file, FileSpace& space, const Limits& limits, const ReadUpTo& read_upto);

  // Deletes some blocks. *did: there may be more.
  int ExpireSome(bool* did);

 private:
  struct Head {
    BlockMeta meta;
    int64_t bytes = 0;
  };
  // What the oldest block of a class says about its age; kept, since it is asked every second.
  struct Stamp {
    int64_t block = -1;
    // Boot time of its last row when all its rows are of this boot.
    std::optional<int64_t> boottime;
  };

  std::optional<Head> Next(int event_class, int64_t after_seq);
  int64_t AgeNs(int event_class, const BlockMeta& meta);
  Stamp ReadStamp(int event_class, const BlockMeta& meta);
  int64_t Unread(int event_class, const BlockMeta& meta);

  StoreFile& file_;
  FileSpace& space_;
  const Limits limits_;
  const ReadUpTo& read_upto_;
  const std::string boot_id_;
  const int64_t opened_wall_;
  const int64_t opened_boot_;
  std::array<Stamp, schema::kClassCount> stamps_;
};

}  // namespace weir::store
