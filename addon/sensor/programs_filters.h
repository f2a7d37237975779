// Writes KernelSettings into the maps that the programs read.
#pragma once

#include <map>
#include <string>

#include "sensor/programs.h"

namespace weir {

// Entries come before the switch that makes programs look for them, and go after it: a filter is
// never half there. False when a map is full or a prefix too long.
bool WriteSettings(const std::map<std::string, int>& maps, const KernelSettings& settings,
                   ProgramsError* error);

// Forgets what the programs remember there; nothing when the map was not made.
void ClearMap(const std::map<std::string, int>& maps, const std::string& name);

}  // namespace weir
