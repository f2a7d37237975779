#include "store/retention.h"

#include <time.h>

#include <algorithm>
#include <vector>

#include "store/segment.h"
#include "store/this_boot.h"

namespace weir::store {

namespace {

namespace common = schema::process_column;  // the same in every class

constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kExpireAtOnce = 64;

}  // namespace

Retention::Retention(StoreFile& file, FileSpace& space, const Limits& limits,
                     const ReadUpTo& read_upto)
    : file_(file),
      space_(space),
      limits_(limits),
      read_upto_(read_upto),
      boot_id_(BootId()),
      opened_wall_(ClockNs(CLOCK_REALTIME)),
      opened_boot_(ClockNs(CLOCK_BOOTTIME)) {}

std::optional<Retention::Head> Retention::Next(int event_class, int64_t after_seq) {
  Statement query(file_.db(),
                  "SELECT id, rows, first_seq, last_seq, first_time, last_time, bytes"
                  " FROM weir_store_block WHERE class = ?1 AND first_seq > ?2"
                  " ORDER BY first_seq LIMIT 1");
  if (!query) return std::nullopt;
  query.Bind(1, std::string_view(schema::kClasses[event_class].name)).Bind(2, after_seq);
  if (query.Step() != SQLITE_ROW) return std::nullopt;
  return Head{{query.Int(0), static_cast<uint32_t>(query.Int(1)), query.Int(2), query.Int(3),
               query.Int(4), query.Int(5)},
              query.Int(6)};
}

Retention::Stamp Retention::ReadStamp(int event_class, const BlockMeta& meta) {
  Stamp stamp{meta.id, std::nullopt};
  Segment segment(event_class, meta);
  if (segment.Open(&file_.reader()) != Segment::Status::kOk) return stamp;
  const Column* boots = segment.Get(&file_.reader(), common::kBootId);
  if (!boots) return stamp;
  for (const uint32_t code : boots->codes) {
    if (code == 0 || boots->Entry(code) != boot_id_) return stamp;
  }
  const Column* times = segment.Get(&file_.reader(), common::kBoottimeNs);
  if (!times) return stamp;
  int64_t last = kNullI64;
  for (uint32_t row = 0; row < meta.rows; ++row) last = std::max(last, times->Int(row));
  if (last != kNullI64) stamp.boottime = last;
  return stamp;
}

// Within this boot the wall clock is not asked: it may have jumped. For older rows there is no
// other, but a jump while this process runs does not count.
int64_t Retention::AgeNs(int event_class, const BlockMeta& meta) {
  Stamp& stamp = stamps_[event_class];
  if (stamp.block != meta.id) stamp = ReadStamp(event_class, meta);
  const int64_t boot_now = ClockNs(CLOCK_BOOTTIME);
  if (stamp.boottime) return boot_now - *stamp.boottime;
  const int64_t wall_now =
      std::min(ClockNs(CLOCK_REALTIME), opened_wall_ + (boot_now - opened_boot_));
  // Rows from the future: the clock was wrong then or is now. They are at least as old as the time
  // that was watched since.
  if (meta.last_time > wall_now) return boot_now - opened_boot_;
  return wall_now - meta.last_time;
}

int64_t Retention::Unread(int event_class, const BlockMeta& meta) {
  const int64_t read = read_upto_[event_class].load(std::memory_order_relaxed);
  if (meta.last_seq <= read) return 0;
  if (meta.first_seq > read) return meta.rows;
  Segment segment(event_class, meta);
  if (segment.Open(&file_.reader()) != Segment::Status::kOk) return meta.rows;
  const Column* seqs = segment.Get(&file_.reader(), kSeqColumn);
  if (!seqs) return meta.rows;
  int64_t unread = 0;
  for (uint32_t row = 0; row < meta.rows; ++row) unread += seqs->Int(row) > read ? 1 : 0;
  return unread;
}

int Retention::ExpireSome(bool* did) {
  *did = false;
  int64_t all_bytes = limits_.max_bytes > 0 ? space_.Used() : 0;
  std::array<int64_t, schema::kClassCount> bytes{};
  std::array<std::optional<Head>, schema::kClassCount> heads;
  for (int c = 0; c < schema::kClassCount; ++c) {
    bytes[c] = file_.totals()[c].bytes;
    heads[c] = Next(c, INT64_MIN);
  }
  int64_t newest = INT64_MIN;
  Statement query(file_.db(), "SELECT max(first_seq) FROM weir_store_block");
  if (query && query.Step() == SQLITE_ROW) newest = query.Int(0);
  query.Reset();
  struct Victim {
    int event_class;
    Head head;
    int64_t unread;
  };
  std::vector<Victim> victims;
  while (victims.size() < kExpireAtOnce) {
    int leaves = -1;
    int oldest = -1;
    for (int c = 0; c < schema::kClassCount && leaves < 0; ++c) {
      if (!heads[c]) continue;
      const Limit& limit = limits_.by_class[c];
      const BlockMeta& meta = heads[c]->meta;
      if (limit.max_bytes > 0 && bytes[c] > limit.max_bytes) leaves = c;
      if (limit.max_age_seconds > 0 && AgeNs(c, meta) / kSecond >= limit.max_age_seconds) {
        leaves = c;
      }
      if (oldest < 0 || meta.first_seq < heads[oldest]->meta.first_seq) oldest = c;
    }
    // The last block stays: merged, it may be larger than a small limit.
    if (leaves < 0 && limits_.max_bytes > 0 && all_bytes > limits_.max_bytes && oldest >= 0 &&
        heads[oldest]->meta.first_seq < newest) {
      leaves = oldest;
    }
    if (leaves < 0) break;
    const Head head = *heads[leaves];
    victims.push_back({leaves, head, Unread(leaves, head.meta)});
    bytes[leaves] -= head.bytes;
    all_bytes -= head.bytes;
    heads[leaves] = Next(leaves, head.meta.first_seq);
  }
  if (victims.empty()) return SQLITE_OK;
  int rc = file_.Begin();
  for (const Victim& victim : victims) {
    if (rc != SQLITE_OK) break;
    const auto& [meta, size] = victim.head;
    rc = file_.Delete(victim.event_class, meta.id, meta.rows, size);
    if (rc == SQLITE_OK) file_.CountExpired(victim.event_class, meta.rows, victim.unread);
  }
  if (rc == SQLITE_OK) rc = file_.Commit();
  if (rc != SQLITE_OK) return rc;
  *did = true;
  return SQLITE_OK;
}

}  // namespace weir::store
