// The writer thread of the store.
#include <pthread.h>

#include "store/store.h"
#include "store/this_boot.h"

namespace weir::store {

namespace {

// Without rows the end of what was watched is saved this often, in nanoseconds.
constexpr int64_t kHeartbeat = 30'000'000'000;

bool Damaged(int rc) { return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB; }

}  // namespace

void Store::Run() {
  pthread_setname_np(pthread_self(), "weir-store");
  auto due_at = Clock::now() + std::chrono::milliseconds(options_.flush_ms);
  bool stop = false;
  while (!stop) {
    bool due;
    std::vector<FlushDone> flushes;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, due_at, [this] {
        return stop_ || full_ || !flushes_.empty() || (!changes_.empty() && error_.empty());
      });
      stop = stop_;
      full_ = false;
      flushes.swap(flushes_);
      due = stop || !flushes.empty() || !changes_.empty() || Clock::now() >= due_at;
    }
    while (hot_->EncodeOne(due)) {
    }
    int rc = SQLITE_OK;
    if (due || healthy_) rc = Write(due);
    const std::string error = rc == SQLITE_OK ? "" : file_->ErrorMessage();
    for (const FlushDone& done : flushes) done(error);
    hot_->DropCommitted();
    if (!due) continue;
    due_at = Clock::now() + std::chrono::milliseconds(options_.flush_ms);
    if (rc == SQLITE_OK && !stop && Damaged(Maintain()) && BeginAnew()) SaveAll(true);
  }
  Finish();
}

void Store::Finish() {
  // A reader in the middle of a query must not hold up the end; the log is kept for the next start.
  sqlite3_busy_timeout(file_->db(), 100);
  // Seqs that were never given need not be skipped by the next run.
  int rc = file_->Reserve(hot_->high_water());
  if (rc == SQLITE_OK) rc = file_->Exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::string error = rc == SQLITE_OK || rc == SQLITE_BUSY ? "" : file_->ErrorMessage();
  const HotStore::Queue left = hot_->queue();
  if (left.rows > 0) error = std::to_string(left.rows) + " rows could not be written: " + error_;
  for (int c = 0; c < schema::kClassCount; ++c) {
    const auto rows = static_cast<int64_t>(left.rows_by_class[c]);
    TheCounters().Add(Stage::kAppended, c, -rows);
    TheCounters().Add(Stage::kLostStore, c, rows);
  }
  UnregisterHotStore(path_);
  retention_.reset();
  space_.reset();
  house_.reset();
  file_.reset();
  FlushDone closed;
  {
    const std::lock_guard lock(mutex_);
    closed.swap(closed_);
  }
  if (closed) closed(error);
}

// The damaged file is replaced at once, not at the next start: until then nothing would be kept.
bool Store::BeginAnew() {
  // A disk that damages one file after the other is not helped by more of them.
  constexpr std::chrono::seconds kAtMostEvery{60};
  if (!options_.set_aside || (anew_at_ && Clock::now() - *anew_at_ < kAtMostEvery)) return false;
  anew_at_ = Clock::now();
  retention_.reset();
  space_.reset();
  house_.reset();
  StoreError error;
  const std::string aside = file_->BeginAnew(hot_->CommitAgain(), &error);
  house_ = std::make_unique<Housekeeping>(*file_);
  space_ = std::make_unique<FileSpace>(*file_, options_.limits.max_bytes);
  retention_ = std::make_unique<Retention>(*file_, *space_, options_.limits, read_upto_);
  if (aside.empty() || file_->Reserve(hot_->reserved()) != SQLITE_OK) return false;
  const int64_t now = ClockNs(CLOCK_REALTIME);
  const std::lock_guard lock(mutex_);
  aside_ = aside;
  for (const auto& [who, tier] : watched_) {
    changes_.push_back([who = who, tier = tier, now](StoreFile& file) {
      return file.SaveCoverage(who.first, who.second, tier, true, now, BootId());
    });
  }
  changes_.push_back(
      [configured = file_paths_](StoreFile& file) { return file.SaveFilePaths(configured); });
  return true;
}

int Store::Write(bool due) {
  int rc = SaveAll(due);
  if (Damaged(rc) && BeginAnew()) rc = SaveAll(due);
  return rc;
}

// One transaction with all that waits. Failed, it is tried again with the next flush.
int Store::SaveAll(bool due) {
  const std::vector<HotItemPtr> blocks = hot_->Encoded();
  std::vector<Change> changes;
  {
    const std::lock_guard lock(mutex_);
    changes = changes_;
  }
  const int64_t now = ClockNs(CLOCK_REALTIME);
  const bool heartbeat = due && now - saved_ns_ >= kHeartbeat;
  int rc = SQLITE_OK;
  if (!blocks.empty() || !changes.empty() || heartbeat || stopping()) {
    rc = Save(blocks, changes, now);
    if (rc != SQLITE_OK) file_->Rollback();
    if (rc == SQLITE_OK) {
      hot_->Committed(blocks);
      saved_ns_ = now;
    }
  }
  if (rc == SQLITE_OK && hot_->reserved() - hot_->high_water() < kReserve / 2) {
    rc = file_->Reserve(hot_->reserved() + kReserve);
    if (rc == SQLITE_OK) hot_->Reserved(file_->reserved());
  }
  Publish(rc, rc == SQLITE_OK ? changes.size() : 0);
  return rc;
}

int Store::Save(const std::vector<HotItemPtr>& blocks, const std::vector<Change>& changes,
                int64_t now) {
  int rc = file_->Begin();
  std::vector<int64_t> ids(blocks.size());
  for (size_t i = 0; i < blocks.size() && rc == SQLITE_OK; ++i) {
    const HotItem& item = *blocks[i];
    rc = file_->Insert(*item.block, Housekeeping::LevelOf(item.rows), &ids[i]);
    file_->SaveFlushed(item.block->event_class, item.last_seq);
  }
  for (const Change& change : changes) {
    if (rc == SQLITE_OK) rc = change(*file_);
  }
  if (rc == SQLITE_OK) rc = file_->SaveTime(now);
  TheCounters().Refresh();
  if (rc == SQLITE_OK) rc = file_->SaveLoss(run_started_);
  if (rc == SQLITE_OK) rc = file_->Commit();
  if (rc != SQLITE_OK) return rc;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = *blocks[i]->block;
    house_->Added(block.event_class, ids[i], block, Housekeeping::LevelOf(block.parsed.rows));
  }
  return SQLITE_OK;
}

// A little at a time: the next flush must not wait long.
int Store::Maintain() {
  constexpr int kSteps = 4;
  int rc = SQLITE_OK;
  bool did = true;
  for (int i = 0; i < kSteps && did && rc == SQLITE_OK; ++i) rc = house_->MergeOne(&did);
  did = true;
  for (int i = 0; i < kSteps && did && rc == SQLITE_OK; ++i) {
    rc = retention_->ExpireSome(&did);
    if (did) house_->Forget();
  }
  if (rc == SQLITE_OK) rc = space_->GiveBack();
  if (rc != SQLITE_OK) file_->Rollback();
  Publish(rc, 0);
  return rc;
}

void Store::Publish(int rc, size_t changes_done) {
  LossRun run;
  run.started = run_started_;
  for (int c = 0; c < schema::kClassCount; ++c) {
    run.expired[c] = file_->totals()[c].expired;
    run.expired_unread[c] = file_->totals()[c].expired_unread;
  }
  SetCurrentRun(path_, run);
  healthy_ = rc == SQLITE_OK;
  if (Damaged(rc)) file_->MarkDamaged();
  const std::lock_guard lock(mutex_);
  totals_ = file_->totals();
  changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(changes_done));
  if (rc == SQLITE_OK) {
    error_.clear();
    durable_at_ = Clock::now();
  } else {
    error_ = file_->ErrorMessage();
    ++error_count_;
  }
}

}  // namespace weir::store
