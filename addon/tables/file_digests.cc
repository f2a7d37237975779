#include "tables/file_digests.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>

// The node program has them; the sqlite3 command line, which loads this library too, has not, and
// never comes here.
#pragma weak EVP_MD_CTX_new
#pragma weak EVP_MD_CTX_free
#pragma weak EVP_get_digestbyname
#pragma weak EVP_DigestInit_ex
#pragma weak EVP_DigestUpdate
#pragma weak EVP_DigestFinal_ex

namespace weir::tables {

namespace {

constexpr size_t kPiece = 256 << 10;  // stays in the processor's cache
constexpr auto kPatience = std::chrono::milliseconds(10);

}  // namespace

FileDigests::FileDigests(int file, int64_t size, const std::vector<std::string>& names)
    : file_(file), size_(size), values_(names.size()), running_(names.size()) {
  for (size_t i = 0; i < names.size(); ++i) {
    threads_.emplace_back([this, i, name = names[i]] { Run(i, name); });
  }
}

FileDigests::~FileDigests() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
}

bool FileDigests::Wait(int* error) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [this] { return running_ == 0; });
  *error = error_;
  return running_ == 0;
}

void FileDigests::Run(size_t index, const std::string& name) {
  std::string hex;
  const int error = Digest(name, &hex);
  const std::lock_guard lock(mutex_);
  values_[index] = std::move(hex);
  if (error != 0) error_ = error;
  if (--running_ == 0) changed_.notify_all();
}

int FileDigests::Digest(const std::string& name, std::string* hex) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  const EVP_MD* algorithm = EVP_get_digestbyname(name.c_str());
  if (!context || !algorithm || EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1) {
    return ENOTSUP;
  }
  const std::unique_ptr<char[]> piece(new char[kPiece]);
  for (int64_t at = 0; at < size_ && !stop_.load(std::memory_order_relaxed);) {
    const size_t wanted = std::min<size_t>(kPiece, static_cast<size_t>(size_ - at));
    const ssize_t got = pread(file_, piece.get(), wanted, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    EVP_DigestUpdate(context.get(), piece.get(), static_cast<size_t>(got));
    at += got;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context.get(), digest, &size) != 1) return EIO;
  constexpr char kDigits[] = "0123456789abcdef";
  for (unsigned i = 0; i < size; ++i) {
    *hex += kDigits[digest[i] >> 4];
    *hex += kDigits[digest[i] & 15];
  }
  return 0;
}

}  // namespace weir::tables
