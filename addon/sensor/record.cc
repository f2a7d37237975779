#include "sensor/record.h"

#include <cstring>

namespace weir {

namespace {

size_t FixedSize(unsigned type) {
  switch (type) {
    case WEIR_EXEC:
    case WEIR_TASK:
      return sizeof(weir_exec_event);
    case WEIR_FORK:
      return sizeof(weir_fork_event);
    case WEIR_EXIT:
      return sizeof(weir_exit_event);
    default:
      break;
  }
  switch (ClassOf(type)) {
    case WEIR_CLASS_SOCKET:
      return sizeof(weir_socket_event);
    case WEIR_CLASS_FILE:
      return sizeof(weir_file_event);
    case WEIR_CLASS_KERNEL:
      return sizeof(weir_kernel_event);
    case WEIR_CLASS_DNS:
      return sizeof(weir_dns_event);
    case WEIR_CLASS_BEHAVIOR:
      return sizeof(weir_behavior_event);
    default:
      return 0;
  }
}

}  // namespace

int ClassOf(unsigned type) {
  if (type == WEIR_EXEC) return WEIR_CLASS_PROCESS;
  if (type == WEIR_FORK || type == WEIR_EXIT) return WEIR_CLASS_LIFECYCLE;
  if (type == WEIR_TASK) return WEIR_CLASS_SEEN;
  if (type >= WEIR_CONNECT && type <= WEIR_CLOSE) return WEIR_CLASS_SOCKET;
  if (type >= WEIR_CREATE && type <= WEIR_MMAP_WRITE) return WEIR_CLASS_FILE;
  if (type == WEIR_ATTRIBUTES) return WEIR_CLASS_FILE;
  if (type >= WEIR_EXEC_FAILED && type <= WEIR_RING_REQUEST) return WEIR_CLASS_KERNEL;
  if (type == WEIR_VERDICT) return WEIR_CLASS_BEHAVIOR;
  if (type == WEIR_DNS_SENT || type == WEIR_DNS_RECEIVED) return WEIR_CLASS_DNS;
  return -1;
}

bool ParseRecord(const void* data, size_t size, Record* record) {
  if (size < sizeof(weir_header)) return false;
  memcpy(&record->h, data, sizeof(weir_header));
  const size_t fixed = FixedSize(record->h.type);
  if (fixed == 0 || size < fixed) return false;
  memcpy(&record->kernel, data, fixed);
  static_assert(sizeof(weir_kernel_event) >= sizeof(weir_exec_event) &&
                sizeof(weir_kernel_event) >= sizeof(weir_socket_event) &&
                sizeof(weir_kernel_event) >= sizeof(weir_behavior_event) &&
                sizeof(weir_kernel_event) >= sizeof(weir_file_event));
  const char* cursor = static_cast<const char*>(data) + fixed;
  size_t left = size - fixed;
  for (int i = 0; i < WEIR_STRINGS; ++i) {
    const size_t length = record->h.string_length[i];
    if (length > left) return false;
    record->strings[i] = {cursor, length};
    cursor += length;
    left -= length;
  }
  return true;
}

}  // namespace weir
