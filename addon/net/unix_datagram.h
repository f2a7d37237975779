// Datagrams to a Unix socket, such as /dev/log and journald's: Node has only streams.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

// One thread at a time. Never blocks.
class UnixDatagram {
 public:
  explicit UnixDatagram(std::string path) : path_(std::move(path)) {}
  ~UnixDatagram() { Close(); }
  UnixDatagram(const UnixDatagram&) = delete;
  UnixDatagram& operator=(const UnixDatagram&) = delete;

  // 0, or an errno: EAGAIN when the receiver's queue is full, EMSGSIZE when the datagram is too
  // large, ENOENT or ECONNREFUSED when nobody listens; connects anew with the next call.
  int Send(std::string_view message);
  // The same message in a sealed memory file, whose descriptor travels alone in a datagram: how
  // journald takes what is too large.
  int SendInFile(std::string_view message);
  void Close();

 private:
  int Connect();

  const std::string path_;
  int fd_ = -1;
};

}  // namespace weir::net
