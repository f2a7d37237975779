// The event store of a process: append on the main thread, everything slow on the writer thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/file_space.h"
#include "store/hot_store.h"
#include "store/housekeeping.h"
#include "store/retention.h"
#include "store/store_file.h"

namespace weir::store {

struct StoreOptions {
  std::string path;
  Limits limits;
  int64_t flush_ms = 1000;
  // A file that a write finds damaged is set aside, and a new one begun, while rows wait in memory.
  bool set_aside = false;
};

// Seqs reserved at a time; a crash wastes up to as many.
inline constexpr int64_t kReserve = int64_t{1} << 24;

struct AppendResult {
  int64_t first_seq = 0;
  int64_t last_seq = 0;  // first_seq - 1 when no row was kept
  int64_t rows = 0;
};

struct StoreStats {
  int64_t rows[schema::kClassCount] = {};
  int64_t bytes[schema::kClassCount] = {};
  int64_t queued_rows = 0;
  int64_t last_flush_ms = 0;
  std::string error;
  int64_t error_count = 0;
  std::string aside;  // name of the last file that was set aside
};

// Called on the writer thread; "" when everything appended before is durable.
using FlushDone = std::function<void(const std::string& error)>;

// Threads: the main thread calls the public methods; the writer thread owns file_ and house_ from
// the constructor to Close. They meet in hot_ and, under mutex_, in the members below it.
class Store {
 public:
  // nullptr with `error`.
  static std::unique_ptr<Store> Open(const StoreOptions& options, StoreError* error);
  ~Store() { Close({}); }

  // `rows`: ascending rows of the batch. What does not fit the bounded queue is counted as lost.
  AppendResult Append(BatchPtr batch, std::vector<StreamText> stream, std::vector<uint32_t> rows);
  int64_t HighWater() { return hot_->high_water(); }
  void SetFilePaths(bool configured);
  void Coverage(int event_class, std::string provider, std::string tier, bool on);
  void Flush(FlushDone done);
  // Flushes, ends the thread, closes the file; waits for all that. Later calls do nothing.
  void Close(const FlushDone& done);
  // The same without waiting: `done` comes from the writer thread when only joining is left.
  void BeginClose(FlushDone done);
  StoreStats Stats();
  // This store took the place of a damaged one, which has this name now.
  void WasSetAside(const std::string& aside) {
    const std::lock_guard lock(mutex_);
    aside_ = aside;
  }
  // Rows of the class above `seq` were not read by every query that has a cursor.
  void SetReadUpTo(int event_class, int64_t seq) { read_upto_[event_class] = seq; }

 private:
  using Clock = std::chrono::steady_clock;
  // A change of the file beside the blocks; kept until its transaction is through.
  using Change = std::function<int(StoreFile&)>;

  Store(const StoreOptions& options, std::unique_ptr<StoreFile> file);
  void Run();
  int Write(bool due);
  int Save(const std::vector<HotItemPtr>& blocks, const std::vector<Change>& changes, int64_t now);
  int Maintain();
  int SaveAll(bool due);
  bool BeginAnew();
  void Finish();
  void Publish(int rc, size_t changes_done);
  bool stopping() {
    const std::lock_guard lock(mutex_);
    return stop_;
  }
  void Do(Change change);

  const StoreOptions options_;
  const std::string path_;
  HotStorePtr hot_;
  std::unique_ptr<StoreFile> file_;
  std::unique_ptr<Housekeeping> house_;
  std::unique_ptr<FileSpace> space_;
  ReadUpTo read_upto_;
  std::unique_ptr<Retention> retention_;
  std::optional<Clock::time_point> anew_at_;  // writer thread
  const int64_t run_started_;
  int64_t saved_ns_ = 0;           // writer thread
  bool healthy_ = true;            // writer thread
  uint64_t unsignalled_rows_ = 0;  // main thread
  bool closing_ = false;           // main thread

  std::mutex mutex_;
  std::condition_variable wake_;
  bool full_ = false;  // a block's worth of rows waits
  bool stop_ = false;
  std::vector<FlushDone> flushes_;
  FlushDone closed_;
  std::vector<Change> changes_;
  // What a new file must be told too.
  std::map<std::pair<int, std::string>, std::string> watched_;  // class and provider: tier
  bool file_paths_ = false;
  std::string aside_;
  std::string error_;
  int64_t error_count_ = 0;
  Clock::time_point durable_at_;
  std::array<ClassTotals, schema::kClassCount> totals_{};

  std::thread thread_;
};

}  // namespace weir::store
