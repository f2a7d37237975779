// connect, accept, bind, listen, datagram sends, and the ends of connections.
#include <errno.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "sensor/decoder.h"
#include "sensor/text.h"

namespace weir {

namespace {

namespace column = schema::socket_column;

std::string_view Action(unsigned type) {
  switch (type) {
    case WEIR_ACCEPT:
      return "accept";
    case WEIR_BIND:
      return "bind";
    case WEIR_LISTEN:
      return "listen";
    case WEIR_SEND:
      return "send";
    case WEIR_CLOSE:
      return "close";
    default:
      return "connect";  // and its later outcome
  }
}

void Status(BatchBuilder& row, const weir_socket_event& e) {
  if (e.result == 0) {
    row.SetText(column::kStatus, "succeeded");
  } else {
    row.SetText(column::kStatus, e.result == -EINPROGRESS ? "in_progress" : "failed");
  }
  if (e.result == kFailedSomehow) return;  // error stays NULL
  const bool failed = e.result != 0 && e.result != -EINPROGRESS;
  row.SetI64(column::kError, failed ? -static_cast<int64_t>(e.result) : 0);
}

// Sends to one place by one process through one socket are the same thing.
int64_t SendIdentity(const Record& record, int64_t process_id) {
  struct {
    int64_t process_id;
    uint64_t sock;
    uint8_t address[16];
    uint64_t port;
  } key = {process_id, record.socket.sock, {}, record.socket.remote_port};
  memcpy(key.address, record.socket.remote_address, sizeof key.address);
  const std::string_view path = record.strings[1];
  const uint64_t hash = KeyedHash(path.data(), path.size(), KeyedHash(&key, sizeof key, 0));
  return hash == 0 ? 1 : static_cast<int64_t>(hash);
}

}  // namespace

void Decoder::Socket(const Record& record) {
  const weir_socket_event& e = record.socket;
  const Actor actor = Who(record);
  if (actor.first_met) Seen(record, actor, "event");
  BatchBuilder& row = Begin(WEIR_CLASS_SOCKET);
  const bool user =
      (record.h.flags & WEIR_F_ADDRESS_USER) != 0 || record.FromUser(0) || record.FromUser(1);
  Common(row, record, actor, user);
  Truncated(row, record, *actor.image, {"local_path", "remote_path"}, false);
  if ((record.h.flags & WEIR_F_FAULT) != 0) {
    row.SetText(column::kTruncated,
                record.h.type == WEIR_BIND ? "local_address" : "remote_address");
  }
  row.SetText(column::kAction, Action(record.h.type));
  if (e.fd >= 0) row.SetI64(column::kFd, e.fd);
  const bool has_remote = record.h.type != WEIR_BIND && record.h.type != WEIR_LISTEN;
  const bool mapped = e.family == AF_INET6 && (IsMappedIpv4(e.local_address) ||
                                               (has_remote && IsMappedIpv4(e.remote_address)));
  row.SetU32(column::kFamily, mapped ? AF_INET : e.family);
  row.SetU32(column::kProtocol, e.protocol);
  row.SetU32(column::kSocketType, e.socket_type);
  // What the kernel keeps in their place for a raw socket is its protocol, and no port.
  const bool has_ports = e.socket_type != SOCK_RAW;
  if (e.family == AF_INET || e.family == AF_INET6) {
    row.SetText(column::kLocalAddress, AddressText(e.family, e.local_address));
    row.SetU32(column::kLocalPort, has_ports ? e.local_port : 0);
    if (has_remote) {
      row.SetText(column::kRemoteAddress, AddressText(e.family, e.remote_address));
      row.SetU32(column::kRemotePort, has_ports ? e.remote_port : 0);
    }
  } else {
    if (!record.strings[0].empty()) row.SetText(column::kLocalPath, UnixName(record.strings[0]));
    if (!record.strings[1].empty()) row.SetText(column::kRemotePath, UnixName(record.strings[1]));
  }
  Status(row, e);
  row.SetI64(column::kInode, static_cast<int64_t>(e.inode));
  row.SetU32(column::kNetNs, e.net_ns);
  row.SetU32(column::kPeerPid, e.peer_pid);
  if (record.h.type == WEIR_CLOSE) {
    row.SetI64(column::kBytes, static_cast<int64_t>(e.bytes_sent));
    row.SetI64(column::kBytesReceived, static_cast<int64_t>(e.bytes_received));
    row.SetI64(column::kDurationNs, static_cast<int64_t>(e.duration));
  }
  if (record.h.type == WEIR_SEND) {
    row.SetI64(column::kBytes, e.bytes);
    row.SetI64(column::kIdentity, SendIdentity(record, actor.process->id));
  }
}

}  // namespace weir
