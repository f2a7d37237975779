#include "sensor/families.h"

namespace weir {

uint32_t FamilySpec::ClassesOf(const std::string& program) const {
  for (const ProgramClasses& one : except) {
    if (one.program == program) return one.classes;
  }
  return classes;
}

const std::vector<FamilySpec>& Families() {
  static const std::vector<FamilySpec> families = {
      // Files before processes: one that ends closes its files, and those records come first.
      {"file", WEIR_ON(WEIR_CLASS_FILE), {}},
      {"socket", WEIR_ON(WEIR_CLASS_SOCKET), {}},
      {"kernel", WEIR_ON(WEIR_CLASS_KERNEL), {}},
      {"dns", WEIR_ON(WEIR_CLASS_DNS), {}},
      {"process",
       WEIR_ON(WEIR_CLASS_LIFECYCLE),
       {{"process_exec", WEIR_ON(WEIR_CLASS_PROCESS)}, {"seed_tasks", WEIR_ON(WEIR_CLASS_SEEN)}}},
  };
  return families;
}

}  // namespace weir
