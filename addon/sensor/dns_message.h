// DNS messages (RFC 1035, 3596, 2782, 6891, 9460) out of packets that anybody may have made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct DnsAnswer {
  std::string name;
  uint16_t type = 0;
  uint32_t ttl = 0;
  std::string data;  // as zone files write it
};

// Names are as zone files write them, without the last dot: bytes that are no letter, digit or
// usual sign are \DDD. The root is ".".
struct DnsMessage {
  uint16_t id = 0;
  uint16_t flags = 0;  // the header's second word: QR, opcode, AA, TC, RD, RA, AD, CD, rcode
  uint16_t rcode = 0;  // with EDNS's upper bits
  uint16_t questions = 0;
  uint16_t answer_count = 0;  // as the header has it
  std::string query;          // of the first question
  uint16_t query_type = 0;
  uint16_t query_class = 0;
  std::vector<DnsAnswer> answers;  // at most kDnsAnswersMax, of kDnsTextMax bytes together
  bool answers_cut = false;        // there were more, or the message ended before they did
  std::string error;               // what is wrong with it; empty: nothing

  bool is_answer() const { return (flags & 0x8000) != 0; }
};

constexpr size_t kDnsAnswersMax = 64;
// A small packet can say a long name many times over.
constexpr size_t kDnsTextMax = 32 << 10;
// Of one answer's data, as text.
constexpr size_t kDnsDataMax = 1024;

// What can be read of `bytes`, the message without TCP's length. Never reads outside of it, and
// the work is bounded by its size whatever is in it. `cut`: the packet had more.
DnsMessage ParseDns(std::string_view bytes, bool cut);

// "A", "AAAA", ...; TYPE65280 for those without a name.
std::string DnsTypeName(uint16_t type);
std::string DnsClassName(uint16_t number);
// "NOERROR", "NXDOMAIN", ...; RCODE11 for those without a name.
std::string DnsRcodeName(uint16_t rcode);

// [{"name": ..., "type": ..., "ttl": ..., "data": ...}, ...]; empty without answers.
std::string DnsAnswersJson(const std::vector<DnsAnswer>& answers);

}  // namespace weir
