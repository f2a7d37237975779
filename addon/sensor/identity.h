// Ids of processes and images: computed, so that any hook and any restart of weir gets the same.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

class Identity {
 public:
  // `boot_id` as the kernel prints it; the ids of two boots share nothing.
  explicit Identity(std::string boot_id);
  // Of the running kernel. An unreadable /proc gives an empty boot_id, and ids that still differ
  // between processes.
  static Identity OfThisBoot();

  const std::string& boot_id() const { return boot_id_; }
  // `start_time`: the group leader's start_boottime, ns. 0 for pid 0: nobody.
  int64_t ProcessId(uint32_t pid, uint64_t start_time) const;
  // The image that a process runs since its exec number `self_exec_id`.
  static int64_t ExecId(int64_t process_id, uint32_t self_exec_id);
  // 63 bits, so that it stays positive in SQL.
  int64_t OpId(uint64_t kernel_op_id) const;
  int64_t NextOpId();

 private:
  std::string boot_id_;
  uint64_t boot_key_;
  uint64_t next_op_;
};

}  // namespace weir
