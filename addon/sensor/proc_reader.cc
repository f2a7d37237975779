#include "sensor/proc_reader.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "sensor/proc_file.h"
#include "weir.h"

namespace weir {

namespace {

struct Stat {
  unsigned parent = 0;
  unsigned pgid = 0;
  unsigned session = 0;
  unsigned long long start_ticks = 0;
};

bool ReadStat(const std::string& directory, Stat* stat) {
  const std::string text = ReadProcFile(directory + "/stat", 1024);
  // The name in parentheses may itself hold parentheses and spaces: fields begin after the last.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  return sscanf(text.c_str() + name_end + 1,
                " %*c %u %u %u %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                &stat->parent, &stat->pgid, &stat->session, &stat->start_ticks) == 4;
}

}  // namespace

ProcReader::ProcReader(std::string root) : root_(std::move(root)) {}

std::optional<ProcFacts> ProcReader::Read(uint32_t pid, uint64_t start_time) const {
  const std::string directory = root_ + "/" + std::to_string(pid);
  Stat stat;
  if (!ReadStat(directory, &stat) || stat.start_ticks != start_time / kTickNs) return std::nullopt;
  ProcFacts facts;
  facts.exe = ReadProcLink(directory + "/exe");
  facts.cwd = ReadProcLink(directory + "/cwd");
  facts.arguments = ReadProcFile(directory + "/cmdline", WEIR_ARGV_MAX + 1);
  facts.arguments_cut = facts.arguments.size() > WEIR_ARGV_MAX;
  if (facts.arguments_cut) facts.arguments.resize(WEIR_ARGV_MAX);
  facts.parent_pid = stat.parent;
  facts.pgid = stat.pgid;
  facts.session_id = stat.session;
  Stat again;
  if (!ReadStat(directory, &again) || again.start_ticks != stat.start_ticks) return std::nullopt;
  return facts;
}

bool ProcReader::Exists(uint32_t pid) const {
  if (access((root_ + "/" + std::to_string(pid)).c_str(), F_OK) == 0) return true;
  return errno != ENOENT || access((root_ + "/self").c_str(), F_OK) != 0;
}

}  // namespace weir
