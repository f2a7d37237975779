#include "sensor/identity.h"

#include <time.h>

#include <cstdio>
#include <utility>

namespace weir {

namespace {

// Stored ids depend on these two functions: never change them.
uint64_t Fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a ^ 0xa0761d6478bd642fu) *
                       static_cast<unsigned __int128>(b ^ 0xe7037ed1a0b428dbu);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t Fnv(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace

Identity::Identity(std::string boot_id) : boot_id_(std::move(boot_id)), boot_key_(Fnv(boot_id_)) {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  // A later run of the same boot starts above what this one will use.
  next_op_ = static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

Identity Identity::OfThisBoot() {
  char text[64] = "";
  if (FILE* file = fopen("/proc/sys/kernel/random/boot_id", "re")) {
    if (fscanf(file, "%63s", text) != 1) text[0] = '\0';
    fclose(file);
  }
  return Identity(text);
}

int64_t Identity::ProcessId(uint32_t pid, uint64_t start_time) const {
  if (pid == 0) return 0;
  return static_cast<int64_t>(Fold(Fold(boot_key_, pid), start_time));
}

int64_t Identity::ExecId(int64_t process_id, uint32_t self_exec_id) {
  return static_cast<int64_t>(
      Fold(static_cast<uint64_t>(process_id), 0x9e3779b97f4a7c15u + self_exec_id));
}

int64_t Identity::OpId(uint64_t kernel_op_id) const {
  return static_cast<int64_t>(Fold(boot_key_, kernel_op_id) & INT64_MAX);
}

int64_t Identity::NextOpId() {
  return static_cast<int64_t>(Fold(~boot_key_, next_op_++) & INT64_MAX);
}

}  // namespace weir
