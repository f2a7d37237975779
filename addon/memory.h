// What the process holds in memory without needing it.
#pragma once

#include <napi.h>

#include <cstddef>

namespace weir {

// Unmaps the resident pages of the running program's code and constants. Starting runs most of
// Node's and V8's code once and never again, some 50 MB that would stay resident; what is still
// needed comes back from the page cache by itself. Returns the bytes of address space gone over.
size_t DropProgramPages();

// Gives the pages of freed memory back that lie between what is in use.
void TrimHeap();

void InitMemory(Napi::Env env, Napi::Object exports);  // dropProgramPages, trimHeap

}  // namespace weir
