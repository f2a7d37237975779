#include "sensor/dns_streams.h"

#include <algorithm>

#include "batch/caches.h"

namespace weir {

namespace {

// How far `a` is behind `b`; sequence numbers go round.
int32_t Distance(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b); }

}  // namespace

DnsStreams::Stream& DnsStreams::Find(uint64_t socket, uint32_t sequence) {
  const auto found = index_.find(socket);
  if (found != index_.end()) {
    streams_.splice(streams_.begin(), streams_, found->second);
    return streams_.front();
  }
  if (streams_.size() == kStreamsMax) Forget();
  Stream& stream = streams_.emplace_front();
  stream.socket = socket;
  stream.next = sequence;
  index_.emplace(socket, streams_.begin());
  bytes_ += Size(stream);
  return stream;
}

size_t DnsStreams::Size(const Stream& stream) {
  size_t size = kStreamBytes + stream.bytes.capacity();
  for (const auto& [at, piece] : stream.early) size += piece.capacity() + 6 * sizeof(void*);
  return size;
}

void DnsStreams::Forget() {
  bytes_ -= Size(streams_.back());
  index_.erase(streams_.back().socket);
  streams_.pop_back();
  TheCache(Cache::kDnsStreams).Evict(1);
}

void DnsStreams::Bound(size_t before, const Stream& stream) {
  bytes_ += Size(stream) - before;
  while (bytes_ > kTotalMax && streams_.size() > 1) Forget();
  TheCache(Cache::kDnsStreams).Hold(streams_.size(), bytes_, kTotalMax);
}

void DnsStreams::Break(Stream& stream) {
  stream.broken = true;
  stream.bytes = {};
  stream.early.clear();
}

// A piece that was sent again may begin before what is there already.
void DnsStreams::Append(Stream& stream, uint32_t sequence, std::string_view piece) {
  const int32_t known = Distance(stream.next, sequence);
  if (known < 0 || static_cast<size_t>(known) >= piece.size()) return;
  piece.remove_prefix(static_cast<size_t>(known));
  stream.bytes.append(piece);
  stream.next += static_cast<uint32_t>(piece.size());
}

void DnsStreams::AppendEarly(Stream& stream) {
  for (bool again = true; again;) {
    again = false;
    for (auto piece = stream.early.begin(); piece != stream.early.end(); ++piece) {
      if (Distance(piece->first, stream.next) > 0) continue;
      Append(stream, piece->first, piece->second);
      stream.early.erase(piece);
      again = true;
      break;
    }
  }
}

DnsStreams::Taken DnsStreams::Add(uint64_t socket, uint32_t sequence, std::string_view piece,
                                  size_t missing) {
  Stream& stream = Find(socket, sequence);
  const size_t before = Size(stream);
  Taken taken = AddTo(stream, sequence, piece, missing);
  Bound(before, stream);
  return taken;
}

DnsStreams::Taken DnsStreams::AddTo(Stream& stream, uint32_t sequence, std::string_view piece,
                                    size_t missing) {
  Taken taken;
  if (stream.broken) {
    taken.lost = true;
    return taken;
  }
  if (Distance(sequence, stream.next) > 0) {
    if (stream.early.size() < kEarlyMax && missing == 0) {
      stream.early.emplace(sequence, piece);
    } else {
      Break(stream);
      taken.lost = true;
    }
    return taken;
  }
  Append(stream, sequence, piece);
  AppendEarly(stream);
  std::string_view left = stream.bytes;
  while (left.size() >= 2) {
    const size_t size =
        static_cast<size_t>(static_cast<uint8_t>(left[0])) << 8 | static_cast<uint8_t>(left[1]);
    if (left.size() < 2 + size) break;
    taken.messages.emplace_back(left.substr(2, size));
    left.remove_prefix(2 + size);
  }
  // Made new, so that what is behind a long message is given back.
  stream.bytes = std::string(left);
  // The end of a long packet was left in the kernel; where the next message begins is then unknown.
  if (missing > 0) {
    taken.lost = taken.messages.empty();
    Break(stream);
  }
  return taken;
}

void DnsStreams::GiveUp(uint64_t socket) {
  const auto found = index_.find(socket);
  if (found == index_.end()) return;
  const size_t before = Size(*found->second);
  Break(*found->second);
  Bound(before, *found->second);
}

}  // namespace weir
