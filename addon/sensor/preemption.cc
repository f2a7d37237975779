#include "sensor/preemption.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <string>

#include "sensor/private_mount.h"

namespace weir {
namespace {

constexpr char kFile[] = "sched/preempt";

std::string ReadMode() {
  const int debugfs = MountPrivately("debugfs");
  if (debugfs < 0) return "";
  std::string mode;
  if (const int file = openat(debugfs, kFile, O_RDONLY | O_CLOEXEC); file >= 0) {
    char text[128];
    const ssize_t size = read(file, text, sizeof(text));
    if (size > 0) mode.assign(text, static_cast<size_t>(size));
    close(file);
  }
  close(debugfs);
  return mode;
}

}  // namespace

Preemption PreemptionOf(std::string_view version, std::string_view mode) {
  if (version.find("PREEMPT") == std::string_view::npos) return {false, false};
  // Without DYNAMIC it is fixed: PREEMPT, PREEMPT_LAZY, PREEMPT_RT.
  if (version.find("PREEMPT_DYNAMIC") == std::string_view::npos) return {true, true};
  const bool resting = mode.find("(none)") != std::string_view::npos ||
                       mode.find("(voluntary)") != std::string_view::npos;
  return {true, !resting};
}

Preemption PreemptionOfKernel() {
  utsname name = {};
  if (uname(&name) != 0) return {};
  return PreemptionOf(name.version, ReadMode());
}

}  // namespace weir
