#include "store/store.h"

#include "store/corruption.h"
#include "store/loss.h"
#include "store/this_boot.h"

namespace weir::store {

namespace {

// Rows that wait, raw and encoded. About two seconds of the worst flood, while a disk stalls.
constexpr size_t kQueueBytes = 64u << 20;
constexpr uint32_t kPieceRows = 4096;

}  // namespace

std::unique_ptr<Store> Store::Open(const StoreOptions& options, StoreError* error) {
  std::unique_ptr<StoreFile> file = StoreFile::Open(options.path, error);
  if (!file) return nullptr;
  const int64_t used = file->reserved();
  if (file->Reserve(used + kReserve) != SQLITE_OK) {
    *error = {"STORE_OPEN", "event store " + options.path + ": " + file->ErrorMessage()};
    return nullptr;
  }
  return std::unique_ptr<Store>(new Store(options, std::move(file)));
}

Store::Store(const StoreOptions& options, std::unique_ptr<StoreFile> file)
    : options_(options),
      path_(file->Path()),
      hot_(std::make_shared<HotStore>(file->reserved() - kReserve + 1, file->reserved(),
                                      file->flushed(), kQueueBytes)),
      file_(std::move(file)),
      house_(std::make_unique<Housekeeping>(*file_)),
      space_(std::make_unique<FileSpace>(*file_, options.limits.max_bytes)),
      retention_(std::make_unique<Retention>(*file_, *space_, options.limits, read_upto_)),
      run_started_(ClockNs(CLOCK_REALTIME) / 1'000'000'000),
      durable_at_(Clock::now()),
      totals_(file_->totals()) {
  for (auto& seq : read_upto_) seq = INT64_MAX;
  Publish(SQLITE_OK, 0);
  RegisterHotStore(path_, hot_);
  thread_ = std::thread([this] { Run(); });
}

AppendResult Store::Append(BatchPtr batch, std::vector<StreamText> stream,
                           std::vector<uint32_t> rows) {
  AppendResult result{hot_->high_water() + 1, hot_->high_water(), 0};
  const int event_class = batch->event_class;
  if (rows.empty()) return result;
  auto source = std::make_shared<Appended>();
  source->bytes = batch->size;
  for (const StreamText& text : stream) {
    source->bytes += text.codes.size() * 4 + text.offsets.size() * 4 + text.bytes.size();
  }
  source->batch = std::move(batch);
  source->stream = std::move(stream);
  size_t at = 0;
  while (at < rows.size() && !closing_) {
    const size_t end = std::min(rows.size(), at + kPieceRows);
    int64_t first;
    if (!hot_->Append(source, {rows.begin() + at, rows.begin() + end}, &first)) break;
    if (at == 0) result.first_seq = first;
    at = end;
    // Encoding is the writer's work; when it cannot keep up, whoever appends helps. No disk here.
    if (hot_->Behind()) hot_->EncodeOne(false);
  }
  result.rows = static_cast<int64_t>(at);
  result.last_seq = result.first_seq + result.rows - 1;
  TheCounters().Add(Stage::kAppended, event_class, result.rows);
  TheCounters().Add(Stage::kLostStore, event_class, static_cast<int64_t>(rows.size() - at));
  unsignalled_rows_ += at;
  if (unsignalled_rows_ >= kBlockRows) {
    unsignalled_rows_ = 0;
    const std::lock_guard lock(mutex_);
    full_ = true;
    wake_.notify_one();
  }
  return result;
}

void Store::Do(Change change) {
  const std::lock_guard lock(mutex_);
  changes_.push_back(std::move(change));
  wake_.notify_one();
}

void Store::SetFilePaths(bool configured) {
  {
    const std::lock_guard lock(mutex_);
    file_paths_ = configured;
  }
  Do([configured](StoreFile& file) { return file.SaveFilePaths(configured); });
}

void Store::Coverage(int event_class, std::string provider, std::string tier, bool on) {
  {
    const std::lock_guard lock(mutex_);
    if (on) {
      watched_[{event_class, provider}] = tier;
    } else {
      watched_.erase({event_class, provider});
    }
  }
  Do([=, now = ClockNs(CLOCK_REALTIME)](StoreFile& file) {
    return file.SaveCoverage(event_class, provider, tier, on, now, BootId());
  });
}

void Store::Flush(FlushDone done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stop_) {
      flushes_.push_back(std::move(done));
      wake_.notify_one();
      return;
    }
  }
  done("the store is closed");
}

void Store::BeginClose(FlushDone done) {
  closing_ = true;
  {
    const std::lock_guard lock(mutex_);
    if (!stop_) {
      stop_ = true;
      closed_ = std::move(done);
      wake_.notify_one();
      return;
    }
  }
  if (done) done("");
}

void Store::Close(const FlushDone& done) {
  BeginClose(done);
  if (thread_.joinable()) thread_.join();
}

StoreStats Store::Stats() {
  StoreStats stats;
  const HotStore::Queue queue = hot_->queue();
  const std::lock_guard lock(mutex_);
  for (int c = 0; c < schema::kClassCount; ++c) {
    stats.rows[c] = totals_[c].rows + static_cast<int64_t>(queue.rows_by_class[c]);
    stats.bytes[c] = totals_[c].bytes;
    if (const int64_t corrupt = CorruptBlocks(path_, c); corrupt > 0 && error_.empty()) {
      stats.error = std::to_string(corrupt) + " corrupt blocks of class " +
                    schema::kClasses[c].name + " are skipped";
    }
  }
  stats.queued_rows = static_cast<int64_t>(queue.rows);
  stats.last_flush_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - durable_at_).count();
  if (!error_.empty()) stats.error = error_;
  stats.error_count = error_count_;
  stats.aside = aside_;
  return stats;
}

}  // namespace weir::store
