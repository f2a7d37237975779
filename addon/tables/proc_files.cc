#include "tables/proc_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <functional>
#include <thread>

#include "tables/fact_text.h"
#include "tables/process_ids.h"

namespace weir::tables {

namespace {

constexpr size_t kMaxThreads = 4;
// Fewer processes are read sooner than a thread starts.
constexpr size_t kPerThread = 32;
constexpr size_t kChunk = 16 << 10;

// /proc of a root, opened once: shorter paths for the kernel to walk.
class ProcFolder {
 public:
  explicit ProcFolder(const std::string& root)
      : fd_(open((root + "/proc").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  ~ProcFolder() {
    if (fd_ >= 0) close(fd_);
  }
  ProcFolder(const ProcFolder&) = delete;
  ProcFolder& operator=(const ProcFolder&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// Appends the file's contents. Their length, or minus the errno; a half-read file leaves nothing.
int32_t AppendFile(int folder, const char* path, size_t limit, std::string* out) {
  const int fd = openat(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return -errno;
  const size_t begin = out->size();
  int error = 0;
  while (out->size() - begin < limit) {
    const size_t had = out->size();
    const size_t want = std::min(kChunk, limit - (had - begin));
    out->resize(had + want);
    const ssize_t got = read(fd, out->data() + had, want);
    out->resize(had + std::max<ssize_t>(got, 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
  }
  close(fd);
  if (error != 0) out->resize(begin);
  return error != 0 ? -error : static_cast<int32_t>(out->size() - begin);
}

int32_t AppendLink(int folder, const char* path, std::string* out) {
  char target[PATH_MAX];
  const ssize_t size = readlinkat(folder, path, target, sizeof target);
  if (size < 0) return -errno;
  out->append(target, size);
  return static_cast<int32_t>(size);
}

// Splits [0, count) over threads; the caller's is one of them.
void InParallel(size_t count, const std::function<void(size_t part, size_t from, size_t to)>& work,
                size_t parts) {
  std::vector<std::thread> threads;
  for (size_t part = 1; part < parts; ++part) {
    threads.emplace_back(work, part, count * part / parts, count * (part + 1) / parts);
  }
  work(0, 0, count / parts);
  for (std::thread& thread : threads) thread.join();
}

size_t PartsFor(size_t count) {
  const size_t cores = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
  return std::clamp<size_t>(count / kPerThread, 1, cores);
}

template <typename T>
void Append(std::vector<T>* to, const std::vector<T>& from) {
  to->insert(to->end(), from.begin(), from.end());
}

void ReadOpen(int folder, uint32_t pid, size_t index, OpenFiles* out) {
  const std::string path = std::to_string(pid) + "/fd";
  const int fd = openat(folder, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* directory = fd < 0 ? nullptr : fdopendir(fd);
  out->errors.push_back(directory ? 0 : errno);
  if (!directory) {
    if (fd >= 0) close(fd);
    return;
  }
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    const int32_t size = AppendLink(fd, entry->d_name, &out->bytes);
    if (size < 0) {
      if (size != -ENOENT) out->errors.back() = -size;  // else it was closed since
      continue;
    }
    out->processes.push_back(static_cast<int32_t>(index));
    out->fds.push_back(std::atoi(entry->d_name));
    out->lengths.push_back(size);
  }
  closedir(directory);
}

}  // namespace

ProcFiles ReadProcFiles(const std::string& root, const std::vector<uint32_t>& pids,
                        const std::vector<std::string>& names, size_t limit,
                        const TaskFacts* facts) {
  const ProcFolder folder(root);
  std::vector<ProcFiles> parts(PartsFor(pids.size()));
  InParallel(
      pids.size(),
      [&](size_t part, size_t from, size_t to) {
        ProcFiles& out = parts[part];
        std::string path;
        for (size_t i = from; i < to; ++i) {
          for (const std::string& name : names) {
            if (facts != nullptr) {
              if (const auto known = AppendFact(*facts, pids[i], name, &out.bytes)) {
                out.lengths.push_back(*known);
                continue;
              }
            }
            if (name == "#ids") {
              out.lengths.push_back(
                  AppendProcessIds(folder.fd(), pids[i], root.empty(), &out.bytes));
              continue;
            }
            const bool link = name[0] == '@';
            path = std::to_string(pids[i]) + '/';
            path.append(name, link ? 1 : 0);
            out.lengths.push_back(link ? AppendLink(folder.fd(), path.c_str(), &out.bytes)
                                       : AppendFile(folder.fd(), path.c_str(), limit, &out.bytes));
          }
        }
      },
      parts.size());
  ProcFiles all = std::move(parts[0]);
  for (size_t part = 1; part < parts.size(); ++part) {
    all.bytes += parts[part].bytes;
    Append(&all.lengths, parts[part].lengths);
  }
  return all;
}

OpenFiles ReadOpenFiles(const std::string& root, const std::vector<uint32_t>& pids) {
  const ProcFolder folder(root);
  std::vector<OpenFiles> parts(PartsFor(pids.size()));
  InParallel(
      pids.size(),
      [&](size_t part, size_t from, size_t to) {
        for (size_t i = from; i < to; ++i) ReadOpen(folder.fd(), pids[i], i, &parts[part]);
      },
      parts.size());
  OpenFiles all = std::move(parts[0]);
  for (size_t part = 1; part < parts.size(); ++part) {
    all.bytes += parts[part].bytes;
    Append(&all.processes, parts[part].processes);
    Append(&all.fds, parts[part].fds);
    Append(&all.lengths, parts[part].lengths);
    Append(&all.errors, parts[part].errors);
  }
  return all;
}

}  // namespace weir::tables
