#include "sensor/preemption.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
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

Preemption PreemptionOf(std::string_view version, std::string_view mode, std::string_view release) {
  // Until 6.18 tracepoints ran with preemption off.
  const int major = atoi(std::string(release).c_str());
  const size_t point = release.find('.');
  const int minor =
      point == std::string_view::npos ? 0 : atoi(std::string(release.substr(point + 1)).c_str());
  const bool in_tracepoints = major > 6 || (major == 6 && minor > 18);
  if (version.find("PREEMPT") == std::string_view::npos) return {false, false, in_tracepoints};
  // Without DYNAMIC it is fixed: PREEMPT, PREEMPT_LAZY, PREEMPT_RT.
  if (version.find("PREEMPT_DYNAMIC") == std::string_view::npos)
    return {true, true, in_tracepoints};
  const bool resting = mode.find("(none)") != std::string_view::npos ||
                       mode.find("(voluntary)") != std::string_view::npos;
  return {true, !resting, in_tracepoints};
}

Preemption PreemptionOfKernel() {
  utsname name = {};
  if (uname(&name) != 0) return {};
  return PreemptionOf(name.version, ReadMode(), name.release);
}

}  // namespace weir
