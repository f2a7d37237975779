// inet_aton, in_cidr_block, community_id_v1.
#include <arpa/inet.h>
#include <sha.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "functions/base64.h"
#include "functions/functions.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

// In network byte order, as far as `size` goes: 4 or 16.
struct Address {
  std::array<unsigned char, 16> bytes{};
  size_t size = 0;
};

std::optional<Address> ParseAddress(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != strlen(terminated.c_str())) return std::nullopt;
  Address address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
    address.size = 4;
  } else if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
    address.size = 16;
  } else {
    return std::nullopt;
  }
  return address;
}

void InetAton(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::optional<Address> address = ParseAddress(TextOf(values[0]));
  if (!address || address->size != 4) return;
  uint32_t number;
  memcpy(&number, address->bytes.data(), sizeof number);
  sqlite3_result_int64(context, ntohl(number));
}

struct Block {
  Address address;
  size_t prefix = 0;  // bits
};

std::optional<Block> ParseBlock(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<Address> address = ParseAddress(text.substr(0, slash));
  const char* end = text.data() + text.size();
  size_t prefix = 0;
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, prefix);
  if (!address || error != std::errc() || stop != end || prefix > address->size * 8) {
    return std::nullopt;
  }
  return Block{*address, prefix};
}

bool Contains(const Block& block, const Address& address) {
  if (block.address.size != address.size) return false;
  const size_t whole = block.prefix / 8, rest = block.prefix % 8;
  if (memcmp(block.address.bytes.data(), address.bytes.data(), whole) != 0) return false;
  return rest == 0 || (block.address.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

// in_cidr_block(block, address). A bad block is the query's fault, a bad address the row's.
void InCidrBlock(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::optional<Block> block = ParseBlock(TextOf(values[0]));
  if (!block) {
    ResultError(context, "in_cidr_block: the first argument must be like 10.0.0.0/8 or fe80::/10");
    return;
  }
  const std::optional<Address> address = ParseAddress(TextOf(values[1]));
  if (address) sqlite3_result_int(context, Contains(*block, *address) ? 1 : 0);
}

// IPv4 before IPv6, as osquery orders them.
int Compare(const Address& a, const Address& b) {
  if (a.size != b.size) return a.size < b.size ? -1 : 1;
  return memcmp(a.bytes.data(), b.bytes.data(), a.size);
}

// An integer argument between low and high. False: it is not.
bool IntegerIn(sqlite3_value* value, int64_t low, int64_t high, int64_t* integer) {
  *integer = sqlite3_value_int64(value);
  return sqlite3_value_numeric_type(value) == SQLITE_INTEGER && *integer >= low && *integer <= high;
}

struct Flow {
  Address from, to;
  int64_t from_port = 0, to_port = 0, protocol = 0, seed = 0;
};

// nullptr, or what is wrong.
const char* ParseFlow(int count, sqlite3_value** values, Flow* flow) {
  const std::optional<Address> from = ParseAddress(TextOf(values[0]));
  const std::optional<Address> to = ParseAddress(TextOf(values[1]));
  if (!from || !to) return "the first two arguments must be IP addresses";
  flow->from = *from;
  flow->to = *to;
  if (!IntegerIn(values[2], 0, UINT16_MAX, &flow->from_port) ||
      !IntegerIn(values[3], 0, UINT16_MAX, &flow->to_port)) {
    return "ports must be integers from 0 to 65535";
  }
  if (!IntegerIn(values[4], 0, UINT8_MAX, &flow->protocol)) {
    return "the protocol must be an integer from 0 to 255";
  }
  if (count > 5 && !IntegerIn(values[5], INT16_MIN, INT16_MAX, &flow->seed)) {
    return "the seed must be an integer of 16 bits";
  }
  return nullptr;
}

// https://github.com/corelight/community-id-spec, but that types and codes of ICMP are taken as
// ports, as osquery does.
std::string CommunityId(Flow flow) {
  const int order = Compare(flow.from, flow.to);
  if (order > 0 || (order == 0 && flow.from_port >= flow.to_port)) {
    std::swap(flow.from, flow.to);
    std::swap(flow.from_port, flow.to_port);
  }
  std::string bytes;
  const auto big_endian = [&](int64_t value) {
    bytes += static_cast<char>(value >> 8 & 0xff);
    bytes += static_cast<char>(value & 0xff);
  };
  big_endian(flow.seed);
  for (const Address& end : {flow.from, flow.to}) {
    bytes.append(reinterpret_cast<const char*>(end.bytes.data()), end.size);
  }
  bytes += static_cast<char>(flow.protocol);
  bytes += '\0';
  big_endian(flow.from_port);
  big_endian(flow.to_port);
  SHA1_CTX sha1;
  uint8_t digest[SHA1_DIGEST_LENGTH];
  SHA1Init(&sha1);
  SHA1Update(&sha1, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  SHA1Final(digest, &sha1);
  return "1:" + EncodeBase64({reinterpret_cast<const char*>(digest), sizeof digest});
}

// Bad arguments: NULL, or an error when strict.
template <bool strict>
void CommunityIdV1(sqlite3_context* context, int count, sqlite3_value** values) {
  Flow flow;
  const char* wrong = ParseFlow(count, values, &flow);
  if (!wrong) {
    ResultText(context, CommunityId(flow));
  } else if (strict) {
    ResultError(context, std::string("community_id_v1_strict: ") + wrong);
  }
}

}  // namespace

int RegisterNetwork(sqlite3* db) {
  return Register(db, std::initializer_list<Definition>{
                          {"inet_aton", 1, InetAton},
                          {"in_cidr_block", 2, InCidrBlock},
                          {"community_id_v1", 5, CommunityIdV1<false>},
                          {"community_id_v1", 6, CommunityIdV1<false>},
                          {"community_id_v1_strict", 5, CommunityIdV1<true>},
                          {"community_id_v1_strict", 6, CommunityIdV1<true>},
                      });
}

}  // namespace weir::functions
