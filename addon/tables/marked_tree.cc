#include "tables/marked_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace weir::tables {
namespace {

constexpr size_t kMaxThreads = 4;
// About a thousand names: some milliseconds of work, so that nobody waits long for an end.
constexpr size_t kBuffer = 32 << 10;
// So much is told at once; helpers wait until it is taken, whatever somebody puts into the tree.
constexpr size_t kTold = 64 << 10;
// A query can be stopped between two. Trees that are small are walked before a thread starts.
constexpr std::chrono::milliseconds kTurn{5};

bool LooksAt(const dirent64& entry) {
  return strcmp(entry.d_name, ".") != 0 && strcmp(entry.d_name, "..") != 0;
}

// Of the entry itself, or of what it leads to. False: it is gone, or may not be looked at.
bool Status(int folder, const char* name, bool follow, struct statx* status) {
  const int flags = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
  return statx(folder, name, flags, STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID, status) == 0;
}

// Not every file system tells it with the name.
unsigned char TypeOf(int folder, const dirent64& entry) {
  struct statx status;
  if (entry.d_type != DT_UNKNOWN) return entry.d_type;
  return Status(folder, entry.d_name, false, &status) ? IFTODT(status.stx_mode) : DT_UNKNOWN;
}

void Append(char kind, uint32_t first, uint32_t uid, uint32_t gid, const std::string& path,
            std::string* records) {
  const uint32_t numbers[3] = {first, uid, gid};
  *records += kind;
  records->append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  records->append(path.c_str(), path.size() + 1);
}

}  // namespace

struct MarkedTree::Folder {
  Folder(int descriptor, std::string below, uint32_t level)
      : fd(descriptor), path(std::move(below)), depth(level) {}
  ~Folder() {
    if (fd >= 0) close(fd);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string PathOf(const char* name) const { return path.empty() ? name : path + '/' + name; }
  const int fd;
  const std::string path;  // below the tree's own folder
  const uint32_t depth;
};

MarkedTree::MarkedTree(int folder, uint32_t bits, bool follow, uint32_t max_depth)
    : bits_(bits), follow_(follow), max_depth_(max_depth) {
  const int fd = fcntl(folder, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) {
    Append('e', errno, 0, 0, "", &records_);
    return;
  }
  tasks_.push_back({std::make_shared<Folder>(fd, "", 1), ""});
}

MarkedTree::~MarkedTree() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (const pthread_t helper : helpers_) pthread_join(helper, nullptr);
}

bool MarkedTree::HasRoom() const { return records_.size() < kTold; }

bool MarkedTree::Next(std::string* records) {
  const auto end = Clock::now() + kTurn;
  std::unique_lock lock(mutex_);
  while (HasRoom() && Clock::now() < end && (!tasks_.empty() || working_ > 0)) {
    if (tasks_.empty()) {
      changed_.wait_until(lock, end);
      continue;
    }
    const Task task = std::move(tasks_.back());
    tasks_.pop_back();
    Do(task, &lock);
  }
  records->append(records_);
  records_.clear();
  const bool more = !tasks_.empty() || working_ > 0;
  if (more && !std::exchange(started_, true)) StartHelpers();
  lock.unlock();
  changed_.notify_all();
  return more;
}

// Where the system has no thread to give, the caller walks alone.
void MarkedTree::StartHelpers() {
  const size_t cores = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
  for (size_t i = 1; i < cores; ++i) {
    pthread_t helper;
    if (pthread_create(&helper, nullptr, Help, this) != 0) return;
    helpers_.push_back(helper);
  }
}

void* MarkedTree::Help(void* tree) {
  auto* self = static_cast<MarkedTree*>(tree);
  std::unique_lock lock(self->mutex_);
  for (;;) {
    self->changed_.wait(lock, [self] {
      return self->stop_ || (self->HasRoom() && !self->tasks_.empty()) ||
             (self->tasks_.empty() && self->working_ == 0);
    });
    if (self->stop_ || self->tasks_.empty()) return nullptr;
    const Task task = std::move(self->tasks_.back());
    self->tasks_.pop_back();
    self->Do(task, &lock);
  }
}

// Takes and gives back the lock held. Others may read on in the folder while its files are looked
// at.
void MarkedTree::Do(const Task& task, std::unique_lock<std::mutex>* lock) {
  alignas(dirent64) static thread_local char buffer[kBuffer];
  ++working_;
  lock->unlock();
  std::string records;
  const FolderPtr folder = task.name.empty() ? task.folder : Open(task, &records);
  const long size = folder ? ReadOn(*folder, buffer, &records) : 0;
  std::vector<Task> found;
  if (size > 0) {
    lock->lock();
    tasks_.push_back({folder, ""});
    lock->unlock();
    changed_.notify_one();
    Look(folder, buffer, size, &found, &records);
  }
  lock->lock();
  std::move(found.rbegin(), found.rend(), std::back_inserter(tasks_));
  records_ += records;
  --working_;
  changed_.notify_all();
}

MarkedTree::FolderPtr MarkedTree::Open(const Task& task, std::string* records) const {
  const Folder& parent = *task.folder;
  const std::string path = parent.PathOf(task.name.c_str());
  if (parent.depth >= max_depth_) {
    Append('d', 0, 0, 0, path, records);
    return nullptr;
  }
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const int fd = openat(parent.fd, task.name.c_str(), flags);
  if (fd >= 0) return std::make_shared<Folder>(fd, path, parent.depth + 1);
  Append('e', errno, 0, 0, path, records);
  return nullptr;
}

long MarkedTree::ReadOn(const Folder& folder, char* buffer, std::string* records) const {
  const long size = syscall(SYS_getdents64, folder.fd, buffer, kBuffer);
  if (size < 0) Append('e', errno, 0, 0, folder.path, records);
  return size;
}

void MarkedTree::Look(const FolderPtr& in, const char* buffer, long size, std::vector<Task>* found,
                      std::string* records) const {
  const Folder& folder = *in;
  for (long at = 0; at < size;) {
    const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
    at += entry->d_reclen;
    if (!LooksAt(*entry)) continue;
    const unsigned char type = TypeOf(folder.fd, *entry);
    struct statx status {};
    if (type == DT_DIR) {
      found->push_back({in, entry->d_name});
    } else if (type == DT_LNK && !follow_) {
      Append('l', 0, 0, 0, folder.PathOf(entry->d_name), records);
    } else if ((type == DT_REG || type == DT_LNK) &&
               Status(folder.fd, entry->d_name, true, &status) && S_ISREG(status.stx_mode) &&
               (status.stx_mode & bits_) != 0) {
      Append('f', status.stx_mode, status.stx_uid, status.stx_gid, folder.PathOf(entry->d_name),
             records);
    }
  }
}

}  // namespace weir::tables
