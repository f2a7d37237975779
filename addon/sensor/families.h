// Which families of kernel programs there are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir.h"

namespace weir {

struct ProgramClasses {
  std::string program;
  uint32_t classes = 0;  // WEIR_ON() bits
};

// One file of bpf/. A new one needs an entry in families.cc and bpf/NAME.bpf.c, nothing else; which
// ring a record goes to is said by the program that makes it.
struct FamilySpec {
  std::string name;
  uint32_t classes =
      0;  // WEIR_ON() bits of what its programs feed: they are attached while one is on
  std::vector<ProgramClasses> except;  // programs that feed others

  uint32_t ClassesOf(const std::string& program) const;
};

// In the order of attachment. The last one is loaded first, because it makes the maps that the
// others borrow; without it there is no sensor, while any other only costs its classes.
const std::vector<FamilySpec>& Families();

}  // namespace weir
