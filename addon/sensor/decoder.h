// Records of bpf/weir.h to rows. Reader thread only (the starting thread until that runs).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "batch/batch.h"
#include "sensor/caller_path.h"
#include "sensor/clock.h"
#include "sensor/dns_message.h"
#include "sensor/dns_streams.h"
#include "sensor/identity.h"
#include "sensor/process_cache.h"
#include "sensor/record.h"

namespace weir {

class Decoder {
 public:
  Decoder(Identity identity, ProcReader proc, std::vector<KnownImage> known,
          CacheLimits limits = {});

  // One record out of a ring is one row of its class, or one lostDecode of `ring_class` when it
  // makes no sense. It may also make a row of class seen.
  void Decode(const void* data, size_t size, int ring_class, Origin origin = Origin::kKernel);
  // A process that the task iterator found.
  void Seed(const void* data, size_t size, Origin origin = Origin::kKernel);
  void SeedDone() { cache_.ForgetKnown(); }

  // Before and after each pass over the rings.
  void BeginPass() { clock_.Refresh(); }
  void EndPass() { cache_.EndPass(Nanoseconds(CLOCK_BOOTTIME)); }

  // Some builder has enough for a batch.
  bool full() const { return full_; }
  uint32_t rows() const { return pending_rows_; }
  // All rows so far as batches of one class each, in the order in which they have to be delivered:
  // what says who did it before what was done.
  std::vector<BatchPtr> Seal();

  const ProcessCache& cache() const { return cache_; }

 private:
  BatchBuilder& Begin(int event_class);
  // Who did it. Records without eBPF may know only a pid, or nobody: their start_time is 0, and no
  // process is made up for them.
  Actor Who(const Record& record);
  void Common(BatchBuilder& row, const Record& record, const Actor& actor, bool user);
  void Executable(BatchBuilder& row, const Image& image);
  void Truncated(BatchBuilder& row, const Record& record, const Image& image,
                 const std::array<std::string_view, WEIR_STRINGS>& columns, bool own_path);

  Image RepairedImage(Record* record);
  void Exec(const Record& told);
  void Fork(const Record& record);
  void Exit(const Record& record);
  void Socket(const Record& record);
  void File(const Record& record);
  void Kernel(const Record& record);
  void Target(BatchBuilder& row, const weir_kernel_event& event);
  void Verdict(const Record& record);
  void Dns(const Record& record);
  void DnsRow(const Record& packet, const DnsMessage& message);
  void Seen(const Record& record, const Actor& actor, std::string_view reason);

  Identity identity_;
  WallClock clock_;
  ProcessCache cache_;
  CallerPath caller_path_;
  DnsStreams dns_streams_;
  std::array<BatchBuilder, WEIR_CLASSES> builders_;
  Process nobody_;
  const Image nothing_;
  bool full_ = false;
  uint32_t pending_rows_ = 0;
};

}  // namespace weir
