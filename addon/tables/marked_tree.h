// Of a tree with many files the few that a table looks for, without a word to JavaScript about the
// others. Asking the kernel about each file is nearly all of the time, so several threads do it.
#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::tables {

// A walk below an open folder. Links to folders are not followed: they may lead in circles. A name
// that becomes a link in the meantime is not followed either, so the walk never leaves the folder.
class MarkedTree {
 public:
  // Looks for regular files whose mode has one of `bits`. `follow`: instead of links the files that
  // they lead to. Takes a descriptor of its own.
  MarkedTree(int folder, uint32_t bits, bool follow, uint32_t max_depth);
  // Waits for the threads, which stop at their next few files.
  ~MarkedTree();
  MarkedTree(const MarkedTree&) = delete;
  MarkedTree& operator=(const MarkedTree&) = delete;

  // Works for some milliseconds, or until there is much to tell, and appends records in no order: a
  // letter, three 32-bit numbers of this machine, the path below the folder, a zero byte.
  //   f  file: mode, uid, gid
  //   l  link, unless they are followed: zeros
  //   e  folder that cannot be read: errno, zeros
  //   d  folder below max_depth, left out: zeros
  // False: that was all.
  bool Next(std::string* records);

 private:
  struct Folder;
  using FolderPtr = std::shared_ptr<const Folder>;
  // To read on in a folder, or to open one in it when there is a name.
  struct Task {
    FolderPtr folder;
    std::string name;
  };
  using Clock = std::chrono::steady_clock;

  static void* Help(void* tree);
  void StartHelpers();
  bool HasRoom() const;
  void Do(const Task& task, std::unique_lock<std::mutex>* lock);
  FolderPtr Open(const Task& task, std::string* records) const;
  long ReadOn(const Folder& folder, char* buffer, std::string* records) const;
  void Look(const FolderPtr& in, const char* buffer, long size, std::vector<Task>* found,
            std::string* records) const;

  const uint32_t bits_;
  const bool follow_;
  const uint32_t max_depth_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // The last is done first: what is open at once is bounded by the depth, not by the tree.
  std::vector<Task> tasks_;
  size_t working_ = 0;
  std::string records_;
  bool stop_ = false;
  bool started_ = false;
  std::vector<pthread_t> helpers_;
};

}  // namespace weir::tables
