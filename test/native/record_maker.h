// Records as the kernel programs write them, and rows as text to compare.
#pragma once

#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.h"
#include "sensor/decoder.h"
#include "weir.h"

namespace make {

using Bytes = std::vector<uint8_t>;

// Fixed part, then strings; their lengths go into the header.
template <typename Event>
Bytes Record(Event event, std::initializer_list<std::string_view> strings = {}) {
  int i = 0;
  for (const std::string_view text : strings) {
    event.h.string_length[i++] = static_cast<__u16>(text.size());
  }
  Bytes bytes(sizeof event);
  memcpy(bytes.data(), &event, sizeof event);
  for (const std::string_view text : strings) bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

template <typename Event>
Event Event_(weir_type type, uint32_t pid, uint64_t start, uint32_t self_exec_id) {
  Event event = {};
  event.h.type = type;
  event.h.pid = event.h.tid = pid;
  event.h.start_time = start;
  event.h.time = start + 1000;
  event.h.self_exec_id = self_exec_id;
  event.h.count = 1;
  event.h.syscall = 0xffff;
  strcpy(event.h.comm, "test");
  return event;
}

inline weir_exec_event Exec(uint32_t pid, uint64_t start, uint32_t self_exec_id) {
  return Event_<weir_exec_event>(WEIR_EXEC, pid, start, self_exec_id);
}
inline weir_file_event File(weir_type type, uint32_t pid, uint64_t start, uint32_t self_exec_id) {
  auto event = Event_<weir_file_event>(type, pid, start, self_exec_id);
  event.fd = -1;
  return event;
}
inline weir_socket_event Socket(weir_type type, uint32_t pid, uint64_t start,
                                uint32_t self_exec_id) {
  auto event = Event_<weir_socket_event>(type, pid, start, self_exec_id);
  event.fd = -1;
  return event;
}
inline weir_kernel_event Kernel(weir_type type, uint32_t pid, uint64_t start,
                                uint32_t self_exec_id) {
  auto event = Event_<weir_kernel_event>(type, pid, start, self_exec_id);
  event.fd = -1;
  return event;
}
inline weir_dns_event Dns(weir_type type, uint32_t pid, uint64_t start, uint32_t self_exec_id) {
  return Event_<weir_dns_event>(type, pid, start, self_exec_id);
}
inline weir_behavior_event Verdict(uint32_t pid, uint64_t start, uint32_t self_exec_id) {
  return Event_<weir_behavior_event>(WEIR_VERDICT, pid, start, self_exec_id);
}
// The creator is the parent.
inline weir_fork_event Fork(uint32_t pid, uint64_t start, uint32_t self_exec_id, uint32_t parent,
                            uint64_t parent_start) {
  auto event = Event_<weir_fork_event>(WEIR_FORK, pid, start, self_exec_id);
  event.parent_pid = event.creator_pid = parent;
  event.parent_start_time = event.creator_start_time = parent_start;
  event.parent_self_exec_id = self_exec_id;
  return event;
}
inline weir_exit_event Exit(uint32_t pid, uint64_t start, uint32_t self_exec_id, uint32_t code) {
  auto event = Event_<weir_exit_event>(WEIR_EXIT, pid, start, self_exec_id);
  event.exit_code = code;
  return event;
}

// A /proc without processes: nothing is ever completed by chance.
inline weir::Decoder Decoder(std::vector<weir::KnownImage> known = {},
                             weir::CacheLimits limits = {}) {
  return weir::Decoder(weir::Identity("test-boot"), weir::ProcReader("/nonexistent"),
                       std::move(known), limits);
}

inline void Feed(weir::Decoder& decoder, const Bytes& record, int ring = WEIR_CLASS_LIFECYCLE) {
  decoder.Decode(record.data(), record.size(), ring);
}

// Rows of one class, sealed.
struct Rows {
  weir::BatchPtr batch;

  std::string Text(uint32_t row, int column) const {
    const uint32_t code = batch->Codes(column)[row];
    return code == 0 ? "NULL" : std::string(batch->Entry(column, code));
  }
  int64_t I64(uint32_t row, int column) const { return batch->I64(column)[row]; }
  uint32_t U32(uint32_t row, int column) const { return batch->U32(column)[row]; }
};

inline std::vector<Rows> Seal(weir::Decoder& decoder) {
  std::vector<Rows> rows(weir::schema::kClassCount);
  for (weir::BatchPtr& batch : decoder.Seal()) rows[batch->event_class] = {batch};
  return rows;
}

inline uint32_t Count(const Rows& rows) { return rows.batch == nullptr ? 0 : rows.batch->rows; }

}  // namespace make
