#include "memory.h"

#include <limits.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

namespace weir {

size_t DropProgramPages() {
  char name[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", name, sizeof name);
  if (length <= 0) return 0;
  const std::string_view program(name, static_cast<size_t>(length));
  size_t bytes = 0;
  unsigned long from = 0, to = 0;
  bool mine = false;
  std::ifstream maps("/proc/self/smaps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long first, last, kilobytes;
    char mode[5];
    if (sscanf(line.c_str(), "%lx-%lx %4s", &first, &last, mode) == 3) {
      from = first;
      to = last;
      mine = line.ends_with(program) && mode[1] == '-';
    } else if (mine && sscanf(line.c_str(), "Anonymous: %lu", &kilobytes) == 1) {
      // Pages that the loader relocated before they became read-only would come back unwritten.
      if (kilobytes == 0 && madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED) == 0) {
        bytes += to - from;
      }
      mine = false;
    }
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
