#include "store/seq_mark.h"

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace weir::store {

namespace {

constexpr int kDigits = 20;

}  // namespace

int64_t ReadSeqMark(int file) {
  char text[kDigits + 1] = {};
  if (pread(file, text, kDigits, 0) != kDigits) return 0;
  char* end = nullptr;
  const long long seq = strtoll(text, &end, 10);
  return end == text + kDigits && seq > 0 && seq < INT64_MAX / 2 ? seq : 0;
}

void WriteSeqMark(int file, int64_t seq) {
  char text[kDigits + 2];
  snprintf(text, sizeof text, "%0*" PRId64 "\n", kDigits, seq);
  if (pwrite(file, text, kDigits + 1, 0) == kDigits + 1) fdatasync(file);
}

}  // namespace weir::store
