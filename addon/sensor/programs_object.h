// What a BPF object is told before the kernel has seen it: constants, shared maps, sizes.
#pragma once

#include <map>
#include <string>

#include "sensor/tiers.h"

struct bpf_object;

namespace weir {

// Maps that the first family made and the others use: name to descriptor (owned by the first).
using SharedMaps = std::map<std::string, int>;

// Where a constant of an object not yet loaded lies; null when it has none.
char* FindConstant(bpf_object* object, const char* name);

// Borrows what earlier families made and gives scratch its slots; true when all is well. `keeps`:
// some way keeps arguments from a function's entry to its return.
bool PrepareMaps(bpf_object* object, const Tiers& tiers, const SharedMaps& shared, bool keeps);

}  // namespace weir
