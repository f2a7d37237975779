// DNS over TCP: pieces of a stream to messages. Each message has its length in front (RFC 1035,
// 4.2.2); a packet may hold a part of one, or several. Reader thread only.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir {

class DnsStreams {
 public:
  struct Taken {
    std::vector<std::string> messages;  // complete now
    bool lost = false;                  // the piece is of no use: the stream cannot be followed
  };

  // `socket` with the direction in it; `sequence`: TCP's number of the first byte; `missing`: bytes
  // of the packet that `piece` lacks at its end. The first piece of a stream begins a message.
  Taken Add(uint64_t socket, uint32_t sequence, std::string_view piece, size_t missing);
  // What was made of the stream was no DNS; what follows will not be either.
  void GiveUp(uint64_t socket);

  size_t bytes() const { return bytes_; }
  static constexpr size_t max_bytes() { return kTotalMax; }

 private:
  struct Stream {
    uint64_t socket = 0;
    uint32_t next = 0;                      // sequence number behind what is in `bytes`
    std::string bytes;                      // of messages that are not complete
    std::map<uint32_t, std::string> early;  // pieces behind a gap, by their distance when they came
    bool broken = false;
  };

  static constexpr size_t kStreamsMax = 256;
  static constexpr size_t kBytesMax = 2 + 65535;  // what a message can need
  static constexpr size_t kEarlyMax = 8;
  static constexpr size_t kTotalMax = 8u << 20;  // of all streams
  // Of one without its bytes: in the list and in the index.
  static constexpr size_t kStreamBytes = sizeof(Stream) + 12 * sizeof(void*);

  static size_t Size(const Stream& stream);
  // After a stream has changed: the ones used longest ago go until all fit.
  void Bound(size_t before, const Stream& stream);
  void Forget();
  Stream& Find(uint64_t socket, uint32_t sequence);
  Taken AddTo(Stream& stream, uint32_t sequence, std::string_view piece, size_t missing);
  static void Append(Stream& stream, uint32_t sequence, std::string_view piece);
  static void AppendEarly(Stream& stream);
  static void Break(Stream& stream);

  std::list<Stream> streams_;  // the one used last in front
  std::unordered_map<uint64_t, std::list<Stream>::iterator> index_;
  size_t bytes_ = 0;
};

}  // namespace weir
