#include "memory.h"

#include <limits.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>

#include "program_pages.h"

namespace weir {

size_t DropProgramPages() {
  char name[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", name, sizeof name);
  if (length <= 0) return 0;
  std::ifstream smaps("/proc/self/smaps");
  size_t bytes = 0;
  for (const auto& [from, to] : UnwrittenPages(smaps, {name, static_cast<size_t>(length)})) {
    if (madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED) == 0) bytes += to - from;
  }
  return bytes;
}

void TrimHeap() { malloc_trim(0); }

void InitMemory(Napi::Env env, Napi::Object exports) {
  exports.Set("dropProgramPages", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Number::New(info.Env(), static_cast<double>(DropProgramPages()));
              }));
  exports.Set("trimHeap", Napi::Function::New(env, [](const Napi::CallbackInfo&) { TrimHeap(); }));
}

}  // namespace weir
