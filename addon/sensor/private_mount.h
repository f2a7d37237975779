// File systems of the kernel through mounts of our own, which no other process can see.
#pragma once

namespace weir {

// Descriptor of the mount's root, which the caller closes; -1 with errno, as before 5.2.
int MountPrivately(const char* type);

}  // namespace weir
