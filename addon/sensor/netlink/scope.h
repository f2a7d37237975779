// What is in scope and what of that is excluded: the same rules as bpf/lib/filter.h, in user space.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "sensor/netlink/task.h"
#include "sensor/programs.h"

namespace weir {

class Scope {
 public:
  explicit Scope(const KernelSettings& settings) { Set(settings); }
  // Effective for what is asked from then on. Any thread.
  void Set(const KernelSettings& settings);

  bool On(int event_class) const;
  // Own events never are: weir would write about its writing.
  bool IsOwn(uint32_t pid) const;
  // Not for own events, classes that are off, and actors outside of what collection is restricted
  // to. An actor of whom nothing is known is outside of any restriction.
  bool Has(const Task& task, int event_class) const;
  // Each: where the exclusion that holds is counted.
  std::optional<uint32_t> Excludes(const Task& task, int event_class) const;
  std::optional<uint32_t> ExcludesPath(std::string_view path) const;
  std::optional<uint32_t> ExcludesPorts(uint16_t local, uint16_t remote) const;
  // `remote`: 16 bytes, of which IPv4 uses the first 4.
  std::optional<uint32_t> ExcludesAddress(uint16_t family, const uint8_t* remote) const;
  // Reads below this path are events.
  bool Reads(std::string_view path) const;
  bool HasReads() const;

 private:
  mutable std::mutex mutex_;
  KernelSettings settings_;
};

}  // namespace weir
