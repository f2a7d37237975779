// What each bounded memory holds, for health reports. Its owner writes, any thread
// reads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir {

enum class Cache : int {
  kProcesses,   // who runs what
  kFolders,     // real names of folders that callers named
  kDnsStreams,  // DNS over TCP that is not complete
  kBlocks,      // headers and filters of stored blocks
  kCaches,
};

struct CacheState {
  const char* name = "";
  std::atomic<int64_t> entries{0};
  std::atomic<int64_t> bytes{0};
  std::atomic<int64_t> max_bytes{0};
  // Given up for want of room, since the start of this process.
  std::atomic<int64_t> evicted{0};

  void Hold(size_t entry_count, size_t byte_count, size_t bound) {
    entries.store(static_cast<int64_t>(entry_count), std::memory_order_relaxed);
    bytes.store(static_cast<int64_t>(byte_count), std::memory_order_relaxed);
    max_bytes.store(static_cast<int64_t>(bound), std::memory_order_relaxed);
  }
  void Evict(size_t count) {
    evicted.fetch_add(static_cast<int64_t>(count), std::memory_order_relaxed);
  }
};

inline CacheState& TheCache(Cache cache) {
  static CacheState states[static_cast<int>(Cache::kCaches)] = {
      {.name = "processes"}, {.name = "folders"}, {.name = "dns_streams"}, {.name = "blocks"}};
  return states[static_cast<int>(cache)];
}

}  // namespace weir
