// Several digests of one large file, each by a thread of its own: together they take as long as the
// slowest. Node's OpenSSL computes them, which knows the processor's instructions for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::tables {

class FileDigests {
 public:
  // Begins with the first `size` bytes: all hash the same length of a file that grows. `names` are
  // md5, sha1, sha256. The descriptor stays the caller's, and must stay open.
  FileDigests(int file, int64_t size, const std::vector<std::string>& names);
  // Waits for the threads, which stop at their next piece.
  ~FileDigests();
  FileDigests(const FileDigests&) = delete;
  FileDigests& operator=(const FileDigests&) = delete;

  // Waits some milliseconds. True: done; then `error` is 0 or an errno.
  bool Wait(int* error);
  // In hexadecimal, in the order of the names.
  const std::vector<std::string>& values() const { return values_; }

 private:
  void Run(size_t index, const std::string& name);
  int Digest(const std::string& name, std::string* hex) const;

  const int file_;
  const int64_t size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> values_;
  size_t running_ = 0;
  int error_ = 0;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir::tables
