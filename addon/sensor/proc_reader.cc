#include "sensor/proc_reader.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "weir.h"

namespace weir {

namespace {

// The kernel shows times in units of USER_HZ, which is 100 on every architecture but alpha.
constexpr uint64_t kTickNs = 10'000'000;

std::string ReadFile(const std::string& path, size_t limit) {
  std::string content;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return content;
  content.resize(limit);
  size_t size = 0;
  while (size < limit) {
    const ssize_t got = read(fd, content.data() + size, limit - size);
    if (got <= 0) break;
    size += static_cast<size_t>(got);
  }
  close(fd);
  content.resize(size);
  return content;
}

// The kernel's own mark is taken off; what stays may still be the name of a deleted file.
std::string ReadLink(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t size = readlink(path.c_str(), target, sizeof target);
  if (size <= 0) return {};
  std::string text(target, static_cast<size_t>(size));
  constexpr std::string_view kDeleted = " (deleted)";
  if (text.ends_with(kDeleted)) text.resize(text.size() - kDeleted.size());
  return text;
}

struct Stat {
  unsigned parent = 0;
  unsigned pgid = 0;
  unsigned session = 0;
  unsigned long long start_ticks = 0;
};

bool ReadStat(const std::string& directory, Stat* stat) {
  const std::string text = ReadFile(directory + "/stat", 1024);
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
  facts.exe = ReadLink(directory + "/exe");
  facts.cwd = ReadLink(directory + "/cwd");
  facts.arguments = ReadFile(directory + "/cmdline", WEIR_ARGV_MAX + 1);
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
